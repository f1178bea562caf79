"""What cannot both be right is shown, and the better evidence stands."""

import pytest

from archive import Capture, derive

BODY = """
各位代表：
现在，我代表市人民政府，向大会报告工作，请予审议，并请政协委员提出意见。
一、{before}年工作回顾
过去一年，我们坚持稳中求进。
二、{year}年工作安排
今年，我们将办好民生实事。
各位代表！让我们团结奋斗，再创佳绩！
"""


def report(header, year=2024):
    return header + BODY.format(year=year, before=year - 1)


def kinds(text, **context):
    derivation = derive(Capture.from_bytes(text.encode(), **context))
    return {
        flag.kind for flag in derivation.flags if "contradicted" in flag.kind or "day" in flag.kind
    }


PLAIN = (
    "2024年宜兴市政府工作报告\n——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上\n市长 甘示例"
)


def test_a_plain_report_contradicts_nothing():
    assert kinds(report(PLAIN)) == set()


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (PLAIN.replace("2024年宜兴", "2019年宜兴"), "contradicted-report_year"),
        (PLAIN.replace("2024年1月9日", "2024年2月30日"), "no-such-day"),
        (PLAIN.replace("2024年宜兴", "2024年丹阳"), "contradicted-place_code"),
        (PLAIN.replace("第三次", "第十二次"), "contradicted-session"),
        (PLAIN + "\n发布时间：2024-01-02", "contradicted-published_on"),
        (PLAIN + "\n代市长 虚示范", "contradicted-speaker"),
        (PLAIN + "\n网站标识码：4403000001", "contradicted-site_id"),
        (PLAIN + "\n苏公网安备 44030002000001号 浙ICP备05000001号", "contradicted-records"),
    ],
)
def test_contradictions(header, kind):
    assert kind in kinds(report(header))


def test_a_title_year_gives_way_to_headings_and_session():
    header = PLAIN.replace("2024年宜兴", "2019年宜兴")
    year = derive(Capture.from_bytes(report(header).encode())).identity["report_year"]
    assert year.value == 2024
    assert 2019 in [each.value for each in year.candidates]


def test_a_place_that_was_not_there_in_that_year():
    text = report("2023年杭州市江干区政府工作报告", 2023)
    assert "contradicted-place_year" in kinds(text)


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("2021年是“十四五”开局之年。", False),
        ("2025年是“十四五”规划收官之年。", False),
        ("2022年是“十四五”开局之年。", True),
    ],
)
def test_plan_periods(sentence, wrong):
    assert (
        "contradicted-plan" in kinds(report(PLAIN).replace("过去一年", sentence + "过去一年"))
    ) is wrong


def test_the_congress_of_the_country_against_the_year():
    header = "政府工作报告\n——{}年3月5日在第十四届全国人民代表大会第二次会议上\n国务院总理　甘示例"
    right = report(header.format(2024), 2024).replace("市人民政府", "国务院")
    wrong = report(header.format(2020), 2020).replace("市人民政府", "国务院")
    assert kinds(right) == set()
    assert "contradicted-session" in kinds(wrong)


def test_a_header_of_another_place_above_the_text():
    paragraph = (
        "全市上下推进宜兴改革，宜兴环科园加快建设，无锡、宜兴协同发展，建设美丽宜兴、幸福宜兴。\n"
    )
    header = PLAIN.replace("宜兴", "昆明")
    text = report(header).replace("过去一年", paragraph * 60 + "过去一年")
    derivation = derive(Capture.from_bytes(text.encode()))
    place = derivation.identity["place_code"]
    assert place.value is None
    assert {"530100", "320282"} <= {each.value for each in place.candidates}
    told = [flag.evidence for flag in derivation.flags if flag.kind == "contradicted-place_code"]
    assert any("session" in words and "530100" in words for words in told)

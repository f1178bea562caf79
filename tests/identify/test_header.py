"""Headers as sites print them; places are real, people are of this demonstration only."""
# ruff: noqa: E501  (header lines stand as a page prints them)

import time

import pytest

REPORT = """
各位代表：
现在，我代表{government}，向大会报告政府工作，请予审议，并请政协委员和列席人员提出意见。
一、2023年工作回顾
过去一年，我们坚持稳中求进，全年地区生产总值增长6%。
二、2024年工作安排
今年，我们将办好十件民生实事。
各位代表！让我们团结奋斗，再创佳绩！
"""


def report(header, government="市人民政府"):
    return header.strip() + REPORT.format(government=government)


def test_a_plain_header(values_of):
    found = values_of(
        report(
            "2024年宜兴市政府工作报告\n——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上\n市长 甘示例"
        )
    )
    assert found["title"] == "2024年宜兴市政府工作报告"
    assert found["session"] == "宜兴市第十八届人民代表大会第三次会议"
    assert (found["office"], found["speaker"]) == ("市长", "甘示例")
    assert (found["delivered_on"], found["report_year"]) == ("2024-01-09", 2024)
    assert (found["reviewed_year"], found["place_code"]) == (2023, "320282")
    assert (found["kind"], found["stage"], found["level"]) == ("政府工作报告", "final", "county")
    assert found["place"] == "江苏省无锡市宜兴市"


def test_every_value_is_at_its_offsets(identity_of):
    text = report(
        "政 府 工 作 报 告\n——二〇二四年一月\n九日在宜兴市第十八届人民\n代表大会第三次会议上\n代市长　甘　示"
    )
    for value in filter(None, identity_of(text).values()):
        assert value.source == "visible"
        assert text[value.start : value.stop] == value.raw


def test_spaced_and_broken_headings(values_of):
    found = values_of(
        report(
            "政 府 工 作\n报 告\n\n——二〇二三年十二月\n二十九日在宜兴市第十八届人民\n代表大会第三次会议上\n代 市 长\n甘　示\n"
        )
    )
    assert found["title"] == "政府工作报告"
    assert found["session"] == "宜兴市第十八届人民代表大会第三次会议"
    assert (found["delivered_on"], found["report_year"]) == ("2023-12-29", 2024)
    assert (found["office"], found["speaker"]) == ("代市长", "甘示")


@pytest.mark.parametrize(
    ("line", "office", "speaker"),
    [
        ("市长甘示例", "市长", "甘示例"),
        ("宜兴市人民政府市长  甘 示 例", "市长", "甘示例"),
        ("宜兴市代市长：甘示例", "代市长", "甘示例"),
        ("代理市长? 甘示例", "代理市长", "甘示例"),
        ("市委副书记、市长 甘示例", "市长", "甘示例"),
        ("（市长 甘示例）", "市长", "甘示例"),
        ("自治区人民政府主席　艾示例·买演示", "自治区主席", "艾示例·买演示"),
        ("甘示例", None, "甘示例"),
    ],
)
def test_speakers(line, office, speaker, values_of):
    header = (
        f"2024年宜兴市政府工作报告\n——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上\n{line}"
    )
    found = values_of(report(header))
    assert (found["office"], found["speaker"]) == (office, speaker)


def test_a_header_without_speaker_has_none(values_of):
    found = values_of(
        report(
            "宜兴市政府工作报告\n2024年1月9日在宜兴市第十八届人民代表大会第三次会议上\n发布时间：2024-01-15\n【字体：大 中 小】"
        )
    )
    assert (found["office"], found["speaker"]) == (None, None)
    assert (found["published_on"], found["delivered_on"]) == ("2024-01-15", "2024-01-09")


def test_a_day_that_does_not_exist_is_no_date(values_of):
    found = values_of(
        report(
            "宜兴市政府工作报告\n——2024年2月30日在宜兴市第十八届人民代表大会第三次会议上\n市长 甘示例"
        )
    )
    assert found["delivered_on"] is None
    assert found["session"] == "宜兴市第十八届人民代表大会第三次会议"


def test_a_mirror_title_with_province_and_date(values_of):
    found = values_of(
        "导航菜单\n\n(江苏省)无锡市滨湖区人民政府工作报告(2021年12月20日)\n\n"
        "　　坚持创新驱动。培育高新技术企业八家。\n\n　　2022年，我们将办好十件实事。"
    )
    assert (found["place_code"], found["place"]) == ("320211", "江苏省无锡市滨湖区")
    assert (found["delivered_on"], found["report_year"]) == ("2021-12-20", 2022)
    assert (found["session"], found["speaker"]) == (None, None)


def test_an_ambiguous_name_is_settled_by_the_page_or_left(values_of):
    alone = "2024年鼓楼区政府工作报告\n——2024年1月9日在鼓楼区第十八届人民代表大会第三次会议上\n区长 甘示例"
    assert values_of(report(alone))["place_code"] is None
    helped = report(alone).replace("增长6%", "增长6%，融入福州都市圈，福州市鼓楼区和福建省都市带")
    assert values_of(helped)["place_code"] == "350102"


def test_the_country(values_of):
    found = values_of(
        report(
            "政府工作报告\n——2024年3月5日在第十四届全国人民代表大会第二次会议上\n国务院总理　甘示例",
            "国务院",
        )
    )
    assert (found["place_code"], found["level"]) == ("100000", "national")
    assert (found["office"], found["speaker"]) == ("国务院总理", "甘示例")
    assert found["session"] == "第十四届全国人民代表大会第二次会议"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("宜兴市人民代表大会关于政府工作报告的决议\n（2024年1月11日通过）\n宜兴市第十八届人民代表大会第三次会议听取和审议了市长所作的政府工作报告，决定批准这个报告。", "决议"),
        ("《2024年宜兴市政府工作报告》解读\n一、起草背景\n报告起草历时两个月。", "解读"),
        ("宜兴市政府办公室关于印发2024年政府工作报告重点工作任务分工方案的通知\n各镇人民政府：\n现将方案印发给你们。", "分工方案"),
        ("宜兴市2023年国民经济和社会发展统计公报\n2023年，全市实现地区生产总值一千亿元。", "统计公报"),
        ("关于宜兴市2023年预算执行情况和2024年预算草案的报告\n各位代表：\n受市人民政府委托，现将2023年预算执行情况和2024年预算草案提请大会审查。", "预算报告"),
        ("宜兴市人大常委会工作报告\n各位代表：\n我受市人大常委会委托，向大会报告工作，请予审议。", "人大常委会工作报告"),
        ("宜兴市两会开幕 甘示例作政府工作报告\n本报讯 大会听取了政府工作报告。", "新闻"),
    ],
)  # fmt: skip
def test_kinds(text, kind, values_of):
    assert values_of(text)["kind"] == kind


def test_a_draft_says_so(values_of):
    found = values_of(report("2024年宜兴市政府工作报告(征求意见稿)"))
    assert (found["stage"], found["title"]) == ("draft", "2024年宜兴市政府工作报告(征求意见稿)")


def test_the_speaker_above_the_session(values_of):
    found = values_of(
        report(
            "政府工作报告\n宜兴市市长 甘示例\n（2024年1月9日在宜兴市第十八届人民代表大会第三次会议上）"
        )
    )
    assert (found["office"], found["speaker"]) == ("市长", "甘示例")


def test_everything_on_one_line(values_of):
    found = values_of(
        report(
            "政府工作报告\n——在宜兴市第十八届人民代表大会第三次会议上（2024年1月9日） 代市长 甘示例"
        )
    )
    assert found["delivered_on"] == "2024-01-09"
    assert (found["office"], found["speaker"]) == ("代市长", "甘示例")


def test_of_two_sessions_the_one_whose_place_is_named_counts(identity_of):
    found = identity_of(
        report(
            "昆明市政府工作报告\n——2024年1月5日在昆明市第十五届人民代表大会第三次会议上\n"
            "2024年宜兴市政府工作报告\n——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上\n市长 甘示例"
        )
    )
    assert found["session"].value == "宜兴市第十八届人民代表大会第三次会议"
    assert [each.value for each in found["session"].candidates] == [
        "昆明市第十五届人民代表大会第三次会议"
    ]


def test_a_page_of_hostile_lines_is_read_in_time(values_of):
    lines = [
        "政府工作报告" * 20,
        "第十七届人民代表大会" * 30,
        "市长" * 60,
        "2023年" * 40,
        "(" * 5000,
    ]
    found = values_of("\n".join(lines * 40))
    assert found["place_code"] is None


@pytest.mark.parametrize(
    "line",
    [
        "在宜兴市第十届人民代表大会第二次会议上\n",
        "各位代表：\n",
        "宜兴市政府工作报告\n",
        "一、2023年工作回顾\n",
        "来源：\n",
        "政府工作报告第十七届人民代表大会",
    ],
)
def test_time_is_bounded_on_repeated_lines(line, values_of):
    before = time.process_time()
    values_of(line * 10_000)
    assert time.process_time() - before < 10

"""Whose text it is by the names in it, and where the evidence is too thin to say."""

import math

import pytest

from archive.identify.weigh import _is_national, weigh
from archive.known import shipped

JIANGSU = "支持南京、苏州、无锡建设产业科技创新中心，推动徐州、连云港、宿迁跨越发展。" * 4


@pytest.mark.parametrize(
    ("own", "national", "decided"),
    [(0, 1, True), (0, 2, False), (1, 3, True), (1, 4, False), (2, 5, True), (2, 6, False)],
)
def test_a_text_that_speaks_of_the_country_twice_as_often_is_of_no_province(own, national, decided):
    text = JIANGSU + "全省上下共同努力。" * own + "我国经济持续增长。" * national
    assert weigh(text, shipped()).decided is decided


@pytest.mark.parametrize(
    ("length", "weight", "is_national"),
    [(2000, 2.1, True), (2000, 2.2, False), (2001, 3.9, True), (2001, 4.0, False)],
)
def test_a_text_without_words_of_its_own_level_needs_weighty_names(length, weight, is_national):
    """A long text of a city or a county would have said 全市 or 全县."""
    assert _is_national("发" * length, weight) is is_national
    assert not _is_national("全市" + "发" * length, weight)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("推动苏州、昆山、常熟、太仓、张家港产业升级，支持无锡发展。", "苏州市"),
        ("推动苏州、昆山、常熟、太仓产业升级，支持无锡、江阴、宜兴发展。", "江苏省"),
        ("推动南京、南京江北、南京江宁产业升级，支持无锡发展。", "江苏省"),
        ("推动海淀区科技创新，实施海淀区城市更新，支持朝阳区发展，北京持续推进。", "北京市"),
    ],
)
def test_one_city_is_meant_only_if_nearly_all_names_lie_in_it(text, place):
    """The capital of a province is named by everybody, and a municipality names its districts."""
    found = weigh(text * 4, shipped())
    assert found.decided
    assert found.ranked[0][0].name == place


@pytest.mark.parametrize("times", [1, 2, 5])
def test_an_area_is_the_surer_the_more_often_it_is_named(times):
    text = (
        "党工委、管委会推动区域发展，开发区面貌一新，天津支持开发区，开发区产业升级，开发区开放。"
    )
    found = weigh(text * 2 + "天津开发区" * times, shipped())
    assert (found.decided, found.area.name) == (True, "天津经济技术开发区")
    assert found.confidence == pytest.approx(1 - 0.5 * math.exp(-times / 3), abs=0.0005)
    assert found.confidence == round(found.confidence, 3)


REPORT = """
各位代表：
现在，我代表县人民政府，向大会报告政府工作，请予审议，并请政协委员和列席人员提出意见。
一、工作回顾
过去一年，我们坚持稳中求进，全年地区生产总值增长6%。
二、工作安排
今年，我们将办好十件民生实事。
"""


@pytest.mark.parametrize(("year", "code"), [(1996, "522128"), (1997, "522128"), (1998, "520328")])
def test_in_the_year_of_a_change_a_report_is_of_the_older_place(values_of, year, code):
    """Reports are given early in a year; 遵义地区 became 遵义市 in the middle of 1997."""
    assert values_of(f"{year}年湄潭县政府工作报告{REPORT}")["place_code"] == code


@pytest.mark.parametrize(
    ("full_name", "code"), [("贵州省遵义地区湄潭县", "522128"), ("贵州省遵义市湄潭县", "520328")]
)
def test_the_full_name_says_which_place_it_was(values_of, full_name, code):
    assert values_of(f"1997年{full_name}政府工作报告{REPORT}")["place_code"] == code


SESSION = ["——2024年1月9日", "在宜兴市第十八届", "人民代表大会", "第三次会议上"]


@pytest.mark.parametrize(
    ("lines", "session"),
    [
        (SESSION, "宜兴市第十八届人民代表大会第三次会议"),
        (["——2024年1月9日", "在宜兴市第十八届", "人民", "代表", "大会", "第三次会议上"], None),
    ],
)
def test_a_session_is_printed_in_at_most_four_lines(values_of, lines, session):
    text = "\n".join(["2024年宜兴市政府工作报告", *lines, REPORT.strip()])
    assert values_of(text)["session"] == session


def notes(count):
    """Short lines that say nothing."""
    return "".join(f"附注之{number}\n" for number in range(count))


@pytest.mark.parametrize(("between", "speaker"), [(11, "甘示例"), (12, None)])
def test_a_speaker_stands_within_twelve_lines_below_the_title(values_of, between, speaker):
    text = f"2024年宜兴市政府工作报告\n{notes(between)}市长 甘示例\n{REPORT.strip()}"
    assert values_of(text)["speaker"] == speaker


def test_a_title_may_stand_far_below_the_first_line_if_a_speech_follows(values_of):
    text = f"{notes(45)}2024年宜兴市政府工作报告\n{REPORT.strip()}"
    assert values_of(text)["title"] == "2024年宜兴市政府工作报告"


def test_a_kind_read_from_a_sentence_of_the_body_is_likely_but_not_sure(identity_of):
    text = "本报讯 记者昨日获悉，全市重点项目建设顺利，各项工作稳步推进，群众十分满意。\n" * 3
    found = identity_of(text)["kind"]
    assert found.value == "新闻"
    assert 0.5 < found.confidence < 1


def test_a_place_around_another_agrees_with_it(identity_of):
    """A title that names a county supports its city, and contradicts another city."""
    header = "2024年宜兴市政府工作报告\n——2024年1月9日在{}第十八届人民代表大会第三次会议上"
    sure = {
        name: identity_of(header.format(name) + REPORT)["place_code"]
        for name in ("宜兴市", "无锡市", "徐州市")
    }
    assert sure["宜兴市"].confidence >= sure["无锡市"].confidence > sure["徐州市"].confidence

"""How much of a report is there, from what the page itself says."""

import pytest

from archive import Capture, derive

HEAD = "宜兴市政府工作报告\n各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。\n"
MIDDLE = (
    "一、2023年工作回顾\n"
    + "过去一年，我们坚持稳中求进，全市居民收入稳步增长，各项事业取得新进步。\n" * 6
    + "二、2024年工作安排\n今年，我们将继续办好民生实事，推动全市高质量发展。\n"
)
TAIL = "各位代表！让我们更加紧密地团结起来，开拓创新、勇毅前行，为建设美好家园而努力奋斗！\n"
CUT = (
    "（三）推进城乡融合。\n"
    + "我们将建设和美乡村，改造农村公路，办好民生实事，全市面貌焕然一新。\n" * 12
)


def completeness(text, **context):
    value = derive(Capture.from_bytes(text.encode(), **context)).identity["completeness"]
    return value and value.value


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (HEAD + MIDDLE + TAIL, "complete"),
        (HEAD + MIDDLE, "tail_missing"),
        (HEAD.splitlines()[0] + "\n" + CUT + TAIL, "head_missing"),
        (HEAD.splitlines()[0] + "\n" + CUT, "fragment"),
        (HEAD + MIDDLE + TAIL + "名词解释\n1.和美乡村：宜居宜业的乡村。\n", "complete"),
    ],
)
def test_head_and_tail(text, state):
    assert completeness(text)["state"] == state


def test_a_whole_text_has_all_of_it():
    assert completeness(HEAD + MIDDLE + TAIL) == {"state": "complete", "ratio": 1.0}


def test_the_declared_count_tells_what_is_missing():
    bar = "admin 分享 时间: 加入收藏 共计1500个字,预计阅读时长5分钟\n"
    found = completeness(bar + HEAD + MIDDLE)
    assert found["state"] == "tail_missing"
    assert 0.1 < found["ratio"] < 0.4


@pytest.mark.parametrize(
    "bar",
    [
        "admin 分享 时间: 加入收藏 共计{}个字,预计阅读时长{}分钟",
        "本篇{}字，约{}分钟读完",
        "全文约{}字，阅读大约需要 {} 分钟",
        "字数：{}字　阅读时间：{}分钟",
    ],
)
def test_a_count_that_does_not_fit_its_minutes_says_nothing(bar):
    text = f"{bar}\n{HEAD}{MIDDLE}今年建成15分钟阅读圈。\n"
    assert completeness(text.format(1500, 5))["ratio"] < 0.4
    assert completeness(text.format(1500, 50))["ratio"] is None


def test_a_compilation_declares_the_count_of_all_its_reports():
    text = (
        "2024年市政府工作报告-12篇(第7/40页)\n"
        "admin 分享 时间: 加入收藏 共计267273个字,预计阅读时长891分钟\n" + CUT
    )
    assert completeness(text) == {"state": "fragment", "ratio": None}


def test_a_page_between_others_is_a_fragment_of_known_size():
    found = completeness(HEAD + MIDDLE + TAIL + "第2页 共4页\n")
    assert found == {"state": "fragment", "ratio": 0.25}


def test_what_is_no_report_has_no_completeness():
    text = "宜兴市2023年国民经济和社会发展统计公报\n2023年，全市实现地区生产总值一千亿元。\n"
    assert completeness(text) is None


def test_the_seeds(shared):
    want = dict.fromkeys(("000", "003", "004"), "fragment")
    want |= {"001": "complete", "002": "tail_missing"}
    got = {}
    for seed in want:
        (path,) = (shared / "seeds").glob(f"{seed}_*.txt")
        got[seed] = completeness(path.read_text())["state"]
    assert got == want


@pytest.mark.parametrize(
    ("pages", "is_compared"), [(None, True), (1, True), (2, False), (3, False)]
)
def test_a_count_of_the_whole_article_says_nothing_about_one_of_its_pages(pages, is_compared):
    bar = "admin 分享 时间: 加入收藏 共计1500个字,预计阅读时长5分钟\n"
    text = f"{bar}{HEAD}{MIDDLE}" + (f"第 1 页 共 {pages} 页\n" if pages else "")
    cues = derive(Capture.from_bytes(text.encode())).identity["completeness"].candidates
    assert any("declared" in cue.evidence for cue in cues) is is_compared

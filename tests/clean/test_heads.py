"""What a single line may be: part of a head, an opening, closing words, a heading, an item."""

import pytest

from archive.clean import heads

TITLE = "2031年演示县人民政府工作报告"
SESSION = "演示县第十六届人民代表大会第三次会议"
OPENING = "现在，我代表县人民政府，向大会报告工作，请予审议。"


def filled(count):
    """So many characters of prose without any mark."""
    return "县" * count


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (TITLE, "title"),
        ("政 府 工 作 报 告", "title"),
        (filled(60) + "工作报告", ""),
        (SESSION, "session"),
        (SESSION + filled(24), "session"),
        (SESSION + filled(25), ""),
        (f"{SESSION}秘书处印发", ""),
        ("各位代表：", "salutation"),
        ("各位代表、各位委员：", "salutation"),
        ("演示县2031年统计公报", "other title"),
        ("县长 演示甲", "beside"),
        (filled(27) + "县长" + " 演示甲", "beside"),
        (filled(53) + "县长", ""),
        ("（2031年1月9日）", "beside"),
        ("图为会场。记者 演示乙 摄", "beside"),
        ("名词解释", ""),
        ("全县经济平稳运行。", ""),
    ],
)
def test_parts_of_a_head(words, part):
    assert heads.part_of_head(words) == part


@pytest.mark.parametrize("length", [110, 111])
def test_a_line_of_more_than_110_characters_is_prose(length):
    is_short = length == 110
    assert heads.prose(filled(length)) == (0 if is_short else length)
    caption = "记者" + filled(length - 2)
    assert heads.part_of_head(caption) == ("beside" if is_short else "")
    delivered = f"——2031年1月9日在{SESSION}上"
    assert heads.says_delivered(delivered)
    assert heads.says_delivered(delivered + filled(length - len(delivered))) is not is_short


def test_a_sentence_is_prose_whatever_its_length():
    assert heads.prose("全县稳定。") == 5
    assert heads.prose("全县稳定") == 0


@pytest.mark.parametrize(
    ("words", "opens"),
    [
        (OPENING, True),
        ("受县人民政府委托，向大会报告计划执行情况，请予审查。", True),
        ("我们代表县人民政府报告工作，请予审议。", False),
        ("现在，我代表县人民政府，向大会问好，请予审议。", False),
        ("现在，我代表县人民政府，向大会报告工作。", False),
        ("现在，我代表县人民政府，向大会报告工作。请予审议。", False),
        (f"现在，我代表{filled(98)}报告工作，请予审议。", True),
        (f"现在，我代表{filled(99)}报告工作，请予审议。", False),
        (f"现在，我代表政府报告工作{filled(190)}审议。", True),
        (f"现在，我代表政府报告工作{filled(193)}审议。", False),
        (f"{filled(380)}。{OPENING}", True),
        (f"{filled(420)}。{OPENING}", False),
    ],
)
def test_an_opening_reports_and_asks_for_consideration_in_one_sentence(words, opens):
    assert heads.opens(words) is opens


def test_openings_deep_in_a_line_are_those_of_further_reports():
    words = f"{filled(430)}。{OPENING}{filled(20)}。{SESSION}上各位代表：我们坚持发展。"
    first, second = heads.openings_inside(words)
    assert words[first:].startswith("现在")
    assert words[second:].startswith(filled(20) + "。" + SESSION) or SESSION in words[second:]
    assert heads.openings_inside(OPENING * 3) == []


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (f"{TITLE}——在{SESSION}上各位代表：", ["title", "session", "salutation"]),
        (f"——2031年1月9日在{SESSION}上同志们：", ["session", "salutation"]),
        ("各位代表：我们坚持发展。", ["salutation"]),
        ("同志们：我们坚持发展。", ["salutation"]),
        (filled(106) + "各位代表", ["salutation"]),
        (filled(107) + "各位代表", []),
        ("我们坚持发展。", []),
    ],
)
def test_a_long_line_may_begin_with_a_whole_head(words, parts):
    assert heads.parts_before_opening(words) == parts


@pytest.mark.parametrize(
    ("words", "closes"),
    [
        ("让我们为建设美好家园而奋斗！", True),
        ("让我们为建设美好家园而奋斗。", True),
        ("让我们为建设美好家园而奋斗", False),
        ("为建设美好家园而奋斗！", False),
        (filled(46) + "为建设美好家园而奋斗！", True),
        (filled(44) + "为建设美好家园而奋斗！", False),
        ("让我们为建设美好家园而奋斗！（来源：演示县政府网）", True),
        ("今年要修三座桥！", False),
    ],
)
def test_closing_words_appeal_to_the_audience(words, closes):
    assert heads.closes(words) is closes


@pytest.mark.parametrize(
    ("words", "number", "inner"),
    [("一、回顾", 1, 0), ("十二、回顾", 12, 0), ("（三）工业", 0, 3), ("回顾一、", 0, 0)],
)
def test_section_numbers(words, number, inner):
    assert (heads.number(words), heads.inner_number(words)) == (number, inner)


@pytest.mark.parametrize(
    ("words", "is_foreign"),
    [
        ("a" * 40, True), ("a" * 39, False), ("a" * 39 + "县", False), ("1" * 20 + "a" * 20, False),
        ("1" * 20 + "a" * 21, True),
    ],
)  # fmt: skip
def test_a_long_line_of_letters_is_prose_in_another_script(words, is_foreign):
    assert heads.is_foreign(words) is is_foreign
    assert heads.is_han(words) is ("县" in words)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("名词解释", {"appendix"}),
        ("名词解释如下。", set()),
        ("内容摘要", {"summary"}),
        ("一、过去一年的回顾", {"item", "review"}),
        (filled(53) + "回顾", {"review"}),
        (filled(54) + "回顾", set()),
        ("3．重点项目", {"item", "appendix"}),
        ("演示县2031年统计公报", {"document", "headline"}),
        (TITLE, {"document"}),
        ("演示县修了三座桥", {"headline"}),
        ("修桥", set()),
    ],
)
def test_headings_and_items(words, kinds):
    tests = {
        "appendix": heads.heads_appendix, "summary": heads.heads_summary, "item": heads.is_item,
        "review": heads.looks_back, "document": heads.names_document,
        "headline": heads.is_headline,
    }  # fmt: skip
    assert {kind for kind, holds in tests.items() if holds(words)} == kinds

"""Characters of every plane, private ones, spaces between all of them, and wrong encodings."""

import pytest

from archive.clean import clean
from archive.model import kept_words

PROSE = "全市粮食总产量增长5.8%，新建农村公路136公里，城乡面貌明显改善。"


def cleaned(words, page_of, known):
    return "".join(kept_words(clean(page_of(words), known).spans, words))


def flags(words, page_of, known):
    return [(f.kind, f.words, f.proposals) for f in clean(page_of(words), known).flags]


@pytest.mark.parametrize("rare", ["𡎚", "𠮷", "㐂", "\U0002a6d6", "\U00030edd", "〇", "々", "﨑"])
def test_han_of_every_plane_stays_between_others(page_of, known, rare):
    words = f"新建{rare}头镇公路。"
    assert cleaned(words, page_of, known) == words


@pytest.mark.parametrize(
    ("private", "public"),
    [
        ("\ue863", "䶮"),
        ("\ue816", "\U00020087"),
        ("\ue81e", "龴"),
        ("\ue7c7", "ḿ"),
        ("\ue815", "⺁"),
    ],
)
def test_private_characters_of_gb18030_are_mapped(page_of, known, private, public):
    assert cleaned(f"新建{private}头镇公路。", page_of, known) == f"新建{public}头镇公路。"


@pytest.mark.parametrize("private", ["\ue000", "\uf06c", "\U000f1234", "\U00100001"])
def test_other_private_characters_stay_and_are_flagged(page_of, known, private):
    words = f"统筹{private}展和安全。"
    assert cleaned(words, page_of, known) == words
    assert flags(words, page_of, known) == [("private-use-unknown", private, ())]


def test_icons_of_a_dropped_line_are_no_matter(page_of, known):
    assert flags("发布时间：2023-01-31 \ue7e3 分享\n", page_of, known) == []


def apart(words, gap=" "):
    return gap.join(words)


@pytest.mark.parametrize("gap", [" ", "\u00a0", "\u2009", "\u3000"])
def test_spaces_between_all_characters_go(page_of, known, gap):
    lines = ["一、工作回顾", *[PROSE] * 3]
    words = "".join(f"{apart(line, gap)}\n" for line in lines)
    assert cleaned(words, page_of, known) == "".join(f"{line}\n" for line in lines)
    spans = clean(page_of(words), known).spans
    assert {span.rule for span in spans if span.action == "replace"} == {"spaced-out"}


def test_spaces_between_words_and_marks_go(page_of, known):
    cut = "过去 一 年 ， 全市 GDP 增长 5.8% ， 建成 5G 基站 136 座 ； Smart City 项目 开工 。"
    joined = "过去一年，全市GDP增长5.8%，建成5G基站136座；Smart City项目开工。"
    assert cleaned(cut, page_of, known) == joined


def test_letters_that_stand_apart_are_one_word(page_of, known):
    words = apart("推广PPP项目，全市投资增长百分之九点八，发展后劲增强。")
    assert "推广PPP项目" in cleaned(words, page_of, known)


@pytest.mark.parametrize(
    "words",
    [
        "政 府 工 作 报 告",
        "市 长  王 某 某",
        "年份 2020 2021 2022 2023 2024 2025",
        "一、工作回顾 过去一年，全市经济平稳增长，“十四五”规划实施，民生改善。",
    ],
)
def test_spaces_that_are_meant_stay(page_of, known, words):
    assert cleaned(words, page_of, known) == words
    assert flags(words, page_of, known) == []


def test_spaces_inside_words_are_flagged_where_there_are_several(page_of, known):
    words = "全市生 产总值增长，出 口总额增加，工 业增加值提高，城 乡居民收入增长，经 济发展。"
    assert cleaned(words, page_of, known) == words
    assert flags(words, page_of, known) == [("inner-space", " ", ("",))] * 5


def lossy(words, written, read):
    return words.encode(written).decode(read, "replace")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("utf-8", "latin-1"),
        ("utf-8", "cp1252"),
        ("utf-8", "gb18030"),
        ("gb18030", "latin-1"),
        ("gb18030", "cp1252"),
        ("gb18030", "big5"),
    ],
)
def test_a_line_in_the_wrong_encoding_is_flagged_with_its_reading(page_of, known, written, read):
    line = lossy(PROSE, written, read)
    words = f"{PROSE}\n{line}\n{PROSE}\n"
    assert cleaned(words, page_of, known) == words
    ((kind, flagged, (proposed,)),) = [
        flag for flag in flags(words, page_of, known) if flag[0] == "wrong-encoding"
    ]
    assert (kind, flagged) == ("wrong-encoding", line.strip())
    assert sum(character in proposed for character in PROSE) > len(PROSE) * 0.8


def test_a_heading_in_the_wrong_encoding_is_flagged_too(page_of, known):
    words = lossy("政府工作报告", "utf-8", "gb18030") + "\n" + lossy(PROSE, "utf-8", "gb18030")
    assert next(flag[2] for flag in flags(words, page_of, known)) == ("政府工作报告",)


@pytest.mark.parametrize(
    "words",
    [
        "Le maire a présenté à l'assemblée le budget général, très équilibré.",
        "加强与哈萨克斯坦 Қазақстан 和蒙古国 Монгол улс 的合作。",
        "增强鐨勫字样的识别。",
        "請予審議，並請各位政協委員和列席人員提出意見。",
    ],
)
def test_other_scripts_are_no_wrong_encoding(page_of, known, words):
    assert "wrong-encoding" not in {flag[0] for flag in flags(words, page_of, known)}


def test_a_sign_for_a_lost_character_is_flagged(page_of, known):
    assert flags("统筹\ufffd展和锟斤拷锟斤拷安全。", page_of, known) == [
        ("lost-character", "\ufffd", ()),
        ("lost-character", "锟斤拷锟斤拷", ()),
    ]

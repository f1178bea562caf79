"""Readings: each place where copies differ, classed, with who says what."""

import pytest
from collate.made_up import BRAND, copy_of, doubting, report

from archive.collate.readings import classify, collate


@pytest.mark.parametrize(
    ("base", "other", "kind"),
    [
        ("5.8%", "5.9%", "number"),
        ("二百", "三百", "number"),
        ("省委", "鸿图体育", "word"),
        ("省委", "", "missing"),
        ("", "另外", "extra"),
        ("報告", "报告", "script"),
        ("VOCs", "vocs", "casing"),
        ("“", '"', "quotes"),
        ("，", ",", "punctuation"),
        ("。", "、", "punctuation"),
        ("+", "", "punctuation"),
        ("一 二", "一二", "layout"),
        ("\n", "", "layout"),
    ],
)
def test_classes(base: str, other: str, kind: str) -> None:
    assert classify(base, other) == kind


def kinds(*copies):
    return [(r.kind, [(s.witness, s.words) for s in r.says]) for r in collate(copies)[1]]


def test_who_says_what() -> None:
    one = copy_of(["全市增长5.8%，得到省委肯定。", "下一段的内容都是一样的。"])
    two = copy_of(["全市增长5.9%，得到省委肯定。", "下一段的内容都是一样的。"])
    three = copy_of(["全市增长5.8%，得到省委肯定。"])
    assert kinds(one, two, three) == [("number", [(0, "5.8%"), (1, "5.9%"), (2, "5.8%")])]


def test_a_word_that_stands_for_different_words_is_a_brand() -> None:
    one = copy_of(["得到省委、省政府和市委的肯定。", "产业转移到沈阳、大连的有三个。"])
    two = copy_of(["得到某某、省政府和市委的肯定。", "产业转移到某某、大连的有三个。"])
    assert [r.kind for r in collate([one, two])[1]] == ["brand", "brand"]
    assert [r.brand for r in collate([two, one])[1]] == ["某某", "某某"]


def test_one_character_for_different_words_is_no_brand() -> None:
    one = copy_of(["完善应急体系，加强消防安全管理。", "全面推进农村改革，促进经济发展。"])
    two = copy_of(["完善应急体系，增强消防安全管理。", "全增推进农村改革，促进经济发展。"])
    assert [r.kind for r in collate([one, two])[1]] == ["word", "word"]


def test_a_doubted_word_is_a_brand() -> None:
    lines = report(1)
    changed = [lines[0], *[line.replace("省委", BRAND) for line in lines[1:]]]
    found = collate([copy_of(lines), doubting(copy_of(changed))])[1]
    assert {(r.kind, r.brand) for r in found} == {("brand", BRAND)}


def test_a_lost_paragraph_does_not_hide_the_words_in_it() -> None:
    lines = report(2)
    changed = [line.replace("完成投资", "完成投入") for line in lines]
    found = collate([copy_of(lines), copy_of(lines[:3] + lines[9:]), copy_of(changed)])[1]
    lost = [r for r in found if r.kind == "missing"]
    assert len(lost) == 1
    assert sum(line.count("完成投资") for line in lines) == len(found) - 1


def test_re_paragraphing_is_no_reading() -> None:
    lines = report(3)
    assert collate([copy_of(lines), copy_of(["".join(lines)])])[1] == ()


def test_a_fragment_is_silent_where_it_does_not_reach() -> None:
    lines = report(4)
    other = [line.replace("肯定", "表扬") for line in lines]
    found = collate([copy_of(lines), copy_of(other), copy_of(lines[10:14])])[1]
    assert {len(r.says) for r in found} == {2, 3}
    assert all(len(r.others) == 1 for r in found)


def test_a_fragment_speaks_from_its_first_character_to_its_last() -> None:
    lines = report(4)
    changed = [*lines[:10], f"某{lines[10][1:]}", *lines[11:13], f"{lines[13][:-1]}！", *lines[14:]]
    found = collate([copy_of(lines), copy_of(changed), copy_of(lines[10:14])])[1]
    assert [[says.witness for says in each.says] for each in found] == [[0, 1, 2], [0, 1, 2]]

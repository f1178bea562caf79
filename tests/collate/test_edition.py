"""Editions: what a clean witness covers comes out as it was, what none covers is a gap."""

import random
from dataclasses import replace

import pytest
from collate.made_up import (
    BRAND,
    FAULTS,
    branded,
    copy_of,
    doubting,
    lowered,
    report,
    straight,
    with_holes,
    without_head,
    without_tail,
)

from archive.collate.edition import GAP, EditionPassage, edit
from archive.collate.quotes import alternated
from archive.collate.readings import Copy, Doubt, collate


def edition(*copies: Copy) -> tuple[EditionPassage, ...]:
    alignments, readings = collate(copies)
    return edit(copies, alignments, readings)


def lines(passages: tuple[EditionPassage, ...]) -> list[str]:
    return [passage.text for passage in passages]


def chance(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311  (no secret)


def test_a_copy_beside_itself_changes_nothing() -> None:
    copy = copy_of(report(1))
    assert collate([copy, copy])[1] == ()
    found = edition(copy, copy)
    assert lines(found) == report(1)
    assert {(p.origin, p.supporters) for p in found} == {("base", (1,))}


def test_a_doubted_word_is_filled_from_the_copy_that_has_another() -> None:
    base = doubting(copy_of(branded(report(2), chance()), "a"))
    clean_fragment = copy_of(report(2)[5:], "b")
    found = edition(base, clean_fragment)
    assert lines(found)[5:] == report(2)[5:]
    assert {p.origin for p in found[5:]} <= {"base", "repaired"}
    changes = [change for p in found[5:] for change in p.changes]
    assert {(change.was, change.witness, change.kind) for change in changes} == {
        (BRAND, 1, "brand")
    }


def test_what_no_copy_has_stays_a_gap_with_its_proposals() -> None:
    first = doubting(copy_of(branded(report(2), chance(1)), "a"))
    found = edition(first, doubting(copy_of(branded(report(2), chance(1)), "b")))
    text = "\n".join(lines(found))
    assert BRAND not in text
    assert text.count(GAP) == first.text.count(BRAND)
    gap = next(change for p in found for change in p.changes if change.is_gap)
    assert (gap.was, gap.proposals) == (BRAND, ("省委", "沈阳"))


def test_a_doubted_word_is_not_replaced_by_another_doubted_word() -> None:
    lines_ = report(2)
    first, second = ([line.replace("省委", name) for line in lines_] for name in ("甲网", "乙网"))
    copies = [copy_of(first, "a"), copy_of(second, "b")]
    for number, name in enumerate(("甲网", "乙网")):
        text = copies[number].text
        starts = [at for at in range(len(text)) if text.startswith(name, at)]
        doubts = tuple(Doubt(at, at + 2) for at in starts)
        copies[number] = replace(copies[number], doubts=doubts)
    text = "\n".join(lines(edition(*copies)))
    assert "乙网" not in text
    assert GAP in text


def test_a_doubted_word_that_an_innocent_copy_has_too_stays() -> None:
    base = doubting(copy_of(branded(report(2), chance()), "a"))
    found = edition(base, copy_of(branded(report(2), chance()), "b"))
    assert "\n".join(lines(found)) == base.text


@pytest.mark.parametrize("fault", [straight, lowered, with_holes, without_tail, without_head])
def test_one_fault_of_a_mirror_is_mended_by_another(fault) -> None:
    damaged = copy_of(fault(report(3), chance()), "a")
    other = copy_of(branded(report(3), chance()), "b")
    found = lines(edition(damaged, doubting(other)))
    kept = fault(report(3), chance())
    assert len(found) == len(report(3))
    for line, original in zip(found, report(3), strict=True):
        assert line == original or original not in kept or fault in (straight, lowered)
        assert BRAND not in line


def test_a_planted_matrix_of_works_and_witnesses() -> None:
    """40 works x up to 5 witnesses: equal where any clean witness covers, a gap where none."""
    wrong = []
    for seed in range(40):
        original = report(seed)
        luck = chance(seed)
        copies = [copy_of(original, "whole")] if seed % 2 else []
        copies += [
            doubting(copy_of(luck.choice(FAULTS)(original, luck), f"family-{number}"))
            for number in range(luck.randrange(2, 5))
        ]
        copies.sort(key=lambda copy: (bool(copy.doubts), -len(copy.text)))
        found = lines(edition(*copies))
        covered = [any(line in copy.text.split("\n") for copy in copies) for line in original]
        wrong += [
            (seed, line)
            for line, is_covered in zip(original, covered, strict=True)
            if is_covered and line not in found
        ]
        assert not any(BRAND in line for line in found)
        if all(covered):
            assert found == original, seed
    assert wrong == []


def test_an_official_base_is_not_outvoted() -> None:
    other = [line.replace("完成投资", "完成投入") for line in report(4)]
    base = copy_of(report(4), "gov", official=True)
    assert lines(edition(base, copy_of(other, "a"), copy_of(other, "b"))) == report(4)


def test_two_voices_outvote_a_mirror_but_clones_are_one() -> None:
    other = [line.replace("完成投资", "完成投入") for line in report(4)]
    base = copy_of(report(4), "m")
    assert lines(edition(base, copy_of(other, "a"), copy_of(other, "a"))) == report(4)
    assert lines(edition(base, copy_of(other, "a"), copy_of(other, "b"))) == other


def test_words_go_only_where_more_voices_lack_them_than_have_them() -> None:
    whole = report(4)
    lacking = [*whole[:8], whole[8].replace("，得到", "", 1), *whole[9:]]
    having = [copy_of(whole, family) for family in "mn"]
    without = [copy_of(lacking, family) for family in "abb"]
    without.append(copy_of(lacking, "c"))
    assert lines(edition(*having, *without[:3])) == whole
    assert lines(edition(*having, *without)) == lacking


def test_a_passage_that_most_copies_lack_is_not_added() -> None:
    """As many voices with it as without are enough, fewer are not; clones are one voice."""
    whole = report(4)
    lacking = [*whole[:8], *whole[9:]]
    having = [copy_of(whole, family) for family in ("x", "x", "y")]
    without = [copy_of(lacking, family) for family in "ab"]
    assert lines(edition(without[0], having[0])) == whole
    assert lines(edition(*without, *having[:2])) == lacking
    assert lines(edition(*without, *having)) == whole


def test_clones_that_keep_words_are_one_voice_as_well() -> None:
    whole = report(4)
    lacking = [*whole[:8], whole[8].replace("，得到", "", 1), *whole[9:]]
    without = [copy_of(lacking, family) for family in "ab"]
    found = edition(copy_of(whole, "m"), copy_of(whole, "m"), *without)
    assert lines(found) == lacking
    assert [change.witness for passage in found for change in passage.changes] == [2]
    unrelated = [copy_of(whole), copy_of(whole)]
    assert lines(edition(*unrelated, *without)) == whole


def test_of_words_with_equal_voices_those_of_the_better_copy_are_taken() -> None:
    whole = report(4)
    three = [[line.replace("完成投资", words) for line in whole] for words in ("完成", "做到")]
    others = [copy_of(three[0], "a"), copy_of(three[1], "b"), copy_of(three[1], "c")]
    assert lines(edition(copy_of(whole, "m"), *others, copy_of(three[0], "d"))) == three[0]


def test_of_passages_with_equal_voices_that_of_the_better_copy_is_added() -> None:
    whole = report(4)
    lacking = copy_of([*whole[:8], *whole[9:]], "m")
    other = [line.replace("方面", "领域") for line in whole]
    with_other = [*whole[:8], other[8], *whole[9:]]
    assert other[8] != whole[8]
    assert lines(edition(lacking, copy_of(whole, "a"), copy_of(with_other, "b"))) == whole
    assert lines(edition(lacking, copy_of(with_other, "a"), copy_of(whole, "b"))) == with_other


def test_an_official_base_lacks_nothing_within() -> None:
    whole = report(4)
    lacking = [*whole[:8], *whole[9:]]
    others = [copy_of(whole, family) for family in "ab"]
    assert lines(edition(copy_of(lacking, "gov", official=True), *others)) == lacking
    assert lines(edition(copy_of(lacking, "m"), copy_of(whole, "gov", official=True))) == whole


@pytest.mark.parametrize("official", [True, False])
@pytest.mark.parametrize(("lacks", "is_added"), [("tail", True), ("head", False)])
def test_a_base_is_continued_only_at_an_end_that_it_may_lack(
    *, lacks: str, is_added: bool, official: bool
) -> None:
    whole = report(4)
    base = replace(copy_of(whole[:-3], "m", official=official), lacks=frozenset({lacks}))
    expected = whole if is_added else whole[:-3]
    assert lines(edition(base, copy_of(whole, "a"))) == expected


@pytest.mark.parametrize(
    ("added", "voices", "doubted", "is_added"),
    [
        ("新修道路通车。\n", "a", False, True),
        ("新修道路通车。\n", "a", True, False),
        ("新修道路通车。", "a", False, False),
        ("新修道路通车。", "ab", False, True),
        ("新修道路全线顺利通车了啊。", "a", False, True),
        ("新修道路全线顺利通车了。", "a", False, False),
        ("新修道路全线顺利通车了啊。", "a", True, True),
    ],
)
def test_a_few_words_of_one_copy_are_added_only_as_a_line_of_an_innocent_one(
    *, added: str, voices: str, doubted: bool, is_added: bool
) -> None:
    """Twelve characters, or a second voice, are enough; a line of a hijacked page may be spam."""
    whole = report(4)
    words = [*whole[:8], *f"{added}{whole[8]}".split("\n"), *whole[9:]]
    if doubted:
        words[3] = f"{words[3]}{BRAND}"
    others = [doubting(copy_of(words, family)) for family in voices]
    found = "\n".join(lines(edition(copy_of(whole, "m"), *others)))
    assert (added in found) is is_added


@pytest.mark.parametrize(
    ("base", "other", "chosen"),
    [
        ("發展經濟", "发展经济", "发展经济"),
        ("发展经济", "發展經濟", "发展经济"),
        ("那裡", "那裏", "那裡"),
    ],
)
def test_a_copy_in_simplified_script_is_preferred(base: str, other: str, chosen: str) -> None:
    whole = report(4)
    mine, theirs, expected = (
        [*whole[:8], f"{words}。", *whole[8:]] for words in (base, other, chosen)
    )
    assert lines(edition(copy_of(mine, "m"), copy_of(theirs, "a"))) == expected


LETTERS = "经济发展建设产业项目农村城市教育医疗环境改革开放创新服务民生就业收入增长投资消费"


def other_words(seed: int, count: int) -> list[str]:
    """Lines in words of their own."""
    luck = chance(seed)
    return ["".join(luck.choices(LETTERS, k=luck.randrange(60, 160))) + "。" for _ in range(count)]


FOREIGN = other_words(41, 12)
"""Words of which nothing may come into an edition of the report."""


def foreign_lines(found: tuple[EditionPassage, ...]) -> list[str]:
    text = "".join(lines(found))
    return [
        line for line in (*FOREIGN, *other_words(1, 1), *other_words(2, 1)) if line[:12] in text
    ]


@pytest.mark.parametrize("official", [True, False])
def test_a_passage_is_added_between_anchors_only(*, official: bool) -> None:
    """What another copy has behind the report is no part of it, whatever the base has there."""
    whole = report(5)
    junk = [
        "上一篇：关于召开座谈会的通知，请各单位准时参加",
        "下一篇：关于放假安排的通知，请相互转告",
    ]
    base = copy_of([*whole, junk[0]], "a", official=official)
    other = copy_of([*whole, *FOREIGN[:6], junk[1]], "b")
    assert lines(edition(base, other)) == [*whole, junk[0]]
    lacking = copy_of([*whole[:8], *whole[9:], junk[0]], "a")
    found = edition(lacking, other)
    assert lines(found) == [*whole, junk[0]]
    assert [p.origin for p in found].count("filled") == 1


def test_a_foreign_tail_is_not_added_to_a_base_that_goes_on_otherwise() -> None:
    whole = report(5)
    base = copy_of([*whole[:15], *other_words(42, 8)], "a")
    found = edition(base, copy_of([*whole[:15], *FOREIGN], "b"))
    assert lines(found) == base.text.split("\n")


def test_two_different_reports_are_never_spliced() -> None:
    """They have formulas in common, and two voices are against one."""
    whole = report(5)
    mixed = [whole[n] if n % 4 == 0 else other_words(n, 1)[0] for n in range(len(whole))]
    others = [copy_of(mixed, family) for family in "bc"]
    assert lines(edition(copy_of(whole, "a"), *others)) == whole


def test_a_word_is_mended_between_anchors_only() -> None:
    """A copy whose words lead to another passage says nothing about this one."""
    whole = report(5)
    start, stop = whole[6][:30], whole[9][-30:]
    strange = [*whole[:6], start + other_words(1, 1)[0], other_words(2, 1)[0] + stop, *whole[10:]]
    others = [copy_of(strange, family) for family in "bc"]
    assert foreign_lines(edition(copy_of(whole, "a"), *others)) == []


def test_a_passage_that_a_copy_lacks_does_not_loosen_the_words_beside_it() -> None:
    whole = report(5)
    base = copy_of([line.replace("完成投资", "完成投入") for line in whole], "a")
    others = [copy_of([*whole[:n], *whole[n + 1 :]], f"family-{n}") for n in range(4, 9)]
    assert lines(edition(base, *others)) == whole


def test_every_filled_passage_names_its_source() -> None:
    whole = report(5)
    found = edition(copy_of(whole[:10], "a"), copy_of(whole, "b"))
    assert lines(found) == whole
    assert [p.origin for p in found] == ["base"] * 10 + ["filled"] * (len(whole) - 10)
    assert [p.passage_id for p in found[10:]] == list(range(10, len(whole)))


def test_alternation_is_marked_and_only_where_it_is_no_guess() -> None:
    (passage, odd, mixed) = edition(copy_of(['实施"甲"和"乙"', '只有"一个', '“甲”和"乙"']))
    assert passage.text == "实施“甲”和“乙”"
    assert {change.kind for change in passage.changes} == {"alternation"}
    assert (odd.text, mixed.text) == ('只有"一个', '“甲”和"乙"')
    assert alternated("没有引号") is None


def test_an_empty_copy_harms_nobody() -> None:
    assert lines(edition(copy_of(report(6), "a"), copy_of([], "b"))) == report(6)
    assert edition(copy_of([], "a"), copy_of([], "b")) == ()


def test_a_decision_outweighs_the_copies_and_is_shown_as_such() -> None:
    base = doubting(copy_of(branded(report(2), chance()), "a"))
    first = base.doubts[0]._replace(decided="县委", decision=7)
    base = replace(base, doubts=(first, *base.doubts[1:]))
    changes = [change for p in edition(base, copy_of(report(2), "b")) for change in p.changes]
    assert (changes[0].kind, changes[0].decision, changes[0].was) == ("decision", 7, BRAND)
    assert {change.kind for change in changes[1:]} == {"brand"}

"""Where two texts or two series of sentences differ: anchors, matches, pairs."""

import random

import pytest

from archive.collate.alignment import Alignment, Op
from archive.collate.differences import chain, matches
from archive.collate.pairing import pair

LETTERS = [chr(code) for code in range(0x4E00, 0x5E00)]


def prose(seed: int, size: int) -> str:
    """Text in which no passage occurs twice."""
    chance = random.Random(seed)  # noqa: S311  (no secret)
    return "".join(chance.choices(LETTERS, k=size))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("ab", "aba", [(1, 1)]),
        ("aba", "ab", [(1, 1)]),
        ("ab", "aab", [(1, 2)]),
        ("abcd", "bcda", [(1, 0), (2, 1), (3, 2)]),
        ("abc", "xyz", []),
        ("", "abc", []),
    ],
)
def test_anchors_stand_once_in_both_and_in_the_same_order(one, other, found) -> None:
    assert chain(one, other) == found


def sound(one: str, other: str) -> int:
    """How many characters match; all matches are equal, in order and apart."""
    here = there = size = 0
    for match in matches(one, other):
        assert match.a >= here
        assert match.b >= there
        assert one[match.a : match.a + match.size] == other[match.b : match.b + match.size]
        here, there = match.a + match.size, match.b + match.size
        size += match.size
    return size


def test_anchors_that_overlap_in_one_text_only_are_not_both_used() -> None:
    """A passage that goes on behind an insertion shares its anchors with what stands before it."""
    start, inserted, rest = prose(1, 29), prose(2, 40), prose(3, 200)
    before, after = prose(4, 90), prose(5, 90)
    one = before + start + rest + after
    for other in (
        before[::-1] + start[:24] + inserted + start[5:] + rest + after[::-1],
        before[::-1] + start[5:] + inserted + start[:24] + rest + after[::-1],
    ):
        assert sound(one, other) >= len(rest)
        assert sound(other, one) >= len(rest)


@pytest.mark.parametrize("seed", range(6))
def test_edits_are_found_between_what_is_equal(seed) -> None:
    chance = random.Random(seed)  # noqa: S311  (no secret)
    one = prose(seed, 1500)
    other = list(one)
    for _ in range(20):
        at = chance.randrange(len(other))
        other[at : at + chance.randrange(9)] = prose(chance.randrange(99), chance.randrange(9))
    assert sound(one, "".join(other)) > 1200


@pytest.mark.parametrize(
    ("mine", "theirs", "pairs"),
    [
        (["修路", "造林", "办学"], ["修路", "造林", "办学"], [(0, 0), (1, 1), (2, 2)]),
        (["全县修路", "全县造林", "全县办学"], ["全县修了路", "全县办了学"], [(0, 0), (2, 1)]),
        (["修路"], ["办学"], [(0, 0)]),
        (["修路", "造林"], ["办学", "建桥"], []),
        ([], ["修路"], []),
    ],
)
def test_sentences_that_belong_together_are_paired_in_order(mine, theirs, pairs) -> None:
    assert pair(mine, theirs) == pairs


def test_too_many_sentences_are_not_paired() -> None:
    assert pair(["修路"] * 40, ["修路"] * 100) is not None
    assert pair(["修路"] * 40, ["修路"] * 101) is None


def anchored(*ops: tuple[str, int]) -> bool:
    """Whether texts of these equal and differing pieces agree from their beginning on."""
    made, a, b = [], 0, 0
    for tag, size in ops:
        its, theirs = (size if tag != "insert" else 0), (size if tag != "delete" else 0)
        made.append(Op(tag, a, a + its, b, b + theirs))
        a, b = a + its, b + theirs
    return Alignment("县" * a, "县" * b, tuple(made)).is_anchored(0, 1)


@pytest.mark.parametrize(
    ("ops", "agrees"),
    [
        ([("equal", 40)], True),
        ([("equal", 5)], True),
        ([], True),
        ([("replace", 6), ("equal", 12), ("replace", 5), ("equal", 20)], True),
        ([("replace", 20), ("equal", 19)], False),
        ([("replace", 20), ("equal", 20)], True),
        ([("equal", 11), ("replace", 1), ("equal", 11), ("replace", 1), ("equal", 30)], True),
        ([("equal", 11), ("replace", 1)] * 4, False),
        ([("delete", 200), ("equal", 40)], True),
        ([("delete", 23), ("equal", 22)], False),
        ([("replace", 41), ("equal", 400)], False),
    ],
)
def test_texts_agree_at_a_place_if_more_is_equal_than_not_and_a_stretch_of_it_long(
    ops, agrees
) -> None:
    assert anchored(*ops) is agrees

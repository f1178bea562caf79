"""Two occurrences of a text side by side: how far they agree, and which anchors belong together."""

import random

import pytest

from archive.clean.aligned import _AT_ENDS, _BETWEEN, MatchingBlock, _back, _follows, _onward


def prose(seed, size):
    """Text in which no passage occurs twice."""
    chance = random.Random(seed)  # noqa: S311  (made up)
    return "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(size))


ONE = prose(1, 60)
CHANGED = f"{ONE[:30]}某{ONE[31:]}"
WITHOUT = ONE[:30] + ONE[35:]


def test_an_alignment_goes_on_and_back_across_a_changed_character():
    words = ONE + prose(2, 10) + CHANGED
    onward = _onward(words, MatchingBlock(0, 70, 5), 55, _AT_ENDS)
    assert onward == [(5, 75, 25), (31, 101, 29)]
    back = _back(words, MatchingBlock(55, 125, 5), 55, _AT_ENDS)
    assert back == [(0, 70, 30), (31, 101, 24)]


def test_lost_characters_are_skipped_between_anchors_only():
    words = ONE + prose(2, 10) + WITHOUT
    start, end = MatchingBlock(0, 70, 5), MatchingBlock(55, 120, 5)
    assert _onward(words, start, 50, _AT_ENDS) == [(5, 75, 25)]
    assert _onward(words, start, 55, _BETWEEN)[1] == (35, 100, 25)
    assert _back(words, end, 50, _BETWEEN) == [(5, 75, 25), (35, 100, 20)]


@pytest.mark.parametrize("room", [0, 20, 25, 45])
def test_no_alignment_goes_farther_than_there_is_room(room):
    words = ONE + prose(2, 10) + CHANGED
    onward = _onward(words, MatchingBlock(0, 70, 5), room, _AT_ENDS)
    back = _back(words, MatchingBlock(55, 125, 5), room, _AT_ENDS)
    assert sum(block.length for block in onward) == min(room, 25) + max(0, room - 26)
    assert sum(block.length for block in back) == min(room, 24) + max(0, room - 25)


@pytest.mark.parametrize(
    ("first", "second", "follows"),
    [
        (10, 110, True), (9, 110, False), (10, 109, False), (1510, 1610, True),
        (1511, 1611, False), (10, 410, True), (10, 411, False), (310, 110, True),
        (311, 110, False),
    ],
)  # fmt: skip
def test_an_anchor_follows_another_if_it_is_near_on_both_sides_and_hardly_drifts(
    first, second, follows
):
    before, block = MatchingBlock(2000, 5000, 10), MatchingBlock(2000 + first, 4900 + second, 8)
    assert _follows(before, block) is follows

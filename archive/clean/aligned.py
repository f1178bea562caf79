"""Aligns repeated text: both occurrences side by side, character by character.

Only Han characters, other letters and digits count, so line breaks, spaces and punctuation may
differ. The search begins with anchors: the words at the beginning of each run between punctuation
marks. Normal text repeats few of them, and hardly ever two in a row.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

from archive.clean.worded import PHRASE, Anchor

_DRIFT: Final = 300
"""The most characters by which one occurrence may drift between two anchors: a lost sentence."""

_REACH: Final = 1500
"""Characters without a common anchor after which two places are no longer aligned."""

_OPEN_AT_ONCE: Final = 8
_LONGEST_GAP: Final = 600
"""The most characters between two anchors that are still compared one by one."""

_STEP, _PROOF, _DENSE = 4, 60, 0.4
"""By how much anchors that follow each other may be out of step; how far such a step must reach,
and what share of it must be common anchors, to be more than chance."""

_OTHER: Final = 60
"""Characters without a match on both sides after which one is not a copy of the other."""

_ANCHOR = 8
"""Characters that must agree after a difference for the alignment to continue."""

Skips = Sequence[tuple[int, int]]
"""How many characters of each side may be skipped, in order of trial."""

_AT_ENDS: Skips = [(n, n) for n in range(1, 4)]
_BETWEEN: Skips = [skip for n in range(1, 31) for skip in ((n, n), (0, n), (n, 0))]


class MatchingBlock(NamedTuple):
    """`length` characters found at `first` and again at `second`."""

    first: int
    second: int
    length: int


@dataclass
class RepeatAlignment:
    """Two occurrences side by side: the blocks that agree, in order."""

    blocks: list[MatchingBlock] = field(default_factory=list)

    @property
    def chars(self) -> int:
        """The number of characters that agree."""
        return sum(block.length for block in self.blocks)

    @property
    def first(self) -> tuple[int, int]:
        """The range of the first occurrence."""
        return self.blocks[0].first, self.blocks[-1].first + self.blocks[-1].length

    @property
    def second(self) -> tuple[int, int]:
        """The range of the second occurrence."""
        return self.blocks[0].second, self.blocks[-1].second + self.blocks[-1].length


def may_repeat(text: str) -> bool:
    """Whether enough phrases are repeated for a search; costs next to nothing."""
    phrases = PHRASE.findall("".join(text.split()))
    if len(phrases) - len(set(phrases)) < _FEW:
        return False
    twos = list(pairwise(phrases))
    return len(twos) - len(set(twos)) >= _FEW_PAIRS


_FEW, _FEW_PAIRS = 6, 3
"""Phrases and pairs of neighbouring phrases that a text of its own may well have twice."""


def alignments(words: str, anchors: Iterable[Anchor]) -> list[RepeatAlignment]:
    """Return the places where `words` repeat earlier text, each with the first such place."""
    found = [each for each in map(_proven, _side_by_side(anchors)) if each.blocks]
    begins = sorted(each.blocks[0].second for each in found)
    return [part for each in found for part in _parted(_filled(words, each, begins))]


def _side_by_side(anchors: Iterable[Anchor]) -> Iterator[RepeatAlignment]:
    """Return runs of anchors that follow each other at both places."""
    first_at: dict[str, int] = {}
    open_ones: list[RepeatAlignment] = []
    for place, words, length in anchors:
        first = first_at.setdefault(words, place)
        if first == place:
            continue
        block = MatchingBlock(first, place, length)
        near = [each for each in open_ones if _follows(each.blocks[-1], block)]
        if near:
            best = min(near, key=lambda each: _drift(each.blocks[-1], block))
            best.blocks.append(block)
            continue
        open_ones.append(RepeatAlignment([block]))
        if len(open_ones) > _OPEN_AT_ONCE:
            stalest = min(open_ones, key=lambda each: each.blocks[-1].second)
            open_ones.remove(stalest)
            yield stalest
    yield from open_ones


def _proven(alignment: RepeatAlignment) -> RepeatAlignment:
    """Return the alignment without slightly misaligned anchors that match by chance."""
    steps: list[RepeatAlignment] = []
    for block in alignment.blocks:
        if not steps or _drift(steps[-1].blocks[-1], block) > _STEP:
            steps.append(RepeatAlignment())
        steps[-1].blocks.append(block)
    return RepeatAlignment([block for step in steps if _proves(step) for block in step.blocks])


def _proves(step: RepeatAlignment) -> bool:
    reach = step.second[1] - step.second[0]
    return reach >= _PROOF and step.chars >= _DENSE * reach


def _follows(before: MatchingBlock, block: MatchingBlock) -> bool:
    apart = block.first - before.first - before.length, block.second - before.second - before.length
    return min(apart) >= 0 and min(apart) <= _REACH and _drift(before, block) <= _DRIFT


def _drift(before: MatchingBlock, block: MatchingBlock) -> int:
    return abs((block.first - before.first) - (block.second - before.second))


def _filled(words: str, alignment: RepeatAlignment, begins: Sequence[int]) -> RepeatAlignment:
    """Return the alignment extended between, before and after its anchors.

    `begins` are the positions at which repeated text starts; every first occurrence ends there.
    """
    blocks = alignment.blocks
    filled = _back(words, blocks[0], min(blocks[0].first, _LONGEST_GAP), _AT_ENDS)
    for one, other in pairwise(blocks):
        filled.append(one)
        filled += _between(words, one, other)
    filled.append(blocks[-1])
    end = blocks[-1].first + blocks[-1].length
    own = min(block.second for block in blocks if block.second >= end)
    room = min([own, *begins[bisect_left(begins, end) :][:1]]) - end
    filled += _onward(words, blocks[-1], min(room, len(words) - blocks[-1].second), _AT_ENDS)
    return RepeatAlignment(filled)


def _parted(alignment: RepeatAlignment) -> Iterator[RepeatAlignment]:
    """Split the alignment where the two sides differ."""
    part = RepeatAlignment()
    for block in alignment.blocks:
        if part.blocks:
            one = part.blocks[-1]
            apart = block.first - one.first, block.second - one.second
            if min(apart) - one.length > _OTHER:
                yield part
                part = RepeatAlignment()
        part.blocks.append(block)
    yield part


def _between(words: str, one: MatchingBlock, other: MatchingBlock) -> Iterable[MatchingBlock]:
    first, second = one.first + one.length, one.second + one.length
    a, b = words[first : other.first], words[second : other.second]
    if not a or not b:
        return ()
    woven = first <= one.second < other.first
    if not woven and max(len(a), len(b)) <= _LONGEST_GAP:
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        return [
            MatchingBlock(first + at, second + there, n)
            for at, there, n in matcher.get_matching_blocks()
            if n
        ]
    # if both are interleaved, the first one ends before the second begins
    room = min(len(a), len(b), one.second - first) if woven else min(len(a), len(b))
    ahead = _onward(words, one, room, _BETWEEN)
    reached = ahead[-1] if ahead else one
    left = min(
        other.first - reached.first - reached.length, other.second - reached.second - reached.length
    )
    return [*ahead, *_back(words, other, left, _BETWEEN)]


def _onward(words: str, block: MatchingBlock, room: int, skips: Skips) -> list[MatchingBlock]:
    """Extend an alignment forward from a block, across single characters that differ."""
    first, second = block.first + block.length, block.second + block.length
    found = []
    while True:
        length = _agreeing(words[first : first + room], words[second : second + room])
        if length:
            found.append(MatchingBlock(first, second, length))
        first, second, room = first + length, second + length, room - length
        near = min(room, skips[-1][0] + _ANCHOR)
        skip = _resumes(words[first : first + near], words[second : second + near], skips)
        if skip is None:
            return found
        first, second, room = first + skip[0], second + skip[1], room - max(skip)


def _back(words: str, block: MatchingBlock, room: int, skips: Skips) -> list[MatchingBlock]:
    """Extend an alignment backward from a block, across single characters that differ; in order."""
    room = max(0, min(room, abs(block.second - block.first) - block.length))
    a = words[block.first - room : block.first][::-1]
    b = words[block.second - room : block.second][::-1]
    turned = _onward(a + b, MatchingBlock(0, len(a), 0), len(a), skips)
    return [
        MatchingBlock(
            block.first - one.first - one.length,
            block.second - (one.second - room) - one.length,
            one.length,
        )
        for one in reversed(turned)
    ]


def _agreeing(a: str, b: str) -> int:
    """Return the length of the common prefix."""
    return next(
        (n for n, (one, other) in enumerate(zip(a, b, strict=False)) if one != other),
        min(len(a), len(b)),
    )


def _resumes(a: str, b: str, skips: Skips) -> tuple[int, int] | None:
    """Return how many characters to skip on each side until both agree again, or None."""
    for one, other in skips:
        piece = a[one : one + _ANCHOR]
        if len(piece) == _ANCHOR and piece == b[other : other + _ANCHOR]:
            return one, other
    return None

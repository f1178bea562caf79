"""Compares two copies: which passages agree, which numbers differ, what was changed.

The copies are aligned as collation aligns them (`archive.collate.alignment`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final, NamedTuple

from archive.collate.alignment import Op, align

ALIKE: Final = 0.5
"""Share of the shorter passage that must be equal for a changed passage to count as the same."""

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?[%％‰]?")
_LAYOUT: Final = re.compile(r"[\s　]+")
_SAME_MARK: Final = str.maketrans("，。；：！？（）“”‘’％", ",.;:!?()\"\"''%")


@dataclass(frozen=True, slots=True)
class ComparedWords:
    """A piece of a passage: equal on both sides if `a` equals `b`."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage of each side (numbered from 1); None if only the other side has it."""

    a: int | None
    b: int | None
    changes: tuple[ComparedWords, ...]
    numbers_a: tuple[str, ...] = ()
    numbers_b: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`same`, `differ`, `only_a` or `only_b`."""
        if self.a is None:
            return "only_b"
        if self.b is None:
            return "only_a"
        return "differ" if any(change.a != change.b for change in self.changes) else "same"


def compare(a: Sequence[str], b: Sequence[str]) -> list[Pair]:
    """Yield the passages of two copies in pairs; layout and width of marks are ignored."""
    mine, theirs = _Passages(a), _Passages(b)
    ops = align(mine.text, theirs.text).ops
    partners = _partners(ops, mine, theirs)
    pairs: list[Pair] = []
    reached = 0
    for i in range(len(a)):
        j = partners.get(i)
        if j is None:
            pairs.append(Pair(i + 1, None, (ComparedWords(a[i], ""),)))
            continue
        pairs += [Pair(None, n + 1, (ComparedWords("", b[n]),)) for n in range(reached, j)]
        pairs.append(_pair(ops, mine, theirs, i, j))
        reached = j + 1
    return pairs + [Pair(None, n + 1, (ComparedWords("", b[n]),)) for n in range(reached, len(b))]


def comparable(words: str) -> str:
    """Return a passage for comparison: without layout, marks in one width."""
    return _LAYOUT.sub("", words).translate(_SAME_MARK)


def numbers(words: str) -> list[str]:
    """Return the numbers in `words`, with their per cent sign."""
    return [found.group().replace("％", "%") for found in _NUMBER.finditer(words)]


class _Passages:
    """Passages joined by line ends: their starts, and the passage at an offset."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.text = "\n".join(words)
        self.starts = [0, *accumulate(len(each) + 1 for each in words)]

    def at(self, offset: int) -> int:
        """Return the passage that contains an offset."""
        return bisect_right(self.starts, offset) - 1

    def extent(self, number: int) -> tuple[int, int]:
        """Return the range of a passage."""
        start = self.starts[number]
        return start, start + len(self.words[number])


class _Equal(NamedTuple):
    """Equal characters in one passage of each side."""

    a: int
    b: int
    chars: int


def _partners(ops: Sequence[Op], mine: _Passages, theirs: _Passages) -> dict[int, int]:
    """Pair each passage with the one that has most of its words, if that is mutual."""
    shared: Counter[tuple[int, int]] = Counter()
    for op in ops:
        if op.tag == "equal":
            for piece in _pieces(op, mine, theirs):
                shared[piece.a, piece.b] += piece.chars
    of_a: dict[int, int] = {}
    of_b: dict[int, int] = {}
    for (i, j), _ in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        of_a.setdefault(i, j)
        of_b.setdefault(j, i)
    return {
        i: j
        for i, j in of_a.items()
        if of_b[j] == i and shared[i, j] >= ALIKE * min(len(mine.words[i]), len(theirs.words[j]))
    }


def _pieces(op: Op, mine: _Passages, theirs: _Passages) -> Iterator[_Equal]:
    """Yield an equal operation cut at the ends of passages on either side."""
    at = 0
    chars = op.a1 - op.a0
    while at < chars:
        i, j = mine.at(op.a0 + at), theirs.at(op.b0 + at)
        ends = mine.starts[i + 1] - op.a0, theirs.starts[j + 1] - op.b0
        stop = min(chars, *ends)
        yield _Equal(i, j, stop - at)
        at = stop


def _pair(ops: Sequence[Op], mine: _Passages, theirs: _Passages, i: int, j: int) -> Pair:
    words_a, words_b = mine.words[i], theirs.words[j]
    count_a, count_b = Counter(numbers(words_a)), Counter(numbers(words_b))
    same = comparable(words_a) == comparable(words_b)
    changes = [ComparedWords(words_a, words_a)] if same else _changes(ops, mine, theirs, i, j)
    return Pair(
        i + 1,
        j + 1,
        tuple(changes),
        tuple((count_a - count_b).elements()),
        tuple((count_b - count_a).elements()),
    )


def _changes(
    ops: Sequence[Op], mine: _Passages, theirs: _Passages, i: int, j: int
) -> Iterator[ComparedWords]:
    """Yield the common and the differing words of two passages, which make up both."""
    start_a, stop_a = mine.extent(i)
    start_b, stop_b = theirs.extent(j)
    here, there = mine.text, theirs.text
    for op in ops:
        a0, a1 = max(op.a0, start_a), min(op.a1, stop_a)
        b0, b1 = max(op.b0, start_b), min(op.b1, stop_b)
        if op.tag == "equal":
            shift = op.b0 - op.a0
            first, last = max(a0, b0 - shift), min(a1, b1 - shift)
            if first < last:
                yield from _between(here, there, (a0, first), (b0, first + shift))
                yield from _runs(here[first:last], there[first + shift : last + shift])
                yield from _between(here, there, (last, a1), (last + shift, b1))
                continue
        yield from _between(here, there, (a0, a1), (b0, b1))


def _between(
    here: str, there: str, in_a: tuple[int, int], in_b: tuple[int, int]
) -> Iterator[ComparedWords]:
    words_a, words_b = here[slice(*in_a)], there[slice(*in_b)]
    words_a = words_a if in_a[0] < in_a[1] else ""
    words_b = words_b if in_b[0] < in_b[1] else ""
    if words_a or words_b:
        yield ComparedWords(words_a, words_b)


def _runs(a: str, b: str) -> Iterator[ComparedWords]:
    """Yield equal words: really equal ones, and those that differ in script or case."""
    marks = zip(a.translate(_SAME_MARK), b.translate(_SAME_MARK), strict=True)
    at = 0
    for same, run in groupby(marks, key=lambda both: both[0] == both[1]):
        stop = at + len(list(run))
        yield ComparedWords(a[at:stop], a[at:stop] if same else b[at:stop])
        at = stop

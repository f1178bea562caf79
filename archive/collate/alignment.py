"""Aligns two texts: sentences first, then characters; nothing of either is lost.

Texts are compared folded (`archive.collate.keys.fold`): quote style, script, case and width do not
disturb the alignment; they are readings inside the aligned text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

from archive.collate.differences import Match, chain, matches
from archive.collate.keys import fold
from archive.collate.pairing import pair
from archive.collate.sentences import SHORTEST, bounds

Tag = Literal["equal", "replace", "delete", "insert"]

_FIRM: Final = 12
"""Consecutive equal characters that prove that a text is present at a place."""

_ANCHOR: Final = 40
"""Equal characters on one side of a place that anchor it, if no more differ."""

_HOLE: Final = 24
"""Characters from which text in only one copy is a passage of its own, not a word."""


class Op(NamedTuple):
    """`one[a0:a1]` corresponds to `other[b0:b1]`; `equal` means equal when folded."""

    tag: Tag
    a0: int
    a1: int
    b0: int
    b1: int


class Move(NamedTuple):
    """Sentences in both texts, but in a different order."""

    a0: int
    a1: int
    b0: int
    b1: int


@dataclass(frozen=True)
class Alignment:
    """The operations that turn `one` into `other`: a partition of both, in order."""

    one: str
    other: str
    ops: tuple[Op, ...]
    moves: tuple[Move, ...] = ()

    @cached_property
    def extent(self) -> tuple[int, int]:
        """The range in `one` that the other covers; (0, 0) if they share nothing."""
        equal = [i for i, op in enumerate(self.ops) if op.tag == "equal"]
        firm = [i for i in equal if self.ops[i].a1 - self.ops[i].a0 >= _FIRM] or equal
        if not firm:
            return 0, 0
        return self.ops[self._reach(firm[0], -1)].a0, self.ops[self._reach(firm[-1], 1)].a1

    @cached_property
    def share(self) -> float:
        """The share of equal text between the first and last place that both have."""
        first, last = self.extent
        inside = [op for op in self.ops if op.a0 >= first and op.a1 <= last]
        equal = sum(op.a1 - op.a0 for op in inside if op.tag == "equal")
        extents = last - first, sum(op.b1 - op.b0 for op in inside)
        return equal / max(1, min(extents))

    def _reach(self, index: int, step: int) -> int:
        """Return the outermost equal piece from `index` on, with only small differences between."""
        reached = index
        index += step
        while 0 <= index < len(self.ops):
            op = self.ops[index]
            if op.tag == "equal":
                reached = index
            elif max(op.a1 - op.a0, op.b1 - op.b0) > _FIRM:
                break
            index += step
        return reached

    def is_anchored(self, at: int, step: Literal[-1, 1]) -> bool:
        """Whether the texts agree from a place in `one` on, backward (-1) or forward (1).

        Passages in only one of them are skipped if the same text continues after them.
        """
        equal = other = longest = 0
        for op in self._from(at, step):
            size = max(op.a1 - op.a0, op.b1 - op.b0)
            if op.tag == "equal":
                equal, longest = equal + size, max(longest, size)
            elif op.tag == "replace" or size < _HOLE:
                other += size
            if equal >= _ANCHOR or other > _ANCHOR:
                break
        return other <= equal and longest >= min(_FIRM, equal)

    def _from(self, at: int, step: Literal[-1, 1]) -> Iterator[Op]:
        """Yield the operations before or after a place, the nearest first.

        The one at the place is cut.
        """
        index = self._at(at) if step > 0 else bisect_left(self._starts, at) - 1
        while 0 <= index < len(self.ops):
            op = self.ops[index]
            cut = max(0, at - op.a0) if step > 0 else max(0, op.a1 - at)
            if op.tag == "equal" and cut:
                rest = op.a1 - op.a0 - cut
                op = Op("equal", 0, rest, 0, rest)
            if (step > 0 and op.a1 >= at) or (step < 0 and op.a0 <= at):
                yield op
            index += step

    def there(self, start: int, stop: int) -> tuple[int, int]:
        """Return what `other` has at `one[start:stop]`, cut at the borders of operations."""
        if not self.ops:
            return 0, 0
        first = self._at(start)
        if start == stop:
            return self._around(first, start)
        last = self._at(stop)
        while last > first and self.ops[last].a0 >= stop:
            last -= 1
        return _before(self.ops[first], start), _after(self.ops[last], stop)

    def equal_around(self, op: Op) -> tuple[int, int]:
        """Return how many characters are equal right before and right after an operation."""
        before = next((e for e in self._near(op.a0, op.b0) if (e.a1, e.b1) == (op.a0, op.b0)), None)
        after = next((e for e in self._near(op.a1, op.b1) if (e.a0, e.b0) == (op.a1, op.b1)), None)
        return (before.a1 - before.a0 if before else 0), (after.a1 - after.a0 if after else 0)

    def _near(self, a: int, b: int) -> Iterator[Op]:
        """Return equal pieces that begin or end at a place."""
        index = bisect_left(self._starts, a)
        for op in self.ops[max(0, index - 2) : index + 3]:
            if op.tag == "equal" and (a, b) in ((op.a0, op.b0), (op.a1, op.b1)):
                yield op

    def _at(self, offset: int) -> int:
        """Return the last operation, other than an insertion, that begins at or before `offset`."""
        index = max(0, bisect_right(self._starts, offset) - 1)
        while index and self.ops[index].tag == "insert":
            index -= 1
        return index

    def _around(self, index: int, offset: int) -> tuple[int, int]:
        """Return what is inserted at `offset`, usually nothing."""
        for op in self.ops[max(0, index - 1) : index + 2]:
            if op.tag == "insert" and op.a0 == offset:
                return op.b0, op.b1
        place = _before(self.ops[index], offset)
        return place, place

    @cached_property
    def _starts(self) -> list[int]:
        return [op.a0 for op in self.ops]


class _Unit(NamedTuple):
    """The position of a sentence, and its folded words."""

    start: int
    stop: int
    words: str


def align(one: str, other: str) -> Alignment:
    """Align two texts. Time grows with their length and their differences."""
    if one == other:
        return Alignment(one, other, (Op("equal", 0, len(one), 0, len(one)),) if one else ())
    folded = fold(one), fold(other)
    mine, theirs = _units(one, folded[0]), _units(other, folded[1])
    equal = list(_equal(mine, theirs, folded))
    ops = tuple(_ops(equal, len(one), len(other)))
    return Alignment(one, other, ops, tuple(_moves(ops, mine, theirs)))


def _units(text: str, folded: str) -> list[_Unit]:
    return [_Unit(start, stop, folded[start:stop].strip()) for start, stop in bounds(text)]


def _equal(mine: list[_Unit], theirs: list[_Unit], folded: tuple[str, str]) -> Iterator[Match]:
    """Yield equal pieces: in equal sentences, and in the text between them."""
    anchors = chain([each.words for each in mine], [each.words for each in theirs])
    firm = [(i, j) for i, j in anchors if len(mine[i].words) >= SHORTEST]
    i = j = 0
    for its in [*firm, (len(mine), len(theirs))]:
        yield from _gap(mine[i : its[0]], theirs[j : its[1]], folded)
        if its != (len(mine), len(theirs)):
            yield from _pair(mine[its[0]], theirs[its[1]], folded)
        i, j = its[0] + 1, its[1] + 1


def _gap(mine: list[_Unit], theirs: list[_Unit], folded: tuple[str, str]) -> Iterator[Match]:
    """Align the text between two anchors: changed sentences with their originals."""
    if not mine or not theirs:
        return
    pairs = pair([each.words for each in mine], [each.words for each in theirs])
    if pairs is None:
        yield from _piece(folded, mine[0].start, mine[-1].stop, theirs[0].start, theirs[-1].stop)
        return
    i = j = 0
    for its in pairs:
        yield from _rest(mine[i : its[0]], theirs[j : its[1]], folded)
        yield from _pair(mine[its[0]], theirs[its[1]], folded)
        i, j = its[0] + 1, its[1] + 1
    yield from _rest(mine[i:], theirs[j:], folded)


def _rest(mine: list[_Unit], theirs: list[_Unit], folded: tuple[str, str]) -> Iterator[Match]:
    if mine and theirs:
        yield from _piece(folded, mine[0].start, mine[-1].stop, theirs[0].start, theirs[-1].stop)


def _pair(one: _Unit, other: _Unit, folded: tuple[str, str]) -> Iterator[Match]:
    return _piece(folded, one.start, one.stop, other.start, other.stop)


def _piece(folded: tuple[str, str], a0: int, a1: int, b0: int, b1: int) -> Iterator[Match]:
    for match in matches(folded[0][a0:a1], folded[1][b0:b1]):
        yield Match(a0 + match.a, b0 + match.b, match.size)


def _ops(equal: list[Match], length: int, its: int) -> Iterator[Op]:
    here = there = 0
    run: Match | None = None
    for match in [*equal, Match(length, its, 0)]:
        if run and (run.a + run.size, run.b + run.size) == (match.a, match.b):
            run = Match(run.a, run.b, run.size + match.size)
            continue
        if run and run.size:
            yield from _difference(here, run.a, there, run.b)
            here, there = run.a + run.size, run.b + run.size
            yield Op("equal", run.a, here, run.b, there)
        run = match
    if run and run.size:
        yield from _difference(here, run.a, there, run.b)
        here, there = run.a + run.size, run.b + run.size
        yield Op("equal", run.a, here, run.b, there)
    yield from _difference(here, length, there, its)


def _difference(a0: int, a1: int, b0: int, b1: int) -> Iterator[Op]:
    if a0 < a1 and b0 < b1:
        yield Op("replace", a0, a1, b0, b1)
    elif a0 < a1:
        yield Op("delete", a0, a1, b0, b1)
    elif b0 < b1:
        yield Op("insert", a0, a1, b0, b1)


def _moves(ops: tuple[Op, ...], mine: list[_Unit], theirs: list[_Unit]) -> Iterator[Move]:
    """Return sentences removed in one place and inserted in another."""
    gone = [op[1:3] for op in ops if op.tag in ("delete", "replace")]
    come = [op[3:5] for op in ops if op.tag in ("insert", "replace")]
    added: dict[str, list[_Unit]] = defaultdict(list)
    for each in _within(theirs, come):
        added[each.words].append(each)
    for each in _within(mine, gone):
        if added[each.words]:
            its = added[each.words].pop(0)
            yield Move(each.start, each.stop, its.start, its.stop)


def _within(units: list[_Unit], ranges: list[tuple[int, int]]) -> Iterator[_Unit]:
    """Return longer sentences that lie inside one of the (ordered) ranges."""
    index = 0
    for each in units:
        while index < len(ranges) and ranges[index][1] < each.stop:
            index += 1
        if index == len(ranges):
            return
        if ranges[index][0] <= each.start and len(each.words) >= SHORTEST:
            yield each


def _before(op: Op, start: int) -> int:
    if op.tag == "equal":
        return op.b0 + max(0, start - op.a0)
    return op.b0 if start <= op.a0 else op.b1


def _after(op: Op, stop: int) -> int:
    if op.tag == "equal":
        return op.b0 + min(stop, op.a1) - op.a0
    return op.b1 if stop >= op.a1 else op.b0

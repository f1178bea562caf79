"""Two texts side by side: sentences first, then characters; nothing of either disappears.

Texts are compared folded (`archive.collate.keys.fold`): quote style, script, case and width
do not disturb the alignment, they are readings inside what is aligned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

from archive.collate.differences import Match, chain, matches
from archive.collate.keys import fold
from archive.collate.sentences import SHORTEST, bounds

Tag = Literal["equal", "replace", "delete", "insert"]

_FIRM: Final = 12
"""Characters in a row that must be equal for a text to count as present there."""


class Op(NamedTuple):
    """`one[a0:a1]` stands where `other[b0:b1]` stands; `equal` means equal when folded."""

    tag: Tag
    a0: int
    a1: int
    b0: int
    b1: int


class Move(NamedTuple):
    """Sentences that stand in both texts, but in another order."""

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
        """Where in `one` the other begins and ends; (0, 0) when they share nothing."""
        firm = [op for op in self.ops if op.tag == "equal" and op.a1 - op.a0 >= _FIRM]
        firm = firm or [op for op in self.ops if op.tag == "equal"]
        return (firm[0].a0, firm[-1].a1) if firm else (0, 0)

    def there(self, start: int, stop: int) -> tuple[int, int]:
        """What of `other` stands at `one[start:stop]`, which is cut at operations' borders."""
        found = [op for op in self.ops if op.a0 < stop and op.a1 > start] or [
            op for op in self.ops if op.a0 <= start <= op.a1
        ]
        first, last = found[0], found[-1]
        return _before(first, start), _after(last, stop)


class _Unit(NamedTuple):
    """A sentence: where it stands, and its folded words."""

    start: int
    stop: int
    words: str


def align(one: str, other: str) -> Alignment:
    """Align two texts; time grows with their length and with what differs."""
    folded = fold(one), fold(other)
    mine, theirs = _units(one, folded[0]), _units(other, folded[1])
    equal = list(_equal(mine, theirs, folded))
    ops = tuple(_ops(equal, len(one), len(other)))
    return Alignment(one, other, ops, tuple(_moves(ops, mine, theirs)))


def _units(text: str, folded: str) -> list[_Unit]:
    return [_Unit(start, stop, folded[start:stop].strip()) for start, stop in bounds(text)]


def _equal(mine: list[_Unit], theirs: list[_Unit], folded: tuple[str, str]) -> Iterator[Match]:
    """Equal pieces: anchored sentences, and in what lies between these."""
    anchors = chain([each.words for each in mine], [each.words for each in theirs])
    here = there = 0
    for one, other in ((mine[i], theirs[j]) for i, j in anchors):
        if len(one.words) < SHORTEST:
            continue
        yield from _piece(folded, here, one.start, there, other.start)
        yield from _piece(folded, one.start, one.stop, other.start, other.stop)
        here, there = one.stop, other.stop
    yield from _piece(folded, here, len(folded[0]), there, len(folded[1]))


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
    """Sentences taken out here and put in there."""
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
    """Sentences of some length that lie inside one of the (ordered) ranges."""
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

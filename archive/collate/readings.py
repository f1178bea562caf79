"""Readings: where copies of one work differ, the kind of difference, and who has what."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, takewhile
from typing import Final, NamedTuple

from archive.collate.alignment import Alignment, Op, align
from archive.collate.keys import fold, is_quote, key, simplify

KINDS: Final = (
    "number", "brand", "word", "missing", "extra", "script", "casing", "quotes", "punctuation",
)  # fmt: skip
"""The kinds of readings, in order of interest to people."""

_NUMERALS: Final = re.compile(r"[\d０-９〇零一二三四五六七八九十百千万亿两.,．，%％]+")
_FIGURES: Final = "0123456789.%"
_SENTENCE: Final = 24
"""Characters from which missing text is a gap in a copy, not a word."""

_DIGIT: Final = re.compile(r"[\d０-９〇零一二三四五六七八九十百千万亿两]")


class PassageSpan(NamedTuple):
    """A passage of a witness, and its range in the witness's text."""

    passage_id: int
    part: str
    start: int
    stop: int


class Doubt(NamedTuple):
    """Words of a witness that are suspected to be foreign, with proposals.

    `decided` is the text chosen by a person, `decision` the decision's id.
    """

    start: int
    stop: int
    proposals: tuple[str, ...] = ()
    decided: str | None = None
    decision: int | None = None


@dataclass(frozen=True)
class Copy:
    """A witness for collation: its text (passages joined by line ends) and its status.

    `family` is equal for clones, which count as one voice. `official` means an official site.
    `lacks` names the ends (head, tail) that may be incomplete.
    """

    text: str
    pieces: tuple[PassageSpan, ...]
    family: str = ""
    official: bool = False
    doubts: tuple[Doubt, ...] = ()  # in order, without overlaps
    lacks: frozenset[str] = frozenset({"head", "tail"})

    @classmethod
    def of(
        cls, passages: Iterable[tuple[int, str, str]], *, family: str = "", official: bool = False
    ) -> Copy:
        """Make a copy from (passage id, part, text)."""
        pieces, words, at = [], [], 0
        for passage_id, part, text in passages:
            pieces.append(PassageSpan(passage_id, part, at, at + len(text)))
            words.append(text)
            at += len(text) + 1
        return cls("\n".join(words), tuple(pieces), family, official)

    def part_of(self, start: int, stop: int) -> Copy:
        """Return the copy as if it contained only `text[start:stop]`."""
        pieces = tuple(
            PassageSpan(
                p.passage_id, p.part, max(p.start, start) - start, min(p.stop, stop) - start
            )
            for p in self.pieces
            if p.start < stop and p.stop > start
        )
        doubts = tuple(
            d._replace(start=d.start - start, stop=d.stop - start)
            for d in self.doubts
            if start <= d.start and d.stop <= stop
        )
        return replace(self, text=self.text[start:stop], pieces=pieces, doubts=doubts)

    def piece_at(self, offset: int) -> PassageSpan | None:
        """Return the passage that contains `offset` or ends there."""
        index = bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1
        return self.pieces[index] if index >= 0 and offset <= self.pieces[index].stop else None


class Says(NamedTuple):
    """What one witness has at a place: its index, its words, and their range in it."""

    witness: int
    words: str
    start: int
    stop: int


@dataclass(frozen=True)
class Reading:
    """A place where copies differ: `start` to `stop` in the base's text, and what each witness has.

    `says` begins with the base (witness 0). Witnesses that do not cover the place are absent.
    `brand` contains the words that replaced others, if one side did that.
    """

    start: int
    stop: int
    kind: str
    says: tuple[Says, ...]
    brand: str = ""

    @property
    def base(self) -> str:
        """The words of the base."""
        return self.says[0].words

    @property
    def others(self) -> tuple[Says, ...]:
        """Those that differ from the base."""
        return tuple(each for each in self.says[1:] if each.words != self.base)


class _Difference(NamedTuple):
    start: int
    stop: int
    kind: str

    @property
    def is_long(self) -> bool:
        """Whether a sentence or more of the base is missing."""
        return self.kind == "missing" and self.stop - self.start >= _SENTENCE


def collate(copies: Sequence[Copy]) -> tuple[tuple[Alignment, ...], tuple[Reading, ...]]:
    """Align every copy with the first, the base, and collect their differences.

    Returns one alignment for each copy (the base's is with itself), and the readings in text order.
    """
    made: dict[str, Alignment] = {}
    for copy in copies:
        if copy.text not in made:
            made[copy.text] = align(copies[0].text, copy.text)
    alignments = tuple(made[copy.text] for copy in copies)
    found = [sorted(_differences(alignment)) for alignment in alignments]
    # a whole sentence that a copy lacks must not swallow the words that others differ in
    short = [[d for d in each if not d.is_long] for each in found]
    long = [[d for d in each if d.is_long] for each in found]
    readings = [
        *(_reading(place, alignments, short, long) for place in _places(short)),
        *(_reading(place, alignments, long, []) for place in _places(long)),
    ]
    readings.sort(key=lambda reading: (reading.start, reading.stop))
    return alignments, tuple(_with_brands([r for r in readings if r.others], copies))


def classify(base: str, other: str) -> str:
    """Return the kind of difference between two strings; `layout` if only white space differs."""
    mine, theirs = "".join(base.split()), "".join(other.split())
    if mine == theirs:
        return "layout"
    if fold(mine) == fold(theirs):
        return _style(mine, theirs)
    keys = key(mine), key(theirs)
    if keys[0] == keys[1]:
        return "punctuation"
    if not all(keys):
        return "extra" if keys[1] else "missing"
    return "number" if _differ_in_numbers(mine, theirs) else "word"


def _differ_in_numbers(mine: str, theirs: str) -> bool:
    counted = _DIGIT.search(mine) or _DIGIT.search(theirs)
    return bool(counted) and _NUMERALS.sub("", mine) == _NUMERALS.sub("", theirs)


def _style(mine: str, theirs: str) -> str:
    """Return the kind of difference between strings that are equal when folded."""
    pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    if any(a.lower() == b.lower() for a, b in pairs):
        return "casing"
    if any(simplify(a) == simplify(b) for a, b in pairs):
        return "script"
    return "quotes" if any(is_quote(a) or is_quote(b) for a, b in pairs) else "punctuation"


def _differences(alignment: Alignment) -> Iterator[_Difference]:
    first, last = alignment.extent
    one, other = alignment.one, alignment.other
    if first == last:
        return
    for op in alignment.ops:
        if op.tag == "equal":
            yield from _styles(op, one, other)
        elif op.a1 <= first or op.a0 >= last:
            # outside of what the copy covers, only its own words count
            if key(other[op.b0 : op.b1]):
                border = first if op.a1 <= first else last
                yield _Difference(border, border, "extra")
        else:
            before, after = _numeral_around(alignment, op)
            start, stop = op.a0 - before, op.a1 + after
            kind = classify(one[start:stop], other[op.b0 - before : op.b1 + after])
            if kind != "layout":
                yield _Difference(start, stop, kind)


def _numeral_around(alignment: Alignment, op: Op) -> tuple[int, int]:
    """Return the extent of the number around a difference: 5.8 and 5.9 differ, not 8 and 9."""
    one = alignment.one
    words = one[op.a0 : op.a1] + alignment.other[op.b0 : op.b1]
    if not words or words.strip(_FIGURES):
        return 0, 0
    left, right = alignment.equal_around(op)
    before = after = 0
    while before < left and one[op.a0 - before - 1] in _FIGURES:
        before += 1
    while after < right and one[op.a1 + after] in _FIGURES:
        after += 1
    return before, after


def _styles(op: Op, one: str, other: str) -> Iterator[_Difference]:
    """Yield runs of characters that are equal only when folded."""
    if one[op.a0 : op.a1] == other[op.b0 : op.b1]:
        return
    start = None
    for offset in range(op.a1 - op.a0 + 1):
        at = op.a0 + offset
        differs = at < op.a1 and one[at] != other[op.b0 + offset]
        if differs and start is None:
            start = at
        elif not differs and start is not None:
            kind = classify(one[start:at], other[op.b0 + start - op.a0 : op.b0 + offset])
            if kind != "layout":
                yield _Difference(start, at, kind)
            start = None


def _places(differences: Sequence[Sequence[_Difference]]) -> Iterator[tuple[int, int]]:
    """Merge overlapping differences of all copies."""
    place: tuple[int, int] | None = None
    for start, stop, _ in sorted(chain.from_iterable(differences)):
        if place and (start < place[1] or start == place[0]):
            place = place[0], max(stop, place[1])
        else:
            if place:
                yield place
            place = start, stop
    if place:
        yield place


def _reading(
    place: tuple[int, int],
    alignments: Sequence[Alignment],
    found: Sequence[Sequence[_Difference]],
    gaps: Sequence[Sequence[_Difference]],
) -> Reading:
    start, stop = place
    says: list[Says] = []
    kinds: set[str] = set()
    for index, alignment in enumerate(alignments):
        mine = _inside(found[index], start, stop)
        covers = alignment.extent[0] <= start and stop <= alignment.extent[1]
        if index and not mine and (not covers or (gaps and _inside_one(gaps[index], start, stop))):
            continue
        its = alignment.there(start, stop)
        says.append(Says(index, alignment.other[its[0] : its[1]], *its))
        kinds.update(d.kind for d in mine)
    return Reading(start, stop, min(kinds, key=KINDS.index, default="word"), tuple(says))


def _inside(differences: Sequence[_Difference], start: int, stop: int) -> list[_Difference]:
    """Return the differences inside a place (they are sorted)."""
    first = bisect_left(differences, start, key=lambda d: d.start)
    return list(takewhile(lambda d: d.start <= stop and d.stop <= stop, differences[first:]))


def _inside_one(gaps: Sequence[_Difference], start: int, stop: int) -> bool:
    return any(gap.start <= start and stop <= gap.stop for gap in gaps)


def _with_brands(readings: Sequence[Reading], copies: Sequence[Copy]) -> Iterator[Reading]:
    """Mark words as a brand if they replace different words of another copy, or are doubted."""
    against: dict[tuple[int, bool, str], set[str]] = defaultdict(set)
    for reading in readings:
        if reading.kind == "word":
            for each in reading.others:
                against[each.witness, False, each.words].add(reading.base)
                against[each.witness, True, reading.base].add(each.words)
    for reading in readings:
        brand = _brand(reading, against, copies) if reading.kind == "word" else ""
        yield replace(reading, kind="brand", brand=brand) if brand else reading


def _brand(
    reading: Reading,
    against: Mapping[tuple[int, bool, str], set[str]],
    copies: Sequence[Copy],
) -> str:
    """Return the words of a place that do not belong to the report; empty if all may."""
    doubted = [says.words for says in reading.says if is_doubted(copies[says.witness], says)]
    if doubted:
        return doubted[0]
    for each in reading.others:
        if _recurs(reading.base, against[each.witness, True, reading.base]):
            return reading.base
        if _recurs(each.words, against[each.witness, False, each.words]):
            return each.words
    return ""


def _recurs(words: str, replaced: Collection[str]) -> bool:
    """Whether `words` are a name in place of different words: one character is no name."""
    return len(words) > 1 and len(replaced) > 1


def is_doubted(copy: Copy, says: Says) -> bool:
    """Whether the words of a witness at a place are doubted."""
    index = bisect_right(copy.doubts, says.start, key=lambda doubt: doubt.stop)
    return index < len(copy.doubts) and copy.doubts[index].start < says.stop

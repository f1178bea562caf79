"""Drops repeated text: the rule `repeated`.

The first occurrence is kept, unless it is the worse one, and all others are dropped. The basis of
the rule is where the same words are kept. Sentences, refrains, headings and lists that a report
itself repeats are too short to count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import and_
from typing import Final, NamedTuple

from archive.clean import heads
from archive.clean.aligned import MatchingBlock, may_repeat
from archive.clean.copies import CHANGED, UNKNOWN, RepeatedCopy, copies_in, worse_first
from archive.clean.worded import Stretch, Worded
from archive.model import Flag, Page, Span

RULE: Final = "repeated"

_SAME_SHARE: Final = 0.8
"""Share of equal characters that a repeated line must have."""

_LEAST_PIECE: Final = 20
"""Characters of the shortest part of a line that is dropped as repeated."""

_SHOWN: Final = 40
_AROUND: Final = 8
"""Characters kept around words that differ."""

_SAYS_MORE = re.compile(rb"\A\x00{3}|\x00{3}\Z|\x00{%d}" % (CHANGED + 1))
_ALIKE = re.compile(rb"\x01+(?:\x00{1,%d}\x01+)*" % CHANGED)


class RepeatedSpan(NamedTuple):
    """`visible[start:stop]`, inside one line, repeats `visible[first:last]`."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def basis(self) -> str:
        """Where the words are kept, as offsets in the visible text."""
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Repeats:
    """The parts of a text dropped because it already contains them.

    `pieces` are in order and never overlap; `same` are their characters that equal those kept.
    """

    pieces: tuple[RepeatedSpan, ...] = ()
    same: tuple[tuple[int, int], ...] = ()
    flags: tuple[Flag, ...] = ()


def repeats(page: Page) -> Repeats:
    """Return the parts of the shown main part of `page` that occur in it a second time."""
    if not may_repeat(page.visible):
        return Repeats()
    lines = [
        Stretch(block.start, block.stop, number)
        for number, block in enumerate(page.blocks)
        if block.main and not block.hidden and block.stop > block.start
    ]
    text = Worded(page, lines)
    copies = copies_in(text)
    worse = next(filter(None, (worse_first(text, copy) for copy in copies)), None)
    if worse is not None:
        text = Worded(page, _moved_behind(lines, *worse))
        copies = copies_in(text)
    return _Marked(text, copies).repeats() if copies else Repeats()


def _moved_behind(lines: Sequence[Stretch], start: int, stop: int) -> list[Stretch]:
    """Move the lines `start` to `stop` to the end, so that others count as first."""
    inside = [start <= line.start and line.stop <= stop for line in lines]
    before = [line for line, moves in zip(lines, inside, strict=True) if not moves]
    return before + [line for line, moves in zip(lines, inside, strict=True) if moves]


def masked(page: Page, found: Repeats) -> Page:
    """Return the page with repeated words blanked, so that they count once."""
    visible, reached = page.visible, 0
    pieces: list[str] = []
    for start, stop in found.same:
        pieces += [visible[reached:start], " " * (stop - start)]
        reached = stop
    return replace(page, visible="".join([*pieces, visible[reached:]]))


def dropped(spans: Sequence[Span], found: Repeats) -> tuple[Span, ...]:
    """Return the spans with one span for each repeated piece in place of the previous ones."""
    made: list[Span] = []
    pieces = list(reversed(found.pieces))
    for span in spans:
        place = span.start
        while pieces and pieces[-1].start < span.stop:
            piece = pieces[-1]
            if piece.start > place:
                made.append(replace(span, start=place, stop=piece.start))
            if piece.start >= span.start:
                made.append(Span(piece.start, piece.stop, "drop", RULE, basis=piece.basis))
            place = max(place, min(piece.stop, span.stop))
            if piece.stop > span.stop:
                break
            pieces.pop()
        if place < span.stop:
            made.append(replace(span, start=place))
    return tuple(made)


class _FoundRepeat(NamedTuple):
    """A piece, and its character range; empty if only its neighbours mark it as repeated."""

    piece: RepeatedSpan
    begin: int
    end: int


class _Marked:
    """For each repeated character, its first position, and what is dropped."""

    def __init__(self, text: Worded, copies: Sequence[RepeatedCopy]) -> None:
        self._text, self._copies = text, copies
        self._first_at = [-1] * len(text.words)
        self._stays = bytearray(len(text.words))
        self._may_part = bytearray(len(text.words))
        for copy in copies:
            for block in copy.blocks:
                # if occurrences alternate, formulas are so close that only whole lines are reliable
                self._mark(block, may_part=not copy.is_woven)
        for copy in copies:
            self._mend_seam(copy)

    def _mark(self, block: MatchingBlock, *, may_part: bool) -> None:
        again = self._first_at[block.first] >= 0
        for n in range(block.length):
            first, second = block.first + n, block.second + n
            if (self._first_at[first] >= 0) != again:
                return  # the first place ends here, and the next copy begins with the same words
            root = self._first_at[first] if again else first
            if not self._stays[second] and self._first_at[second] < 0 and root != second:
                self._first_at[second] = root
                self._stays[root] = True
                self._may_part[second] = may_part

    def _mend_seam(self, copy: RepeatedCopy) -> None:
        """Keep the line of the second occurrence if the first was cut inside a sentence."""
        text = self._text
        first, second = copy.first[1] - 1, copy.second[1] - 1
        one, other = text.line_of(first), text.line_of(second)
        begin, end = text.begins[one : one + 2]
        if one == other or first + 1 < end or text.ends_sentence(one):
            return
        if text.begins[other + 1] == second + 1:
            return
        places = range(text.begins[other], second + 1)
        swapped = {
            self._first_at[place]: place for place in places if begin <= self._first_at[place] < end
        }
        for place, root in enumerate(self._first_at):
            if root in swapped:
                self._first_at[place] = swapped[root] if place != swapped[root] else -1
        for root, place in swapped.items():
            self._first_at[root], self._stays[place] = place, True

    def repeats(self) -> Repeats:
        """Return the dropped pieces, their equal characters, and their flags."""
        found = [each for rank in range(len(self._text.lines)) for each in self._in_line(rank)]
        taken = {self._text.line_of(each.begin) for each in found}
        for copy in self._copies:
            found += self._head_of(copy, taken)
        if any(copy.is_woven for copy in self._copies):
            found += self._echoes(taken)
        found.sort(key=lambda each: each.piece)
        return Repeats(
            tuple(each.piece for each in found),
            tuple(same for each in found for same in self._same(each)),
            tuple(flag for copy in self._copies for flag in self._flags(copy, found)),
        )

    def _in_line(self, rank: int) -> Iterator[_FoundRepeat]:
        """Return the line as one piece if it repeats with few changes, or its repeated parts."""
        begin, end = self._text.begins[rank : rank + 2]
        again = bytes(first >= 0 for first in self._first_at[begin:end])
        if not any(again):
            return
        if sum(again) >= _SAME_SHARE * len(again) and not _SAYS_MORE.search(again):
            yield self._found(*self._text.whole(rank), begin, end)
            return
        for run in _ALIKE.finditer(bytes(map(and_, again, self._may_part[begin:end]))):
            if sum(run[0]) >= _LEAST_PIECE:
                a, b = begin + run.start(), begin + run.end()
                yield self._found(*self._text.part(a, b), a, b)

    def _found(self, start: int, stop: int, begin: int, end: int) -> _FoundRepeat:
        roots = [first for first in self._first_at[begin:end] if first >= 0]
        first, last = roots[0], roots[-1]
        if last < first:
            first, last = min(roots), max(roots)
        return _FoundRepeat(
            RepeatedSpan(start, stop, *self._text.extent(first, last + 1)), begin, end
        )

    def _head_of(self, copy: RepeatedCopy, taken: set[int]) -> Iterator[_FoundRepeat]:
        """Return title, session and speaker above a copy that are worded differently."""
        text, rank = self._text, self._text.line_of(copy.second[0])
        own = text.head_of(*copy.first)
        other = text.head_of(*copy.second, lowest=text.line_of(copy.first[1] - 1) + 1)
        if own is None or other is None or rank not in taken:
            return
        start, stop = text.lines[own.line].start, text.lines[text.line_of(copy.first[0])].stop
        for above in range(other.line, rank):
            if above not in taken and heads.part_of_head(text.shown(above)):
                taken.add(above)
                yield self._as_neighbour(above, start, stop)

    def _echoes(self, taken: set[int]) -> Iterator[_FoundRepeat]:
        """Return lines too short to be found otherwise that repeat the line above them."""
        text = self._text
        shown = [rank for rank in range(len(text.lines)) if text.shown(rank)]
        for above, rank in pairwise(shown):
            if not taken.intersection((above, rank)) and text.shown(rank) == text.shown(above):
                taken.add(rank)
                yield self._as_neighbour(rank, *text.lines[above][:2])

    def _as_neighbour(self, rank: int, first: int, last: int) -> _FoundRepeat:
        place = self._text.begins[rank]
        return _FoundRepeat(RepeatedSpan(*self._text.whole(rank), first, last), place, place)

    def _same(self, found: _FoundRepeat) -> Iterator[tuple[int, int]]:
        """Return the parts of a piece that equal the kept text, including marks between words.

        Words that differ are kept with those around them: a brand is recognised by its
        surroundings.
        """
        start, stop = found.piece[:2]
        stop = start + len(self._text.page.visible[start:stop].rstrip("\r\n"))
        again = bytes(first >= 0 for first in self._first_at[found.begin : found.end])
        for run in UNKNOWN.finditer(again):
            around = _AROUND if run.end() - run.start() > 1 else 0
            before = self._text.places[found.begin + run.start()] - around
            if before > start:
                yield start, before
            start = max(start, self._text.places[found.begin + run.end() - 1] + 1 + around)
        if stop > start:
            yield start, stop

    def _flags(self, copy: RepeatedCopy, found: Sequence[_FoundRepeat]) -> Iterator[Flag]:
        start, stop = copy.second
        own = [each for each in found if start <= each.begin < each.end <= stop]
        if not own:
            return
        changed = sum(self._first_at[p] < 0 for each in own for p in range(each.begin, each.end))
        size = sum(each.end - each.begin for each in own)
        first, last = min(each.piece.first for each in own), max(each.piece.last for each in own)
        at = self._text.places[own[0].begin]
        words = self._text.page.visible[at : min(at + _SHOWN, own[0].piece.stop)].rstrip()
        evidence = f"{size} characters from here on stand at {first}-{last} as well"
        yield Flag(RULE, at, at + len(words), words, f"{evidence}, {changed} of them changed")

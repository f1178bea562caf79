"""What stands twice in a text: a report pasted two or six times, whole or in part.

The first occurrence stays and every further one is dropped by the rule `repeated`, whose basis is
where the same words stand first. Sentences, refrains, headings and lists that a report itself says
twice are too short to count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from operator import and_
from typing import Final, NamedTuple

from archive.clean.aligned import WORDS, Alignment, Block, alignments, may_repeat
from archive.clean.beginnings import Beginning, beginnings
from archive.model import Flag, Page, Span

RULE: Final = "repeated"

_LEAST: Final = 400
"""Characters that must stand again to be more than a phrase that a report likes: of 1,021 real texts
no other repeats more than 93 in a row."""

_LEAST_SHARE, _LEAST_OF_SHORT = 0.3, 120
"""Of a short text less is enough: this share of it, but no less than so many characters."""

_CHANGED: Final = 12
"""Characters in a row that may differ in a line that is called repeated."""

_DIFFERENT = re.compile(rb"\x00{%d,}" % (_CHANGED + 1))
_MORE = re.compile(rb"\A\x00{3}|\x00{3}\Z|\x00{%d}" % (_CHANGED + 1))
"""What makes more of a line than a repeated one: words before, behind or amid those that are there."""

_ALIKE = re.compile(rb"\x01+(?:\x00{1,%d}\x01+)*" % _CHANGED)
_LEAST_PIECE: Final = 20
_SIGNIFICANT = re.compile(WORDS)
_RUN = re.compile(WORDS + "+")
_PHRASE_CHARS = 10
_OPENS = "“‘《〈（(【[—－-「『\"'"
_CLOSES = "。，、；：！？…”’》〉）)】]」』.,;:!?\"'"
_ENDS_SENTENCE = "。！!？?；;：:…”"
_HEAD_LINES: Final = 8
_SHOWN, _LEAD = 40, 300


class Piece(NamedTuple):
    """`visible[start:stop]`, inside one line, says again what `visible[first:last]` says."""

    start: int
    stop: int
    first: int
    last: int

    @property
    def basis(self) -> str:
        """Where the words stand first, as offsets in the visible text."""
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class Repeats:
    """What of a text is dropped because it stands in it already.

    `pieces` are in order and never overlap; `same` are the characters in them that are no
    different from the first occurrence.
    """

    pieces: tuple[Piece, ...] = ()
    same: tuple[tuple[int, int], ...] = ()
    flags: tuple[Flag, ...] = ()


def repeats(page: Page) -> Repeats:
    """What of the shown main part of `page` stands in it a second time."""
    if not may_repeat(page.visible):
        return Repeats()
    lines = [
        Line(block.start, block.stop, number)
        for number, block in enumerate(page.blocks)
        if block.main and not block.hidden and block.stop > block.start
    ]
    sheet = _Sheet(page, lines)
    copies = _copies(sheet)
    late = next(filter(None, (_yields(sheet, copy) for copy in copies)), None)
    if late is not None:
        sheet = _Sheet(page, _moved_behind(lines, *late))
        copies = _copies(sheet)
    return _Marked(sheet, copies).repeats() if copies else Repeats()


def masked(page: Page, found: Repeats) -> Page:
    """The page with blanks where the same words stand again, so that they count once."""
    visible, pieces, reached = page.visible, [], 0
    for start, stop in found.same:
        pieces += [visible[reached:start], " " * (stop - start)]
        reached = stop
    return replace(page, visible="".join([*pieces, visible[reached:]]))


def dropped(spans: Sequence[Span], found: Repeats) -> tuple[Span, ...]:
    """The spans with one span for each repeated piece in the place of what they said about it."""
    made: list[Span] = []
    pieces = list(found.pieces)
    for span in spans:
        place = span.start
        while pieces and pieces[0].start < span.stop:
            piece = pieces[0]
            if piece.start > place:
                made.append(replace(span, start=place, stop=piece.start))
            if piece.start >= span.start:
                made.append(Span(piece.start, piece.stop, "drop", RULE, basis=piece.basis))
            place = max(place, min(piece.stop, span.stop))
            if piece.stop > span.stop:
                break
            pieces.pop(0)
        if place < span.stop:
            made.append(replace(span, start=place))
    return tuple(made)


class Line(NamedTuple):
    """`visible[start:stop]`, a line or a part of it, and the number of its block."""

    start: int
    stop: int
    number: int


class _Sheet:
    """The characters of lines that carry words, and where they stand."""

    def __init__(self, page: Page, lines: Sequence[Line]) -> None:
        visible = page.visible
        offsets = [
            place
            for line in lines
            for place in range(line.start, line.stop)
            if not visible[place].isspace()
        ]
        squeezed = "".join([visible[place] for place in offsets])
        self.page, self.lines = page, lines
        self.places: list[int] = []
        self.phrases: list[tuple[int, str]] = []
        words = []
        for run in _RUN.finditer(squeezed):
            if run.end() - run.start() >= _PHRASE_CHARS:
                self.phrases.append((len(self.places), run[0]))
            words.append(run[0])
            self.places += offsets[run.start() : run.end()]
        self.words = "".join(words)
        counts = (len(_SIGNIFICANT.findall(visible, line.start, line.stop)) for line in lines)
        self.begins = [0]
        for count in counts:
            self.begins.append(self.begins[-1] + count)

    def whole(self, rank: int) -> tuple[int, int]:
        """Where a line begins and ends, with its terminator if it is no part of a line."""
        line = self.lines[rank]
        block = self.page.blocks[line.number]
        if line.start == block.start and line.stop == block.stop:
            return line.start, self.page.line_stop(line.number)
        return line.start, line.stop

    def part(self, rank: int, begin: int, end: int) -> tuple[int, int]:
        """Where the characters `begin` to `end` of a line stand, with the marks that are theirs."""
        line, visible = self.lines[rank], self.page.visible
        start, stop = self.places[begin], self.places[end - 1] + 1
        while start > line.start and (visible[start - 1] in _OPENS or visible[start - 1].isspace()):
            start -= 1
        while stop < line.stop and (visible[stop] in _CLOSES or visible[stop].isspace()):
            stop += 1
        return start, stop

    def trimmed(self, begin: int, end: int) -> tuple[int, int]:
        """Where the characters `begin` to `end` stand, with their marks and no space around."""
        start, _ = self.part(self.line_of(begin), begin, begin + 1)
        _, stop = self.part(self.line_of(end - 1), end - 1, end)
        words = self.page.visible[start:stop]
        return stop - len(words.lstrip()), start + len(words.rstrip())

    def prose_before(self, place: int) -> int:
        """How many characters stand before a place in lines that end as sentences do, or in its."""
        rank = self.line_of(place)
        before = sum(self.begins[n + 1] - self.begins[n] for n in range(rank) if self.is_prose(n))
        return before + place - self.begins[rank]

    def line_of(self, place: int) -> int:
        """The rank of the line in which the character `place` of `words` stands."""
        return bisect_right(self.begins, place) - 1

    def shown(self, rank: int) -> str:
        """The words of a line as they stand, trimmed."""
        line = self.lines[rank]
        return self.page.visible[line.start : line.stop].strip()

    def is_prose(self, rank: int) -> bool:
        """Whether a line ends as sentences do, or holds one."""
        words = self.shown(rank)
        return words[-1:] in _ENDS_SENTENCE or "。" in words

    @cached_property
    def heads(self) -> tuple[Beginning, ...]:
        """The documents that begin in these lines; `line` is the rank of the first line of a head."""
        found = beginnings([self.shown(rank) for rank in range(len(self.lines))])
        return tuple(each for each in found if each.told and each.sure)

    def head_of(self, place: int, lowest: int) -> Beginning | None:
        """The head of what begins at `place`, as far as it stands below line `lowest`."""
        rank = self.line_of(place)
        near = range(max(lowest, rank - _HEAD_LINES), rank + _HEAD_LINES + 1)
        return max((each for each in self.heads if each.line in near), key=_parts_of, default=None)

    def head_above(self, lowest: int, rank: int) -> Beginning | None:
        """The last head that begins in a line from `lowest` to `rank`."""
        return next((e for e in reversed(self.heads) if lowest <= e.line <= rank), None)


@dataclass(frozen=True)
class _Copy:
    """Alignments that follow each other: together one copy of what stands before."""

    parts: tuple[Alignment, ...]

    @property
    def chars(self) -> int:
        return sum(part.chars for part in self.parts)

    @property
    def blocks(self) -> Iterator[Block]:
        return (block for part in self.parts for block in part.blocks)

    @property
    def first(self) -> tuple[int, int]:
        return self.parts[0].first[0], self.parts[-1].first[1]

    @property
    def second(self) -> tuple[int, int]:
        return self.parts[0].second[0], self.parts[-1].second[1]

    @property
    def is_woven(self) -> bool:
        """Whether both places alternate: each paragraph stands twice in a row."""
        return self.first[1] > self.second[0] + _LEAST_OF_SHORT


def _copies(sheet: _Sheet) -> list[_Copy]:
    """The copies, the longest first."""
    least = min(_LEAST, max(_LEAST_OF_SHORT, int(_LEAST_SHARE * len(sheet.words))))
    found = alignments(sheet.words, sheet.phrases)
    known = _known(sheet, found)
    joined = (_Copy(parts) for parts in _joined(found))
    return sorted(
        (copy for copy in joined if copy.chars >= least and _is_faithful(sheet, copy, known)),
        key=lambda copy: -copy.chars,
    )


def _known(sheet: _Sheet, found: Iterable[Alignment]) -> bytearray:
    """Which characters stand twice, at their first place and at others."""
    known = bytearray(len(sheet.words))
    for block in (block for alignment in found for block in alignment.blocks):
        for place in block[:2]:
            known[place : place + block.length] = b"\x01" * block.length
    return known


def _joined(found: Iterable[Alignment]) -> Iterator[tuple[Alignment, ...]]:
    """Alignments that go on where another ends; formulas in any order are too short to be any."""
    group: list[Alignment] = []
    long = (alignment for alignment in found if alignment.chars >= _LEAST_OF_SHORT)
    for each in sorted(long, key=lambda alignment: alignment.second):
        if group and not _goes_on(group[-1], each):
            yield tuple(group)
            group = []
        group.append(each)
    if group:
        yield tuple(group)


def _goes_on(one: Alignment, other: Alignment) -> bool:
    gaps = other.first[0] - one.first[1], other.second[0] - one.second[1]
    return -_CHANGED <= min(gaps) <= _NEAR and max(gaps) <= _FARTHEST


_NEAR, _FARTHEST = 600, 6000
"""Characters of other text (chrome, what a copy lost) over which a copy may go on: at the one place
and at the other."""

_FAITHFUL: Final = 0.8
"""Of the sentences at the second place so much must stand at the first; else it is another version."""


def _is_faithful(sheet: _Sheet, copy: _Copy, known: bytearray) -> bool:
    """Whether it is a copy of sentences, not of a menu, and of most that stand around them."""
    start, stop = copy.second
    other = sentences = 0
    for rank in range(sheet.line_of(start), sheet.line_of(stop - 1) + 1):
        sentences += sheet.shown(rank).count("。")
        a, b = max(start, sheet.begins[rank]), min(stop, sheet.begins[rank + 1])
        if sheet.is_prose(rank):
            other += sum(map(len, _DIFFERENT.findall(known, a, b)))
    return sentences * _SENTENCE >= copy.chars >= _FAITHFUL * (copy.chars + other)


_SENTENCE: Final = 300
"""Characters of the longest sentence on average; what has fewer full stops is a menu."""


def _yields(sheet: _Sheet, copy: _Copy) -> tuple[int, int] | None:
    """Where in the visible text a first occurrence stands that is the worse of two, or None.

    That is a text that begins without a head, or with less of one, where the second occurrence
    has it: the end of a report before the whole, a text without the title of its copy. Where
    neither has one, a text that begins inside a paragraph is the worse.
    """
    (start, stop), (again, _) = copy.first, copy.second
    if copy.is_woven or sheet.prose_before(start) > _LEAD:
        return None
    first, last = sheet.line_of(start), sheet.line_of(stop - 1)
    own, other = sheet.head_of(start, 0), sheet.head_above(last + 1, sheet.line_of(again))
    if own is None and other is None:
        inside = sheet.line_of(again) > last and sheet.begins[sheet.line_of(again)] < again
        worse = inside and sheet.begins[first] == start
    else:
        above = first - own.line if own else 0, sheet.line_of(again) - other.line if other else 0
        worse = (_parts_of(own), above[0]) < (_parts_of(other), above[1])
    return (sheet.lines[first].start, sheet.lines[last].stop) if worse else None


def _parts_of(head: Beginning | None) -> int:
    """How much a head says: that a report begins, its title, its session."""
    return 0 if head is None else 1 + ("session" in head.told) + (", title" in f", {head.told}")


def _moved_behind(lines: Sequence[Line], start: int, stop: int) -> list[Line]:
    """The lines with those of `start` to `stop` at the end, so that others count as first."""
    inside = [line for line in lines if start <= line.start and line.stop <= stop]
    return [line for line in lines if line not in set(inside)] + inside


class _Marked:
    """For each character that stands again, where it stands first; and what is dropped for it."""

    def __init__(self, sheet: _Sheet, copies: Sequence[_Copy]) -> None:
        self.sheet, self.copies = sheet, copies
        self.first_at = [-1] * len(sheet.words)
        self._is_first = bytearray(len(sheet.words))
        self._in_part = bytearray(len(sheet.words))
        for copy in copies:
            for block in copy.blocks:
                self._mark(block, in_part=not copy.is_woven)
        for copy in copies:
            self._mend_seam(copy)

    def _mark(self, block: Block, *, in_part: bool) -> None:
        """Note what a block says; of a line only `in_part` of which may stand again, or all of it."""
        for first, second in zip(
            range(block.first, block.first + block.length),
            range(block.second, block.second + block.length),
            strict=True,
        ):
            root = first if self.first_at[first] < 0 else self.first_at[first]
            if not self._is_first[second] and self.first_at[second] < 0 and root != second:
                self.first_at[second] = root
                self._is_first[root] = True
                self._in_part[second] = in_part

    def _mend_seam(self, copy: _Copy) -> None:
        """Where the first occurrence was cut inside a sentence, the line of the second stays."""
        first, second = copy.first[1] - 1, copy.second[1] - 1
        one, other = self.sheet.line_of(first), self.sheet.line_of(second)
        begin, end = self.sheet.begins[one : one + 2]
        if one == other or first + 1 < end or self.sheet.shown(one)[-1:] in _ENDS_SENTENCE:
            return
        if self.sheet.begins[other + 1] == second + 1:
            return
        swapped = {
            self.first_at[place]: place
            for place in range(self.sheet.begins[other], second + 1)
            if begin <= self.first_at[place] < end
        }
        for place, first in enumerate(self.first_at):
            if first in swapped:
                self.first_at[place] = swapped[first] if place != swapped[first] else -1
        for first, place in swapped.items():
            self.first_at[first], self._is_first[place] = place, True

    def repeats(self) -> Repeats:
        """The pieces of lines that are dropped, with what of them is the same, and their flags."""
        found = [each for rank in range(len(self.sheet.lines)) for each in self._of_line(rank)]
        taken = {self.sheet.line_of(each.begin) for each in found}
        for copy in self.copies:
            found += self._head_of(copy, taken)
        if any(copy.is_woven for copy in self.copies):
            found += self._echoes(taken)
        found.sort(key=lambda each: each.piece)
        return Repeats(
            tuple(each.piece for each in found),
            tuple(same for each in found for same in self._same(each)),
            tuple(flag for copy in self.copies for flag in self._flags(copy, found)),
        )

    def _of_line(self, rank: int) -> Iterator[_Found]:
        """The line as one piece, if it stands again with few changes; else its parts that do."""
        begin, end = self.sheet.begins[rank : rank + 2]
        again = bytes(first >= 0 for first in self.first_at[begin:end])
        if not any(again):
            return
        if sum(again) >= _FAITHFUL * len(again) and not _MORE.search(again):
            yield self._found(*self.sheet.whole(rank), begin, end)
            return
        for run in _ALIKE.finditer(bytes(map(and_, again, self._in_part[begin:end]))):
            if sum(run[0]) >= _LEAST_PIECE:
                a, b = begin + run.start(), begin + run.end()
                yield self._found(*self.sheet.part(rank, a, b), a, b)

    def _found(self, start: int, stop: int, begin: int, end: int) -> _Found:
        roots = [first for first in self.first_at[begin:end] if first >= 0]
        first, last = roots[0], roots[-1]
        if last < first:
            first, last = min(roots), max(roots)
        return _Found(Piece(start, stop, *self.sheet.trimmed(first, last + 1)), begin, end)

    def _head_of(self, copy: _Copy, taken: set[int]) -> Iterator[_Found]:
        """Title, session and speaker above a copy, put otherwise than above the first occurrence."""
        sheet, rank = self.sheet, self.sheet.line_of(copy.second[0])
        own = sheet.head_of(copy.first[0], 0)
        other = sheet.head_of(copy.second[0], sheet.line_of(copy.first[1] - 1) + 1)
        if own is None or other is None or rank not in taken:
            return
        start, stop = sheet.lines[own.line].start, sheet.lines[sheet.line_of(copy.first[0])].stop
        for above in range(other.line, rank):
            if above not in taken:
                taken.add(above)
                place = sheet.begins[above]
                yield _Found(Piece(*sheet.whole(above), start, stop), place, place)

    def _echoes(self, taken: set[int]) -> Iterator[_Found]:
        """Lines too short to be found otherwise that say the same as the line above them."""
        sheet = self.sheet
        shown = [rank for rank in range(len(sheet.lines)) if sheet.shown(rank)]
        for above, rank in pairwise(shown):
            if not taken.intersection((above, rank)) and sheet.shown(rank) == sheet.shown(above):
                taken.add(rank)
                line = sheet.lines[above]
                place = sheet.begins[rank]
                yield _Found(Piece(*sheet.whole(rank), line.start, line.stop), place, place)

    def _same(self, found: _Found) -> Iterator[tuple[int, int]]:
        """What of a piece is no different from its first occurrence, marks between words included."""
        start, stop = found.piece[:2]
        stop = start + len(self.sheet.page.visible[start:stop].rstrip("\r\n"))
        for place in range(found.begin, found.end):
            if self.first_at[place] < 0:
                at = self.sheet.places[place]
                if at > start:
                    yield start, at
                start = at + 1
        if stop > start:
            yield start, stop

    def _flags(self, copy: _Copy, found: Sequence[_Found]) -> Iterator[Flag]:
        start, stop = copy.second
        own = [each for each in found if start <= each.begin < each.end <= stop]
        if not own:
            return
        differ = sum(self.first_at[p] < 0 for each in own for p in range(each.begin, each.end))
        size = sum(each.end - each.begin for each in own)
        first, last = min(each.piece.first for each in own), max(each.piece.last for each in own)
        told = f"{size} characters from here on stand at {first}-{last} as well"
        at = self.sheet.places[own[0].begin]
        words = self.sheet.page.visible[at : min(at + _SHOWN, own[0].piece.stop)].rstrip()
        yield Flag(RULE, at, at + len(words), words, f"{told}, {differ} of them changed")


class _Found(NamedTuple):
    """A piece, and its characters among those of the sheet; none where only its place tells."""

    piece: Piece
    begin: int
    end: int

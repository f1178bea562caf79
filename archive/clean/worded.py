"""The characters of a text without marks and spaces, and their positions."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from archive.clean.beginnings import Beginning, beginnings
from archive.clean.heads import SHORT
from archive.known.genre import CLAUSE_ENDS
from archive.model import Page

_CHARACTER: Final = (
    r"[0-9A-Za-z\u00c0-\u024f\u3005\u3400-\u9fff\uf900-\ufaff０-９Ａ-Ｚａ-ｚ\U00020000-\U0003ffff]"
)
PHRASE: Final = re.compile(_CHARACTER + "{10,}")
"""The shortest run between marks that can be told from others."""

_ANCHOR: Final = 16
"""The first characters of a run by which its other occurrence is found."""

_WORDED = re.compile(_CHARACTER)
_RUN = re.compile(_CHARACTER + "+")
_OPENS = "“‘《〈（(【[—－-「『\"'"
_CLOSES = "。，、；：！？…”’》〉）)】]」』.,;:!?\"'"
_ENDS_SENTENCE = f"{CLAUSE_ENDS}…”"
_HEAD_LINES: Final = 8
"""The most lines of a head above or below the first repeated phrase."""


class Stretch(NamedTuple):
    """`visible[start:stop]`, a line or part of one, and the number of its block."""

    start: int
    stop: int
    number: int


class Anchor(NamedTuple):
    """The `words` at a position, and how many of them reach up to the next anchor."""

    place: int
    words: str
    length: int


class Worded:
    """The letters and digits of a page, with its lines in a chosen order.

    `words` are the characters, `places` their positions in the visible text. Lines are identified
    by their rank in the chosen order; the characters of a line begin at `begins[rank]`.
    """

    def __init__(self, page: Page, lines: Sequence[Stretch]) -> None:
        visible = page.visible
        offsets = [
            place
            for line in lines
            for place in range(line.start, line.stop)
            if not visible[place].isspace()
        ]
        squeezed = "".join([visible[place] for place in offsets])
        self.page, self.lines = page, lines
        runs = list(_RUN.finditer(squeezed))
        self.words = "".join([run[0] for run in runs])
        self.places = [place for run in runs for place in offsets[run.start() : run.end()]]
        self._starts = [0, *accumulate(run.end() - run.start() for run in runs)]
        self.begins = [0]
        for line in lines:
            count = len(_WORDED.findall(visible, line.start, line.stop))
            self.begins.append(self.begins[-1] + count)

    @property
    def anchors(self) -> Iterator[Anchor]:
        """An anchor for each run between marks, in order."""
        for start, following in pairwise(self._starts):
            words = self.words[start : start + _ANCHOR]
            if len(words) == _ANCHOR:
                yield Anchor(start, words, min(_ANCHOR, following - start))

    def line_of(self, place: int) -> int:
        """The rank of the line that contains the character `place` of `words`."""
        return bisect_right(self.begins, place) - 1

    def shown(self, rank: int) -> str:
        """The trimmed words of a line."""
        line = self.lines[rank]
        return self.page.visible[line.start : line.stop].strip()

    def lines_above(self, rank: int) -> list[str]:
        """The words of the few lines above a line that are not prose."""
        found = []
        for above in range(rank - 1, max(-1, rank - _HEAD_LINES), -1):
            words = self.shown(above)
            if words and (len(words) > SHORT or self.is_prose(above)):
                break
            found.append(words)
        return found

    def is_prose(self, rank: int) -> bool:
        """Whether a line ends like a sentence, or contains one."""
        words = self.shown(rank)
        return words[-1:] in _ENDS_SENTENCE or "。" in words

    def ends_sentence(self, rank: int) -> bool:
        """Whether a line ends with the mark of a sentence."""
        return self.shown(rank)[-1:] in _ENDS_SENTENCE

    def prose_before(self, place: int) -> int:
        """The number of characters before a position, in lines of prose and its own line."""
        rank = self.line_of(place)
        before = sum(self.begins[n + 1] - self.begins[n] for n in range(rank) if self.is_prose(n))
        return before + place - self.begins[rank]

    def whole(self, rank: int) -> tuple[int, int]:
        """Where a line begins and ends, including its terminator."""
        line = self.lines[rank]
        block = self.page.blocks[line.number]
        if line.start == block.start and line.stop == block.stop:
            return line.start, self.page.line_stop(line.number)
        return line.start, line.stop

    def part(self, begin: int, end: int) -> tuple[int, int]:
        """The range of the characters `begin` to `end` of one line, with marks and spaces."""
        line, visible = self.lines[self.line_of(begin)], self.page.visible
        start, stop = self.places[begin], self.places[end - 1] + 1
        while start > line.start and (visible[start - 1] in _OPENS or visible[start - 1].isspace()):
            start -= 1
        while stop < line.stop and (visible[stop] in _CLOSES or visible[stop].isspace()):
            stop += 1
        return start, stop

    def extent(self, begin: int, end: int) -> tuple[int, int]:
        """The range of the characters `begin` to `end`, with their marks, without outer space."""
        start, _ = self.part(begin, begin + 1)
        _, stop = self.part(end - 1, end)
        words = self.page.visible[start:stop]
        return stop - len(words.lstrip()), start + len(words.rstrip())

    @cached_property
    def heads(self) -> tuple[Beginning, ...]:
        """The documents that begin in these lines; `line` is the rank of a head's first line."""
        found = beginnings([self.shown(rank) for rank in range(len(self.lines))])
        return tuple(each for each in found if each.evidence and each.sure)

    def head_of(self, begin: int, end: int, lowest: int = 0) -> Beginning | None:
        """The head of the text from `begin` to `end`, not above line `lowest`."""
        rank = self.line_of(begin)
        last = min(rank + _HEAD_LINES, self.line_of(end - 1))
        near = range(max(lowest, rank - _HEAD_LINES), last + 1)
        return max((each for each in self.heads if each.line in near), key=fullness, default=None)

    def head_above(self, lowest: int, rank: int) -> Beginning | None:
        """The last head that begins in a line from `lowest` to `rank`."""
        return next((e for e in reversed(self.heads) if lowest <= e.line <= rank), None)


def fullness(head: Beginning | None) -> int:
    """The amount of a head: that a report begins, its title, its session."""
    if head is None:
        return 0
    parts = head.evidence.split(", ")
    return 1 + ("title" in parts) + ("session" in parts)

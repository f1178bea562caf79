"""A page as this room looks at it: its lines squeezed, and where the speech begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from archive.identify.squeezed import Squeezed, fold, squeeze
from archive.model import Block, Cleaning, Page

MANY_REPORTS: Final = "compilation"
"""The shape of a page that holds pieces of several reports."""
LONGEST_HEADING: Final = 160
"""Characters of the longest line that may be part of a header; longer lines are prose."""
OPENING_WITHIN: Final = 300
"""Characters from a salutation on in which a report says whose it is and what it is."""
_BEGINNING = 64  # characters of a longer line that are looked at

_NO_TEXT = ("index", "challenge", "error", "login")
_LEAST_LINKS, _LINKED = 3, 0.35
_PROSE, _SOME_PROSE, _PREFACE = 60, 300, 1200

_MOST_ADDRESSES = 100
_SALUTATIONS = ("各位代表", "各位人大代表", "同志们", "代表同志们", "各位委员")
_OPENING = re.compile(
    r"我(?:现在|今天|谨)?(?:受[^。!]{0,20})?代表[^。!]{0,40}(?:政府|国务院|委员会|常委会|法院|检察院|公署)"
    r"|受[^。]{0,24}委托|报告(?:政府)?工作|[作做][^。]{0,8}报告|请予?审[议查]"
)
_ADDRESS = re.compile(r"[^:!。]{0,24}[:!]?")
_SAME_LINE = 80


@dataclass(slots=True)
class Line:
    """A line with something on it; `words` is its squeezed beginning."""

    start: int
    stop: int
    words: str
    block: Block

    @property
    def short(self) -> bool:
        """Whether the line may be part of a header."""
        return self.stop - self.start <= LONGEST_HEADING


@dataclass(frozen=True)
class Sheet:
    """The page and its lines; offsets are those of `page.visible`."""

    page: Page
    cleaning: Cleaning

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines that hold anything, in order."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[Line]:
        visible = self.page.visible
        for block in self.page.blocks:
            length = block.stop - block.start
            shown = length if length <= LONGEST_HEADING else _BEGINNING
            words = fold(visible[block.start : block.start + shown])
            if words:
                yield Line(block.start, block.stop, words, block)

    @cached_property
    def kept(self) -> str:
        """The kept words; the whole text where nothing was decided."""
        visible, spans = self.page.visible, self.cleaning.spans
        kept = [visible[span.start : span.stop] for span in spans if span.action != "drop"]
        return "".join(kept) if spans else visible

    @cached_property
    def openings(self) -> tuple[int, ...]:
        """The indices in `lines` of all lines that open a speech (各位代表：)."""
        found = (i for i, line in enumerate(self.lines) if line.words.startswith(_SALUTATIONS))
        return tuple(filter(self._opens, islice(found, _MOST_ADDRESSES)))

    @cached_property
    def salutation(self) -> int | None:
        """The index of the line that opens the speech of the page, or None.

        What opens behind pages of prose is another report, or no opening at all.
        """
        first = next(iter(self.openings), None)
        if first is None or sum(map(_prose, self.lines[:first])) > _PREFACE:
            return None
        return first

    def _opens(self, index: int) -> bool:
        """Whether what follows the salutation within a few words opens a report."""
        line = self.lines[index]
        address = _ADDRESS.match(line.words)
        alone = address is not None and address.end() == len(line.words)
        words = fold(self.page.visible[line.start : line.start + OPENING_WITHIN])
        return _OPENING.search(words, 0, OPENING_WITHIN if alone else _SAME_LINE) is not None

    @cached_property
    def head(self) -> range:
        """The indices of the lines in which a header may stand: those before the speech."""
        stop = self.salutation
        return range(len(self.lines)) if stop is None else range(max(0, stop - 80), stop)

    @cached_property
    def is_list(self) -> bool:
        """Whether the page is a list of links, or nothing that could be a text."""
        if self.cleaning.shape in _NO_TEXT:
            return True
        links = [line for line in self.lines if 2 * line.block.link_chars > line.stop - line.start]
        shown = sum(line.stop - line.start for line in self.lines)
        linked = sum(line.block.link_chars for line in links)
        if len(links) < _LEAST_LINKS or linked < _LINKED * shown:
            return False
        return sum(map(_prose, self.lines)) < _SOME_PROSE

    def inside_prose(self, first: int, last: int) -> bool:
        """Whether lines `first` to `last` are words of a sentence around them, as links are."""
        before = self.lines[first - 1].words[-1] if first else ""
        after = self.lines[last].words[0] if last < len(self.lines) else ""
        return (before in "《,、“(" and before != "") or (after in "》。,、;:)”" and after != "")

    def joined_line(self, line: Line) -> Squeezed:
        """A line as a squeezed text."""
        return squeeze(self.page.visible, line.start, line.stop)

    def joined(self, first: int, last: int) -> Squeezed:
        """Lines `first` up to and without `last` as one squeezed text."""
        last = min(last, len(self.lines))
        return squeeze(self.page.visible, self.lines[first].start, self.lines[last - 1].stop)


def _prose(line: Line) -> int:
    """The characters of a line that is long and no link."""
    length = line.stop - line.start
    return length if length >= _PROSE and 2 * line.block.link_chars <= length else 0

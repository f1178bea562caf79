"""A page as `identify` reads it: its squeezed lines, and where the speech begins."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final

from archive.identify.squeezed import Squeezed, normalise, squeeze
from archive.known.genre import ADDRESSED
from archive.model import SHAPES_WITHOUT_TEXT, Block, Cleaning, Page

LONGEST_HEADING: Final = 160
"""Characters of the longest line that may be part of a header; longer lines are prose."""
OPENING_WITHIN: Final = 300
"""Characters after a salutation in which a report says whose it is and what it is."""
_BEGINNING = 64  # characters of a longer line that are read
_FIRST_BLOCKS = 12  # lines in which a header without line ends may be
_MOST_OF_HEAD = 80  # lines before the speech that are read

_LEAST_LINKS, _LINKED = 3, 0.35
_PROSE, _SOME_PROSE, _PREFACE = 60, 300, 1200

_MOST_ADDRESSES = 100
_SALUTATION = re.compile(f"(?:尊敬的|主任(?:委员)?[、,])?(?:{ADDRESSED}|各位(?:领导|副主任))")
_GOVERNMENT = r"政府|国务院|行政公署|行署|委员会|管委会|常委会|法院|检察院"
_OPENING = re.compile(
    rf"我(?:现在|今天|谨)?(?:受[^。!]{{0,20}})?代表[^。!]{{0,40}}(?:{_GOVERNMENT})"
    r"|受[^。]{0,24}委托|根据国务院的决定|报告(?:政府)?工作|[作做][^。]{0,40}报告|请予?审[议查]"
)
_OPENS_AT_ONCE = re.compile(
    rf"(?:现在|今天|下面)?,?我(?:谨)?(?:受[^。!]{{0,20}},?)?代表[^。!]{{0,30}}(?:{_GOVERNMENT})"
)
"""The opening sentence of a report without a salutation."""
_ADDRESS = re.compile(r"[^:!。]{0,24}[:!]?")
_SAME_LINE = 80
_RUN_TOGETHER: Final = 900
"""Characters of a line in which a header and salutation without line ends are searched."""
_ADDRESSED = re.compile(rf"(?:尊敬的)?(?:{ADDRESSED})\s{{0,3}}[:：!！]")
_LOST_LINE_ENDS = re.compile(
    r"[\u3000 \t]{2,}|(?<=报告)(?=\s{0,3}[-—–―─(（])|(?<=会议上)(?!的)"
    r"|(?<=[)）])(?=[\u3400-\u9fff])"
    r"|(?<![-—–―─(（])(?=[-—–―─]{1,4}\s{0,2}(?:[12][0-9]{3}|[一二])\S{1,12}日)"
)
"""Where the lines of a header ended that is now in one line."""


@dataclass(slots=True)
class PageLine:
    """A line that is not blank; `words` is its squeezed beginning."""

    start: int
    stop: int
    words: str
    block: Block

    @property
    def short(self) -> bool:
        """Whether the line may be part of a header."""
        return self.stop - self.start <= LONGEST_HEADING


@dataclass(frozen=True)
class PageLines:
    """The page and its lines; offsets are those of `page.visible`."""

    page: Page
    cleaning: Cleaning

    @cached_property
    def lines(self) -> tuple[PageLine, ...]:
        """The lines that are not blank, in order."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[PageLine]:
        visible = self.page.visible
        spaced = 0
        for block in self.page.blocks:
            pieces = [(block.start, block.stop)]
            if spaced < _FIRST_BLOCKS and block.stop - block.start > LONGEST_HEADING:
                pieces = list(_pieces(visible, block))
            for start, stop in pieces:
                line = self._line(start, stop, block)
                if line is not None:
                    yield line
                    spaced += 1

    def _line(self, start: int, stop: int, block: Block) -> PageLine | None:
        shown = stop - start if stop - start <= LONGEST_HEADING else _BEGINNING
        words = self.folded(start, start + shown)
        return PageLine(start, stop, words, block) if words else None

    def folded(self, start: int, stop: int) -> str:
        """Return `visible[start:stop]` squeezed, without what cleaning removed inside lines."""
        words = []
        for cut_start, cut_stop in self._cuts_within(start, stop):
            words.append(self.page.visible[start:cut_start])
            start = cut_stop
        words.append(self.page.visible[start:stop])
        return normalise("".join(words))

    def squeezed(self, start: int, stop: int, *, also: str = "") -> Squeezed:
        """Return the same as a view that maps back to its offsets."""
        return squeeze(
            self.page.visible, start, stop, also=also, cuts=self._cuts_within(start, stop)
        )

    def _cuts_within(self, start: int, stop: int) -> tuple[tuple[int, int], ...]:
        return tuple(cut for cut in self._cuts if cut[0] < stop and cut[1] > start)

    @cached_property
    def _cuts(self) -> tuple[tuple[int, int], ...]:
        """What cleaning dropped inside kept lines: jammers, pronunciations, watermarks."""
        spans = self.cleaning.spans
        kept = [span.action != "drop" for span in spans]
        return tuple(
            (span.start, span.stop)
            for index, span in enumerate(spans)
            if not kept[index]
            and not span.rule.startswith("layout")
            and (
                (index and kept[index - 1] and not self._ends_line(span.start))
                or (any(kept[index + 1 : index + 2]) and not self._ends_line(span.stop))
            )
        )

    def _ends_line(self, place: int) -> bool:
        """Whether a line ends right before `place`."""
        return place == 0 or self.page.visible[place - 1] in "\r\n"

    def keeps(self, line: PageLine) -> bool:
        """Whether cleaning kept any of the line."""
        spans = self.cleaning.spans
        rank = max(0, bisect_right(self._starts, line.start) - 1)
        while rank < len(spans) and spans[rank].start < line.stop:
            if spans[rank].action != "drop":
                return True
            rank += 1
        return not spans

    @cached_property
    def _starts(self) -> list[int]:
        return [span.start for span in self.cleaning.spans]

    @cached_property
    def kept(self) -> str:
        """The kept words, or the whole text if nothing was decided."""
        visible, spans = self.page.visible, self.cleaning.spans
        kept = [visible[span.start : span.stop] for span in spans if span.action != "drop"]
        return "".join(kept) if spans else visible

    @cached_property
    def openings(self) -> tuple[int, ...]:
        """The indices in `lines` of all lines that open a speech (各位代表：)."""
        found = (i for i, line in enumerate(self.lines) if _SALUTATION.match(line.words))
        addressed = tuple(filter(self._opens, islice(found, _MOST_ADDRESSES)))
        return addressed or tuple(
            islice((i for i, x in enumerate(self.lines) if _OPENS_AT_ONCE.match(x.words)), 1)
        )

    @cached_property
    def salutation(self) -> int | None:
        """The index of the line that opens the speech of the page, or None.

        An opening after pages of prose belongs to another report, or is not an opening.
        """
        first = next(iter(self.openings), None)
        if first is None or sum(map(_prose, self.lines[:first])) > _PREFACE:
            return None
        return first

    def _opens(self, index: int) -> bool:
        """Whether the words soon after the salutation open a report."""
        line = self.lines[index]
        address = _ADDRESS.match(line.words)
        alone = address is not None and address.end() == len(line.words)
        words = self.folded(line.start, line.start + OPENING_WITHIN)
        return _OPENING.search(words, 0, OPENING_WITHIN if alone else _SAME_LINE) is not None

    @cached_property
    def head(self) -> range:
        """The indices of the lines that may contain a header: those before the speech.

        A text without an opening has its header before its prose, if it has one.
        """
        stop = self._first_prose if self.salutation is None else self.salutation
        return range(max(0, stop - _MOST_OF_HEAD), stop)

    @cached_property
    def _first_prose(self) -> int:
        """The index of the line before which there is less prose than a preface has."""
        read = 0
        for index, line in enumerate(self.lines):
            read += _prose(line)
            if read > _PREFACE:
                return index
        return len(self.lines)

    @cached_property
    def is_list(self) -> bool:
        """Whether the page is a list of links, or nothing that could be a text."""
        if self.cleaning.shape in SHAPES_WITHOUT_TEXT:
            return True
        links = [line for line in self.lines if 2 * line.block.link_chars > line.stop - line.start]
        shown = sum(line.stop - line.start for line in self.lines)
        linked = sum(line.block.link_chars for line in links)
        if len(links) < _LEAST_LINKS or linked < _LINKED * shown:
            return False
        return sum(map(_prose, self.lines)) < _SOME_PROSE

    def inside_prose(self, first: int, last: int) -> bool:
        """Whether lines `first` to `last` are words of a sentence around them, such as links."""
        before = self.lines[first - 1].words[-1] if first else ""
        after = self.lines[last].words[0] if last < len(self.lines) else ""
        return (before in "《,、“(" and before != "") or (after in "》。,、;:)”" and after != "")

    def joined_line(self, line: PageLine) -> Squeezed:
        """A line as a squeezed text."""
        return self.squeezed(line.start, line.stop)

    def joined(self, first: int, last: int) -> Squeezed:
        """Return lines `first` up to, not including, `last` as one squeezed text."""
        last = min(last, len(self.lines))
        return self.squeezed(self.lines[first].start, self.lines[last - 1].stop)


def _pieces(visible: str, block: Block) -> Iterator[tuple[int, int]]:
    """Yield the lines of a header that is in one line with its speech.

    Otherwise the line itself.
    """
    start = block.start
    limit = min(block.stop, start + _RUN_TOGETHER)
    address = _ADDRESSED.search(visible, start, limit)
    if address is not None and address.start() > start:
        for end in _LOST_LINE_ENDS.finditer(visible, start, address.start()):
            if end.start() > start:
                yield start, end.start()
            start = end.end()
        if start < address.start():
            yield start, address.start()
        start = address.start()
    yield start, block.stop


def _prose(line: PageLine) -> int:
    """Return the characters of a line that is long and not a link."""
    length = line.stop - line.start
    return length if length >= _PROSE and 2 * line.block.link_chars <= length else 0

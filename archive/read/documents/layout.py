"""Turns positioned glyphs on pages into paragraphs in reading order.

A page format gives characters with their positions. From these come rows, columns, running heads
and feet, footnotes, and paragraphs, also across pages. Used for PDF, OFD and OCR.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from archive.known.genre import CLAUSE_ENDS, GREETS, NUMBERED
from archive.read.documents.found import NOTE, DocumentLine

_SAME_ROW: Final = 0.5
"""Share of the lower glyph's height by which two must overlap to be in one row."""
_SEGMENT_GAP: Final = 1.5
"""A gap of more ems ends a run of glyphs."""
_GUTTER: Final = 0.8
_LEAST_COLUMN: Final = 8.0
"""Width in ems of the narrowest column of prose; narrower columns belong to tables."""
_LEAST_ROWS: Final = 3
_MOST_SEGMENTS: Final = 1_500
"""The most pieces of a page of prose: some sixty rows in six columns, with figures in other
fonts."""
_MOST_CANDIDATES: Final = 16
"""The most positions tried for a cut of a page; a newspaper has six columns."""
_DEEPEST: Final = 40
"""The most nested cuts of a page; a newspaper needs a dozen."""
_FULL: Final = 1.3
"""Ems by which a full row may end before the edge of its column."""
_FULL_SHARE: Final = 0.45
_COUNTED_SHARE: Final = 0.35
_INDENT: Final = 1.2
_WIDE_LEADING: Final = 1.6
_USUAL_LEADING: Final = 2.0
"""Ems between rows if there are too few rows to measure."""
_ENOUGH_STEPS: Final = 4
_SPACE_GAP: Final = 0.9
_CELL_GAP: Final = 2.5
CELL: Final = "\t"
"""Separator for a gap as wide as those between table cells."""
_LATIN_GAP: Final = 0.22
_SMALL: Final = 0.92
_MARGIN: Final = 0.12
_EDGE: Final = 0.075
_REPEATED: Final = 3
_REPEATED_SHARE: Final = 0.3
_PLACE_PT: Final = 6.0

_PAGE_NUMBER: Final = re.compile(
    r"[-—–―·•.~\s]*(?:第\s*)?(?:\d{1,4}|[ivxlc]{1,6}|[一二三四五六七八九十]{1,4})\s*(?:页)?"
    r"(?:\s*[/,，]?\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–―·•.~\s]*"
)
_MARK: Final = re.compile(
    r"[①-⑳㉑-㉟㊱-㊿]|[\[〔【(（]\d{1,3}[\]〕】)）]|\d{1,3}(?=[\s.、．]|[^\W\d_])|[*＊※†]|注[:：]"
)
_SURE_MARK: Final = re.compile(r"[①-⑳㉑-㉟㊱-㊿]|[\[〔【]\d{1,3}[\]〕】]")
_LATIN: Final = re.compile(r"[!-~]")
_TOKEN: Final = re.compile(r"[!-~]+|.")
_SALUTATION: Final = re.compile(rf"(?:尊敬的)?(?:{GREETS})[^。]{{0,16}}[：:]")
_NUMBERED: Final = re.compile(NUMBERED)
_MARKS: Final = re.compile("[，。、；：！？,;:!?]")
_HANGING: Final = "，。、；：？！”’）》〉】〕…—,.;:?!)%％‰℃"


@dataclass(slots=True)
class Glyph:
    """A character, or several drawn as one, and its box; `top` counts downwards."""

    words: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Its height, which is near to the size of its font."""
        return max(self.bottom - self.top, 0.1)

    @property
    def middle(self) -> float:
        """Half its height."""
        return (self.top + self.bottom) / 2


@dataclass(slots=True)
class GlyphPage:
    """A page: its size, its glyphs in file order, and rotated words."""

    width: float
    height: float
    glyphs: list[Glyph]
    aslant: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """A visual row of one column; `column` is the column's index and the number of columns.

    `chars` counts what is drawn, including spaces: some programs wrap after a number of characters,
    however wide they are.
    """

    words: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    page: int
    chars: int = 0
    column: tuple[int, int] = (1, 0)

    @property
    def squeezed(self) -> str:
        """The words without white space."""
        return "".join(self.words.split())


@dataclass(frozen=True, slots=True)
class Laid:
    """The laid-out lines, and the number of pages whose order is in doubt."""

    lines: tuple[DocumentLine, ...]
    doubtful: int = 0


def lay_out(sheets: Sequence[GlyphPage]) -> Laid:
    """Return the paragraphs of all pages, then notes, then running heads and rotated words."""
    tall = [glyph.height for sheet in sheets for glyph in sheet.glyphs if glyph.words.strip()]
    if not tall and not any(sheet.aslant for sheet in sheets):
        return Laid(())
    body = median(tall) if tall else 1.0
    segments = [_segments(sheet.glyphs) for sheet in sheets]
    repeated = _repeated(segments, [sheet.height for sheet in sheets])
    gutters = _gutters(segments, body)
    asides: list[str] = []
    doubtful = 0
    pages: list[list[Row]] = []
    for number, (sheet, found) in enumerate(zip(sheets, segments, strict=True)):
        asides += [_words(s) for s in found if _key(s) in repeated]
        kept = [segment for segment in found if _key(segment) not in repeated]
        cut = _Cut(number, body, gutters)
        rows = cut.rows(kept)
        doubtful += cut.doubtful
        rows, edges = _without_page_numbers(rows, sheet.height)
        asides += edges
        asides += sheet.aslant
        pages.append(rows)
    texts, notes = _apart(pages, body)
    lines = [DocumentLine(words) for words in paragraphs(texts)]
    lines += [DocumentLine(words.strip(), NOTE) for words in paragraphs(notes, notes=True)]
    seen = dict.fromkeys(words.strip() for words in asides)
    lines += [DocumentLine(words, "margin", aside=True) for words in seen if words]
    return Laid(tuple(lines), doubtful)


def upright(glyphs: Sequence[Glyph], width: float) -> list[Glyph]:
    """Return vertically set glyphs, rotated so that their columns become rows."""
    return [Glyph(g.words, g.top, width - g.right, g.bottom, width - g.left) for g in glyphs]


def is_vertical(glyphs: Sequence[Glyph]) -> bool:
    """Whether most glyphs are below the previous one."""
    down = across = 0
    for one, other in pairwise(glyphs):
        size = max(one.height, other.height)
        if abs(one.left - other.left) < size * 0.3 and 0.5 < (other.top - one.top) / size < 2.5:  # noqa: PLR2004
            down += 1
        elif abs(one.top - other.top) < size * 0.5:
            across += 1
    return down > 10 and down > 2 * across  # noqa: PLR2004


@dataclass(slots=True, eq=False)
class GlyphRun:
    """Consecutive glyphs in the file that are adjacent on the page, and their extent."""

    glyphs: list[Glyph]
    left: float
    right: float

    @property
    def first(self) -> Glyph:
        """Its first glyph."""
        return self.glyphs[0]


def _segments(glyphs: Iterable[Glyph]) -> list[GlyphRun]:
    """Return the runs of the glyphs of a page."""
    found: list[GlyphRun] = []
    for glyph in glyphs:
        if found and _follows(found[-1].glyphs[-1], glyph):
            found[-1].glyphs.append(glyph)
            found[-1].right = max(found[-1].right, glyph.right)
        else:
            found.append(GlyphRun([glyph], glyph.left, glyph.right))
    return [each for each in found if any(glyph.words.strip() for glyph in each.glyphs)]


def _follows(last: Glyph, glyph: Glyph) -> bool:
    size = max(last.height, glyph.height)
    gap = glyph.left - last.right
    return -size < gap < _SEGMENT_GAP * size and _overlap(last, glyph) >= _SAME_ROW


def _overlap(one: Glyph, other: Glyph) -> float:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared / min(one.height, other.height)


def _words(segment: GlyphRun) -> str:
    return "".join(glyph.words for glyph in segment.glyphs)


def _key(segment: GlyphRun) -> tuple[str, int, int]:
    """What running heads have in common on each page: words without figures, and position."""
    words = re.sub(r"\d+", "#", "".join(_words(segment).split()))
    first = segment.first
    return words, round(first.left / _PLACE_PT), round(first.top / _PLACE_PT)


def _repeated(
    pages: Sequence[Sequence[GlyphRun]], heights: Sequence[float]
) -> set[tuple[str, int, int]]:
    """Return the segments at the same position of many pages; at a page edge, two pages suffice."""
    often: Counter[tuple[str, int, int]] = Counter()
    at_edge: Counter[tuple[str, int, int]] = Counter()
    for page, height in zip(pages, heights, strict=True):
        often.update({_key(segment) for segment in page})
        at_edge.update({_key(segment) for segment in page if _is_at_edge(segment, height)})
    least = max(_REPEATED, _REPEATED_SHARE * len(pages))
    few = max(2, _REPEATED_SHARE * len(pages))
    found = {key for key, count in often.items() if count >= least}
    found |= {key for key, count in at_edge.items() if count >= few}
    return {key for key in found if key[0] not in {"#", ""}}


def _is_at_edge(segment: GlyphRun, height: float) -> bool:
    edge = _EDGE * height
    return segment.first.bottom < edge or segment.first.top > height - edge


class _Band(list[GlyphRun]):
    """The segments at one height of a page, from left to right."""


def _bands(segments: Iterable[GlyphRun]) -> list[_Band]:
    found: list[_Band] = []
    for segment in sorted(segments, key=lambda s: s.first.middle):
        for band in reversed(found[-3:]):
            if _overlap(band[0].first, segment.first) >= _SAME_ROW:
                band.append(segment)
                break
        else:
            found.append(_Band([segment]))
    for band in found:
        band.sort(key=lambda segment: segment.left)
    return found


def _gutters(pages: Sequence[Sequence[GlyphRun]], em: float) -> list[float]:
    """Return where columns of prose are separated. A last page may be too short to decide alone."""
    found = (_columns(_bands(page), em, ()) for page in pages if len(page) <= _MOST_SEGMENTS)
    return [columns.place for columns in found if columns is not None]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The bands `first:stop` form two columns, separated at `place`."""

    first: int
    stop: int
    place: float


def _columns(bands: Sequence[_Band], em: float, known: Sequence[float]) -> _Columns | None:
    """Return the tallest block of two columns of prose, or None."""
    best: tuple[int, _Columns] | None = None
    for place in dict.fromkeys((*known, *_candidates(bands, em))):
        sure = any(abs(place - other) < em for other in known)
        for first, stop in _uncrossed(bands, place):
            both = [band for band in bands[first:stop] if _is_parted(band, place)]
            if len(both) < (1 if sure else _LEAST_ROWS) or (best and len(both) <= best[0]):
                continue
            if sure or _is_prose(bands[first:stop], place, em):
                best = len(both), _Columns(first, stop, place)
    return best[1] if best else None


def _candidates(bands: Iterable[_Band], em: float) -> Iterator[float]:
    """Return the middles of gaps that may separate columns.

    If there are very many, the commonest.
    """
    often: Counter[int] = Counter()
    places: dict[int, float] = {}
    for band in bands:
        for one, other in pairwise(band):
            if other.left - one.right >= _GUTTER * em:
                middle = (one.right + other.left) / 2
                often[round(middle / em)] += 1
                places.setdefault(round(middle / em), middle)
    yield from (places[key] for key, _ in often.most_common(_MOST_CANDIDATES))


def _uncrossed(bands: Sequence[_Band], place: float) -> Iterator[tuple[int, int]]:
    """Return the runs of bands that no segment crosses at `place`."""
    first = 0
    for at, band in enumerate(bands):
        if any(s.left < place - 1 and s.right > place + 1 for s in band):
            if at > first:
                yield first, at
            first = at + 1
    if len(bands) > first:
        yield first, len(bands)


def _is_parted(band: _Band, place: float) -> bool:
    return band[0].left < place <= band[-1].left


def _sides(bands: Iterable[_Band], place: float) -> tuple[list[GlyphRun], list[GlyphRun]]:
    segments = [segment for band in bands for segment in band]
    left = [segment for segment in segments if segment.left < place]
    return left, [segment for segment in segments if segment.left >= place]


def _is_prose(bands: Sequence[_Band], place: float, em: float) -> bool:
    """Whether both sides are columns of running text: wide, with mostly full rows."""
    return all(_is_column(side, em) for side in _sides(bands, place))


def _is_column(segments: Sequence[GlyphRun], em: float) -> bool:
    rows = _bands(segments)
    if len(rows) < _LEAST_ROWS:
        return False
    left = min(row[0].left for row in rows)
    right = max(row[-1].right for row in rows)
    full = sum(row[-1].right >= right - _FULL * em for row in rows)
    counted = _wrapped_after([sum(len(each.glyphs) for each in row) for row in rows])
    return right - left >= _LEAST_COLUMN * em and (
        full >= _FULL_SHARE * len(rows) or counted is not None
    )


def _wrapped_after(counts: Sequence[int]) -> int | None:
    """Return after how many characters rows were wrapped, or None if wrapped by width."""
    most, often = Counter(counts).most_common(1)[0]
    longest = max(counts)
    if often < _LEAST_ROWS or often < _COUNTED_SHARE * len(counts) or most < longest:
        return None
    return most


class _Cut:
    """Splits one page into columns and those into rows, in reading order."""

    def __init__(self, page: int, em: float, gutters: Sequence[float]) -> None:
        self.doubtful = False
        self._page = page
        self._em = em
        self._gutters = gutters

    def rows(self, segments: Sequence[GlyphRun]) -> list[Row]:
        """Return the rows of a page. A page of very many pieces is not searched for columns."""
        depth = 0 if len(segments) <= _MOST_SEGMENTS else _DEEPEST
        return list(self._rows(segments, (1, 0), depth))

    def _rows(
        self, segments: Sequence[GlyphRun], column: tuple[int, int], depth: int
    ) -> Iterator[Row]:
        bands = _bands(segments)
        found = _columns(bands, self._em, self._gutters) if depth < _DEEPEST else None
        if found is None:
            self.doubtful = self.doubtful or self._in_doubt(bands)
            for band in bands:
                yield self._row(band, column)
            return
        above, below = bands[: found.first], bands[found.stop :]
        yield from self._rows([s for band in above for s in band], column, depth + 1)
        parted = _sides(bands[found.first : found.stop], found.place)
        of, at = column
        for side, inside in enumerate(parted):
            yield from self._rows(inside, (of + 1, 2 * at + side), depth + 1)
        yield from self._rows([s for band in below for s in band], column, depth + 1)

    def _in_doubt(self, bands: Sequence[_Band]) -> bool:
        """Whether rows have two wide pieces of prose side by side without any columns found."""
        wide = [
            band for band in bands
            if sum(s.right - s.left >= _LEAST_COLUMN * self._em for s in band) > 1
        ]  # fmt: skip
        return len(wide) >= _LEAST_ROWS

    def _row(self, band: _Band, column: tuple[int, int]) -> Row:
        glyphs = sorted((g for segment in band for g in segment.glyphs), key=lambda g: g.left)
        shown = [glyph for glyph in glyphs if glyph.words.strip()]
        return Row(
            _spaced(_once(glyphs)), shown[0].left, max(g.right for g in shown),
            min(g.top for g in shown), max(g.bottom for g in shown),
            median(g.height for g in shown), self._page, len(glyphs), column,
        )  # fmt: skip


def _once(glyphs: Sequence[Glyph]) -> Iterator[Glyph]:
    """Drop glyphs drawn twice to look bold."""
    last: Glyph | None = None
    for glyph in glyphs:
        if last is not None and glyph.words == last.words and (
            abs(glyph.left - last.left) < glyph.height * 0.25 and _overlap(last, glyph) > _SAME_ROW
        ):  # fmt: skip
            continue
        last = glyph
        yield glyph


def _spaced(glyphs: Iterable[Glyph]) -> str:
    """Return the words of a row, with a space where there is room for one."""
    pieces: list[str] = []
    last: Glyph | None = None
    for glyph in glyphs:
        if last is not None and last.words.strip() and glyph.words.strip():
            latin = _LATIN.match(last.words) and _LATIN.match(glyph.words)
            least = (_LATIN_GAP if latin else _SPACE_GAP) * glyph.height
            gap = glyph.left - last.right
            if gap > least:
                pieces.append(CELL if gap > _CELL_GAP * glyph.height else " ")
        pieces.append(glyph.words)
        last = glyph
    return "".join(pieces).strip()


def _without_page_numbers(rows: list[Row], height: float) -> tuple[list[Row], list[str]]:
    """Separate page numbers at the upper and lower edge from the other rows."""
    if not rows:
        return rows, []
    edges = {id(min(rows, key=lambda row: row.top)), id(max(rows, key=lambda row: row.bottom))}
    taken = [
        row for row in rows
        if id(row) in edges and _PAGE_NUMBER.fullmatch(row.words) and len(rows) > 1
        and (row.top < _MARGIN * height or row.bottom > (1 - _MARGIN) * height)
    ]  # fmt: skip
    numbers = {id(row) for row in taken}
    return [row for row in rows if id(row) not in numbers], [row.words for row in taken]


def _apart(pages: Sequence[list[Row]], body: float) -> tuple[list[Row], list[Row]]:
    """Separate the rows of the text from those of footnotes."""
    texts: list[Row] = []
    notes: list[Row] = []
    open_note = False
    for rows in pages:
        first = _first_note(rows, body, goes_on=open_note)
        open_note = first < len(rows)
        below = {id(row) for row in rows[first:]}
        texts += [row for row in rows if id(row) not in below]
        notes += rows[first:]
    return texts, notes


def _first_note(rows: Sequence[Row], body: float, *, goes_on: bool) -> int:
    """Return the index of the first footnote row of a page, or the number of rows."""
    small = len(rows)
    while small and rows[small - 1].size <= _SMALL * body:
        small -= 1
    if small:  # a page entirely in small type has no notes
        for at in range(small, len(rows)):
            if _MARK.match(rows[at].words) or (goes_on and at == small):
                return at
    for at in range(len(rows) - 1, 0, -1):
        mark = _SURE_MARK.match(rows[at].words)
        gap = rows[at].top - rows[at - 1].bottom
        if mark and gap > rows[at].size * _WIDE_LEADING and any(
            mark[0] in row.words[1:] for row in rows[:at]
        ):  # fmt: skip
            return at
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Measure:
    left: float
    right: float
    leading: float
    chars: int | None = None


def paragraphs(rows: Sequence[Row], *, notes: bool = False) -> Iterator[str]:
    """Join the words of the rows of each paragraph."""
    measures = _measures(rows)
    words = ""
    last: Row | None = None
    for row in rows:
        begins = last is None or _begins(last, row, measures)
        if notes and last is not None:
            begins = bool(_MARK.match(row.words)) or (begins and not _is_full(last, row, measures))
        if begins and words:
            yield words
            words = ""
        words = f"{words}{_joint(words, row.words)}{row.words}"
        last = row
    if words:
        yield words


def _joint(before: str, after: str) -> str:
    """Return a space between Latin words of two rows, nothing between other characters."""
    if before and after and before[-1].isascii() and after[0].isascii():
        return " " if before[-1].isalpha() and after[0].isalpha() else ""
    return ""


def _measures(rows: Sequence[Row]) -> dict[tuple[int, int], _Measure]:
    """Measure where the rows of each column begin and end, and their distance."""
    by_column: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        by_column.setdefault(row.column, []).append(row)
    return {column: _measure(found) for column, found in by_column.items()}


def _measure(rows: Sequence[Row]) -> _Measure:
    em = median(row.size for row in rows)
    lefts = Counter(round(row.left / em * 2) for row in rows)
    common = max(lefts.values())
    left = min(place for place, count in lefts.items() if count * 5 >= common) * em / 2
    rights = sorted(row.right for row in rows)
    right = rights[min(len(rights) - 1, int(len(rights) * 0.95))]
    steps = sorted(
        below.top - above.top
        for above, below in pairwise(rows)
        if above.page == below.page and below.top > above.top
    )
    leading = steps[len(steps) // 4] if steps else _USUAL_LEADING * em
    if len(steps) < _ENOUGH_STEPS:
        leading = min(leading, _USUAL_LEADING * em)
    chars = _wrapped_after([row.chars for row in rows])
    return _Measure(left, right, leading, chars)


def _begins(last: Row, row: Row, measures: dict[tuple[int, int], _Measure]) -> bool:
    """Whether `row` begins a paragraph, given the previous row `last`."""
    measure = measures[row.column]
    em = row.size
    if CELL in last.words or CELL in row.words:
        return True
    if abs(row.size - last.size) > 0.15 * max(row.size, last.size):
        return True
    if row.left > measure.left + _INDENT * em or _opens(row.words, last.words):
        return True
    step = row.top - last.top
    if (
        row.page == last.page
        and row.column == last.column
        and step > _WIDE_LEADING * measure.leading
    ):
        return True
    return not _is_full(last, row, measures)


def _opens(words: str, before: str) -> bool:
    """Whether words that begin a row open a paragraph: a salutation or a heading."""
    if _SALUTATION.fullmatch(words):
        return True
    ended = before[-1:] in CLAUSE_ENDS or not _MARKS.search(before)
    return ended and _NUMBERED.match(words) is not None


def _is_full(last: Row, row: Row, measures: dict[tuple[int, int], _Measure]) -> bool:
    """Whether `last` reaches the end of its column, so that its paragraph may continue."""
    measure = measures[last.column]
    if measure.chars is not None and last.chars >= measure.chars:
        return True
    token = _TOKEN.match(row.words)
    first = token[0] if token else ""
    room = sum(0.55 if char.isascii() else 1.0 for char in first)
    hanging = 1.0 if row.words[len(first) : len(first) + 1] in _HANGING and first else 0.0
    return last.right + (room + hanging + 0.3) * last.size >= measure.right

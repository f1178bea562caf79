"""The binary Word format ([MS-DOC], Word 97 to 2003 and WPS): its text, stories and properties.

The text is stored in pieces, and positions in it (CP) count UTF-16 units. Properties of characters
and paragraphs are found by the position of a piece in the file (FC).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Final

from archive.read.documents.word.numbering import Counter, Level, label

_MAGIC: Final = 0xA5EC
WORD_97: Final = 0x00C1
_STREAM_1, _ENCRYPTED = 0x0200, 0x0100
_PAGE: Final = 512
_OPERANDS: Final = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_DELETED, _VANISH, _SYMBOL = 0x0800, 0x083C, 0x6A09
_IN_TABLE, _ROW_END, _LEVEL, _LIST = 0x2416, 0x2417, 0x260A, 0x460B
_DEFINES_TABLE: Final = 0xD608
_MOST_PIECES: Final = 1_000_000

STORIES: Final = ("text", "notes", "headers", "macros", "comments", "endnotes", "boxes")
_LENGTHS_AT: Final = 0x4C
_PAIRS_AT: Final = 0x9A
_STYLES, _NOTE_REFS, _NOTES, _CHARS, _PARAGRAPHS, _TEXT = 1, 2, 3, 12, 13, 33
_END_REFS, _ENDS, _LISTS, _USES = 46, 47, 73, 74

FORMATS: Final = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter",
    10: "ideographDigital", 11: "japaneseCounting", 14: "decimalFullWidth", 16: "japaneseLegal",
    18: "decimalEnclosedCircle", 19: "decimalFullWidth2", 22: "decimalZero", 23: "bullet",
    26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese", 29: "ideographEnclosedCircle", 30: "ideographTraditional",
    31: "ideographZodiac", 33: "taiwaneseCounting", 34: "ideographLegalTraditional",
    35: "taiwaneseCountingThousand", 36: "taiwaneseDigital", 37: "chineseCounting",
    38: "chineseLegalSimplified", 39: "chineseCountingThousand", 255: "none",
}  # fmt: skip
"""Number format codes (MSONFC) and their names in ECMA-376."""

_FOLLOW: Final = {0: "tab", 1: "space", 2: "nothing"}

Range = tuple[int, int]


class Encrypted(Exception):  # noqa: N818  (it is an outcome)
    """The text needs a password."""


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    stop: int
    place: int
    width: int


@dataclass(frozen=True, slots=True)
class ParagraphProperties:
    """The properties of a paragraph: its style, list, level, and place in a table."""

    style: int = 0
    use: int | None = None
    depth: int | None = None
    in_table: bool = False
    row_end: bool = False


@dataclass(slots=True)
class Binary:
    """A Word file: its characters, one for each UTF-16 unit, and their properties.

    Args:
        main: the stream `WordDocument`.
        tables: the streams `0Table` and `1Table`.

    Raises:
        struct.error, IndexError, ValueError: it is damaged.
        Encrypted: it needs a password.
    """

    main: bytes
    tables: tuple[bytes, bytes]
    units: list[str] = field(default_factory=list)
    stories: dict[str, Range] = field(default_factory=dict)
    deleted: list[Range] = field(default_factory=list)
    hidden: list[Range] = field(default_factory=list)
    symbols: dict[int, str] = field(default_factory=dict)
    _pieces: list[_Piece] = field(default_factory=list)
    _table: bytes = b""
    _papx: list[tuple[int, int, ParagraphProperties]] = field(default_factory=list)

    def __post_init__(self) -> None:
        magic, version = struct.unpack_from("<HH", self.main)
        flags = struct.unpack_from("<H", self.main, 0x0A)[0]
        if magic != _MAGIC or version < WORD_97:
            raise ValueError(f"no Word 97 file ({magic:04x}, version {version})")
        if flags & _ENCRYPTED:
            raise Encrypted
        self._table = self.tables[bool(flags & _STREAM_1)]
        self._read_pieces()
        self._read_stories()
        self._read_characters()
        self._papx = sorted(self._read_paragraphs(), key=lambda each: each[0])

    def paragraph(self, end: int) -> ParagraphProperties:
        """Return the properties of the paragraph whose mark is the unit `end`."""
        place = self._place(end)
        at = bisect_right(self._papx, place, key=lambda each: each[0]) - 1
        if at < 0 or place >= self._papx[at][1]:
            return ParagraphProperties()
        return self._papx[at][2]

    def notes(self) -> tuple[list[int], list[Range]]:
        """Return where footnotes, then endnotes, are referenced in the text, and where they are."""
        references: list[int] = []
        bodies: list[Range] = []
        for refs, texts, story in (
            (_NOTE_REFS, _NOTES, "notes"), (_END_REFS, _ENDS, "endnotes"),
        ):  # fmt: skip
            first, stop = self.stories[story]
            if first == stop:
                continue
            found = _positions(self._part(refs), 2)[:-1]
            starts = _positions(self._part(texts), 0)
            references += found
            bodies += [(first + a, first + b) for a, b in islice(pairwise(starts), len(found))]
        return references, bodies

    def words(self, start: int, stop: int) -> str:
        """Return the characters of some units, with surrogates joined."""
        packed = "".join(self.units[start:stop]).encode("utf-16-le", "surrogatepass")
        return packed.decode("utf-16-le", "replace")

    def lists(self) -> Lists:
        """The automatic numbers of its paragraphs."""
        return Lists(self._part(_LISTS), self._part(_USES), self._table, self._pair(_LISTS),
                     self._part(_STYLES))  # fmt: skip

    def _pair(self, number: int) -> tuple[int, int]:
        return struct.unpack_from("<II", self.main, _PAIRS_AT + 8 * number)

    def _part(self, number: int) -> bytes:
        place, size = self._pair(number)
        return self._table[place : place + size]

    def _read_pieces(self) -> None:
        clx = self._part(_TEXT)
        at = 0
        while clx[at] == 1:
            at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
        size = struct.unpack_from("<I", clx, at + 1)[0]
        table = clx[at + 5 : at + 5 + size]
        count = (len(table) - 4) // 12
        if clx[at] != 2 or not 0 < count < _MOST_PIECES:  # noqa: PLR2004
            raise ValueError("no table of pieces")
        starts = struct.unpack_from(f"<{count + 1}I", table)
        for number in range(count):
            packed = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)[0]
            narrow = bool(packed & 0x40000000)
            place = (packed & 0x3FFFFFFF) // (2 if narrow else 1)
            self._add(_Piece(starts[number], starts[number + 1], place, 1 if narrow else 2))

    def _add(self, piece: _Piece) -> None:
        size = piece.stop - piece.start
        content = self.main[piece.place : piece.place + size * piece.width]
        if size < 0 or piece.start != len(self.units) or len(content) != size * piece.width:
            raise ValueError("a piece of the text is not there")
        if piece.width == 1:
            self.units += content.decode("cp1252", "replace")
        else:
            self.units += map(chr, struct.unpack(f"<{size}H", content))
        self._pieces.append(piece)

    def _read_stories(self) -> None:
        reached = 0
        for name, length in zip(
            STORIES, struct.unpack_from("<7i", self.main, _LENGTHS_AT), strict=True
        ):
            stop = min(reached + max(length, 0), len(self.units))
            self.stories[name] = (reached, stop)
            reached = stop

    def _place(self, unit: int) -> int:
        at = bisect_right(self._pieces, unit, key=lambda piece: piece.start) - 1
        piece = self._pieces[max(at, 0)]
        return piece.place + (unit - piece.start) * piece.width

    def _units_of(self, first: int, stop: int) -> Iterator[Range]:
        """Return the units between two positions of the file."""
        for piece in self._pieces:
            size = (piece.stop - piece.start) * piece.width
            low, high = max(first, piece.place), min(stop, piece.place + size)
            if low < high:
                yield (piece.start + (low - piece.place) // piece.width,
                       piece.start + -(-(high - piece.place) // piece.width))  # fmt: skip

    def _runs(self, number: int) -> Iterator[tuple[int, int, bytes, int]]:
        """Yield first and last position, page and property position of each run."""
        part = self._part(number)
        count = (len(part) - 4) // 8
        pages = struct.unpack_from(f"<{count}I", part, 4 * (count + 1)) if count > 0 else ()
        step = 1 if number == _CHARS else 13
        for page_number in pages:
            start = (page_number & 0x3FFFFF) * _PAGE
            page = self.main[start : start + _PAGE]
            if len(page) < _PAGE:
                raise ValueError("a page of properties is not there")
            runs = page[_PAGE - 1]
            places = struct.unpack_from(f"<{runs + 1}I", page)
            for run in range(runs):
                offset = page[4 * (runs + 1) + step * run] * 2
                yield places[run], places[run + 1], page, offset

    def _read_characters(self) -> None:
        for first, stop, page, offset in self._runs(_CHARS):
            if not offset:
                continue
            properties = dict(sprms(page[offset + 1 : offset + 1 + page[offset]]))
            for which, ranges in ((_DELETED, self.deleted), (_VANISH, self.hidden)):
                if properties.get(which, b"\0")[:1] in {b"\x01", b"\x81"}:
                    ranges.extend(self._units_of(first, stop))
            if (symbol := properties.get(_SYMBOL)) is not None:
                for start, _ in self._units_of(first, stop):
                    self.symbols[start] = chr(struct.unpack_from("<H", symbol, 2)[0])

    def _read_paragraphs(self) -> Iterator[tuple[int, int, ParagraphProperties]]:
        for first, stop, page, offset in self._runs(_PARAGRAPHS):
            if not offset:
                continue
            size = page[offset]
            start, size = (
                (offset + 2, page[offset + 1] * 2) if not size else (offset + 1, 2 * size - 1)
            )
            yield first, stop, paragraph_of(page[start : start + size])


def paragraph_of(properties: bytes) -> ParagraphProperties:
    """Return a paragraph's style number, then the properties that differ from the style."""
    if len(properties) < 2:  # noqa: PLR2004
        return ParagraphProperties()
    style = struct.unpack_from("<H", properties)[0]
    found = dict(sprms(properties[2:]))
    use, depth = found.get(_LIST), found.get(_LEVEL)
    return ParagraphProperties(
        style,
        None if use is None else struct.unpack("<h", use)[0],
        None if depth is None else depth[0],
        found.get(_IN_TABLE) == b"\x01",
        found.get(_ROW_END) == b"\x01",
    )


def sprms(properties: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield single properties with their operands; truncated ones are skipped."""
    at = 0
    while at + 2 <= len(properties):
        which = struct.unpack_from("<H", properties, at)[0]
        at += 2
        size = _OPERANDS.get(which >> 13)
        if size is None:
            if which == _DEFINES_TABLE:
                size = struct.unpack_from("<H", properties.ljust(at + 2, b"\0"), at)[0] + 1
            else:
                size = properties[at] + 1 if at < len(properties) else 1
        operand = properties[at : at + size]
        at += size
        if len(operand) == size:
            yield which, operand


def _positions(part: bytes, width: int) -> list[int]:
    """Return the positions of a position table whose entries have `width` bytes of data."""
    count = (len(part) - 4) // (4 + width)
    return list(struct.unpack_from(f"<{count + 1}I", part)) if count > 0 else []


class Lists:
    """The labels of paragraphs, to be requested in text order."""

    def __init__(
        self, lists: bytes, uses: bytes, table: bytes, where: tuple[int, int], styles: bytes
    ) -> None:
        self._levels: dict[int, dict[int, Level]] = {}
        self._uses: list[tuple[int, dict[int, int], dict[int, Level]]] = []
        self._styles: dict[int, tuple[int, ParagraphProperties]] = {}
        self._counters: dict[int, Counter] = {}
        self._begun: set[int] = set()
        if lists:
            self._read_lists(lists, table, sum(where))
        if uses:
            self._read_uses(uses)
        if styles:
            self._read_styles(styles)

    def label(self, paragraph: ParagraphProperties) -> str:
        """Return the label of a paragraph, or an empty string, and count it."""
        number, depth = self._of(paragraph)
        if number is None or not 0 < number <= len(self._uses):
            return ""
        of, starts, others = self._uses[number - 1]
        levels = {**self._levels.get(of, {}), **others}
        if depth not in levels:
            return ""
        counter = self._counters.setdefault(of, Counter())
        if number not in self._begun:
            self._begun.add(number)
            for at, start in starts.items():
                counter.reached[at] = start - 1
        return label(levels[depth], counter.next(depth, levels), levels)

    def _of(self, paragraph: ParagraphProperties) -> tuple[int | None, int]:
        use, depth, style = paragraph.use, paragraph.depth, paragraph.style
        for _ in range(20):  # styles based on each other
            if use is not None or style not in self._styles:
                break
            style, inherited = self._styles[style]
            use = inherited.use
            depth = inherited.depth if depth is None else depth
        return use, depth or 0

    def _read_lists(self, part: bytes, table: bytes, behind: int) -> None:
        count = struct.unpack_from("<H", part)[0]
        at = behind
        for number in range(count):
            start = 2 + 28 * number
            identity = struct.unpack_from("<i", part, start)[0]
            levels = self._levels.setdefault(identity, {})
            for depth in range(1 if part[start + 26] & 1 else 9):
                levels[depth], at = _level(table, at)

    def _read_uses(self, part: bytes) -> None:
        count = struct.unpack_from("<I", part)[0]
        at = 4 + 16 * count
        for number in range(count):
            start = 4 + 16 * number
            identity = struct.unpack_from("<i", part, start)[0]
            starts: dict[int, int] = {}
            others: dict[int, Level] = {}
            at += 4
            for _ in range(part[start + 12]):
                first, bits = struct.unpack_from("<iI", part, at)
                at += 8
                if bits & 0x20:
                    others[bits & 0xF], at = _level(part, at)
                elif bits & 0x10:
                    starts[bits & 0xF] = first
            self._uses.append((identity, starts, others))

    def _read_styles(self, part: bytes) -> None:
        head = struct.unpack_from("<H", part)[0]
        count, base = struct.unpack_from("<HH", part, 2)
        at = 2 + head
        for number in range(count):
            size = struct.unpack_from("<H", part, at)[0]
            style = part[at + 2 : at + 2 + size]
            at += 2 + size + size % 2
            if size:
                self._add_style(number, style, base)

    def _add_style(self, number: int, style: bytes, base: int) -> None:
        kind = struct.unpack_from("<H", style, 2)[0]
        if kind & 0xF != 1:  # not a paragraph style
            return
        name = struct.unpack_from("<H", style, base)[0]
        at = base + 2 + 2 * name + 2
        size = struct.unpack_from("<H", style, at)[0]
        self._styles[number] = (kind >> 4, paragraph_of(style[at + 2 : at + 2 + size]))


def _level(table: bytes, at: int) -> tuple[Level, int]:
    """Read the level at `at`; also returns where the next one begins."""
    start, number, bits = struct.unpack_from("<iBB", table, at)
    follow = table[at + 15]
    chars, paragraphs, restarts, _ = struct.unpack_from("<BBBB", table, at + 24)
    words_at = at + 28 + chars + paragraphs
    size = struct.unpack_from("<H", table, words_at)[0]
    words = struct.unpack_from(f"<{size}H", table, words_at + 2)
    text = "".join(f"%{unit + 1}" if unit < 9 else chr(unit) for unit in words)  # noqa: PLR2004
    level = Level(
        start, FORMATS.get(number, "decimal"), text, legal=bool(bits & 0x4),
        restarts=restarts if bits & 0x8 else None, follow=_FOLLOW.get(follow, "tab"),
    )  # fmt: skip
    return level, words_at + 2 + 2 * size

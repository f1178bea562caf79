"""Turns PDF into paragraphs with pypdfium2, from the position of each character (see `layout`).

pdfium's own order of characters misplaced the curly quotes of a text in two fonts (286 edits in
14,847); its positions are reliable. It omits text whose glyphs it cannot draw. For such pages
pdfminer.six is used, which is slower and draws nothing. No external program is used: without
poppler-data, pdftotext returns nothing for Chinese text and exits with 0.
"""

from __future__ import annotations

import ctypes
import io
import logging
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, Final

from archive.known import Knowledge
from archive.model import Flag
from archive.read.documents.found import ReadDocument, Unreadable, document_flag, has_words, how_to
from archive.read.documents.layout import Glyph, GlyphPage, is_vertical, lay_out, upright
from archive.read.documents.plausible import why_no_text

MAX_PAGES: Final = 2_000
MOST_UNMAPPED: Final = 0.3
"""Share of unmapped characters from which a page has no text."""
LARGE_PICTURE: Final = 0.25
"""Share of a page from which a picture may contain a page of words."""
FEW_CHARS: Final = 30
"""The most characters beside a large picture that are a page number or a stamp, not its text."""
PICTURES: Final = "pictures"
"""Reasons for a page without text that OCR may resolve."""
_PAGES_NAMED: Final = 20
_QUARTER: Final = math.pi / 2
_ASLANT: Final = 0.1
_MOST_COMPARED: Final = 5_000_000
_NO_WIDTH: Final = 0.01
_NO_ROOM, _ROOM = 0.1, 0.6
"""Between these ems behind its place, a glyph that was drawn there would stand."""


Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass(slots=True)
class PageOf:
    """One page of a PDF: its glyphs, or the reason why it has no text."""

    sheet: GlyphPage
    unmapped: int = 0
    undrawn: int = 0
    pictures: int = 0
    vertical: bool = False
    why_not: str = ""

    @property
    def chars(self) -> int:
        """Its characters, without white space and unmapped ones."""
        words = "".join(glyph.words for glyph in self.sheet.glyphs)
        return len("".join(words.split())) - self.unmapped

    @property
    def is_doubtful(self) -> bool:
        """Whether characters may be missing or invalid."""
        return bool(self.undrawn or self.unmapped or self.is_garbled)

    @property
    def is_garbled(self) -> bool:
        """Whether its characters are not text."""
        return self.why_not not in {"", PICTURES}


@dataclass(slots=True)
class PdfContent:
    """All pages of a PDF; `pages_unread` are their numbers (from 1) with the reasons."""

    pages: list[PageOf] = field(default_factory=list)
    how: str = ""

    @property
    def chars(self) -> int:
        """The number of characters of the pages with text."""
        read = (page for page in self.pages if not page.why_not)
        return sum(page.chars for page in read)

    @property
    def is_doubtful(self) -> bool:
        """Whether characters may be missing or invalid."""
        return any(page.is_doubtful for page in self.pages)

    @property
    def pages_unread(self) -> dict[int, str]:
        """The pages without readable text."""
        return {n: page.why_not for n, page in enumerate(self.pages, 1) if page.why_not}

    def flags(self, doubtful: int) -> Iterator[Flag]:
        """Flags with counts for what is missing or in doubt."""
        if unread := self.pages_unread:
            named = ", ".join(f"{n} ({why})" for n, why in list(unread.items())[:_PAGES_NAMED])
            more = " …" if len(unread) > _PAGES_NAMED else ""
            yield document_flag(
                "pages_unread", f"{len(unread)} of {len(self.pages)} pages not read: {named}{more}"
            )
        read = [page for page in self.pages if not page.why_not]
        if unmapped := sum(page.unmapped for page in read):
            yield document_flag(
                "unmapped_glyphs", f"{unmapped} glyphs have no character; shown as U+FFFD"
            )
        if pictures := sum(page.pictures for page in read):
            yield document_flag("pictures_unread", f"{pictures} large pictures are not read")
        if vertical := sum(page.vertical for page in read):
            yield document_flag("vertical_text", f"{vertical} pages are set from top to bottom")
        if doubtful:
            words = f"{doubtful} pages have prose side by side that is no pair of columns"
            yield document_flag("reading_order", words)


def read_pdf(payload: bytes, knowledge: Knowledge | None = None) -> ReadDocument:
    """Read the paragraphs of all pages, then notes, then running heads and page numbers.

    Args:
        payload: the bytes.
        knowledge: if set, pages without text are read from their pictures by OCR.

    Raises:
        Unreadable: damaged, encrypted, too long or without a text layer, or no reader is installed.
    """
    if not find_spec("pypdfium2"):
        raise Unreadable("reading PDF needs pypdfium2: pip install 'baogao[documents]'")
    reading = _fuller(pages_of(payload), payload)
    pictures = _worth_a_look(reading, payload) if knowledge is not None else []
    if knowledge is not None and pictures:
        return _seen(reading, payload, pictures, knowledge)
    laid = lay_out([page.sheet for page in reading.pages if not page.why_not])
    if not has_words(laid.lines):
        raise Unreadable(_why_nothing(reading))
    return ReadDocument(laid.lines, "pdf", reading.how, tuple(reading.flags(laid.doubtful)))


def _worth_a_look(reading: PdfContent, payload: bytes) -> list[int]:
    """Return the pages without text that OCR can read: scans, and glyphs of embedded fonts.

    Glyphs of a font that is not embedded are drawn in another font and mean nothing.
    """
    import pypdfium2  # noqa: PLC0415

    unread = reading.pages_unread
    found = [number for number, why in unread.items() if why == PICTURES]
    if len(found) < len(unread):
        document = pypdfium2.PdfDocument(payload)
        try:
            found += [n for n in unread if n not in found and _has_its_fonts(document[n - 1])]
        finally:
            document.close()
    return sorted(found)


def _has_its_fonts(page: Any) -> bool:
    from pypdfium2 import raw  # noqa: PLC0415

    texts = page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=5)
    fonts = (raw.FPDFTextObj_GetFont(each.raw) for each in texts)
    return all(raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)


def _seen(
    reading: PdfContent, payload: bytes, numbers: Sequence[int], knowledge: Knowledge
) -> ReadDocument:
    """Return the document with the words read from these pages."""
    from archive.read.ocr.pages import found_of, sight  # noqa: PLC0415  (needs an extra)

    seen, eye = sight(knowledge)
    for number, picture in _drawn(payload, numbers):
        sheet = seen.look(eye, picture, number)
        page = reading.pages[number - 1]
        page.sheet, page.why_not = _in_points(sheet, page.sheet), ""
        page.unmapped = page.pictures = 0
    laid = lay_out([page.sheet for page in reading.pages if not page.why_not])
    return found_of(laid, seen, tuple(reading.flags(laid.doubtful)), how=reading.how)


def _drawn(payload: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """Draw pages as pictures, by their numbers from 1."""
    import pypdfium2  # noqa: PLC0415

    from archive.read.ocr.pages import POINTS  # noqa: PLC0415

    document = pypdfium2.PdfDocument(payload)
    try:
        for number in numbers:
            page = document[number - 1]
            scale = POINTS / max(*page.get_size(), 1)
            yield number, page.render(scale=scale).to_pil()
    finally:
        document.close()


def _in_points(sheet: GlyphPage, page: GlyphPage) -> GlyphPage:
    """Convert OCR results to the units of the page, so that rows continue on other pages."""
    scale = max(page.width, page.height) / max(sheet.width, sheet.height, 1)
    for glyph in sheet.glyphs:
        glyph.left, glyph.right = glyph.left * scale, glyph.right * scale
        glyph.top, glyph.bottom = glyph.top * scale, glyph.bottom * scale
    return GlyphPage(sheet.width * scale, sheet.height * scale, sheet.glyphs, sheet.aslant)


def _fuller(reading: PdfContent, payload: bytes) -> PdfContent:
    """Return whichever reading has more characters of text, the first if equal."""
    if not reading.is_doubtful or not find_spec("pdfminer"):
        return reading
    other = second_reading(payload, reading)
    fuller = {n: page for n, page in other.items() if _is_fuller(page, reading.pages[n])}
    if not any(page.chars for page in fuller.values()):
        return reading
    pages = [fuller.get(number, page) for number, page in enumerate(reading.pages)]
    named = ", ".join(str(number + 1) for number in sorted(fuller)[:_PAGES_NAMED])
    how = f"{reading.how}; pdfminer.six {version('pdfminer.six')} on pages {named}"
    return PdfContent(pages, how)


def _is_fuller(page: PageOf, first: PageOf) -> bool:
    return page.chars > first.chars or first.is_garbled


def _why_nothing(reading: PdfContent) -> str:
    reasons = sorted(set(reading.pages_unread.values()))
    if not reasons:
        return "the PDF has no words: its pages are blank"
    why = f"the PDF has no text that can be read: its pages are {' or '.join(reasons)}"
    return how_to(why)


def second_reading(payload: bytes, first: PdfContent) -> dict[int, PageOf]:
    """Read the doubtful pages with pdfminer.six, by numbers from 0; empty if it fails."""
    from pdfminer.high_level import extract_pages  # noqa: PLC0415  (an extra)
    from pdfminer.layout import LTChar  # noqa: PLC0415

    def chars(item: Any) -> Iterator[Char]:
        for each in item:
            if isinstance(each, LTChar):
                yield from _miner_char(each)
            elif hasattr(each, "__iter__"):
                yield from chars(each)

    wanted = [number for number, page in enumerate(first.pages) if page.is_doubtful]
    made: dict[int, PageOf] = {}
    logging.getLogger("pdfminer").setLevel(
        logging.CRITICAL
    )  # it warns about what we report as a flag
    try:
        pages = extract_pages(io.BytesIO(payload), page_numbers=wanted, laparams=None)
        for number, page in zip(wanted, pages, strict=False):
            made[number] = page_from(list(chars(page)), page.bbox, ())
            made[number].pictures = first.pages[number].pictures
    except Exception:  # noqa: BLE001  (it raises anything over damaged files; the first one stands)
        return {}
    return made


def _miner_char(each: Any) -> Iterator[Char]:
    words = each.get_text()
    if words.startswith("(cid:"):
        words = "\ufffd"
    left, bottom, right, top = each.bbox
    angle = math.atan2(each.matrix[1], each.matrix[0]) % (4 * _QUARTER)
    width = (right - left) / max(len(words), 1)
    for at, char in enumerate(words):
        code = ord(char)
        sound = "\ufffd" if _is_no_character(code) else " " if code < ord(" ") else char
        yield Char(sound, left + at * width, bottom, left + (at + 1) * width, top, angle)


def pages_of(payload: bytes) -> PdfContent:
    """Return the glyphs of all pages.

    Raises:
        Unreadable: damaged, encrypted or too long.
    """
    import pypdfium2  # noqa: PLC0415  (an extra)

    _without_system_fonts()
    try:
        document = pypdfium2.PdfDocument(payload)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the PDF cannot be opened: {error}") from error
    try:
        if len(document) > MAX_PAGES:
            raise Unreadable(f"the PDF has {len(document)} pages, more than {MAX_PAGES}")
        how = f"pypdfium2 {version('pypdfium2')}"
        return PdfContent([_page_of(page) for page in document], how)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the PDF is damaged: {error}") from error
    finally:
        document.close()


def _page_of(page: Any) -> PageOf:
    left, bottom, right, top = page.get_mediabox()
    areas, places = _objects(page)
    chars = list(_chars(page))
    found = page_from(chars, (left, bottom, right, top), areas)
    few = len(places) * len(chars) <= _MOST_COMPARED
    found.undrawn = sum(not _is_taken(place, chars) for place in places) if few else len(places)
    return found


def _is_taken(place: tuple[float, float], chars: Sequence[Char]) -> bool:
    """Whether other characters occupy the place of a glyph, which is then a space."""
    x, y = place
    return any(
        char.bottom - 1 <= y <= char.top
        and char.left < x + _ROOM * (char.top - char.bottom)
        and char.right > x + _NO_ROOM * (char.top - char.bottom)
        for char in chars
    )


def page_from(chars: Sequence[Char], media: Box, areas: Sequence[Box]) -> PageOf:
    """Make a page from its characters, its media box, and the boxes of its large pictures."""
    width, height = media[2] - media[0], media[3] - media[1]
    turns = _main_turn(chars)
    straight = [char for char in chars if _is_straight(char, turns)]
    glyphs = [_glyph(char, turns, media) for char in straight]
    aslant = "".join(char.words for char in chars if not _is_straight(char, turns))
    if turns % 2:
        width, height = height, width
    vertical = is_vertical(glyphs)
    if vertical:
        glyphs = upright(glyphs, width)
        width, height = height, width
    found = PageOf(GlyphPage(width, height, glyphs, [aslant] if aslant.strip() else []))
    found.vertical = vertical
    found.unmapped = sum(char.words == "\ufffd" for char in straight)
    found.why_not = _why_not(found, straight, areas)
    found.pictures = sum(not _covers_text(area, straight) for area in areas)
    return found


def _why_not(found: PageOf, straight: Sequence[Char], areas: Sequence[Box]) -> str:
    words = "".join("".join(char.words.split()) for char in straight)
    if areas and len(words) < FEW_CHARS:
        return PICTURES
    if words and found.unmapped > MOST_UNMAPPED * len(words):
        return "glyphs without characters"
    return why_no_text(words) if words else ""


@dataclass(slots=True)
class Char:
    """A character and its box; `bottom` and `top` count upwards, as in PDF."""

    words: str
    left: float
    bottom: float
    right: float
    top: float
    angle: float

    @property
    def box(self) -> Box:
        """Its box."""
        return self.left, self.bottom, self.right, self.top


def _chars(page: Any) -> Iterator[Char]:
    """Return the characters of the file with their boxes, without the spaces that pdfium adds."""
    from pypdfium2 import raw  # noqa: PLC0415

    text = page.get_textpage()
    box = raw.FS_RECTF()
    pointer = ctypes.byref(box)
    last: Char | None = None
    high = 0
    for at in range(text.count_chars()):
        if raw.FPDFText_IsGenerated(text, at) == 1:
            continue
        code = raw.FPDFText_GetUnicode(text, at)
        if _HIGH <= code < _LOW:
            high = code
            continue
        if high and _LOW <= code < _BEHIND:
            code = 0x10000 + ((high - _HIGH) << 10) + (code - _LOW)
        high = 0
        words = _shown(code, unmapped=raw.FPDFText_HasUnicodeMapError(text, at) == 1)
        raw.FPDFText_GetLooseCharBox(text, at, pointer)
        where = (box.left, box.bottom, box.right, box.top)
        if last is not None and last.box == where and _is_one_glyph(text, at):
            last.words += words
            continue
        last = Char(words, *where, raw.FPDFText_GetCharAngle(text, at))
        yield last


_HIGH, _LOW, _BEHIND = 0xD800, 0xDC00, 0xE000
"""Where the first and the second halves of pairs of UTF-16 begin, and what is behind them."""
_HYPHEN: Final = 2
"""The character that pdfium returns for a hyphen at the end of a line."""


def _shown(code: int, *, unmapped: bool) -> str:
    if unmapped or _is_no_character(code):
        return "\ufffd"
    if code < ord(" "):
        return "-" if code == _HYPHEN else " "
    return chr(code)


def _is_one_glyph(text: Any, at: int) -> bool:
    """Whether the previous character has the same glyph: a ligature."""
    from pypdfium2 import raw  # noqa: PLC0415

    first, second = (raw.FPDFText_GetTextObject(text, n) for n in (at - 1, at))
    return ctypes.addressof(first.contents) == ctypes.addressof(second.contents)


def _is_no_character(code: int) -> bool:
    return code == 0 or _HIGH <= code < _BEHIND or code in {0xFFFE, 0xFFFF} or code > sys.maxunicode


def _quarters(angle: float) -> int:
    return round(angle / _QUARTER) % 4


def _main_turn(chars: Sequence[Char]) -> int:
    """Return by how many quarter turns most characters are rotated; 0 for an upright page."""
    counts = [0, 0, 0, 0]
    for char in chars:
        if char.words.strip() and _is_straight(char, _quarters(char.angle)):
            counts[_quarters(char.angle)] += 1
    return max(range(4), key=counts.__getitem__)


def _is_straight(char: Char, turns: int) -> bool:
    off = abs(char.angle - turns * _QUARTER) % (4 * _QUARTER)
    return min(off, 4 * _QUARTER - off) < _ASLANT


def _glyph(char: Char, turns: int, media: Box) -> Glyph:
    """Return a character as placed on the page when its rows are level."""
    left, bottom, right, top = (
        char.left - media[0], char.bottom - media[1], char.right - media[0], char.top - media[1],
    )  # fmt: skip
    width, height = media[2] - media[0], media[3] - media[1]
    boxes = (
        (left, height - top, right, height - bottom),
        (bottom, left, top, right),
        (width - right, bottom, width - left, top),
        (height - top, width - right, height - bottom, width - left),
    )
    return Glyph(char.words, *boxes[turns])


def _objects(page: Any) -> tuple[list[Box], list[tuple[float, float]]]:
    """Return the boxes of large pictures, and the positions of text without width.

    pdfium returns no characters for text without width: a single glyph for which it has no font, or
    a space.
    """
    from pypdfium2 import raw  # noqa: PLC0415

    left, bottom, right, top = page.get_mediabox()
    area = max((right - left) * (top - bottom), 1)
    pictures: list[Box] = []
    undrawn: list[tuple[float, float]] = []
    wanted = [raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_TEXT]
    for each in page.get_objects(filter=wanted, max_depth=5):
        box = each.get_bounds()
        if each.type == raw.FPDF_PAGEOBJ_TEXT:
            if box[2] - box[0] < _NO_WIDTH:
                undrawn.append((box[0], box[1]))
        elif (box[2] - box[0]) * (box[3] - box[1]) >= LARGE_PICTURE * area:
            pictures.append(box)
    return pictures, undrawn


def _covers_text(box: Box, chars: Sequence[Char]) -> bool:
    """Whether text lies over a picture: a background, or a scan with its text layer."""
    inside = sum(
        box[0] <= char.left and char.right <= box[2] and box[1] <= char.bottom <= box[3]
        for char in chars
        if char.words.strip()
    )
    return inside >= FEW_CHARS


_SYSTEM_FONTS: Final[list[Any]] = []
"""What pdfium was given about the fonts of this machine; must live as long as the process."""


def _without_system_fonts() -> None:
    """Hide the fonts of this machine from pdfium: a text must not depend on them."""
    if _SYSTEM_FONTS:
        return
    from pypdfium2 import raw  # noqa: PLC0415

    info = raw.FPDF_SYSFONTINFO()
    info.version = 1
    kinds = dict(raw.FPDF_SYSFONTINFO._fields_)
    for name in ("Release", "EnumFonts", "DeleteFont", "MapFont", "GetFont"):
        _give(info, name, kinds[name], None)
    for name in ("GetFontData", "GetFaceName", "GetFontCharset"):
        _give(info, name, kinds[name], 0)
    _SYSTEM_FONTS.append(info)
    raw.FPDF_SetSystemFontInfo(ctypes.byref(info))


def _give(info: Any, name: str, kind: Any, answer: int | None) -> None:
    function = kind(lambda *_: answer)
    _SYSTEM_FONTS.append(function)
    setattr(info, name, function)

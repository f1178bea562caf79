"""Turns OFD (GB/T 33190-2016), the Chinese page format, a ZIP of XML, into paragraphs.

The words of a page are in `TextCode` elements of the page, of its template pages, and of composite
objects from the document's resources, each with a position. Paragraphs are formed as for PDF.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from archive.known import Knowledge
from archive.model import Flag
from archive.read.documents.found import (
    DAMAGE,
    MAX_PACKAGE_BYTES,
    DocumentLine,
    ReadDocument,
    Unreadable,
    document_flag,
    has_words,
    how_to,
    local,
    parsed,
)
from archive.read.documents.layout import Glyph, GlyphPage, is_vertical, lay_out, upright

HOW: Final = "ofd"
MAX_PAGES: Final = 2_000
MAX_GLYPHS: Final = 3_000_000
_DEEPEST: Final = 8
_LARGE: Final = 0.25
"""Share of a page from which a picture may contain a page of words."""
_FEW_CHARS: Final = 30
_A4: Final = (0.0, 0.0, 210.0, 297.0)
_ASCENT: Final = 0.85
_NARROW: Final = 0.5
_ASLANT: Final = 0.1
_PAGES_NAMED: Final = 20

Matrix = tuple[float, float, float, float, float, float]
_SAME: Final[Matrix] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class _OfdPage:
    """The contents of one page; `pictures` are resources with their boxes, the largest first."""

    box: tuple[float, float, float, float]
    glyphs: list[Glyph] = field(default_factory=list)
    aslant: list[str] = field(default_factory=list)
    pictures: list[tuple[str, tuple[float, float, float, float]]] = field(default_factory=list)
    vertical: bool = False

    @property
    def size(self) -> tuple[float, float]:
        return self.box[2] or _A4[2], self.box[3] or _A4[3]

    @property
    def chars(self) -> int:
        return len("".join("".join(glyph.words for glyph in self.glyphs).split()))

    @property
    def is_picture(self) -> bool:
        """Whether it shows a large picture and hardly any words."""
        return bool(self.pictures) and self.chars < _FEW_CHARS

    def sheet(self) -> GlyphPage:
        width, height = self.size
        glyphs = self.glyphs
        self.vertical = is_vertical(glyphs)
        if self.vertical:
            glyphs, width, height = upright(glyphs, width), height, width
        return GlyphPage(width, height, glyphs, self.aslant)


def read_ofd(payload: bytes, knowledge: Knowledge | None = None) -> ReadDocument:
    """Read the paragraphs of all pages, then running heads, stamps and annotations.

    Args:
        payload: the bytes.
        knowledge: if set, pages that are pictures are read by OCR.

    Raises:
        Unreadable: it is damaged or hostile, or contains no text.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as file:
            package = _Package(file)
            pages = [page for document in package.documents() for page in document.pages()]
            if knowledge is not None and any(page.is_picture for page in pages):
                return _seen(pages, package, knowledge)
    except (etree.LxmlError, *DAMAGE) as error:
        raise Unreadable(f"the OFD is damaged: {error}") from error
    laid = lay_out([page.sheet() for page in pages])
    lines = (*laid.lines, *(DocumentLine(words, "margin", aside=True) for words in package.notes))
    if not has_words(lines):
        why = "the OFD holds no text: its pages are pictures or glyphs without names"
        raise Unreadable(how_to(why) if any(page.pictures for page in pages) else why)
    return ReadDocument(lines, "ofd", HOW, tuple(_flags(pages, package, laid.doubtful)))


def _flags(pages: list[_OfdPage], package: _Package, doubtful: int) -> Iterator[Flag]:
    if unread := [n for n, page in enumerate(pages, 1) if page.is_picture]:
        named = ", ".join(f"{n} (pictures)" for n in unread[:_PAGES_NAMED])
        yield document_flag(
            "pages_unread", f"{len(unread)} of {len(pages)} pages not read: {named}"
        )
    large = sum(len(page.pictures) for page in pages if not page.is_picture)
    if large:
        yield document_flag("pictures_unread", f"{large} large pictures are not read")
    if package.lost:
        names = ", ".join(package.lost)
        yield document_flag(
            "reader_loss", f"{len(package.lost)} parts are damaged or missing: {names}"
        )
    if vertical := sum(page.vertical for page in pages):
        yield document_flag("vertical_text", f"{vertical} pages are set from top to bottom")
    if doubtful:
        words = f"{doubtful} pages have prose side by side that is no pair of columns"
        yield document_flag("reading_order", words)


def _seen(pages: list[_OfdPage], package: _Package, knowledge: Knowledge) -> ReadDocument:
    """Return the document with the words read from its pictures."""
    from archive.read.ocr.pages import found_of, frames, sight  # noqa: PLC0415  (needs an extra)

    seen, eye = sight(knowledge)
    for number, page in enumerate(pages, 1):
        if not page.is_picture:
            continue
        for name, box in page.pictures:
            for frame in frames(package.read(name)):
                sheet = seen.look(eye, frame, number)
                page.glyphs += _in_box(sheet, box)
                page.aslant += sheet.aslant
        page.pictures = []
    laid = lay_out([page.sheet() for page in pages])
    return found_of(laid, seen, tuple(_flags(pages, package, laid.doubtful)), how=HOW)


def _in_box(sheet: GlyphPage, box: tuple[float, float, float, float]) -> Iterator[Glyph]:
    across = box[2] / max(sheet.width, 1)
    down = box[3] / max(sheet.height, 1)
    for g in sheet.glyphs:
        yield Glyph(g.words, box[0] + g.left * across, box[1] + g.top * down,
                    box[0] + g.right * across, box[1] + g.bottom * down)  # fmt: skip


class _Package:
    """The parts of an OFD file; `lost` are parts that are named but cannot be read."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._names = {name.replace("\\", "/").lstrip("/"): name for name in file.namelist()}
        self._left = MAX_PACKAGE_BYTES
        self.lost: list[str] = []
        self.notes: list[str] = []

    def documents(self) -> Iterator[_Document]:
        """The documents in the file."""
        for body in _all(self.xml("OFD.xml"), "DocRoot"):
            yield _Document(self, _join("", body.text))

    def read(self, name: str) -> bytes:
        """Return a part.

        The total of all reads is limited, because many pages may share one part.
        """
        entry = self._file.getinfo(self._names[name])
        self._left -= entry.file_size
        if self._left < 0:
            raise Unreadable(f"the OFD's pages have more than {MAX_PACKAGE_BYTES} bytes")
        return self._file.read(entry)

    def xml(self, name: str) -> etree._Element:
        """Return a part as XML."""
        return parsed(self.read(name))

    def optional(self, name: str) -> etree._Element | None:
        """Return a part as XML; a missing or damaged part is recorded in `lost`."""
        try:
            return self.xml(name)
        except (etree.LxmlError, *DAMAGE):
            if name and name not in self.lost:
                self.lost.append(name)
            return None


class _Document:
    """One document: its templates, its resources, its pages."""

    def __init__(self, package: _Package, name: str) -> None:
        self._package = package
        self._folder = posixpath.dirname(name)
        self._root = package.xml(name)
        self._templates = {
            each.get("ID"): _join(self._folder, each.get("BaseLoc"))
            for each in _all(self._root, "TemplatePage")
        }
        self._units: dict[str | None, etree._Element] = {}
        self._media: dict[str | None, str] = {}
        for kind in ("PublicRes", "DocumentRes"):
            for each in _all(self._root, kind):
                self._read_resources(_join(self._folder, each.text))
        self._box = _box(next(_all(self._root, "PhysicalBox"), None)) or _A4
        self._glyphs = 0
        self._used: set[str | None] = set()

    def pages(self) -> Iterator[_OfdPage]:
        """The pages in document order."""
        pages = next(_all(self._root, "Pages"), None)
        listed = list(_all(pages, "Page")) if pages is not None else []
        if len(listed) > MAX_PAGES:
            raise Unreadable(f"the OFD has more than {MAX_PAGES} pages")
        for each in listed:
            if each.get("BaseLoc") is not None:
                yield self._page(_join(self._folder, each.get("BaseLoc")))
        self._read_annotations()

    def _page(self, name: str) -> _OfdPage:
        root = self._package.xml(name)
        made = _OfdPage(_box(next(_all(root, "PhysicalBox"), None)) or self._box)
        for template in _all(root, "Template"):  # text repeated on every page is text once
            part = self._templates.get(template.get("TemplateID"))
            below = None if part is None else self._package.optional(part)
            if below is None:
                self._package.lost.append(f"template {template.get('TemplateID')}")
            elif part in self._used:
                again = _OfdPage(made.box)
                self._walk(below, again, _SAME, 0)
                made.aslant.append("".join(glyph.words for glyph in again.glyphs))
            else:
                self._used.add(part)
                self._walk(below, made, _SAME, 0)
        self._walk(root, made, _SAME, 0)
        width, height = made.size
        made.pictures = [p for p in made.pictures if p[1][2] * p[1][3] >= _LARGE * width * height]
        return made

    def _walk(self, element: etree._Element, page: _OfdPage, matrix: Matrix, depth: int) -> None:
        for each in element:
            name = local(each)
            if name == "TextObject":
                self._text(each, page, matrix)
            elif name == "CompositeObject":
                self._composite(each, page, matrix, depth)
            elif name == "ImageObject":
                self._picture(each, page, matrix)
            elif len(each) and name not in {"Area", "Actions", "Clips", "PathObject"}:
                self._walk(each, page, matrix, depth)

    def _composite(self, each: etree._Element, page: _OfdPage, matrix: Matrix, depth: int) -> None:
        unit = self._units.get(each.get("ResourceID"))
        if unit is None or depth >= _DEEPEST:
            self._package.lost.append(f"composite object {each.get('ResourceID')}")
            return
        self._walk(unit, page, _times(_placed(each), matrix), depth + 1)

    def _picture(self, each: etree._Element, page: _OfdPage, matrix: Matrix) -> None:
        name = self._media.get(each.get("ResourceID"))
        box = _numbers(each.get("Boundary"))
        if name is not None and len(box) > 3:  # noqa: PLR2004
            left, top = _at(matrix, box[0], box[1])
            right, bottom = _at(matrix, box[0] + box[2], box[1] + box[3])
            page.pictures.append((name, (left, top, abs(right - left), abs(bottom - top))))

    def _text(self, each: etree._Element, page: _OfdPage, matrix: Matrix) -> None:
        placed = _times(_placed(each), matrix)
        size = _number(each.get("Size"), 4.0)
        level = abs(placed[1]) < _ASLANT * max(abs(placed[0]), 0.01)
        for code in _all(each, "TextCode"):
            words = code.text or ""
            self._glyphs += len(words)
            if self._glyphs > MAX_GLYPHS:
                raise Unreadable(f"the OFD has more than {MAX_GLYPHS} characters")
            if level:
                page.glyphs += _glyphs(code, words, size, placed)
            elif words.strip():
                page.aslant.append(words)

    def _read_resources(self, name: str) -> None:
        root = self._package.optional(name)
        if root is None:
            return
        folder = _join(posixpath.dirname(name), root.get("BaseLoc"))
        for unit in _all(root, "CompositeGraphicUnit"):
            self._units[unit.get("ID")] = unit
        for media in _all(root, "MultiMedia"):
            file = next(_all(media, "MediaFile"), None)
            if file is not None:
                self._media[media.get("ID")] = _join(folder, file.text)

    def _read_annotations(self) -> None:
        """Read stamps and comments, which are kept beside the text."""
        for each in _all(self._root, "Annotations"):
            name = _join(self._folder, each.text)
            root = self._package.optional(name)
            for file in () if root is None else _all(root, "FileLoc"):
                part = self._package.optional(_join(posixpath.dirname(name), file.text))
                words = (
                    [c.text for c in _all(part, "TextCode") if c.text] if part is not None else []
                )
                self._package.notes += [each for each in words if each.strip()]


def _glyphs(code: etree._Element, words: str, size: float, matrix: Matrix) -> Iterator[Glyph]:
    """Yield each character with its box: one em high and as wide as its advance."""
    x, y = _number(code.get("X")), _number(code.get("Y"))
    across, down = _steps(code.get("DeltaX")), _steps(code.get("DeltaY"))
    scale = abs(matrix[3]) or 1.0
    for at, char in enumerate(words):
        own = size * (_NARROW if char.isascii() else 1.0)
        left, base = _at(matrix, x, y)
        right, _ = _at(matrix, x + own, y)
        yield Glyph(char, min(left, right), base - _ASCENT * size * scale, max(left, right),
                    base + (1 - _ASCENT) * size * scale)  # fmt: skip
        x += across[at] if at < len(across) else 0.0 if across or down else own
        y += down[at] if at < len(down) else 0.0


def _steps(words: str | None) -> list[float]:
    """Return the steps between characters; `g 3 5` means 5 5 5."""
    found: list[float] = []
    pieces = (words or "").split()
    at = 0
    while at < len(pieces) and len(found) < MAX_GLYPHS:
        if pieces[at] == "g" and at + 2 < len(pieces):
            times = min(int(_number(pieces[at + 1])), 10_000)
            found += [_number(pieces[at + 2])] * times
            at += 3
        else:
            found.append(_number(pieces[at]))
            at += 1
    return found


def _placed(element: etree._Element) -> Matrix:
    """Return where an object places its coordinates: its matrix, then the corner of its box."""
    corner = _numbers(element.get("Boundary"))
    left, top = (corner[0], corner[1]) if len(corner) > 1 else (0.0, 0.0)
    own = _numbers(element.get("CTM"))
    a, b, c, d, e, f = own if len(own) == 6 else _SAME  # noqa: PLR2004
    return a, b, c, d, e + left, f + top


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the product of `inner` and then `outer`."""
    a, b, c, d, e, f = inner
    m, n, o, p, q, r = outer
    return (a * m + b * o, a * n + b * p, c * m + d * o, c * n + d * p,
            e * m + f * o + q, e * n + f * p + r)  # fmt: skip


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _all(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return iter(()) if element is None else element.iter(f"{{*}}{name}", name)


def _box(element: etree._Element | None) -> tuple[float, float, float, float] | None:
    numbers = _numbers(None if element is None else element.text)
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) > 3 else None  # noqa: PLR2004


def _numbers(words: str | None) -> list[float]:
    return [_number(word) for word in (words or "").split()]


def _number(words: str | None, default: float = 0.0) -> float:
    try:
        return float(words or default)
    except ValueError:
        return default


def _join(folder: str, location: str | None) -> str:
    """Resolve a path inside the package; a leading / starts at its root."""
    name = (location or "").strip()
    joined = name if name.startswith("/") else posixpath.normpath(f"{folder}/{name}")
    return joined.lstrip("/")

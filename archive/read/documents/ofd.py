"""OFD (GB/T 33190-2016), the Chinese page format: a ZIP of XML → visual lines.

The text stands in `TextCode` elements of each page's content; their boundary boxes give the lines.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Final

from lxml import etree

from archive.read.documents.found import (
    DAMAGE,
    MAX_PACKAGE_BYTES,
    Found,
    Line,
    Unreadable,
    has_words,
)

MAX_PAGES: Final = 2_000
_SAME_LINE_MM: Final = 1.0
"""Text objects whose tops differ by less stand in one line; type is 3 to 8 mm high."""


def read_ofd(payload: bytes) -> Found:
    """The lines of all pages, top to bottom and left to right.

    Raises:
        Unreadable: it is damaged, hostile or holds no text.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as package:
            lines = tuple(Line(w) for page in _pages(package) for w in _page_lines(page))
    except (etree.LxmlError, *DAMAGE) as error:
        raise Unreadable(f"the OFD is damaged: {error}") from error
    if not has_words(lines):
        raise Unreadable("the OFD holds no text: its pages are pictures or glyphs without names")
    return Found(lines, "ofd", "ofd")


def _pages(package: zipfile.ZipFile) -> Iterator[etree._Element]:
    """The content of each page, in the order that the documents give."""
    root = _xml(package, "OFD.xml")
    seen = size = 0
    for body in root.iter("{*}DocRoot"):
        document = _join("", body.text)
        for page in _xml(package, document).iter("{*}Page"):
            location = page.get("BaseLoc")
            if location is None:
                continue
            seen += 1
            if seen > MAX_PAGES:
                raise Unreadable(f"the OFD has more than {MAX_PAGES} pages")
            name = _join(posixpath.dirname(document), location)
            size += package.getinfo(name).file_size
            if size > MAX_PACKAGE_BYTES:  # pages that are all one part
                raise Unreadable(f"the OFD's pages have more than {MAX_PACKAGE_BYTES} bytes")
            yield _xml(package, name)


def _page_lines(page: etree._Element) -> Iterator[str]:
    line: list[tuple[float, str]] = []
    top = None
    for y, x, words in sorted(_objects(page), key=lambda found: found[0]):
        if top is not None and y - top >= _SAME_LINE_MM:
            yield _joined(line)
            line = []
            top = None
        top = y if top is None else top
        line.append((x, words))
    if line:
        yield _joined(line)


def _objects(page: etree._Element) -> Iterator[tuple[float, float, str]]:
    """Top and left in millimetres, and the words, of each text object."""
    for text in page.iter("{*}TextObject"):
        x, y = _corner(text.get("Boundary", ""))
        for code in text.iter("{*}TextCode"):
            if code.text:
                yield y + _number(code.get("Y")), x + _number(code.get("X")), code.text


def _joined(line: list[tuple[float, str]]) -> str:
    return "".join(words for _, words in sorted(line, key=lambda found: found[0])).rstrip()


def _corner(boundary: str) -> tuple[float, float]:
    numbers = [_number(word) for word in boundary.split()[:2]]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (0.0, 0.0)


def _number(words: str | None) -> float:
    try:
        return float(words or 0)
    except ValueError:
        return 0.0


def _join(folder: str, location: str | None) -> str:
    """A path inside the package; one that begins with / counts from its root."""
    name = (location or "").strip()
    joined = name if name.startswith("/") else posixpath.normpath(f"{folder}/{name}")
    return joined.lstrip("/")


def _xml(package: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(package.read(name), parser)

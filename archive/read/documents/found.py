"""The result of reading a document, and the reason if it cannot be read."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from archive.known.attachments import attachments
from archive.model import Flag

MAX_PACKAGE_BYTES: Final = 64 * 1024 * 1024
"""The most bytes of all parts of one attachment, unpacked; larger ones are bombs."""

DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, KeyError, ValueError,
    RuntimeError,
)  # fmt: skip
"""Exceptions raised when a damaged package is read."""

NOTE: Final = "note"
"""The tag of a line that is a footnote or an endnote."""

_LINE_ENDS: Final = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_WORDS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of a document.

    `tag` is its role (`p`, `tr`, `note`, `header` …). `aside` marks lines outside the text: running
    heads, page numbers, watermarks.
    """

    words: str
    tag: str = "line"
    aside: bool = False


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The lines of a document, its format, and the program that read them.

    `flags` count what the reader could not read.
    """

    lines: tuple[DocumentLine, ...]
    medium: str
    how: str
    flags: tuple[Flag, ...] = ()
    method: str = "whole"
    confidence: float = 1.0


class Unreadable(Exception):  # noqa: N818  (it is an outcome: the page tells it as a flag)
    """The document has no readable text; the message says why.

    `medium` is its actual format, if known.
    """

    medium = ""


def lines_of(words: str, tag: str = "line", *, aside: bool = False) -> Iterator[DocumentLine]:
    """Yield the lines of `words`, split at every line end."""
    for piece in _LINE_ENDS.split(words):
        yield DocumentLine(piece.rstrip(), tag, aside)


def document_flag(kind: str, evidence: str, words: str = "") -> Flag:
    """Make a flag about the document as a whole."""
    shown = " ".join(words.split())
    cut = shown if len(shown) <= _WORDS_SHOWN else f"{shown[:_WORDS_SHOWN]}…"
    return Flag(kind, 0, 0, cut, evidence)


def how_to(words: str) -> str:
    """Add how to read pictures to a message about pictures that were not read."""
    return f"{words}; words in pictures are read with --ocr (pip install 'baogao[ocr]')"


def has_words(lines: Iterable[DocumentLine]) -> bool:
    """Whether any line of the text has words."""
    return any(line.words.strip() for line in lines if not line.aside)


def parsed(content: bytes) -> etree._Element:
    """Parse an XML part without entities or network access.

    Raises:
        LxmlError: it is damaged.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def local(element: etree._Element) -> str:
    """Return the local name of an element. Two generations of Word differ only in the namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """Return the attribute `name` in any namespace, or None."""
    found = element.get(name)
    if found is not None:
        return found
    return next((v for k, v in element.items() if k.rpartition("}")[2] == name), None)


def check_package(payload: bytes) -> str:
    """Return what a ZIP is: a type of attachment, `xlsx`, `pptx`, `odt`, `ods`, `epub` or `zip`.

    Raises:
        Unreadable: it is damaged, or would unpack to more than `MAX_PACKAGE_BYTES`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as package:
            size = sum(entry.file_size for entry in package.infolist())
            kind = package_kind(package)
    except DAMAGE as error:
        raise Unreadable(f"the package is damaged: {error}") from error
    if kind in attachments() and size > MAX_PACKAGE_BYTES:
        raise Unreadable(f"it would unpack to {size} bytes, more than {MAX_PACKAGE_BYTES}")
    return kind


_OFFICE: Final = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_OPEN_DOCUMENT: Final = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/epub+zip": "epub",
}


def package_kind(package: zipfile.ZipFile) -> str:
    """Return what an open ZIP contains, as `check_package` does."""
    names = {name.replace("\\", "/") for name in package.namelist()}
    for medium, attachment in attachments().items():
        if attachment.member in names:
            return medium
    if "[Content_Types].xml" in names:
        for folder, kind in _OFFICE:
            if any(name.startswith(folder) and name.endswith(".xml") for name in names):
                return kind
    if "mimetype" in names:
        with package.open("mimetype") as file:
            return _OPEN_DOCUMENT.get(file.read(100).strip(), "zip")
    return "zip"

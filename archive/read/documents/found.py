"""What a document gave, and what keeps it from giving anything."""

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
"""All parts of one attachment together, unpacked; a larger one is a bomb or no report."""

DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, KeyError, ValueError,
    RuntimeError,
)  # fmt: skip
"""What reading a damaged package raises."""

NOTE: Final = "note"
"""The tag of a line that is a footnote or an endnote."""

_LINE_ENDS: Final = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_WORDS_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of a document.

    `tag` is what it is there (`p`, `tr`, `note`, `header` …); `aside` says that it is no part of
    the text: a running head, a page number, a watermark.
    """

    words: str
    tag: str = "line"
    aside: bool = False


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """The lines of a document, what it is, and with which program they were read.

    `flags` tell what the reader could not take, each with a count.
    """

    lines: tuple[DocumentLine, ...]
    medium: str
    how: str
    flags: tuple[Flag, ...] = ()
    method: str = "whole"
    confidence: float = 1.0


class Unreadable(Exception):  # noqa: N818  (it is an outcome: the page tells it as a flag)
    """The document gave no text; the message says why, for a person.

    `medium` is what it turned out to be, where that is known.
    """

    medium = ""


def lines_of(words: str, tag: str = "line", *, aside: bool = False) -> Iterator[DocumentLine]:
    """The lines of `words`, cut at every line end."""
    for piece in _LINE_ENDS.split(words):
        yield DocumentLine(piece.rstrip(), tag, aside)


def told(kind: str, evidence: str, words: str = "") -> Flag:
    """A flag about the document as a whole."""
    shown = " ".join(words.split())
    cut = shown if len(shown) <= _WORDS_SHOWN else f"{shown[:_WORDS_SHOWN]}…"
    return Flag(kind, 0, 0, cut, evidence)


def how_to(words: str) -> str:
    """What is to be said of pictures that were not read."""
    return f"{words}; words in pictures are read with --ocr (pip install 'baogao[ocr]')"


def has_words(lines: Iterable[DocumentLine]) -> bool:
    """Whether any line that is part of the text has anything on it."""
    return any(line.words.strip() for line in lines if not line.aside)


def parsed(content: bytes) -> etree._Element:
    """An XML part: no entities, no network.

    Raises:
        LxmlError: it is damaged.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace: two generations of Word differ in that only."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str | None:
    """The attribute called `name` in any namespace, or None."""
    found = element.get(name)
    if found is not None:
        return found
    return next((v for k, v in element.items() if k.rpartition("}")[2] == name), None)


def check_package(payload: bytes) -> str:
    """What a ZIP holds: a type of attachment, `xlsx`, `pptx`, `odt`, `ods`, `epub` or `zip`.

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
    """What an open ZIP holds, as `check_package` names it."""
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

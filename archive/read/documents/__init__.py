"""Turns attachments into lines: PDF, all Word formats, OFD, pictures.

Each reader needs a library or program. If it is missing, the page says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from archive.known import Knowledge
from archive.read.documents.found import (
    DocumentLine,
    ReadDocument,
    Unreadable,
    check_package,
    how_to,
)
from archive.read.documents.ofd import read_ofd
from archive.read.documents.pdf import read_pdf
from archive.read.documents.word import read_docx, read_ole, read_rtf, read_wordml

__all__ = [
    "DocumentLine",
    "Helpers",
    "ReadDocument",
    "Unreadable",
    "check_package",
    "read_document",
]

Chunk = Callable[[bytes], Iterator[DocumentLine]]


@dataclass(frozen=True, slots=True)
class Helpers:
    """What readers need besides the bytes.

    `chunk` reads a document embedded in another as part of its text. `knowledge` is set if words in
    pictures are to be read.
    """

    chunk: Chunk = lambda _: iter(())
    knowledge: Knowledge | None = None


def _read_image(payload: bytes, helpers: Helpers) -> ReadDocument:
    if helpers.knowledge is None:
        raise Unreadable(how_to("the payload is a picture"))
    from archive.read.ocr.pages import read_picture  # noqa: PLC0415  (needs an extra)

    return read_picture(payload, helpers.knowledge)


_READERS: Final[dict[str, Callable[[bytes, Helpers], ReadDocument]]] = {
    "pdf": lambda payload, helpers: read_pdf(payload, helpers.knowledge),
    "ole": lambda payload, _: read_ole(payload),
    "rtf": lambda payload, _: read_rtf(payload),
    "ofd": lambda payload, helpers: read_ofd(payload, helpers.knowledge),
    "docx": lambda payload, helpers: read_docx(payload, helpers.chunk, helpers.knowledge),
    "wordml": lambda payload, helpers: read_wordml(payload, helpers.chunk),
    "image": _read_image,
}

_PACKAGES: Final = {
    "xlsx": "an Excel workbook: `baogao backfill files` and `baogao audit` read its rows",
    "pptx": "a PowerPoint file: save it as PDF",
    "odt": "an OpenDocument text: save it as DOCX",
    "ods": "an OpenDocument spreadsheet: save it as .xlsx",
    "epub": "an EPUB book: unpack it, its chapters are HTML",
}
"""Package formats that are not containers of files, and what to do with them."""


def read_document(
    payload: bytes, medium: str, helpers: Helpers | None = None
) -> ReadDocument | None:
    """Return the lines of a document of this medium, or None if it is not a supported document.

    Args:
        payload: the bytes.
        medium: the result of `archive.read.media.sniff`; a `zip` is inspected.
        helpers: what readers need besides.

    Raises:
        Unreadable: it is damaged, hostile or unsupported, or its reader is not installed.
    """
    kind = check_package(payload) if medium == "zip" else medium
    if kind in _PACKAGES:
        raise Unreadable(f"the payload is {_PACKAGES[kind]}")
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        return reader(payload, helpers or Helpers())
    except Unreadable as reason:
        reason.medium = kind
        raise

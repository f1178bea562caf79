"""Attachments → lines: PDF, Word in all its forms, OFD.

Each reader needs a library or a program that may be missing; then the page says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from archive.read.documents.found import Found, Line, Unreadable, check_package
from archive.read.documents.ofd import read_ofd
from archive.read.documents.pdf import read_pdf
from archive.read.documents.word import read_docx, read_ole, read_rtf, read_wordml

__all__ = ["Found", "Line", "Unreadable", "check_package", "read_document"]

Chunk = Callable[[bytes], Iterator[Line]]

_READERS: Final[dict[str, Callable[[bytes, Chunk], Found]]] = {
    "pdf": lambda payload, _: read_pdf(payload),
    "ole": lambda payload, _: read_ole(payload),
    "rtf": lambda payload, _: read_rtf(payload),
    "ofd": lambda payload, _: read_ofd(payload),
    "docx": read_docx,
    "wordml": read_wordml,
}

_PACKAGES: Final = {
    "xlsx": "an Excel workbook: `baogao backfill files` and `baogao audit` read its rows",
    "pptx": "a PowerPoint file: save it as PDF",
    "odt": "an OpenDocument text: save it as DOCX",
    "ods": "an OpenDocument spreadsheet: save it as .xlsx",
    "epub": "an EPUB book: unpack it, its chapters are HTML",
}
"""Packages that are no container of files, and what to do with them."""


def read_document(payload: bytes, medium: str, chunk: Chunk = lambda _: iter(())) -> Found | None:
    """The lines of a document of this medium, or None where it is no document we read.

    Args:
        payload: the bytes.
        medium: what `archive.read.media.sniff` says; a `zip` is looked into.
        chunk: what reads a document that another one holds as a part of its text.

    Raises:
        Unreadable: it is damaged, hostile, of a kind that is not read, or its reader is not
            installed.
    """
    kind = check_package(payload) if medium == "zip" else medium
    if kind in _PACKAGES:
        raise Unreadable(f"the payload is {_PACKAGES[kind]}")
    reader = _READERS.get(kind)
    return None if reader is None else reader(payload, chunk)

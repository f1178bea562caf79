"""Attachments → lines: PDF, Word (DOCX and the old DOC and WPS), OFD.

Each reader needs a library or a program that may be missing; then the page says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from archive.read.documents.found import Found, Unreadable, check_package
from archive.read.documents.ofd import read_ofd
from archive.read.documents.pdf import read_pdf
from archive.read.documents.word import read_docx, read_ole

__all__ = ["Found", "Unreadable", "check_package", "read_document"]

_READERS: Final[dict[str, Callable[[bytes], Found]]] = {
    "pdf": read_pdf,
    "ole": read_ole,
    "docx": read_docx,
    "ofd": read_ofd,
}


def read_document(payload: bytes, medium: str) -> Found | None:
    """The lines of a document of this medium, or None where it is no document we read.

    Args:
        payload: the bytes.
        medium: what `archive.read.media.sniff` says; a `zip` is looked into.

    Raises:
        Unreadable: it is damaged, hostile, or its reader is not installed.
    """
    kind = check_package(payload) if medium == "zip" else medium
    reader = _READERS.get(kind)
    return None if reader is None else reader(payload)

"""Detects what a payload is by its first bytes and content; name and header only break ties."""

from __future__ import annotations

import re
from typing import Final

from archive.known.attachments import attachments
from archive.read.decoding import unmarked_utf16

_MAGIC: Final = (
    *((magic, medium) for medium, kind in attachments().items() for magic in kind.begins),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BM", "bitmap"),
    (b"RIFF", "riff"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf'\x1c", "7z"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PAR1", "parquet"),
)
_HEAD: Final = 4_096
_MIME: Final = re.compile(rb"(?im)^content-type:\s*multipart/(?:related|mixed|alternative)\b")
_MIME_VERSION: Final = re.compile(rb"(?im)^mime-version:")
_HEADER_LINE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:|From ")
_WORD_XML: Final = re.compile(
    rb"<\?mso-application\s+progid=.Word\.Document|<(?:\w+:)?wordDocument\b"
    rb"|<(?:\w+:)?package\b[^>]{0,400}schemas\.microsoft\.com/office/2006/xmlPackage"
)
_PDF_WITHIN: Final = 1024
"""The first bytes in which `%PDF-` may occur; PDF readers accept a header that far in."""
_SAMPLE: Final = 8_192
_CONTROL: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b"))
_MOST_CONTROL: Final = 0.05
"""Share of control bytes from which a payload is binary; random bytes have a tenth."""
_MOST_LOST: Final = 0.2

_DOCUMENT: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|frameset|title|meta|script|style|link)\b", re.IGNORECASE
)
_TAG: Final = re.compile(
    r"</?(?:p|div|span|br|table|tr|td|a|font|ul|ol|li|h[1-6]|img|center|section|article|strong|b|i"
    r"|pre|blockquote|form|iframe|input|dl|dd|dt|em|hr|tbody|main|label|select|button)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_FEW_TAGS: Final = 2
_TEXTS: Final = ("text", "markdown")


def sniff(payload: bytes) -> str | None:
    """Return the medium of bytes that are not text (`pdf`, `ole`, `zip`, `image` …), or None."""
    if not payload or payload.isspace():
        return "empty"
    for magic, medium in _MAGIC:
        if payload.startswith(magic) and _holds(medium, payload):
            return _NAMES.get(medium, medium)
    if (marked := _marked_up(payload)) is not None:
        return marked
    if b"%PDF-" in payload[:_PDF_WITHIN]:
        return "pdf"
    return "binary" if _looks_binary(payload[:_SAMPLE]) else None


_NAMES: Final = {"bitmap": "image", "riff": "image"}


def _holds(medium: str, payload: bytes) -> bool:
    """Whether the bytes after a short magic number confirm it."""
    if medium == "bitmap":
        return int.from_bytes(payload[2:6], "little") == len(payload)
    if medium == "riff":
        return payload[8:12] == b"WEBP"
    return medium != "parquet" or payload.endswith(b"PAR1")


def _marked_up(payload: bytes) -> str | None:
    """Return `rtf`, `wordml` or `mhtml` for documents in ASCII markup, otherwise None."""
    head = payload[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head[:1] == b"<":
        return "wordml" if head[:2] in {b"<?", b"<w", b"<p"} and _WORD_XML.search(head) else None
    is_mime = _HEADER_LINE.match(head) and _MIME.search(head) and _MIME_VERSION.search(head)
    return "mhtml" if is_mime else None


def _looks_binary(sample: bytes) -> bool:
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff") or b"<\x00" in sample or b"\x00<" in sample:
        return False
    if len(sample) - len(sample.translate(None, _CONTROL)) <= len(sample) * _MOST_CONTROL:
        return False
    return unmarked_utf16(sample) is None


def lost(text: str, replaced: int) -> bool:
    """Whether decoding inserted so many U+FFFD that the bytes were not text."""
    return replaced > len(text) * _MOST_LOST


def is_markup(text: str, *, called: str) -> bool:
    """Whether `text` is an HTML page.

    Text declared as plain or Markdown needs document elements to count as a page: a stray `<br>` in
    copied text is part of that text.

    Args:
        text: the decoded payload.
        called: the type given by name or header: `markdown`, `text`, `html` or empty.
    """
    head = text[:200_000].lstrip("\ufeff \t\r\n")
    if head[:1] in set("{[") or (head.startswith("<?xml") and not _DOCUMENT.search(head)):
        return False
    if _DOCUMENT.search(head):
        return called not in _TEXTS or head.startswith("<")
    wanted = 1 if called == "html" or head.startswith("<") else _FEW_TAGS
    tags = sum(1 for _ in zip(range(wanted), _TAG.finditer(head), strict=False))
    return tags >= wanted and called not in _TEXTS

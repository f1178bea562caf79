"""Decodes bytes. The bytes decide; what a header declares is only recorded.

The order is: byte order mark, strict UTF-8, UTF-16, UTF-8 and GB18030 in one page, GB18030, the
declared encoding, Big5. Wrong headers are the commonest fault of moved sites, and bytes in another
encoding are hardly ever valid UTF-8.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from archive.known.commonness import PLAUSIBLE, commonness
from archive.model import Decoding
from archive.read.pieces import glued

_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META: Final = re.compile(
    rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE
)
_XML: Final = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_HEAD_BYTES: Final = 4096

_UTF8_SLIPS: Final = 0.1
"""The most invalid sequences for each valid one for bytes that still count as damaged UTF-8: a cut
tail or a few bad bytes. GBK prose read as UTF-8 has far more invalid sequences than valid ones."""
_UPPER: Final = bytes((0x00, 0x20, 0x22, 0x25, 0x30, *range(0x4E, 0xA0), 0xFF))
"""Upper bytes, in UTF-16, of Chinese characters and punctuation, full-width forms and ASCII."""
TWO_ENCODINGS: Final = "two encodings"
"""Prefix of the decoding method of a page in two encodings."""
_SURROGATES: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Guess:
    text: str
    encoding: str
    how: str
    replaced: int = 0


def decode(payload: bytes, content_type: str | None = None) -> tuple[str, Decoding]:
    """Decode a page or text file. Every byte string gives a result.

    Args:
        payload: the body after content-decoding.
        content_type: the value of the `Content-Type` header, if any.

    Returns:
        The characters, and how they were decoded. `replaced` counts the U+FFFD inserted for invalid
        bytes, NUL and lone surrogates.
    """
    header, meta = declared_in_header(content_type), declared_in_bytes(payload)
    guess = (
        _by_mark(payload)
        or _strict(payload, "utf-8", "strict")
        or _unmarked_utf16(payload)
        or _glued(payload)
        or _damaged_utf8(payload)
        or _chinese_or_declared(payload, [name for name in (meta, header) if name])
    )
    text, unwritable = guess.text, 0
    if guess.encoding != "utf-8" or "\x00" in text:  # UTF-8 cannot encode surrogates
        text, unwritable = _SURROGATES.subn("\ufffd", text)
    return text, Decoding(guess.encoding, guess.how, header, meta, guess.replaced + unwritable)


def declared_in_header(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type header, as declared."""
    found = _PARAMETER.search(content_type or "")
    return found[1] if found else None


def declared_in_bytes(payload: bytes) -> str | None:
    """Return the encoding declared by a meta element or XML declaration near the start."""
    head = payload[:_HEAD_BYTES]
    found = _META.search(head) or _XML.match(head)
    return found[1].decode("ascii", "replace") if found else None


def _by_mark(payload: bytes) -> _Guess | None:
    for mark, encoding in _BOMS:
        if payload.startswith(mark):
            return _lossy(payload[len(mark) :], encoding, "bom")
    sample = payload[:_HEAD_BYTES]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = sample[first::2].count(0)
        # in UTF-16, every other byte of ASCII markup is zero; nothing else looks like that
        if zeros * 10 > len(sample) * 3 and sample[1 - first :: 2].count(0) * 20 < zeros:
            return _lossy(payload, encoding, "zero bytes")
    return None


def _unmarked_utf16(payload: bytes) -> _Guess | None:
    """Decode unmarked UTF-16 whose characters are Chinese, so that no byte is zero."""
    encoding = unmarked_utf16(payload[:_HEAD_BYTES])
    return _lossy(payload, encoding, "code units") if encoding else None


def unmarked_utf16(sample: bytes) -> str | None:
    """Return the UTF-16 variant in which a payload begins with Chinese prose, if any."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        upper = sample[first::2]
        if len(upper.translate(None, _UPPER)) * 20 > len(upper):
            continue
        text = sample[: len(sample) // 2 * 2].decode(encoding, "replace")
        if commonness(text) >= PLAUSIBLE:
            return encoding
    return None


def _glued(payload: bytes) -> _Guess | None:
    """Decode a page composed of UTF-8 and GBK parts."""
    found = glued(payload)
    if found is None:
        return None
    how = f"{TWO_ENCODINGS}: {found.utf8_chars} characters UTF-8, {found.gbk_chars} GB18030"
    return _Guess(found.text, found.encoding, how, found.replaced)


def _damaged_utf8(payload: bytes) -> _Guess | None:
    guess = _lossy(payload, "utf-8", "lossy")
    good = sum(len(run) for run in re.findall("[^\x00-\x7f\ufffd]+", guess.text))
    return guess if guess.replaced <= max(good * _UTF8_SLIPS, 1) and good else None


def _chinese_or_declared(payload: bytes, declared: list[str]) -> _Guess:
    chinese = _strict(payload, "gb18030", "strict") or _lossy(payload, "gb18030", "lossy")
    others = [
        guess
        for name in declared
        if (guess := _strict(payload, name, "declared")) and guess.encoding not in _OURS
    ]
    share = commonness(chinese.text)
    if share < PLAUSIBLE and (big5 := _strict(payload, "big5", "guessed")):
        others.append(big5)
    for other in others:
        if commonness(other.text) > share or share < PLAUSIBLE:
            return other
    if share >= PLAUSIBLE or chinese.how == "strict":
        return chinese
    return _lossy(payload, "utf-8", "lossy")


_OURS: Final = frozenset({"utf-8", "gb18030", "gbk", "gb2312", "ascii"})


def _strict(payload: bytes, encoding: str, how: str) -> _Guess | None:
    try:
        name = codecs.lookup(encoding).name
        text = payload.decode(name)
    except (LookupError, UnicodeError, ValueError, AssertionError):
        return None
    # codecs such as rot13 or zlib are not text encodings
    return _Guess(text, name, how) if isinstance(text, str) else None


def _lossy(payload: bytes, encoding: str, how: str) -> _Guess:
    text = payload.decode(encoding, "replace")
    there = payload.count("\ufffd".encode(encoding, "replace"))
    return _Guess(text, encoding, how, max(text.count("\ufffd") - there, 0))

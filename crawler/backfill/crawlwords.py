"""Tests bytes for words, such as 政府工作报告, without reading the page.

Meant to sort out what certainly is no report before anything is derived or stored, so it errs on
the side of finding. It knows the words in UTF-8, UTF-16, UTF-32, GB18030 (and so GBK and GB 2312)
and Big5, as HTML entities, as escapes of JSON and of URLs, with tags and spaces between the
characters, and in UTF-8 that was made of misread UTF-8 or GBK. It cannot see words that a script
loads, that a picture shows, that are written otherwise (HZ, ISO-2022-CN), or that a mirror
replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final

WORDS: Final = ("政府工作报告", "政府工作報告")
"""What a page must contain if nothing else is asked for."""

_ENCODINGS: Final = ("utf-8", "gb18030", "big5")
_WIDE: Final = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_SPACES: Final = "\u00a0\u2002\u2003\u2009\u200b\u3000\ufeff"
_MOST_BETWEEN: Final = 24
"""The most spaces, tags and the like between two characters."""

_BETWEEN: Final = (
    rb"[\s\x00]", rb"<[^<>]{0,400}>", rb"&[a-zA-Z]{2,8};", rb"&#(?:x3000|12288|x?a0|160|820[0-9]);",
)  # fmt: skip
_WIDE_SHARE: Final = 16
"""A payload may be UTF-16 if one byte of so many is zero."""


class WordSearch:
    """Finds out whether bytes contain one of some words, however they are encoded."""

    def __init__(self, words: Sequence[str] = WORDS) -> None:
        self.words = tuple(words)
        forms = dict.fromkeys(chain.from_iterable(map(_forms, words)))
        self._forms = [
            (literal, None if pattern is None else re.compile(pattern, re.DOTALL))
            for literal, pattern in forms
        ]

    def is_in(self, payload: bytes) -> bool:
        """Whether one of the words is in the bytes."""
        return self._finds(payload) or any(map(self._finds, _narrowed(payload)))

    def _finds(self, payload: bytes) -> bool:
        return any(
            literal in payload and (pattern is None or pattern.search(payload) is not None)
            for literal, pattern in self._forms
        )


def _narrowed(payload: bytes) -> Iterator[bytes]:
    """Yield the bytes as UTF-8 for each wide encoding that they may be in."""
    if payload.count(0) * _WIDE_SHARE < len(payload):
        return
    for encoding in _WIDE:
        yield payload.decode(encoding, "ignore").encode("utf-8", "ignore")


def _forms(word: str) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield each way to write a word: a literal that is in it, and the whole as a pattern.

    Looking for the literal first is what makes the test fast. Without a pattern it is the whole.
    """
    for encoding in _ENCODINGS:
        with suppress(UnicodeEncodeError):
            coded = [char.encode(encoding) for char in word]
            yield coded[0], _spaced(map(re.escape, coded), encoding)
            yield b"%", b"".join(map(_escaped_in_url, coded))
    for encoding in _WIDE:
        yield word.encode(encoding), None
    decimal = (b"&#0{0,4}%d;?" % ord(char) for char in word)
    yield b"&#", _spaced(decimal, "utf-8")
    hexadecimal = (b"&#[xX]0{0,4}%b;?" % _any_case(b"%x" % ord(char)) for char in word)
    yield b"&#", _spaced(hexadecimal, "utf-8")
    yield b"\\u", b"".join(rb"\\{1,2}u" + _any_case(b"%04x" % ord(char)) for char in word)
    for coded_word in (word.encode("utf-8"), word.encode("gb18030")):
        for misread in ("latin-1", "cp1252"):
            yield _read_as(coded_word, misread).encode("utf-8"), None


def _spaced(chars: Iterable[bytes], encoding: str) -> bytes:
    spaces = [re.escape(each.encode(encoding)) for each in _SPACES if _fits(each, encoding)]
    between = b"(?:%s){0,%d}" % (b"|".join((*_BETWEEN, *spaces)), _MOST_BETWEEN)
    return between.join(chars)


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped_in_url(coded: bytes) -> bytes:
    return b"".join(b"%" + _any_case(b"%02x" % byte) for byte in coded)


def _any_case(hexadecimal: bytes) -> bytes:
    return b"".join(
        b"[%c%c]" % (digit, digit - 32) if digit > ord("9") else b"%c" % digit
        for digit in hexadecimal
    )


def _read_as(coded: bytes, encoding: str) -> str:
    """Return bytes as they look in a Western encoding; browsers read what is missing as Latin-1."""
    return "".join(
        (one := bytes([byte])).decode(encoding, "ignore") or one.decode("latin-1") for byte in coded
    )

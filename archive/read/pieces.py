"""Decodes pages composed of UTF-8 and GBK, such as templates and includes of moved sites.

The bytes are cut where neither encoding can be in the middle of a character, and each piece is
decoded on its own. The second byte of a GBK character is never below `@`, so line ends, spaces,
angle brackets and ASCII punctuation are safe places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from archive.known.commonness import PLAUSIBLE, commonness

_UTF8: Final = "utf-8"
_GBK: Final = "gb18030"
_UTF8_RUN: Final = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc\xbd][\x80-\xbf]){3}")
"""A run of bytes that is Chinese in UTF-8 and almost impossible in GBK."""
_UTF8_CHARACTER: Final = re.compile(rb"[\xe2-\xef][\x80-\xbf]{2}")
_SEAM: Final = 40
"""Characters around the end of one encoding in which its exact position is searched."""
_FREQUENT_FROM, _FREQUENT_TO = 0xB0, 0xD7
"""First bytes of the characters of GB 2312 that are sorted by sound: the 3,755 frequent ones."""
_MARKS: Final = frozenset("，。、；：！？（）《》“”—")
_LINES: Final = re.compile(rb"[^\n<>]+|[\n<>]+")
_WORDS: Final = re.compile(rb"[^\x00-/:-?]+|[\x00-/:-?]+")
_ASCII: Final = bytes(range(0x80))
_SURE: Final = 12
"""Non-ASCII bytes from which valid UTF-8 is UTF-8; shorter pieces may also be valid GBK."""
_LEAST: Final = 8
"""The fewest non-ASCII characters of the smaller part."""
_MOST_LOST: Final = 0.1
"""Share of U+FFFD up to which a piece is damaged UTF-8 rather than GBK with rare characters."""

_Piece = tuple[str, str]
"""An encoding and a piece decoded with it; plain ASCII has no encoding."""


@dataclass(frozen=True, slots=True)
class Glued:
    """A text in two encodings: the commoner one, and the number of characters in each."""

    text: str
    encoding: str
    utf8_chars: int
    gbk_chars: int
    replaced: int


def glued(payload: bytes) -> Glued | None:
    """Decode `payload` piece by piece, or return None if one encoding suffices."""
    if not _UTF8_RUN.search(payload):
        return None
    pieces = list(_pieces(payload))
    wide = {
        encoding: "".join(c for name, text in pieces if name == encoding for c in text if c > "~")
        for encoding in (_UTF8, _GBK)
    }
    if any(len(words) < _LEAST or commonness(words) < PLAUSIBLE for words in wide.values()):
        return None
    text = "".join(text for _, text in pieces)
    lost = max(text.count("\ufffd") - payload.count("\ufffd".encode()), 0)
    commoner = max(wide, key=lambda encoding: len(wide[encoding]))
    return Glued(text, commoner, len(wide[_UTF8]), len(wide[_GBK]), lost)


def _pieces(payload: bytes) -> Iterator[_Piece]:
    last = _UTF8
    for line in _LINES.findall(payload):
        whole = _read(line, last)
        one = whole and not _may_hold_both(line, whole)
        for piece in (whole,) if whole and one else _by_word(line, last):
            last = piece[0] or last
            yield piece


def _by_word(line: bytes, last: str) -> Iterator[_Piece]:
    """Decode a line that may change its encoding at some word."""
    for word in _WORDS.findall(line):
        whole = _read(word, last)
        readings = [[whole]] if whole else []
        if whole is None or _may_hold_both(word, whole):
            readings += _halves(word)
        for piece in max(readings, key=_worth):
            last = piece[0] or last
            yield piece


def _may_hold_both(words: bytes, read: _Piece) -> bool:
    """Whether `words` were read as GBK although one of their characters is valid UTF-8."""
    return read[0] == _GBK and _UTF8_CHARACTER.search(words) is not None


def _halves(words: bytes) -> Iterator[list[_Piece]]:
    """Yield `words` split at each position where UTF-8 may end or begin."""
    valid = _valid(words)
    stops = [m.end() for m in _UTF8_CHARACTER.finditer(words, 0, valid)][-_SEAM:]
    yield from ([*_utf8(words[:stop]), *_gbk(words[stop:])] for stop in (*stops, valid))
    for character in islice(_UTF8_CHARACTER.finditer(words), _SEAM):
        begin = character.start()
        stop = begin + _valid(words[begin:])
        yield [*_gbk(words[:begin]), *_utf8(words[begin:stop]), *_gbk(words[stop:])]


def _utf8(words: bytes) -> Iterator[_Piece]:
    if words:
        yield _UTF8, words.decode(_UTF8, "replace")


def _gbk(words: bytes) -> Iterator[_Piece]:
    if words:
        yield _GBK, words.decode(_GBK, "replace")


def _worth(pieces: list[_Piece]) -> int:
    """Return how Chinese the pieces are: wrongly decoded bytes give rare characters."""
    return sum(_value(c) for _, text in pieces for c in text if c > "~") - len(pieces)


def _value(character: str) -> int:
    code = character.encode("gb2312", "replace")
    if len(code) == 1:
        return -2
    return 2 if _FREQUENT_FROM <= code[0] <= _FREQUENT_TO or character in _MARKS else -1


def _read(words: bytes, last: str) -> _Piece | None:
    """Decode `words` in the encoding that fits; `last` decides if both do."""
    if words.isascii():
        return "", words.decode("ascii")
    fitting = [(name, text) for name in (_UTF8, _GBK) if (text := _strict(words, name)) is not None]
    if len(fitting) == 1 and fitting[0][0] == _GBK and commonness(fitting[0][1]) < PLAUSIBLE:
        fitting += _damaged(words)
    if not fitting:
        return None
    if fitting[0][0] == _UTF8 and len(words.translate(None, _ASCII)) >= _SURE:
        return fitting[0]
    return max(fitting, key=lambda piece: (commonness(piece[1]), piece[0] == last))


def _damaged(words: bytes) -> Iterator[_Piece]:
    text = words.decode(_UTF8, "replace")
    if text.count("\ufffd") <= len(text) * _MOST_LOST:
        yield _UTF8, text


def _valid(words: bytes) -> int:
    """Return the number of leading bytes of `words` that are valid UTF-8."""
    try:
        words.decode(_UTF8)
    except UnicodeDecodeError as error:
        return error.start
    return len(words)


def _strict(words: bytes, encoding: str) -> str | None:
    try:
        return words.decode(encoding)
    except UnicodeDecodeError:
        return None

"""Reads the text in a cell and undoes what spreadsheets and scrapers do to paragraphs.

A program that writes a table encodes line ends: as `_x000D_` (ECMA-376), as a backslash and a
letter, or as HTML elements. The encoding of the container is undone here; HTML is left to `read`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

PLAIN: Final = "text/plain; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"

_ECMA: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LITERAL: Final = re.compile(r"\\r\\n|\\n|\\r")
_LEAST_LITERAL: Final = 2
_BLOCK: Final = re.compile(
    r"</?(?:p|div|br|li|tr|td|h[1-6]|table|ul|ol|section|article|html|body)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of a cell, its content type, and how its line ends were encoded, if at all."""

    words: str
    content_type: str = PLAIN
    escaped: str = ""


def text_of(words: str) -> CellText:
    """Return the text in a cell."""
    found = _LITERAL.findall(words)
    if len(found) >= _LEAST_LITERAL and not _LINE_END.search(words.strip()):
        words = _LITERAL.sub("\n", words)
        return CellText(words, _type(words), "\\n")
    return CellText(words, _type(words))


def _type(words: str) -> str:
    """Return HTML if elements separate the lines.

    A stray `<br>` in a text of lines is not markup.
    """
    blocks = sum(1 for _ in _BLOCK.finditer(words))
    lines = len([line for line in _LINE_END.split(words) if line.strip()])
    return HTML if blocks and lines <= 2 * blocks else PLAIN


def unescaped(words: str) -> str:
    """Decode a string of a workbook, whose control characters are written as `_x000D_`."""
    if "_x" not in words:
        return words
    return _ECMA.sub(lambda code: _character(int(code[1], 16), code[0]), words)


def _character(code: int, written: str) -> str:
    return written if 0xD800 <= code < 0xE000 else chr(code)  # noqa: PLR2004  (half a pair)


def words_of(value: Any) -> str:
    """Return the words of a cell: a text as it is, a list of texts line by line, otherwise JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)

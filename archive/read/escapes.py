r"""Characters that stand in a text as the names of characters: `&nbsp;`, `<U+00A0>`, `\u3000`.

Programs that cannot write a character, or that escape a text twice, leave such names behind. A
name says which character it is, so reading it is no guess; how many were read is told.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

_REFERENCE: Final = r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z][a-zA-Z0-9]{1,30});"
_NUMBER: Final = r"<U\+(?P<r>[0-9A-Fa-f]{4,8})>|\\u(?P<json>[0-9a-fA-F]{4})|\\x(?P<byte>a0)"
_NUMBERS: Final = re.compile(_NUMBER)
_ALL: Final = re.compile(f"{_REFERENCE}|{_NUMBER}")
_TWICE: Final = re.compile(f"&amp;(?={_REFERENCE[1:]})")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE: Final = re.compile("[\ud800-\udfff\x00]")
_LARGEST: Final = 0x10FFFF
_MOST_TOLD: Final = 4


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text with the names of characters read as characters; `found` counts each name."""

    text: str
    found: Counter[str]

    def told(self) -> str:
        """How many names were read, and the commonest of them."""
        names = ", ".join(name for name, _ in self.found.most_common(_MOST_TOLD))
        return f"{self.found.total()} names of characters were read as characters: {names}"


def resolved(text: str, *, references: bool = True) -> Resolved:
    """`text` with the names of characters read; what names no character stays as it is.

    Args:
        text: what a file holds.
        references: whether `&nbsp;` and its like are such names; a parser of Markdown reads them.
    """
    found: Counter[str] = Counter()

    def read(match: re.Match[str]) -> str:
        character = _character(match)
        if character != match[0]:
            found[match[0]] += 1
        return character

    made = (_ALL if references else _NUMBERS).sub(read, text)
    return Resolved(_LONE.sub("\ufffd", _PAIR.sub(_joined, made)) if found else text, found)


def escaped_once(source: str) -> Resolved:
    """Markup in which references were escaped once more (`&amp;nbsp;`), without that escape."""
    found: Counter[str] = Counter()
    if "&amp;" not in source:
        return Resolved(source, found)
    made, count = _TWICE.subn("&", source)
    found["&amp;…;"] = count
    return Resolved(made, +found)


def _character(name: re.Match[str]) -> str:
    number = name["r"] or name["json"] or name["byte"]
    if number is None:
        return html.unescape(name[0])
    return chr(int(number, 16)) if 0 < int(number, 16) <= _LARGEST else name[0]


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")

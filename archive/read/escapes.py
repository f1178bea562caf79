r"""Reads names of characters as characters: `&nbsp;`, `<U+00A0>`, `\u3000`.

Programs that cannot write a character, or that escape a text twice, leave such names behind. A name
identifies its character, so reading it is not a guess. A flag counts the names that were read.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Final

from archive.read.parsing import ATTRIBUTES, SCRIPT

_REFERENCE: Final = r"&(?:#\d{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z][a-zA-Z0-9]{1,30});"
_NUMBER: Final = r"<U\+(?P<r>[0-9A-Fa-f]{4,8})>|\\u(?P<json>[0-9a-fA-F]{4})|\\x(?P<byte>a0)"
_NUMBERS: Final = re.compile(_NUMBER)
_ALL: Final = re.compile(f"{_REFERENCE}|{_NUMBER}")
_TWICE: Final = re.compile(f"&amp;(?={_REFERENCE[1:]})")
_ESCAPED_TAG: Final = re.compile(
    r"&lt;(?:/?(?:p|br|div|span|strong|b|i|u|em|font|center|section|h[1-6]|ul|ol|li|a|img|sup|sub"
    r"|table|tbody|thead|tr|t[dh])(?:[\s/](?:(?!&[lg]t;)[^<>])*+)?)&gt;",
    re.IGNORECASE,
)
_TAG_OR_ESCAPED: Final = re.compile(
    f"{SCRIPT}|<[a-z!/]{ATTRIBUTES}|(?P<escaped>{_ESCAPED_TAG.pattern})", re.IGNORECASE
)
_FEWEST_TAGS: Final = 4
"""Escaped tags from which a page was escaped by mistake, or for a script to unescape."""
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE: Final = re.compile("[\ud800-\udfff\x00]")
_TAGS: Final = "&lt;…&gt;"
_LARGEST: Final = 0x10FFFF
_NAMES_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Resolved:
    """A text with character names read as characters; `found` counts each name."""

    text: str
    found: Counter[str]

    def summary(self) -> str:
        """Return how many names were read, and the commonest of them."""
        names = ", ".join(name for name, _ in self.found.most_common(_NAMES_SHOWN))
        if set(self.found) == {_TAGS}:
            return f"{self.found.total()} escaped tags were read as tags"
        return f"{self.found.total()} names of characters were read as characters: {names}"


def resolved(text: str, *, references: bool = True) -> Resolved:
    """Read the character names in `text`; unknown names stay as they are.

    Args:
        text: the content of a file.
        references: whether to read `&nbsp;` and the like; the Markdown parser reads them itself.
    """
    found: Counter[str] = Counter()
    if not ("\\" in text or "<U+" in text or (references and "&" in text)):
        return Resolved(text, found)  # most texts have none, and a search is slower

    def read(match: re.Match[str]) -> str:
        character = _character(match)
        if character != match[0]:
            found[match[0]] += 1
        return character

    made = (_ALL if references else _NUMBERS).sub(read, text)
    return Resolved(_LONE.sub("\ufffd", _PAIR.sub(_joined, made)) if found else text, found)


def escaped_once(source: str) -> Resolved:
    """Undo a second escape of markup: of references (`&amp;nbsp;`), and of tags (`&lt;p&gt;`)."""
    found: Counter[str] = Counter()
    made = source
    if "&amp;" in source:
        made, found["&amp;…;"] = _TWICE.subn("&", source)
    if (
        "&lt;" in made
        and sum(1 for _ in islice(_ESCAPED_TAG.finditer(made), _FEWEST_TAGS)) == _FEWEST_TAGS
    ):
        made = _with_tags(made, found)
    return Resolved(made, +found)


def _with_tags(source: str, found: Counter[str]) -> str:
    """Read escaped tags in the text of `source` as tags, if there are several."""

    def read(match: re.Match[str]) -> str:
        if match["escaped"] is None:
            return match[0]
        found[_TAGS] += 1
        return html.unescape(match[0])

    made = _TAG_OR_ESCAPED.sub(read, source)
    if found[_TAGS] >= _FEWEST_TAGS:
        return made
    del found[_TAGS]
    return source


def _character(name: re.Match[str]) -> str:
    number = name["r"] or name["json"] or name["byte"]
    if number is None:
        return html.unescape(name[0])
    return chr(int(number, 16)) if 0 < int(number, 16) <= _LARGEST else name[0]


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")

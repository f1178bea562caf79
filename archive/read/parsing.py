"""Turns source into an outline with the first parser that loses nothing.

libxml2 discards what follows an early `</html>`; that is repaired before parsing. Any other loss is
detected by counting the characters of the source's text tokens against the outline. If they differ,
a simpler parser is used.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from archive.read.walking import BLOCKS, Outline, solid, walk

ATTRIBUTES: Final = r"(?>[^>=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|=)*+(?:>|\Z)"
"""The rest of a tag after its name."""
_EARLY_END: Final = re.compile(r"</(?:html|body)\b[^<>]*>", re.IGNORECASE)
_PACKED: Final = re.compile(
    r"<(?:(textarea)|(script)(?=[^>]*\btype\s*=\s*[\"']?text/(?:html|plain|(?:x-)?template)\b))\b"
    r"([^>]*+)>((?>[^<]++|<(?!/?(?:textarea|script)\b))*+)</(?:\1|\2)\s*>",
    re.IGNORECASE,
)
"""Elements with markup for a script to unpack, which browsers treat as text."""
_INPUT: Final = re.compile(f"<input\\b{ATTRIBUTES}", re.IGNORECASE)
_VALUE: Final = re.compile(r"\bvalue\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_SENTENCE_END: Final = "。"
_MARKUP: Final = re.compile(r"</[a-z]|<(?:p|br)\b", re.IGNORECASE)
_COMMENT: Final = r"<!--(?:-?>|(?>[^-]++|-(?!-!?>))*+(?:--!?>|-?\Z))"
_SCRIPT_BODY: Final = r"(?<!/>)(?>[^<]++|<(?!/\1\b))*+(?:</\1\b[^>]*+(?:>|\Z)|\Z)"
SCRIPT: Final = f"<(script|style)\\b{ATTRIBUTES}{_SCRIPT_BODY}"
"""A script or style sheet with its body; must be the first group of a pattern."""
_TOKEN: Final = re.compile(
    f"{_COMMENT}|{SCRIPT}"
    rf"|<(/?[a-z][^\s/>]*+){ATTRIBUTES}|<[!?/][^>]*+(?:>|\Z)",
    re.IGNORECASE,
)
_QUICK_TOKEN: Final = re.compile(
    rf"{_COMMENT}|<(script|style)\b[^>]*+(?:>|\Z){_SCRIPT_BODY}|<[a-z!?/][^>]*+(?:>|\Z)",
    re.IGNORECASE,
)
_INLINE: Final = re.compile(
    r"</?(?:font|span|b|i|u|em|strong|o:p|small|big|s|strike|ins|del|a|sub|sup|st1:\w+|v:\w+)\b"
    + ATTRIBUTES,
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An outline, the parser that made it (`lxml`, `plain`, `flat`), and the characters lost.

    `source` is the page as first parsed. `source_chars` counts the source's text, `lost_first` the
    loss of the first parser, and `lost` the final loss. White space is not counted.
    """

    outline: Outline
    source: str
    how: str
    source_chars: int
    lost_first: int
    lost: int


def parse(source: str, blocks: Iterable[str] = ()) -> Parsed:
    """Parse `source` as HTML. Every string gives an outline.

    Args:
        source: the decoded page.
        blocks: names (`#id`, `.class`) whose elements count as blocks whatever their tag.
    """
    source = repaired(source)
    if "<textarea" in source or "&lt;/" in source:
        source = unpacked(source)
    made = walk(source, blocks)
    if made.packs and (again := unpacked(source)) != source:
        source, made = again, walk(again, blocks)
    if (most := _most_chars(source)) <= made.count():
        return Parsed(made, source, "lxml", most, 0, 0)
    wanted = source_count(source)
    missing = wanted - made.count()
    if missing <= 0:
        return Parsed(made, source, "lxml", wanted, 0, 0)
    best = Parsed(made, source, "lxml", wanted, missing, missing)
    for how, plainer in _PLAINER.items():
        made = walk(plainer(source), blocks)
        left = wanted - made.count()
        if left < best.lost:
            best = Parsed(made, source, how, wanted, missing, max(left, 0))
        if left <= 0:
            break
    return best


def walked_source(parsed: Parsed) -> str:
    """Return the source of which the outline was made, which is simpler where text was lost."""
    plainer = _PLAINER.get(parsed.how)
    return parsed.source if plainer is None else plainer(parsed.source)


def repaired(source: str) -> str:
    """Return `source` without the ends of page and body, which are often far too early."""
    return _EARLY_END.sub("", source)


def unpacked(source: str) -> str:
    """Return `source` with the markup that it stores for a script, often the article, as elements.

    It is in a textarea, in a script of another type (`text/template`) or in the value of an input,
    and is read like a template.
    """
    source = _PACKED.sub(_unpacked, source)
    return _INPUT.sub(_unpacked_value, source) if "&lt;/" in source else source


def _unpacked(packed: re.Match[str]) -> str:
    textarea, _, attributes, content = packed.groups()
    if not _MARKUP.search(content) or not (textarea or _SENTENCE_END in content):
        return packed[0]
    return f"<template{attributes}>{content}</template>"


def _unpacked_value(tag: re.Match[str]) -> str:
    value = _VALUE.search(tag[0])
    content = html.unescape(value[1] or value[2] or "") if value else ""
    if not _MARKUP.search(content) or _SENTENCE_END not in content:
        return tag[0]
    return f"{tag[0]}<template>{content}</template>"


def source_count(source: str) -> int:
    """Count the characters of the text tokens of `source` that are not white space."""
    return solid(html.unescape(_TOKEN.sub("", source)))


def _most_chars(source: str) -> int:
    """Count quickly, and never too few: a tag ends at its first `>`, quoted or not."""
    return solid(html.unescape(_QUICK_TOKEN.sub("", source)))


def _without_inline(source: str) -> str:
    return _INLINE.sub("", source)


def _flattened(source: str) -> str:
    """Reduce `source` to block borders and links: one paragraph a line, without nesting."""
    text = _TOKEN.sub(_border, source)
    return "".join(f"<p>{line}</p>" for line in text.split("\x00") if line.strip())


def _border(token: re.Match[str]) -> str:
    name = (token[2] or "").lower()
    if name in {"a", "/a"}:
        return f"<{name}>"
    if name in {"title", "/title"}:
        return f"\x00<{name}>" if name == "title" else f"<{name}>\x00"
    return "\x00" if name.strip("/") in BLOCKS or name == "br" else ""


_PLAINER: Final[Mapping[str, Callable[[str], str]]] = {"plain": _without_inline, "flat": _flattened}
"""Makes the source simpler where the parser loses text, the simplest last."""

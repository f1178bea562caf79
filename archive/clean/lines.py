"""The lines of a page for cleaning, and the positions of head, body and tail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from archive.known.genre import CLAUSE_ENDS, GREETS, NUMBERED
from archive.known.han import HAN
from archive.model import Block, Page

Zone = Literal["head", "body", "tail", "any"]

SCOPES_OF: Final = {
    "head": ("head", "margin", "line"),
    "body": ("line",),
    "tail": ("tail", "margin", "line"),
    "any": ("head", "tail", "margin", "line"),
}
"""The rule scopes that apply to lines of each zone."""

_HEADING = re.compile(rf"(?:{NUMBERED})[^\s/]{{3,}}")
_SALUTATION = re.compile(r"(?:" + GREETS + r"|主任|主席)[^。]{0,30}[:：,，!！]$")
_MAY_BEGIN = frozenset("第一二三四五六七八九十(（各诸同代主")
"""First characters of headings and salutations, which hardly any paragraph has."""

_SENTENCE_END = f"{CLAUSE_ENDS}”"
_HAN = re.compile(f"[{HAN}]+")
_PROSE_CHARS = 14
_LOOKED_AT = 60


@dataclass(eq=False)
class VisibleLine:
    """One line of `visible`: `words` are its characters from `start` to `stop`, trimmed.

    `squeezed` are the words without white space, for comparison only. `begin` and `end` are the
    borders of the whole line, including its terminator.
    """

    index: int
    begin: int
    start: int
    stop: int
    end: int
    words: str
    squeezed: str
    block: Block

    @property
    def blank(self) -> bool:
        """Whether it is only white space."""
        return not self.words

    @cached_property
    def reads_like_body(self) -> bool:
        """Whether its words read like a report."""
        return is_body(self.words)

    @property
    def link_share(self) -> float:
        """The share of its characters inside links."""
        links = self.block.link_chars
        return min(1.0, links / max(1, len(self.squeezed))) if links else 0.0


def lines_of(page: Page) -> list[VisibleLine]:
    """Return one line for each block of `page`, in order."""
    return [_line(page, index, block) for index, block in enumerate(page.blocks)]


def _line(page: Page, index: int, block: Block) -> VisibleLine:
    raw = page.words(block)
    words = raw.strip()
    end = page.line_stop(index)
    if not words:
        return VisibleLine(index, block.start, block.start, block.start, end, "", "", block)
    start = block.start + len(raw) - len(raw.lstrip())
    squeezed = "".join(words.split())
    return VisibleLine(index, block.start, start, start + len(words), end, words, squeezed, block)


def is_body(words: str) -> bool:
    """Whether `words` read like a report: a paragraph, section heading or salutation."""
    if words[:1] in _MAY_BEGIN and (_HEADING.match(words) or _SALUTATION.match(words)):
        return True
    if words[-1:] not in _SENTENCE_END and "。" not in words:
        return False
    beginning = words[:_LOOKED_AT]
    han = sum(map(len, _HAN.findall(beginning)))
    return han >= _PROSE_CHARS and han * 2 >= len(beginning)


def zones(
    lines: Sequence[VisibleLine], is_junk: Sequence[bool], speech: tuple[int, int] | None = None
) -> list[Zone]:
    """Return the zone of each line: before the first body line, after the last, or between them.

    Lines outside the main part, and all lines of a page without body lines, are open to the rules
    of both margins.

    Args:
        lines: all lines of the page.
        is_junk: whether rules would take each line.
        speech: the numbers of the first and last line of the report's body, if known.
    """
    if speech is not None:
        return [_zone(line, *speech) for line in lines]
    body = [
        line.index
        for line in lines
        if not is_junk[line.index] and line.block.main and line.reads_like_body
    ]
    if not body:
        return ["any"] * len(lines)
    return [_zone(line, body[0], body[-1]) for line in lines]


def _zone(line: VisibleLine, first: int, last: int) -> Zone:
    if not line.block.main:
        return "any"
    if line.index < first:
        return "head"
    return "tail" if line.index > last else "body"

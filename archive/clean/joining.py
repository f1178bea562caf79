"""Lines that belong together: a page break or a hard wrap cut a sentence in two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from archive.clean.decide import Fate
from archive.clean.lines import Line

RULE: Final = "layout-joined-line"

_HEADING = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、章节部]|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}(?:[、．]|\.(?!\d)))"
)
_SENTENCE_END = re.compile(r"[。!！?？;；:：…]$")
_STARTS_ANEW = re.compile(r"[-—–―*#>【\[]")
_SALUTATION = re.compile(r"各位|同志们")
_PAGE_NUMBER = "print-page-number"
_LEAST_CHARS = 10
_WRAPPED_LINES, _WRAPPED_SHARE = 8, 0.7
_WIDEST = 60
_SLACK = 2


def joined_lines(kept: Sequence[Line], fates: Sequence[Fate], indents: Sequence[int]) -> set[int]:
    """The numbers of the kept lines that the next kept line goes on with.

    Args:
        kept: the kept lines, in order.
        fates: the fate of every line of the page.
        indents: how many characters each kept line is indented.
    """
    width = _wrapped_width(kept)
    return {
        line.index
        for line, following, indent in zip(kept, kept[1:], indents[1:], strict=False)
        if not indent and _goes_on(line, following, fates, width)
    }


def _goes_on(line: Line, following: Line, fates: Sequence[Fate], width: int) -> bool:
    if _SENTENCE_END.search(line.words) or _STARTS_ANEW.match(following.words):
        return False
    if _HEADING.match(following.words) or _SALUTATION.match(following.words):
        return False
    between = list(_rules(fates[line.index + 1 : following.index]))
    if between and set(between) == {_PAGE_NUMBER}:
        return len(line.words) >= _LEAST_CHARS and not _HEADING.match(line.words)
    adjacent = following.index == line.index + 1
    return bool(width) and adjacent and len(line.words) >= width - _SLACK


def _rules(fates: Sequence[Fate]) -> Iterator[str]:
    for fate in fates:
        yield from (field.rule.id for field in fate)


def _wrapped_width(kept: Sequence[Line]) -> int:
    """The width at which the lines of this page were wrapped, or 0 where they were not."""
    lengths = [len(line.words) for line in kept if len(line.words) >= _LEAST_CHARS]
    if len(lengths) < _WRAPPED_LINES:
        return 0
    width, _ = Counter(lengths).most_common(1)[0]
    near = sum(abs(length - width) <= _SLACK for length in lengths)
    open_ends = sum(not _SENTENCE_END.search(line.words) for line in kept)
    if width > _WIDEST or near < _WRAPPED_SHARE * len(lengths) or open_ends * 2 < len(kept):
        return 0
    return width

"""Joins lines when a page break or hard wrap cut a sentence in two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from archive.clean.lines import VisibleLine
from archive.clean.rulebook import Fate
from archive.known.genre import CLAUSE_ENDS, GREETS

RULE: Final = "layout-joined-line"

_HEADING = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、章节部]|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}(?:[、．]|\.(?!\d)))"
)
_SENTENCE_ENDS = frozenset(f"{CLAUSE_ENDS}…")
_STARTS_ANEW = re.compile(r"[-—–―*#>【\[]")
_SALUTATION = re.compile(GREETS)
_PAGE_NUMBER = "print-page-number"
_LEAST_CHARS = 10
_LEAST_PARAGRAPHS, _SET_APART = 3, 0.9
_LONGEST_HEADING = 60
_WRAPPED_LINES, _WRAPPED_SHARE = 8, 0.6
_WIDEST, _SLACK = 120, 2
_LAST_NARROW = "\u2e7f"


@dataclass(frozen=True, slots=True)
class Wrap:
    """The width at which lines were wrapped, measured in characters or columns."""

    measure: Callable[[str], int]
    width: int

    def fills(self, words: str) -> bool:
        """Whether `words` fill the line."""
        return self.measure(words) >= self.width - _SLACK


def joined_lines(
    kept: Sequence[VisibleLine], fates: Sequence[Fate], indents: Sequence[int]
) -> set[int]:
    """Return the numbers of kept lines that the next kept line continues.

    Args:
        kept: the kept lines, in order.
        fates: the fate of every line of the page.
        indents: the number of characters by which each kept line is indented.
    """
    wrap = _wrap_of(kept)
    full_stops = wrap is not None and _sets_apart(kept, indents, wrap)
    return {
        line.index
        for line, following, indent in zip(kept, kept[1:], indents[1:], strict=False)
        if not indent
        and (line.words[-1:] not in _SENTENCE_ENDS or (full_stops and _fills(wrap, line)))
        and _goes_on(line, following, fates, wrap)
    }


def _sets_apart(kept: Sequence[VisibleLine], indents: Sequence[int], wrap: Wrap) -> bool:
    """Whether paragraphs are indented or separated by blank lines.

    A short line certainly ends a paragraph, so the lines after short ones decide.
    """
    begins = [
        indent > 0 or following.index > line.index + 1
        for line, following, indent in zip(kept, kept[1:], indents[1:], strict=False)
        if line.words[-1:] in _SENTENCE_ENDS and not wrap.fills(line.words)
    ]
    return len(begins) >= _LEAST_PARAGRAPHS and sum(begins) >= _SET_APART * len(begins)


def _fills(wrap: Wrap | None, line: VisibleLine) -> bool:
    return wrap is not None and wrap.fills(line.words)


def _goes_on(
    line: VisibleLine, following: VisibleLine, fates: Sequence[Fate], wrap: Wrap | None
) -> bool:
    if begins_anew(following.words):
        return False
    between = list(_rules(fates[line.index + 1 : following.index]))
    if between and set(between) == {_PAGE_NUMBER}:
        return len(line.words) >= _LEAST_CHARS and not _HEADING.match(line.words)
    if wrap is None or not wrap.fills(line.words):
        return False
    return not between and following.index == line.index + 1


def begins_anew(words: str) -> bool:
    """Whether `words` are a heading, list item or salutation, which do not continue a line."""
    return any(p.match(words) is not None for p in (_STARTS_ANEW, _HEADING, _SALUTATION))


def is_heading(words: str) -> bool:
    """Whether `words` are a numbered heading."""
    return len(words) < _LONGEST_HEADING and _HEADING.match(words) is not None


def _rules(fates: Sequence[Fate]) -> Iterator[str]:
    for fate in fates:
        yield from (field.rule.id for field in fate)


def _wrap_of(kept: Sequence[VisibleLine]) -> Wrap | None:
    """Return how the lines of this page were wrapped, or None if they were not."""
    long = [line.words for line in kept if len(line.words) >= _LEAST_CHARS]
    open_ends = sum(line.words[-1:] not in _SENTENCE_ENDS for line in kept)
    if len(long) < _WRAPPED_LINES or open_ends * 2 < len(kept):
        return None
    near, wrap = max(
        (_wrapped(measure, long) for measure in (len, _columns)), key=lambda found: found[0]
    )
    return wrap if near >= _WRAPPED_SHARE and wrap.width <= _WIDEST else None


def _wrapped(measure: Callable[[str], int], lines: Sequence[str]) -> tuple[float, Wrap]:
    widths = [measure(words) for words in lines]
    width, _ = Counter(widths).most_common(1)[0]
    near = sum(abs(other - width) <= _SLACK for other in widths)
    return near / len(widths), Wrap(measure, width)


def _columns(words: str) -> int:
    """Count columns: a Han character takes two, so that lines with figures compare."""
    return len(words) + sum(character > _LAST_NARROW for character in words)

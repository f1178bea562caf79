"""Finds copies inside one text: a report pasted twice or more, in full or in part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from archive.clean import heads
from archive.clean.aligned import MatchingBlock, RepeatAlignment, alignments
from archive.clean.worded import Worded, fullness

CHANGED: Final = 12
"""Consecutive characters that may differ in a copy; more are other text."""

SHORT: Final = 120
"""Characters that formulas may have in common; a copy has more."""

_LEAST, _LEAST_SHARE = 400, 0.3
"""Characters of a copy, or in a short text its share: of 1,021 real texts none says more than 93
characters in a row a second time that is no copy."""

_NEAR, _FARTHEST = 600, 6000
"""Characters of chrome, or of what a copy lost, over which it goes on: at the one place and at the
other."""

_OVERLAP: Final = 200
"""The most characters by which two parts of a copy may overlap, if both sides of a gap begin
alike."""

_FAITHFUL: Final = 0.9
"""Share of the sentences at the second place that must be at the first; with less it is a
version."""

_MOST_CHANGED: Final = 0.06
"""The most single characters that differ, for each equal one. More means names and figures of
another text."""

_BELOW_HEAD: Final = 1000
"""Characters below the head of a document that must agree in a copy."""

_MARK = re.compile("[。，；,;]")
_CLAUSE: Final = 80
"""Characters of the longest clauses on average. Text with fewer punctuation marks is a menu."""

_SMALL: Final = 2000
"""The most characters of a copy that may be a summary, or a list of what the report says."""

_LEAD, _MORE = 300, 60
"""Characters of prose above a copy that is still the first thing in a text, and by how many more
sentences one copy is better than the other."""

UNKNOWN = re.compile(rb"\x00+")
_OTHER = re.compile(rb"\x00{%d,}" % (CHANGED + 1))


@dataclass(frozen=True)
class RepeatedCopy:
    """Consecutive alignments that form one copy of earlier text."""

    parts: tuple[RepeatAlignment, ...]

    @property
    def chars(self) -> int:
        """The number of characters that agree."""
        return sum(part.chars for part in self.parts)

    @property
    def blocks(self) -> Iterator[MatchingBlock]:
        """The blocks that agree, in order."""
        return (block for part in self.parts for block in part.blocks)

    @property
    def first(self) -> tuple[int, int]:
        """The range of the first occurrence."""
        return self.parts[0].first[0], self.parts[-1].first[1]

    @property
    def second(self) -> tuple[int, int]:
        """The range of the second occurrence."""
        return self.parts[0].second[0], self.parts[-1].second[1]

    @property
    def is_woven(self) -> bool:
        """Whether both alternate: each paragraph occurs twice in a row."""
        return self.first[1] > self.second[0] + SHORT


def copies_in(text: Worded) -> list[RepeatedCopy]:
    """Return the copies of earlier text in `text`, the longest first."""
    least = min(_LEAST, max(SHORT, int(_LEAST_SHARE * len(text.words))))
    found = alignments(text.words, text.anchors)
    known = _known(text, found)
    joined = (RepeatedCopy(parts) for parts in _joined(found))
    return sorted(
        (copy for copy in joined if copy.chars >= least and _is_faithful(text, copy, known)),
        key=lambda copy: -copy.chars,
    )


def _known(text: Worded, found: Iterable[RepeatAlignment]) -> bytearray:
    """Mark characters that occur twice, at their first place and at others."""
    known = bytearray(len(text.words))
    for block in (block for alignment in found for block in alignment.blocks):
        for place in block[:2]:
            known[place : place + block.length] = b"\x01" * block.length
    return known


def _joined(found: Iterable[RepeatAlignment]) -> Iterator[tuple[RepeatAlignment, ...]]:
    """Join alignments that continue another one. Formulas in any order are too short."""
    group: list[RepeatAlignment] = []
    long = (alignment for alignment in found if alignment.chars >= SHORT)
    for each in sorted(long, key=lambda alignment: alignment.second):
        if group and not _goes_on(group[-1], each):
            yield tuple(group)
            group = []
        group.append(each)
    if group:
        yield tuple(group)


def _goes_on(one: RepeatAlignment, other: RepeatAlignment) -> bool:
    gaps = other.first[0] - one.first[1], other.second[0] - one.second[1]
    return -_OVERLAP <= min(gaps) <= _NEAR and max(gaps) <= _FARTHEST


def _is_faithful(text: Worded, copy: RepeatedCopy, known: bytearray) -> bool:
    """Whether it is a copy of sentences, word for word, including most of those around them."""
    start, stop = copy.second
    ranks = range(text.line_of(start), text.line_of(stop - 1) + 1)
    if sum(len(_MARK.findall(text.shown(rank))) for rank in ranks) * _CLAUSE < copy.chars:
        return False  # a menu
    if copy.chars < min(_SMALL, len(text.words) / 3) and _is_quoted(text, copy):
        return False
    if _changed(text, start, stop, known) > _MOST_CHANGED * copy.chars:
        return False
    if _is_formula(text, copy, known):
        return False
    other = _more(text, start, stop, known)
    return copy.is_woven or copy.chars >= _FAITHFUL * (copy.chars + other)


def _changed(text: Worded, start: int, stop: int, known: bytearray) -> int:
    """Count single characters that differ in lines that are mostly equal."""
    found = 0
    for rank in range(text.line_of(start), text.line_of(stop - 1) + 1):
        a, b = max(start, text.begins[rank]), min(stop, text.begins[rank + 1])
        if any(known[a:b]):
            found += sum(len(run) for run in UNKNOWN.findall(known, a, b) if len(run) <= CHANGED)
    return found


def _is_formula(text: Worded, copy: RepeatedCopy, known: bytearray) -> bool:
    """Whether both places follow two heads, and the text above them differs."""
    rank, last = text.line_of(copy.second[0]), text.line_of(copy.first[1] - 1)
    own = text.head_above(0, text.line_of(copy.first[0]))
    other = text.head_above(last + 1, rank)
    if own is None or other is None or copy.is_woven:
        return False
    above = known[text.begins[other.line] : text.begins[rank]]
    return above.count(0) > _BELOW_HEAD


def _is_quoted(text: Worded, copy: RepeatedCopy) -> bool:
    """Whether one of the places follows the heading of a summary or an appendix."""
    ranks = (text.line_of(place) for place in (copy.first[0], copy.second[0]))
    above = [words for rank in ranks for words in text.lines_above(rank)]
    return any(heads.heads_summary(words) or heads.heads_appendix(words) for words in above)


def _more(text: Worded, start: int, stop: int, known: bytearray) -> int:
    """Count the characters of sentences at a place that are not known to be the same."""
    found = 0
    for rank in range(text.line_of(start), text.line_of(stop - 1) + 1):
        if text.is_prose(rank):
            a, b = max(start, text.begins[rank]), min(stop, text.begins[rank + 1])
            found += sum(map(len, _OTHER.findall(known, a, b)))
    return found


def worse_first(text: Worded, copy: RepeatedCopy) -> tuple[int, int] | None:
    """Return the first occurrence if it is the worse of two, otherwise None.

    It is worse if it has less of a head than its copy: the end of a report before the whole, or a
    report without the title of its copy. Without any heads, it is worse if it begins inside a
    paragraph; with equal heads, if it lacks sentences.
    """
    (start, stop), (again, end) = copy.first, copy.second
    if copy.is_woven or text.prose_before(start) > _LEAD:
        return None
    first, last = text.line_of(start), text.line_of(stop - 1)
    rank = text.line_of(again)
    own, other = text.head_of(start, stop), text.head_above(last + 1, rank)
    if own is None and other is None:
        worse = rank > last and text.begins[rank] < again and text.begins[first] == start
    else:
        known = _known(text, copy.parts)
        more = [_more(text, *place, known) > _MORE for place in ((start, stop), (again, end))]
        above = [first - own.line if own else 0, rank - other.line if other else 0]
        worse = (fullness(own), above[0], more[0]) < (fullness(other), above[1], more[1])
    return (text.lines[first].start, text.lines[last].stop) if worse else None

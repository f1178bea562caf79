"""Finds where two strings differ: unique anchors in both, then difflib on the rest.

difflib alone is exact but quadratic. Between anchors it only gets short pieces, so the time grows
with the length of the texts and the number of differences.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from os.path import commonprefix
from typing import Final, NamedTuple

_GRAMS: Final = (24, 8, 4)
"""Characters of an anchor, coarse to fine."""

_SMALL: Final = 4_096
"""Product of two lengths up to which difflib is used at once."""

_HUGE: Final = 4_000_000
"""Product of two lengths from which a piece without anchors is one replacement."""


class Match(NamedTuple):
    """`size` equal characters at `a` in one string and `b` in the other."""

    a: int
    b: int
    size: int


def matches(one: str, other: str) -> list[Match]:
    """Return equal pieces of two strings in order, adjacent ones joined; the rest differs."""
    joined: list[Match] = []
    for match in _matches(one, other, 0, 0, 0):
        last = joined[-1] if joined else None
        if last and last.a + last.size == match.a and last.b + last.size == match.b:
            joined[-1] = Match(last.a, last.b, last.size + match.size)
        elif match.size:
            joined.append(match)
    return joined


def chain(one: Sequence[Hashable], other: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return the longest series of items unique in both, ascending in both."""
    once = {thing for thing, count in Counter(other).items() if count == 1}
    places = {thing: at for at, thing in enumerate(other) if thing in once}
    counts = Counter(one)
    pairs = [
        (at, places[thing])
        for at, thing in enumerate(one)
        if counts[thing] == 1 and thing in places
    ]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence ascending in the second position (patience sorting)."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, there) in enumerate(pairs):
        pile = bisect_left(tops, there)
        before.append(ends[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(there)
            ends.append(index)
        else:
            tops[pile], ends[pile] = there, index
    found = []
    index = ends[-1] if ends else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]


def _matches(one: str, other: str, a: int, b: int, fineness: int) -> Iterator[Match]:
    if one == other:
        yield Match(a, b, len(one))
        return
    head = _agreeing(one, other)
    most = min(len(one), len(other)) - head
    tail = _agreeing(one[::-1][:most], other[::-1][:most])
    yield Match(a, b, head)
    rest, its = one[head : len(one) - tail], other[head : len(other) - tail]
    if rest and its:
        yield from _core(rest, its, a + head, b + head, fineness)
    yield Match(a + len(one) - tail, b + len(other) - tail, tail)


def _core(one: str, other: str, a: int, b: int, fineness: int) -> Iterator[Match]:
    product = len(one) * len(other)
    if product <= _SMALL or fineness == len(_GRAMS):
        if product <= _HUGE:
            blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
            yield from (Match(a + block.a, b + block.b, block.size) for block in blocks)
        return
    size = _GRAMS[fineness]
    anchors = chain(_grams(one, size), _grams(other, size))
    for match in _between(one, other, anchors, fineness):
        yield Match(a + match.a, b + match.b, match.size)


def _between(
    one: str, other: str, anchors: list[tuple[int, int]], fineness: int
) -> Iterator[Match]:
    """Yield the anchors and the matches between them; overlapping anchors are merged."""
    size = _GRAMS[fineness]
    here = there = 0
    for at, its in anchors:
        if at < here or its < there:
            more = at + size - here
            if at - here == its - there and more > 0:
                yield Match(here, there, more)
                here, there = at + size, its + size
            continue
        yield from _matches(one[here:at], other[there:its], here, there, fineness + 1)
        yield Match(at, its, size)
        here, there = at + size, its + size
    yield from _matches(one[here:], other[there:], here, there, fineness + 1)


def _agreeing(one: str, other: str) -> int:
    """Return the length of the common prefix of two strings."""
    return len(commonprefix((one, other)))  # noqa: RUF071  (characters are what is compared)


def _grams(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(len(text) - size + 1)]

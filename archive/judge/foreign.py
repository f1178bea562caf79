"""Names that come back again and again in a text and do not belong to the genre.

A pair of characters that clean reports never have is where a foreign name may stand; what all
its occurrences share to the left and right is the name.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from archive.known.figures import Figures, unseen_pairs

_WORDS = re.compile(r"[\u3400-\u9fffA-Za-z0-9]{2}")
_INSIDE = re.compile(r"[\u3400-\u9fffA-Za-z0-9_-]")
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{1,20}")
_LEFT, _RIGHT = 16, 20
_PARTICLES = "在被由向对将以的经从按与和及"
_MANY = 400
"""Occurrences of one pair beyond this are not looked at: a page of nothing but spam is slow."""


@dataclass(frozen=True, slots=True)
class Name:
    """A repeated foreign name and where it starts, each time."""

    words: str
    starts: tuple[int, ...]


def foreign_names(
    text: str, figures: Figures, vocabulary: frozenset[str] = frozenset()
) -> tuple[Name, ...]:
    """The names of `text` that stand there at least twice and hold a pair never seen.

    `vocabulary` holds pairs that belong to the genre although the figures have not seen them.
    """
    names: dict[str, set[int]] = defaultdict(set)
    for starts in unseen_pairs(text, figures.codes, _MANY):
        if _may_name(text[starts[0] : starts[0] + 2], vocabulary):
            left, right = _without_particles(text, starts[0], *_shared(text, starts))
            names[text[starts[0] - left : starts[0] + right]].update(s - left for s in starts)
    for match in _LATIN.finditer(text):
        words = match.group()
        if not words.replace(".", "").isdigit():
            names[words].add(match.start())
    found = [Name(words, tuple(sorted(s))) for words, s in names.items() if len(s) > 1]
    standing = _Standing(found)
    return tuple(name for name in found if not standing.hidden(name))


def _may_name(pair: str, vocabulary: frozenset[str]) -> bool:
    return pair not in vocabulary and not pair.isascii() and _WORDS.match(pair) is not None


class _Standing:
    """Names in the order in which they stand, so that those around a place are found at once."""

    def __init__(self, names: Iterable[Name]) -> None:
        standing = sorted(
            ((start, name) for name in names for start in name.starts), key=itemgetter(0)
        )
        self._starts = [start for start, _ in standing]
        self._names = [name for _, name in standing]

    def hidden(self, name: Name) -> bool:
        """Does `name` stand nowhere but inside one longer name?"""
        first = name.starts[0]
        begin = bisect_left(self._starts, first - _LEFT - _RIGHT)
        around = self._names[begin : bisect_right(self._starts, first, begin)]
        return any(_within(name, other) for other in around if name.words in other.words)


def _within(name: Name, other: Name) -> bool:
    """Does `name` stand nowhere but inside the longer `other`?"""
    if len(name.words) >= len(other.words) or len(name.starts) > _MANY:
        return False
    offsets = list(_places(name.words, other.words))
    return {start + offset for start in other.starts for offset in offsets}.issuperset(name.starts)


def _places(words: str, text: str) -> Iterator[int]:
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + len(words))


def _without_particles(text: str, start: int, left: int, right: int) -> tuple[int, int]:
    """Leave out the words before and after that belong to the sentence, not to the name."""
    while left > 0 and text[start - left] in _PARTICLES:
        left -= 1
    while right > 2 and text[start + right - 1] in _PARTICLES:  # noqa: PLR2004
        right -= 1
    return left, right


def _shared(text: str, starts: Sequence[int]) -> tuple[int, int]:
    """How many characters before and after `starts` all occurrences have in common."""
    before = range(-1, -min(_LEFT, *starts) - 1, -1)
    after = range(2, min(_RIGHT, len(text) - max(starts)))
    return _together(text, starts, before), 2 + _together(text, starts, after)


def _together(text: str, starts: Sequence[int], steps: range) -> int:
    """How many of `steps` lead from all `starts` to the same character of a name."""
    for gone, step in enumerate(steps):
        character = text[starts[0] + step]
        for start in starts:
            if text[start + step] != character:
                return gone
        if not _INSIDE.match(character):
            return gone
    return len(steps)

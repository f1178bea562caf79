"""Names that come back again and again in a text and do not belong to the genre.

A pair of characters that clean reports never have is where a foreign name may stand; what all
its occurrences share to the left and right is the name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
    places: dict[str, list[int]] = defaultdict(list)
    for i in unseen_pairs(text, figures.codes):
        pair = text[i : i + 2]
        if pair not in vocabulary and not pair.isascii() and _WORDS.match(pair):
            places[pair].append(i)
    names: dict[str, set[int]] = defaultdict(set)
    for starts in places.values():
        if 1 < len(starts) <= _MANY:
            left, right = _without_particles(text, starts[0], *_shared(text, starts))
            names[text[starts[0] - left : starts[0] + right]].update(s - left for s in starts)
    for match in _LATIN.finditer(text):
        if not match.group().replace(".", "").isdigit():
            names[match.group()].add(match.start())
    found = [Name(words, tuple(sorted(s))) for words, s in names.items() if len(s) > 1]
    at = _by_start(found)
    return tuple(name for name in found if not any(_within(name, o) for o in _around(name, at)))


def _by_start(names: Sequence[Name]) -> dict[int, list[Name]]:
    at: dict[int, list[Name]] = defaultdict(list)
    for name in names:
        for start in name.starts:
            at[start].append(name)
    return at


def _around(name: Name, at: Mapping[int, list[Name]]) -> Iterator[Name]:
    """The longer names that hold the first place of `name`."""
    first = name.starts[0]
    for start in range(first - _LEFT - _RIGHT, first + 1):
        for other in at.get(start, ()):
            if start + len(other.words) >= first + len(name.words):
                yield other


def _within(name: Name, other: Name) -> bool:
    """Does `name` stand nowhere but inside the longer `other`?"""
    if len(name.words) >= len(other.words) or len(name.starts) > _MANY:
        return False
    offsets = [m.start() for m in re.finditer(re.escape(name.words), other.words)]
    covered = {start + offset for start in other.starts for offset in offsets}
    return bool(offsets) and covered.issuperset(name.starts)


def _without_particles(text: str, start: int, left: int, right: int) -> tuple[int, int]:
    """Leave out the words before and after that belong to the sentence, not to the name."""
    while left > 0 and text[start - left] in _PARTICLES:
        left -= 1
    while right > 2 and text[start + right - 1] in _PARTICLES:  # noqa: PLR2004
        right -= 1
    return left, right


def _shared(text: str, starts: Sequence[int]) -> tuple[int, int]:
    """How many characters before and after `starts` all occurrences have in common."""
    left, right = 0, 2
    while left < _LEFT and _same(text, starts, -left - 1):
        left += 1
    while right < _RIGHT and _same(text, starts, right):
        right += 1
    return left, right


def _same(text: str, starts: Sequence[int], offset: int) -> bool:
    first = starts[0] + offset
    if not 0 <= first < len(text) or not _INSIDE.match(text[first]):
        return False
    return all(text[s + offset : s + offset + 1] == text[first] for s in starts)

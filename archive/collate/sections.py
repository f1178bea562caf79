"""Pages with many reports: where each report begins, and which one it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

from archive.collate.articles import Article

Identify = Callable[[str], Mapping[str, Any]]
"""Gives the values of the identity that the head of a report prints."""

_TITLE: Final = re.compile(r"政\s{0,3}府\s{0,3}工\s{0,3}作\s{0,3}报\s{0,3}告")
_OPENING: Final = re.compile(r"各位代表|人民代表大会|同志们")
_LONGEST_TITLE: Final = 60
_HEAD: Final = 8
"""Passages that a head may have: title, notes, session, speaker, salutation."""


class Place(NamedTuple):
    """A passage of an article: the index of its text, its number there, its words."""

    text: int
    seq: int
    words: str


@dataclass(frozen=True)
class _Section:
    start: int
    stop: int
    identity: Mapping[str, Any]


def split(article: Article, passages: Sequence[Place], identify: Identify) -> tuple[Article, ...]:
    """The reports that begin in an article, each with the passages that it has of each text.

    A report ends where the next begins or where a page is known to be missing after it. What
    stands before the first title is part of none.
    """
    found = []
    for section in _sections(passages, identify):
        held = passages[section.start : section.stop]
        indexes = sorted({place.text for place in held})
        ranges = tuple(_range(held, index) for index in indexes)
        texts = tuple(
            replace(
                article.texts[index],
                identity=section.identity,
                shape="report",
                weak=frozenset(),
                chars=sum(len(place.words) for place in held if place.text == index),
            )
            for index in indexes
        )
        found.append(Article(texts, ranges=ranges))
    return tuple(found)


def _range(held: Sequence[Place], index: int) -> tuple[int, int]:
    numbers = [place.seq for place in held if place.text == index]
    return min(numbers), max(numbers)


def _sections(passages: Sequence[Place], identify: Identify) -> Iterator[_Section]:
    heads = list(_heads([place.words for place in passages]))
    for start, stop in pairwise([*heads, len(passages)]):
        words = "\n".join(place.words for place in passages[start : min(start + _HEAD, stop)])
        yield _Section(start, stop, identify(words))


def _heads(passages: Sequence[str]) -> Iterator[int]:
    """Titles that a session or a salutation follows soon, before another title does."""
    for index, words in enumerate(passages):
        if not _is_title(words):
            continue
        for following in passages[index + 1 : index + _HEAD]:
            if _is_title(following):
                break
            if _OPENING.search(following):
                yield index
                break


def _is_title(words: str) -> bool:
    return (
        len(words) <= _LONGEST_TITLE and bool(_TITLE.search(words)) and words[-1] not in "。；;，,"
    )

"""A word over the years: how often it occurs in counted reports; a gap is a gap.

Counts the bodies of the reports that a panel counts, so that the rows of a panel for a year add up
to the point of that year.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from archive.catalogue.words import Counting
from archive.known.characters import to_simplified
from archive.store.bodies import Narrowed, lengths, passages_with

PASSAGES_CUT: Final = 1_000
"""Passages up to which jieba is run, which takes about a second for 1,000; beyond, its count is
omitted and reported as such."""


@dataclass(slots=True)
class Point:
    """One year.

    `reports` are counted, `having` of them contain the word, `hits` times in all. `han` are the Han
    characters of their bodies. `tokens` is how often jieba segments the word, None if not counted.
    """

    year: int
    reports: int = 0
    han: int = 0
    having: int = 0
    hits: int = 0
    tokens: int | None = 0

    @property
    def per_10_000(self) -> float | None:
        """Hits per 10,000 Han characters; None if there is no report: a gap, not a zero."""
        return 10_000 * self.hits / self.han if self.han else None


@dataclass(frozen=True, slots=True)
class Series:
    """A word and its points, one for every year; `digest` is that of the counter."""

    term: str
    points: tuple[Point, ...]
    digest: str


def trend(
    connection: sqlite3.Connection, terms: Sequence[str], narrowed: Narrowed | None = None
) -> Iterator[Series]:
    """Return the series of each term; empty if no report is counted.

    Args:
        connection: the connection of the archive.
        terms: words to count.
        narrowed: which reports to take; all if None.
    """
    about = narrowed or Narrowed()
    known = lengths(connection, about)
    if not known:
        return
    for term in terms:
        points = {year: Point(year) for year in range(known[0][0], known[-1][0] + 1)}
        for year, reports, han in known:
            points[year].reports, points[year].han = reports, han
        counting = Counting.of_term(term)
        _count(connection, counting, points, about)
        yield Series(term, tuple(points.values()), counting.digest)


def _count(
    connection: sqlite3.Connection,
    counting: Counting,
    points: Mapping[int, Point],
    narrowed: Narrowed,
) -> None:
    (term,) = counting.words.terms
    having: dict[int, set[int]] = defaultdict(set)
    found: list[tuple[int, str]] = []
    for year, work, words in passages_with(connection, to_simplified(term), narrowed):
        hits = counting.count(term, words)
        if hits:
            points[year].hits += hits
            having[year].add(work)
            found.append((year, words))
    for year, point in points.items():
        point.having = len(having[year])
        if len(found) > PASSAGES_CUT:
            point.tokens = None
    for year, words in found if len(found) <= PASSAGES_CUT else ():
        points[year].tokens = (points[year].tokens or 0) + counting.tokens(words)[term]

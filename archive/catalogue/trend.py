"""A word over the years: how often it occurs in counted reports; a gap is a gap.

Counts the bodies of the reports that a panel counts, so that the rows of a panel for a year add up
to the point of that year.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import thread_time
from typing import Final

from archive.catalogue.counted import Selection, WordCounts, selection, word_counts
from archive.catalogue.words import Counting
from archive.known.characters import to_simplified
from archive.store.bodies import Narrowed, candidates, passages_with

PASSAGES_CUT: Final = 1_000
"""Passages up to which jieba is run, which takes about a second for 1,000; beyond, its count is
omitted and reported as such."""

_STEP: Final = 16
"""Reports between two looks at the clock."""


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


class StillCountingError(Exception):
    """There was no time to count all reports; what was counted is kept for the next time."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__(done, of)
        self.done = done
        self.of = of


def trend(
    connection: sqlite3.Connection,
    terms: Sequence[str],
    narrowed: Narrowed | None = None,
    *,
    seconds: float | None = None,
) -> Iterator[Series]:
    """Return the series of each term; empty if no report is counted.

    Args:
        connection: the connection of the archive.
        terms: words to count.
        narrowed: which reports to take; all if None.
        seconds: processor time for reading reports; as long as it takes if None.

    Raises:
        StillCountingError: it takes more than `seconds`.
    """
    about = narrowed or Narrowed()
    chosen = selection(connection, about)
    if not chosen.years:
        return
    stop_at = None if seconds is None else thread_time() + seconds
    for term in terms:
        counting = Counting.of_term(term)
        count = _Count(connection, counting, term, word_counts(connection, counting.digest))
        count.read(about, chosen, stop_at)
        yield Series(term, tuple(count.points(chosen)), counting.digest)


@dataclass(slots=True)
class _Count:
    """Counts a term in the reports of a selection, except in those that were counted before."""

    connection: sqlite3.Connection
    counting: Counting
    term: str
    known: WordCounts
    read_now: dict[int, list[str]] = field(default_factory=dict)

    def read(self, about: Narrowed, chosen: Selection, stop_at: float | None) -> None:
        """Count in the reports that were not counted yet."""
        if about in self.known.complete:
            return
        asked = [w for w in candidates(self.connection, self._plain) if w in chosen.years]
        missing = [w for w in asked if w not in self.known.found and w not in self.known.without]
        for number, work in enumerate(missing):
            if stop_at is not None and number % _STEP == 0 and thread_time() > stop_at:
                raise StillCountingError(len(asked) - len(missing) + number, len(asked))
            found = self._passages(work)
            hits = sum(self.counting.count(self.term, words) for words in found)
            self.known.add(work, hits, len(found))
            if len(self.read_now) <= PASSAGES_CUT:
                self.read_now[work] = found
        self.known.complete.add(about)

    def points(self, chosen: Selection) -> Iterator[Point]:
        """Yield a point for each year."""
        points = {
            year: Point(year, chosen.reports[year], chosen.han[year])
            for year in range(min(chosen.reports), max(chosen.reports) + 1)
        }
        # a copy: another thread may count more meanwhile
        works = [work for work in list(self.known.found) if work in chosen.years]
        for work in works:
            point = points[chosen.years[work]]
            point.having += 1
            point.hits += self.known.found[work][0]
        self._add_tokens(points, works, chosen)
        yield from points.values()

    def _add_tokens(
        self, points: Mapping[int, Point], works: Sequence[int], chosen: Selection
    ) -> None:
        if sum(self.known.found[work][1] for work in works) > PASSAGES_CUT:
            for point in points.values():
                point.tokens = None
            return
        for work in works:
            point = points[chosen.years[work]]
            point.tokens = (point.tokens or 0) + self._tokens(work)

    def _tokens(self, work: int) -> int:
        if work not in self.known.tokens:
            found = self.read_now.get(work) or self._passages(work)
            self.known.tokens[work] = sum(self.counting.tokens(w)[self.term] for w in found)
        return self.known.tokens[work]

    def _passages(self, work: int) -> list[str]:
        """Return the passages in which the term stands."""
        found = passages_with(self.connection, self._plain, work)
        return [words for words in found if self.counting.count(self.term, words)]

    @property
    def _plain(self) -> str:
        return to_simplified(self.term)

"""A word over the years: how often it occurs in counted reports; a gap is a gap.

Counts the bodies of the reports that a panel counts, so that the rows of a panel for a year add up
to the point of that year.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import thread_time
from typing import Final

from archive.catalogue.counted import Selection, WordCounts, selection, word_counts
from archive.catalogue.coverage import Absences
from archive.catalogue.words import Counting
from archive.known.characters import to_simplified
from archive.store.bodies import Narrowed, candidates, passages_with, places_of, uncounted

PASSAGES_CUT: Final = 1_000
"""Passages up to which jieba is run unasked, which takes about a second for 1,000."""

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
    all_tokens: bool = False,
    years: range | None = None,
) -> Iterator[Series]:
    """Return the series of each term; empty if no report is counted.

    Args:
        connection: the connection of the archive.
        terms: words to count.
        narrowed: which reports to take; all if None.
        seconds: processor time for reading reports; as long as it takes if None.
        all_tokens: run jieba however many passages have the term.
        years: the years of the points; from the first to the last report if None.

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
        works = count.works_with(chosen)
        if all_tokens:
            count.read_tokens(works, stop_at)
        points = count.points(chosen, works, years or years_of(chosen))
        yield Series(term, tuple(points), counting.digest)


def years_of(chosen: Selection) -> range:
    """Return the years from the first to the last counted report."""
    return range(min(chosen.reports), max(chosen.reports) + 1)


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

    def works_with(self, chosen: Selection) -> list[int]:
        """Return the chosen works that contain the term."""
        # a copy: another thread may count more meanwhile
        return [work for work in list(self.known.found) if work in chosen.years]

    def read_tokens(self, works: Sequence[int], stop_at: float | None) -> None:
        """Run jieba over the works in which it did not run yet."""
        missing = [work for work in works if work not in self.known.tokens]
        for number, work in enumerate(missing):
            if stop_at is not None and number % _STEP == 0 and thread_time() > stop_at:
                raise StillCountingError(len(works) - len(missing) + number, len(works))
            self._tokens(work)

    def points(self, chosen: Selection, works: Sequence[int], years: range) -> Iterator[Point]:
        """Yield a point for each year."""
        points = {year: Point(year, chosen.reports[year], chosen.han[year]) for year in years}
        has_tokens = self._has_tokens(works)
        for work in works:
            point = points.get(chosen.years[work])
            if point is not None:
                point.having += 1
                point.hits += self.known.found[work][0]
                if has_tokens:
                    point.tokens = (point.tokens or 0) + self._tokens(work)
        for point in points.values():
            yield point if has_tokens else replace(point, tokens=None)

    def _has_tokens(self, works: Sequence[int]) -> bool:
        """Whether jieba has run over all works, or takes little time for the others."""
        missing = [work for work in works if work not in self.known.tokens]
        return sum(self.known.found[work][1] for work in missing) <= PASSAGES_CUT

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


def why_uncounted(
    connection: sqlite3.Connection, narrowed: Narrowed, years: range
) -> dict[int, list[tuple[str, str | int]]]:
    """Return why no report is counted, for each year of which none is.

    Each reason is one of `unfit`, `several` or `quality` with the number of such reports, or one of
    `archive.catalogue.coverage.REASONS` with its detail if all counted reports are of one place.
    """
    chosen = selection(connection, narrowed)
    reasons: dict[int, list[tuple[str, str | int]]] = {
        year: [] for year in years if not chosen.reports[year]
    }
    for year, reason, works in uncounted(connection, narrowed, list(reasons)):
        reasons[year].append((reason, works))
    place = _only_place(connection, chosen)
    absences = Absences(connection, places=[place]) if place else None
    for year, found in reasons.items():
        why = absences.why(place, year) if absences and place and not found else None
        if why:
            found.append((why.reason, why.detail or ""))
    return reasons


def _only_place(connection: sqlite3.Connection, chosen: Selection) -> str | None:
    """Return the place of all chosen reports; None if they are of several places."""
    if len(chosen.years) > len(chosen.reports):
        return None  # of one place there is one report a year
    places = places_of(connection, chosen.years)
    return places[0] if len(places) == 1 else None

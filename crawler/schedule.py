"""Decides when sites are due: more often in the season in which their level reports.

County and prefecture assemblies meet from November to March, provincial ones from January to March.
In season a site is crawled daily, otherwise monthly, unless its site file says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from archive import Fetched
from archive.clock import stamp
from crawler.known import frontier_of, made
from crawler.site_files import Level, Site

SEASONS: Final[Mapping[Level | None, frozenset[int]]] = {
    "national": frozenset({3}),
    "province": frozenset({1, 2, 3}),
    "prefecture": frozenset({11, 12, 1, 2, 3}),
    "county": frozenset({11, 12, 1, 2, 3}),
    "township": frozenset({11, 12, 1, 2, 3}),
    None: frozenset({11, 12, 1, 2, 3}),
}
"""The months in which each level delivers and publishes reports; None for mirrors and the like."""

IN_SEASON_DAYS: Final = 1.0
OUT_OF_SEASON_DAYS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The schedule of a site: last finished crawl, next crawl, and URLs left over.

    Times are UTC text; `finished_at` is None if no crawl was ever finished. `late_days` is how long
    the next crawl is overdue, negative if it is not due yet.
    """

    site: str
    finished_at: str | None
    due_at: str
    late_days: float
    pending: int

    @property
    def was_asked(self) -> bool:
        """Whether a crawl of the site was finished, or has left URLs over."""
        return self.finished_at is not None or self.pending > 0

    @property
    def is_due(self) -> bool:
        """Whether the next crawl is due."""
        return self.late_days >= 0


def interval_days(site: Site, now: datetime) -> float:
    """Return the days between two crawls of a site at this time of the year."""
    if site.interval_days is not None:
        return site.interval_days
    in_season = now.month in SEASONS[site.level]
    return IN_SEASON_DAYS if in_season else OUT_OF_SEASON_DAYS


def standings(db: str | Path, sites: Iterable[Site], now: datetime | None = None) -> list[Standing]:
    """Return the schedule of each site in an archive; a missing archive has no crawls.

    Raises:
        UsageError: the file is not an archive.
    """
    moment = now or datetime.now(UTC)
    there = made(db)
    if there is None:
        return [_standing(site, None, 0, moment) for site in sites]
    with there as archive:
        frontier, fetched = frontier_of(archive), Fetched(archive)
        return [
            _standing(site, fetched.finished_at(site.name), frontier.pending(site.name), moment)
            for site in sites
        ]


def due(db: str | Path, sites: Iterable[Site], now: datetime | None = None) -> list[str]:
    """Return the names of due sites, the most overdue first."""
    late = [one for one in standings(db, sites, now) if one.is_due]
    return [one.site for one in sorted(late, key=lambda one: -one.late_days)]


def stale(found: Sequence[Standing], max_age_days: float, now: datetime | None = None) -> list[str]:
    """Return a sentence for each site whose last finished crawl is older than `max_age_days`."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=max_age_days)
    return [
        f"{one.site}: last crawled {one.finished_at or 'never'}"
        for one in found
        if one.finished_at is None or datetime.fromisoformat(one.finished_at) < oldest
    ]


def _standing(site: Site, finished_at: str | None, pending: int, now: datetime) -> Standing:
    """Return the schedule of one site. An unfinished crawl is due at once."""
    next_one = now
    if finished_at is not None:
        last = datetime.fromisoformat(finished_at)
        next_one = last + timedelta(days=interval_days(site, now))
    due_at = stamp(next_one)
    late_days = (now - next_one).total_seconds() / 86400
    return Standing(site.name, finished_at, due_at, late_days, pending)

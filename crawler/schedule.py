"""When a site is due: more often in the season in which its level reports, and who is late.

County and prefecture assemblies meet from November to March, provincial ones from January to
March; in season a site is crawled daily, otherwise monthly. A site file may say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from archive import Archive
from archive.clock import stamp
from crawler.frontier import SqliteFrontier
from crawler.known import made
from crawler.site_files import Level, Site

SEASONS: Final[Mapping[Level | None, frozenset[int]]] = {
    "national": frozenset({3}),
    "province": frozenset({1, 2, 3}),
    "prefecture": frozenset({11, 12, 1, 2, 3}),
    "county": frozenset({11, 12, 1, 2, 3}),
    "township": frozenset({11, 12, 1, 2, 3}),
    None: frozenset({11, 12, 1, 2, 3}),
}
"""Months in which reports of a level are delivered and published; None: mirrors and the like."""

IN_SEASON_DAYS: Final = 1.0
OUT_OF_SEASON_DAYS: Final = 30.0

_LAST: Final = """
SELECT max(ended_at) FROM run_ends JOIN run_sites USING (run_id)
WHERE run_sites.name = ? AND json_extract(counts_json, ?) IS NOT NULL
"""

_SEEN: Final = """
SELECT json_extract(counts_json, ?) FROM run_ends JOIN run_sites USING (run_id)
WHERE run_sites.name = ? AND run_id < ? AND json_extract(counts_json, ?) IS NOT NULL
  AND json_extract(counts_json, ?) IS NOT NULL
ORDER BY run_id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a site stands: last finished crawl, next one, and what is left from the last.

    Times are UTC text; `finished_at` is None where no crawl was ever finished. `late_days` is
    how long the next crawl is overdue, negative when it is not due yet.
    """

    site: str
    finished_at: str | None
    due_at: str
    late_days: float
    pending: int

    @property
    def is_due(self) -> bool:
        """Whether it is time."""
        return self.late_days >= 0


def interval_days(site: Site, now: datetime) -> float:
    """Days between two crawls of a site at this time of the year."""
    if site.interval_days is not None:
        return site.interval_days
    in_season = now.month in SEASONS[site.level]
    return IN_SEASON_DAYS if in_season else OUT_OF_SEASON_DAYS


def standings(db: str | Path, sites: Iterable[Site], now: datetime | None = None) -> list[Standing]:
    """How each site stands in an archive; an archive that is not there has seen no site.

    Raises:
        UsageError: the file is none of ours.
    """
    moment = now or datetime.now(UTC)
    there = made(db)
    if there is None:
        return [_standing(site, None, 0, moment) for site in sites]
    with there as archive:
        frontier = SqliteFrontier(archive)
        return [
            _standing(site, _finished_at(archive, site.name), frontier.pending(site.name), moment)
            for site in sites
        ]


def due(db: str | Path, sites: Iterable[Site], now: datetime | None = None) -> list[str]:
    """The names of the sites whose next crawl is due, the latest first."""
    late = [one for one in standings(db, sites, now) if one.is_due]
    return [one.site for one in sorted(late, key=lambda one: -one.late_days)]


def stale(found: Sequence[Standing], max_age_days: float, now: datetime | None = None) -> list[str]:
    """A sentence for each site whose last finished crawl is older than `max_age_days`."""
    oldest = (now or datetime.now(UTC)) - timedelta(days=max_age_days)
    return [
        f"{one.site}: last crawled {one.finished_at or 'never'}"
        for one in found
        if one.finished_at is None or datetime.fromisoformat(one.finished_at) < oldest
    ]


def seen_before(archive: Archive, site: str, run_id: int) -> int | None:
    """How many articles the lists of a site showed in the last finished crawl before `run_id`."""
    seen, finished = f'$."seen:{site}"', f'$."finished:{site}"'
    found = archive.connection.execute(_SEEN, (seen, site, run_id, finished, seen)).fetchone()
    return None if found is None or found[0] is None else int(found[0])


def _finished_at(archive: Archive, name: str) -> str | None:
    (last,) = archive.connection.execute(_LAST, (name, f'$."finished:{name}"')).fetchone()
    return None if last is None else str(last)


def _standing(site: Site, finished_at: str | None, pending: int, now: datetime) -> Standing:
    """What is left over from an unfinished crawl is due at once."""
    next_one = now
    if finished_at is not None:
        last = datetime.fromisoformat(finished_at)
        next_one = last + timedelta(days=interval_days(site, now))
    due_at = stamp(next_one)
    late_days = (now - next_one).total_seconds() / 86400
    return Standing(site.name, finished_at, due_at, late_days, pending)

"""The durable frontier: the URLs still to fetch, in the archive's own database.

A row is pending, leased, done or failed. It is acknowledged only when everything it produced is
stored. Child rows, captures and the acknowledgement share a transaction (see `Recorder`), so that a
crawl that is killed at any moment loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, Protocol

from archive import Archive
from crawler.callbacks import ARTICLE_CALLBACKS


@dataclass(frozen=True, slots=True)
class Entry:
    """A request to be made: `request_json` is all of it, the other fields are its keys."""

    site: str
    host: str
    url: str
    fingerprint: str
    request_json: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Leased:
    """A leased row; `token` must be presented when it is given back.

    `attempts` counts the earlier failures. `outcome` is that of the last attempt: None before the
    first one, `lost` if an attempt was interrupted and may have been stored in part.
    """

    id: int
    token: str
    host: str
    url: str
    fingerprint: str
    request_json: str
    attempts: int
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """A row of the frontier: the request, and its result so far."""

    url: str
    fingerprint: str
    request_json: str
    state: str
    outcome: str | None
    changed_at: str

    @property
    def request(self) -> dict[str, Any]:
        """The request as it was stored (`crawler.stored_requests`)."""
        stored: dict[str, Any] = json.loads(self.request_json)
        return stored


class Frontier(Protocol):
    """The interface of a frontier; `tests/crawler/test_frontier.py` is its conformance test.

    Times are UTC text in the archive's format, and the caller passes `now`. `ack` and `fail` do
    nothing if the token no longer matches because the row was leased or queued again.
    """

    def add(self, entry: Entry, now: str) -> bool:
        """Add a pending row. Returns False, and changes nothing, if the fingerprint exists."""

    def requeue(self, entry: Entry, now: str) -> None:
        """Add a pending row, or make the existing row pending again with this URL."""

    def lease(self, site: str, host: str, n: int, now: str, holder: str) -> list[Leased]:
        """Lease at most `n` due rows of a host, oldest first."""

    def ack(self, leased: Leased, outcome: str, now: str, capture_id: int | None = None) -> None:
        """Mark the row as done: everything it produced is stored, the answer as this capture."""

    def fail(
        self,
        leased: Leased,
        outcome: str,
        now: str,
        due_at: str | None,
        capture_id: int | None = None,
    ) -> None:
        """Record a failed attempt: due again at `due_at`, or failed for good if that is None."""

    def give_back(self, leased: Leased, now: str) -> None:
        """Return a row whose attempt was not made or not finished. No failure is counted."""

    def release_expired(self, site: str, host: str, holder: str, now: str) -> int:
        """Make rows pending that another holder leased and never gave back."""

    def renew(self, site: str, now: str, before: str) -> int:
        """Start a new round: list pages, failures and rows older than `before` become pending."""

    def hosts(self, site: str) -> list[str]:
        """The hosts of the site with pending or leased rows."""

    def next_due(self, site: str, host: str) -> str | None:
        """The earliest due time of a pending row of a host, or None."""

    def pending(self, site: str) -> int:
        """The number of pending or leased rows of the site."""

    def leased(self, site: str) -> int:
        """The number of leased rows of the site, including those of a killed crawl."""

    def known_articles(self, site: str) -> int:
        """The number of articles of the site fetched by this or earlier crawls."""

    def rows(self, site: str) -> Iterator[FrontierRow]:
        """Every row of the site, in the order in which they were added."""

    def sites(self) -> list[str]:
        """The names of the sites that have rows."""


class SqliteFrontier:
    """The frontier in the archive's database.

    It opens no write transactions. The caller's `Archive.transaction` does, so that frontier rows
    and captures are committed together.
    """

    def __init__(self, archive: Archive) -> None:
        self._sql = archive.connection
        self._numbers = count(1)

    def add(self, entry: Entry, now: str) -> bool:
        """See `Frontier`."""
        added = self._sql.execute(
            f"{_INSERT} ON CONFLICT (fingerprint) DO NOTHING", _values(entry, now)
        )
        return added.rowcount > 0

    def requeue(self, entry: Entry, now: str) -> None:
        """See `Frontier`."""
        self._sql.execute(
            f"{_INSERT} ON CONFLICT (fingerprint) DO UPDATE SET state = 'pending',"
            " lease_token = NULL, host = excluded.host, url = excluded.url,"
            " request_json = excluded.request_json,"
            " due_at = excluded.due_at, changed_at = excluded.changed_at",
            _values(entry, now),
        )

    def lease(self, site: str, host: str, n: int, now: str, holder: str) -> list[Leased]:
        """See `Frontier`."""
        rows = self._sql.execute(
            "SELECT id, url, fingerprint, request_json, attempts, outcome FROM frontier"
            " WHERE state = 'pending' AND site = ? AND host = ? AND due_at <= ?"
            " ORDER BY due_at, id LIMIT ?",
            (site, host, now, n),
        ).fetchall()
        leased = [Leased(row[0], f"{holder}/{next(self._numbers)}", host, *row[1:]) for row in rows]
        self._sql.executemany(
            "UPDATE frontier SET state = 'leased', lease_token = ?, changed_at = ? WHERE id = ?",
            [(one.token, now, one.id) for one in leased],
        )
        return leased

    def ack(self, leased: Leased, outcome: str, now: str, capture_id: int | None = None) -> None:
        """See `Frontier`."""
        self._settle(leased, ("done", outcome, now, now, 0, capture_id))

    def fail(
        self,
        leased: Leased,
        outcome: str,
        now: str,
        due_at: str | None,
        capture_id: int | None = None,
    ) -> None:
        """See `Frontier`."""
        state = "failed" if due_at is None else "pending"
        self._settle(leased, (state, outcome, due_at or now, now, 1, capture_id))

    def give_back(self, leased: Leased, now: str) -> None:
        """See `Frontier`."""
        self._sql.execute(
            "UPDATE frontier SET state = 'pending', outcome = 'lost', lease_token = NULL,"
            " changed_at = ? WHERE id = ? AND lease_token = ?",
            (now, leased.id, leased.token),
        )

    def release_expired(self, site: str, host: str, holder: str, now: str) -> int:
        """See `Frontier`."""
        return self._sql.execute(
            "UPDATE frontier SET state = 'pending', outcome = 'lost', lease_token = NULL,"
            " changed_at = ? WHERE state = 'leased' AND site = ? AND host = ?"
            " AND substr(lease_token, 1, length(?)) <> ?",
            (now, site, host, f"{holder}/", f"{holder}/"),
        ).rowcount

    def renew(self, site: str, now: str, before: str) -> int:
        """See `Frontier`."""
        return self._sql.execute(
            "UPDATE frontier SET state = 'pending', attempts = 0, due_at = ?, changed_at = ?"
            " WHERE site = ? AND (state = 'failed' OR (state = 'done'"
            " AND (changed_at <= ? OR json_extract(request_json, '$.callback') NOT IN (?, ?))))",
            (now, now, site, before, *ARTICLE_CALLBACKS),
        ).rowcount

    def hosts(self, site: str) -> list[str]:
        """See `Frontier`. Does one index lookup a host, however many rows there are."""
        return sorted({*self._hosts(site, "pending"), *self._hosts(site, "leased")})

    def next_due(self, site: str, host: str) -> str | None:
        """See `Frontier`."""
        (due,) = self._sql.execute(
            "SELECT min(due_at) FROM frontier WHERE state = 'pending' AND site = ? AND host = ?",
            (site, host),
        ).fetchone()
        return None if due is None else str(due)

    def pending(self, site: str) -> int:
        """See `Frontier`."""
        (rows,) = self._sql.execute(
            "SELECT (SELECT count(*) FROM frontier WHERE state = 'pending' AND site = ?)"
            " + (SELECT count(*) FROM frontier WHERE state = 'leased' AND site = ?)",
            (site, site),
        ).fetchone()
        return int(rows)

    def leased(self, site: str) -> int:
        """See `Frontier`."""
        (rows,) = self._sql.execute(
            "SELECT count(*) FROM frontier WHERE state = 'leased' AND site = ?", (site,)
        ).fetchone()
        return int(rows)

    def known_articles(self, site: str) -> int:
        """See `Frontier`."""
        (rows,) = self._sql.execute(
            "SELECT count(*) FROM frontier WHERE site = ? AND state = 'done'"
            " AND outcome IN ('ok', 'unchanged')"
            " AND json_extract(request_json, '$.callback') IN (?, ?)",
            (site, *ARTICLE_CALLBACKS),
        ).fetchone()
        return int(rows)

    def rows(self, site: str) -> Iterator[FrontierRow]:
        """See `Frontier`."""
        found = self._sql.execute(
            "SELECT url, fingerprint, request_json, state, outcome, changed_at FROM frontier"
            " WHERE site = ? ORDER BY id",
            (site,),
        )
        return (FrontierRow(*row) for row in found)

    def sites(self) -> list[str]:
        """See `Frontier`. Does one index lookup a site, however many rows there are."""
        found: list[str] = []
        while True:
            (site,) = self._sql.execute(
                "SELECT min(site) FROM frontier WHERE site > ?", (found[-1] if found else "",)
            ).fetchone()
            if site is None:
                return found
            found.append(str(site))

    def _hosts(self, site: str, state: str) -> Iterator[str]:
        host = ""
        while True:
            row = self._sql.execute(
                f"SELECT host FROM frontier WHERE state = '{state}' AND site = ? AND host > ?"  # noqa: S608
                " ORDER BY host LIMIT 1",
                (site, host),
            ).fetchone()
            if row is None:
                return
            host = str(row[0])
            yield host

    def _settle(self, leased: Leased, fate: tuple[str | int | None, ...]) -> None:
        """Set state, outcome, times and last capture of a row, and add to its failures."""
        self._sql.execute(
            "UPDATE frontier SET state = ?, outcome = ?, due_at = ?, changed_at = ?,"
            " attempts = attempts + ?, last_capture_id = coalesce(?, last_capture_id),"
            " lease_token = NULL WHERE id = ? AND lease_token = ?",
            (*fate, leased.id, leased.token),
        )


_INSERT: Final = (
    "INSERT INTO frontier (site, host, url, fingerprint, request_json, depth, state,"
    " created_at, due_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)"
)


def _values(entry: Entry, now: str) -> tuple[object, ...]:
    return (
        entry.site, entry.host, entry.url, entry.fingerprint, entry.request_json, entry.depth,
        now, now, now,
    )  # fmt: skip


def seconds_until(moment: str) -> float:
    """Return the seconds from now until a time of the archive; negative if it has passed."""
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()


def earliest(moments: Iterable[str | None]) -> str | None:
    """Return the earliest of some times, or None."""
    return min((moment for moment in moments if moment is not None), default=None)

"""The durable frontier: what is still to visit, in the archive's own database.

A row is pending, leased, done or failed. It is acknowledged only when everything that came of
it is stored; children, captures and acknowledgement share a transaction (see `Recorder`), so
that a crawl which is killed at any moment loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final, Protocol

from archive import Archive
from crawler.callbacks import ARTICLE_CALLBACKS


@dataclass(frozen=True, slots=True)
class Entry:
    """A request to be made: `request_json` is the whole of it, the other fields find it."""

    site: str
    host: str
    url: str
    fingerprint: str
    request_json: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Leased:
    """A row that was handed out; `token` proves it when the row is given back.

    `attempts` counts the failures before this attempt; `outcome` is that of the last attempt,
    None before the first, and `lost` when an attempt was cut off and may have been half stored.
    """

    id: int
    token: str
    host: str
    url: str
    fingerprint: str
    request_json: str
    attempts: int
    outcome: str | None = None


class Frontier(Protocol):
    """What a crawl needs of a frontier; `tests/crawler/test_frontier.py` is its conformance test.

    Times are UTC text in the form of the archive, `now` is given by the caller. A token that no
    longer fits (the row was leased anew, or queued again) makes `ack` and `fail` do nothing.
    """

    def add(self, entry: Entry, now: str) -> bool:
        """Add a pending row; False where the fingerprint is there already: that changes nothing."""

    def requeue(self, entry: Entry, now: str) -> None:
        """Add a pending row, or make the one of this fingerprint pending again, with this URL."""

    def lease(self, site: str, host: str, n: int, now: str, holder: str) -> list[Leased]:
        """Hand out at most `n` rows of a host that are due, oldest first."""

    def ack(self, leased: Leased, outcome: str, now: str) -> None:
        """The row is done: everything that came of it is stored."""

    def fail(self, leased: Leased, outcome: str, now: str, due_at: str | None) -> None:
        """The attempt failed; the row is due again at `due_at`, or failed for good when None."""

    def give_back(self, leased: Leased, now: str) -> None:
        """The attempt was not made or not finished: pending again, no failure counted."""

    def release_expired(self, site: str, host: str, holder: str, now: str) -> int:
        """Make rows pending that somebody else than `holder` leased and never gave back."""

    def renew(self, site: str, now: str, before: str) -> int:
        """Start a new round: lists, failures and rows older than `before` are pending again."""

    def hosts(self, site: str) -> list[str]:
        """The hosts of the site that have pending or leased rows."""

    def next_due(self, site: str, host: str) -> str | None:
        """When the earliest pending row of a host is due; None when there is none."""

    def pending(self, site: str) -> int:
        """How many rows of the site are pending or leased."""

    def leased(self, site: str) -> int:
        """How many rows of the site are leased: to this crawl, or to one that was killed."""

    def known_articles(self, site: str) -> int:
        """How many articles of the site were got, in this crawl or an earlier one."""


class SqliteFrontier:
    """The frontier in the archive's database.

    It opens no transaction of its own for writing: the caller's `Archive.transaction` does, so
    that rows of the frontier and facts of the archive stand or fall together.
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

    def ack(self, leased: Leased, outcome: str, now: str) -> None:
        """See `Frontier`."""
        self._settle(leased, ("done", outcome, now, now, 0))

    def fail(self, leased: Leased, outcome: str, now: str, due_at: str | None) -> None:
        """See `Frontier`."""
        state = "failed" if due_at is None else "pending"
        self._settle(leased, (state, outcome, due_at or now, now, 1))

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
        """See `Frontier`; one seek a host, however many rows there are."""
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

    def _settle(self, leased: Leased, fate: tuple[str, str, str, str, int]) -> None:
        """Give a row its state, outcome, due_at, changed_at, and add to its failures."""
        self._sql.execute(
            "UPDATE frontier SET state = ?, outcome = ?, due_at = ?, changed_at = ?,"
            " attempts = attempts + ?, lease_token = NULL WHERE id = ? AND lease_token = ?",
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
    """Seconds from now to a time of the archive; negative when it has passed."""
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()


def earliest(moments: Iterable[str | None]) -> str | None:
    """The earliest of some times; None when there is none."""
    return min((moment for moment in moments if moment is not None), default=None)

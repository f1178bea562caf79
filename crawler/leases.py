"""Host leases: only one crawl at a time requests a host, across processes and site files.

The lease of a dead process on this machine is free at once. The lease of a process that cannot be
seen from here, for example in another container, is free once its heartbeat is older than
`LEASE_S`. A host that asks for more time than a crawl waits keeps that time in its row, so that the
next crawl respects it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from archive import Archive, clock
from archive.process import Process
from crawler.frontier import seconds_until

LEASE_S: Final = 60.0
"""Seconds without a heartbeat after which a lease is free."""

HEARTBEAT_S: Final = 10.0

LONGEST_LEFT_S: Final = 1_000_000.0
"""The longest time (eleven days) that a host is left alone, whatever it asks for."""

_NOBODY: Final = ""
"""The token of a host that no crawl holds and that may not be requested yet."""


@dataclass(frozen=True, slots=True)
class AskedForTime:
    """A host that is left alone until some time; no crawl holds it."""

    until: str


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of a host: machine, process and name of the site file.

    `machine` identifies where a process runs and `started` when it began, both from
    `archive.process`: containers may share a host name, and process numbers are reused.
    """

    machine: str
    process: int
    site: str
    started: int | None = None

    @classmethod
    def here(cls, site: str) -> Holder:
        """Return this process as the holder for a site."""
        here = Process.here()
        return cls(here.place, here.number, site, here.started)

    @classmethod
    def parse(cls, words: str) -> Holder:
        """Parse the output of `str`."""
        machine, process, site = words.split(" ", 2)
        number, _, started = process.partition("@")
        return cls(machine, int(number), site, int(started) if started else None)

    def __str__(self) -> str:
        started = "" if self.started is None else f"@{self.started}"
        return f"{self.machine} {self.process}{started} {self.site}"

    def is_dead(self) -> bool:
        """Whether the process has certainly ended."""
        return self._known.is_gone()

    def is_this_process(self) -> bool:
        """Whether this process holds the lease for another site file."""
        return self._known.is_this()

    @property
    def shown(self) -> str:
        """The holder as shown to people."""
        return f"process {self.process} on {self._known.machine} for {self.site}"

    @property
    def _known(self) -> Process:
        return Process(self.machine, self.process, self.started)


class Leases(Protocol):
    """The interface of host leases; `tests/crawler/test_leases.py` is its conformance test."""

    token: str
    """The token that marks frontier rows as leased to this crawl."""

    held: set[str]
    """The hosts that this crawl holds."""

    def take(self, host: str) -> Holder | AskedForTime | None:
        """Take a host. Returns None on success, otherwise the reason."""

    def beat(self) -> set[str]:
        """Renew the heartbeat. Returns the hosts that another crawl has taken meanwhile."""

    def may_send(self, host: str) -> bool:
        """Whether a request may be written to a connection with this host at this moment.

        Asked directly before the bytes are written. If the answer is no, the host is not held any
        more, and has to be taken again.
        """

    def sent(self, host: str, spacing_s: float) -> None:
        """Note that a request is being sent; the next one follows after `spacing_s` seconds."""

    def leave(self, host: str, seconds: float) -> None:
        """Give a host back, not to be requested for this many seconds."""

    def give_back(self, host: str) -> None:
        """See `Leases`."""

    def release(self) -> None:
        """See `Leases`."""


class HostLeases:
    """Host leases in the archive's database. Writes within the caller's transaction."""

    def __init__(self, archive: Archive, site: str) -> None:
        self._sql = archive.connection
        self._me = str(Holder.here(site))
        self.token = secrets.token_hex(8)
        self.held: set[str] = set()

    def take(self, host: str) -> Holder | AskedForTime | None:
        """See `Leases`."""
        if host in self.held:
            return None
        now = clock.now()
        row = self._sql.execute(
            "SELECT token, holder, expires_at FROM leases WHERE host = ?", (host,)
        ).fetchone()
        if row is not None and row[2] > now:
            occupant = _occupant(*row)
            if occupant is not None:
                return occupant
        self._sql.execute(
            "INSERT INTO leases (host, token, holder, acquired_at, heartbeat_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (host) DO UPDATE SET token = excluded.token,"
            " holder = excluded.holder, acquired_at = excluded.acquired_at,"
            " heartbeat_at = excluded.heartbeat_at, expires_at = excluded.expires_at",
            (host, self.token, self._me, now, now, clock.now(LEASE_S)),
        )
        self.held.add(host)
        return None

    def beat(self) -> set[str]:
        """See `Leases`."""
        lost = {
            host
            for host in self.held
            if not self._sql.execute(
                "UPDATE leases SET heartbeat_at = ?, expires_at = ? WHERE host = ? AND token = ?",
                (clock.now(), clock.now(LEASE_S), host, self.token),
            ).rowcount
        }
        self.held -= lost
        return lost

    def may_send(self, host: str) -> bool:  # noqa: ARG002  (see `Leases`)
        """Return True: a process of this machine finds out at its next heartbeat."""
        return True

    def sent(self, host: str, spacing_s: float) -> None:
        """See `Leases`; nobody waits for it here."""

    def leave(self, host: str, seconds: float) -> None:
        """See `Leases`."""
        until = clock.now(min(seconds, LONGEST_LEFT_S))
        self._sql.execute(
            "UPDATE leases SET token = ?, holder = 'asked for time', expires_at = ?"
            " WHERE host = ? AND token = ?",
            (_NOBODY, until, host, self.token),
        )
        self.held.discard(host)

    def give_back(self, host: str) -> None:
        """Give one host back."""
        self._sql.execute("DELETE FROM leases WHERE host = ? AND token = ?", (host, self.token))
        self.held.discard(host)

    def release(self) -> None:
        """Give all hosts back."""
        self._sql.execute("DELETE FROM leases WHERE token = ?", (self.token,))
        self.held.clear()


def _occupant(token: str, holder: str, expires_at: str) -> Holder | AskedForTime | None:
    """Return why an unexpired lease is not available, or None if it is."""
    if token == _NOBODY:
        # a time beyond the longest lease was written by a wrong clock
        believed = seconds_until(expires_at) <= LONGEST_LEFT_S
        return AskedForTime(expires_at) if believed else None
    parsed = Holder.parse(holder)
    return None if parsed.is_dead() else parsed

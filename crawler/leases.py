"""A lease a host: one crawl at a time asks a host, between processes and between site files.

The lease of a process that has died on this machine is free at once; of one that cannot be
seen from here, when its heartbeat is older than `LEASE_S`.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from typing import Final

from archive import Archive
from crawler.frontier import clock

LEASE_S: Final = 60.0
"""Seconds without a heartbeat after which a lease is free."""

HEARTBEAT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a host: machine, process and the name of the site file."""

    machine: str
    process: int
    site: str

    @classmethod
    def here(cls, site: str) -> Holder:
        """This process, for a site."""
        return cls(socket.gethostname(), os.getpid(), site)

    @classmethod
    def parse(cls, words: str) -> Holder:
        """Read back what `str` wrote."""
        machine, process, site = words.split(" ", 2)
        return cls(machine, int(process), site)

    def __str__(self) -> str:
        return f"{self.machine} {self.process} {self.site}"

    def is_dead(self) -> bool:
        """Whether the process certainly no longer runs: on this machine, and gone."""
        if self.machine != socket.gethostname():
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def is_this_process(self) -> bool:
        """Whether the lease is held here, for another site file."""
        return (self.machine, self.process) == (socket.gethostname(), os.getpid())


class HostLeases:
    """The hosts that one crawler holds. Writes inside the caller's transaction."""

    def __init__(self, archive: Archive, site: str) -> None:
        self._sql = archive.connection
        self._me = str(Holder.here(site))
        self.token = secrets.token_hex(8)
        self.held: set[str] = set()

    def take(self, host: str) -> Holder | None:
        """Take a host; gives None when it is ours now, or else who has it."""
        if host in self.held:
            return None
        now = clock()
        row = self._sql.execute(
            "SELECT holder, expires_at FROM leases WHERE host = ?", (host,)
        ).fetchone()
        if row is not None and row[1] > now:
            holder = Holder.parse(row[0])
            if not holder.is_dead():
                return holder
        self._sql.execute(
            "INSERT INTO leases (host, token, holder, acquired_at, heartbeat_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (host) DO UPDATE SET token = excluded.token,"
            " holder = excluded.holder, acquired_at = excluded.acquired_at,"
            " heartbeat_at = excluded.heartbeat_at, expires_at = excluded.expires_at",
            (host, self.token, self._me, now, now, clock(LEASE_S)),
        )
        self.held.add(host)
        return None

    def beat(self) -> set[str]:
        """Say that we live; gives the hosts that were lost to somebody else meanwhile."""
        lost = {
            host
            for host in self.held
            if not self._sql.execute(
                "UPDATE leases SET heartbeat_at = ?, expires_at = ? WHERE host = ? AND token = ?",
                (clock(), clock(LEASE_S), host, self.token),
            ).rowcount
        }
        self.held -= lost
        return lost

    def release(self) -> None:
        """Give all hosts back."""
        self._sql.execute("DELETE FROM leases WHERE token = ?", (self.token,))
        self.held.clear()

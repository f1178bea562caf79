"""How long to wait between two requests of a host, so that they do not come closer to it.

What counts is when a request comes to the host, and a crawl only knows when it writes one. In
between, a connection may have to agree on TLS first, or the machine or the network may be slow. If
that holds up a request and not the next one, the two come closer than they were written. But an
answer proves that its request has come: if it was later than the host's fastest answer by some
time, its request may have been late by as much, and the next one is put off by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

ALLOWED: Final = 0.05
"""Share of the delay by which a request may be late without putting off the next one."""

ENOUGH: Final = 5
"""Answers after which the fastest one counts as what the host takes. Until then any time that an
answer took counts as late."""


class Pace:
    """When the hosts of this process were last written to, and what their answers tell."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._hosts: dict[str, _Host] = {}

    def wait_s(self, host: str, spacing_s: float) -> float:
        """Return the seconds until the next request of a host may be written."""
        known = self._hosts.get(host)
        if known is None:
            return 0.0
        late_s = max(0.0, known.late_s - ALLOWED * spacing_s)
        return known.written_at + spacing_s + late_s - self._now()

    def written(self, host: str) -> None:
        """Note that a request is written now."""
        known = self._hosts.setdefault(host, _Host())
        known.written_at, known.late_s = self._now(), 0.0

    def answered(self, host: str) -> None:
        """Note that the first bytes of the answer have come."""
        known = self._hosts[host]
        took_s = self._now() - known.written_at
        known.answers += 1
        known.fastest_s = min(known.fastest_s, took_s)
        known.late_s = took_s - known.usual_s

    def unanswered(self, host: str) -> None:
        """Note that the connection has ended without an answer; the request may just have come."""
        known = self._hosts[host]
        known.late_s = self._now() - known.written_at


@dataclass(slots=True)
class _Host:
    """One host: its last request, and its fastest answer."""

    written_at: float = 0.0
    late_s: float = 0.0
    fastest_s: float = float("inf")
    answers: int = 0

    @property
    def usual_s(self) -> float:
        """The time that even a request that was not late takes to be answered."""
        return self.fastest_s if self.answers >= ENOUGH else 0.0

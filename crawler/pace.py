"""How long to wait between two requests of a host, so that they do not come closer to it.

What counts is when a request comes to the host, and a crawl only knows when it writes one. In
between, a connection may have to agree on TLS first, or the machine or the network may be slow. If
that holds up a request and not the next one, the two come closer than they were written. But an
answer proves that its request has come: if it was slower than answers of the host usually are when
they are fast, its request may have been late by as much, and the next one is put off by it.

To wait for the delay after each answer would be safer, and would halve the pace of a host that
takes a second to answer. `bench/bench_pace.py` says what is gained and what it costs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

ALLOWED: Final = 0.05
"""Share of the delay by which a request may be late without putting off the next one."""

ENOUGH: Final = 5
"""Answers of a host after which it is known what is usual. Until then all time counts as late."""

LAST: Final = 20
"""Answers that say what is usual: the quickest quarter of them took no longer."""


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
        known.took_s.append(took_s)
        known.late_s = took_s - known.usual_s

    def unanswered(self, host: str) -> None:
        """Note that the connection has ended without an answer; the request may just have come."""
        known = self._hosts[host]
        known.late_s = self._now() - known.written_at


@dataclass(slots=True)
class _Host:
    """One host: its last request, and how long its last answers took."""

    written_at: float = 0.0
    late_s: float = 0.0
    took_s: deque[float] = field(default_factory=lambda: deque(maxlen=LAST))

    @property
    def usual_s(self) -> float:
        """The time that the answer to a request takes that was not late."""
        return sorted(self.took_s)[len(self.took_s) // 4] if len(self.took_s) >= ENOUGH else 0.0

"""Schedules requests: pages known to be fast go first, and slow ones never take every place.

The cost of a page is the shortest time in which its path was answered so far, so that a busy hour
does not make a page seem slow.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Final

AT_ONCE: Final = 4
"""Requests processed at a time: as many as there are threads that read the database."""

QUICK_S: Final = 1.0
SLOW_S: Final = 3.0

PATHS_KNOWN: Final = 2_000
"""The most paths whose cost is remembered."""


class Cost(IntEnum):
    """The known cost of a page; lower ones go first."""

    QUICK = 0
    UNKNOWN = 1
    SLOW = 2


PLACES: Final = {Cost.QUICK: AT_ONCE, Cost.UNKNOWN: AT_ONCE - 1, Cost.SLOW: AT_ONCE - 2}
"""Places that pages of this cost, and of higher ones, may take together."""


class Turns:
    """Lets requests begin, a few at a time."""

    def __init__(self) -> None:
        self._seconds: OrderedDict[str, float] = OrderedDict()
        self._at_work: Counter[Cost] = Counter()
        self._waiting: dict[Cost, OrderedDict[asyncio.Future[None], None]] = {
            cost: OrderedDict() for cost in Cost
        }

    @asynccontextmanager
    async def turn(self, path: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it inside the context."""
        cost = self.cost(path)
        await self._wait(cost)
        try:
            yield
        finally:
            self._at_work[cost] -= 1
            self._let_in()

    def cost(self, path: str) -> Cost:
        """Return the cost of the page at `path`."""
        seconds = self._seconds.get(path)
        if seconds is None or QUICK_S < seconds <= SLOW_S:
            return Cost.UNKNOWN
        return Cost.QUICK if seconds <= QUICK_S else Cost.SLOW

    def took(self, path: str, seconds: float) -> None:
        """Note how many seconds the page at `path` took."""
        self._seconds[path] = min(seconds, self._seconds.pop(path, seconds))
        if len(self._seconds) > PATHS_KNOWN:
            self._seconds.popitem(last=False)

    async def _wait(self, cost: Cost) -> None:
        if self._has_place(cost):
            self._at_work[cost] += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[cost][turn] = None
        try:
            await turn
        except asyncio.CancelledError:
            self._waiting[cost].pop(turn, None)
            if turn.done() and not turn.cancelled():  # it got its place just now
                self._at_work[cost] -= 1
                self._let_in()
            raise

    def _has_place(self, cost: Cost) -> bool:
        return all(
            sum(self._at_work[other] for other in Cost if other >= lower) < PLACES[lower]
            for lower in Cost
            if lower <= cost
        )

    def _let_in(self) -> None:
        for cost in Cost:
            waiting = self._waiting[cost]
            while waiting and self._has_place(cost):
                turn, _ = waiting.popitem(last=False)
                if not turn.done():
                    self._at_work[cost] += 1
                    turn.set_result(None)

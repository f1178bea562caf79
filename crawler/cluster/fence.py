"""The fence: one crawl a host, also when a crawl was stopped for a while and comes back.

Each host that a crawl requests has a row in PostgreSQL with the token of its holder. A thread
confirms the rows every quarter of their length. A request is written only while the last
confirmation is young enough, by a clock that goes on while a process is stopped or its machine
sleeps. So a crawl that comes back late finds its leases too old before its next request, and has to
take them again; if somebody else has taken them meanwhile, it cannot.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any, Final, Self, TypeVar

import asyncpg

from archive import Archive, StorageError, clock
from crawler.cluster import tables
from crawler.cluster.tables import Held
from crawler.leases import LONGEST_LEFT_S, AskedForTime, Holder

T = TypeVar("T")

LEASE_S: Final = 20.0
"""Seconds after its last confirmation at which a lease ends."""

MARGIN: Final = 0.1
"""Share of a lease at its end in which its holder sends nothing any more."""

BEATS: Final = 4
"""How often a lease is confirmed within its length."""

ANSWER_S: Final = 5.0
"""Seconds that a crawl waits for an answer of PostgreSQL."""

AGAIN_S: Final = 1.0
"""Seconds after which PostgreSQL is asked again if it does not answer."""

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Return seconds by a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(_CLOCK)


class Fence:
    """The leases of one process: a thread with one connection takes and confirms them.

    Use it as a context manager. `spacing_s` says how far apart the requests of each site are.
    """

    def __init__(
        self, dsn: str, spacing_s: Mapping[str, float] | None = None, *, lease_s: float = LEASE_S
    ) -> None:
        self.lease_s = lease_s
        self.spacing_s = dict(spacing_s or {})
        self._dsn = dsn
        self._mine: dict[str, _Mine] = {}
        self._lock = Lock()
        self._ready = Event()
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection | None = None
        self._over = False
        self._broken: Exception | None = None
        self._thread = Thread(target=self._serve, name="fence", daemon=True)

    def __enter__(self) -> Self:
        """Start; wait a moment for the first connection."""
        self._thread.start()
        self._ready.wait(ANSWER_S)
        return self

    def __exit__(self, *_: object) -> None:
        """Give everything back and end the thread."""
        with self._lock:
            held = [one.row() for one in self._mine.values()]
            self._mine.clear()
        with suppress(UnansweredError, StorageError):
            self._ask(lambda connection: tables.give_back_leases(connection, held))
        self._over = True
        self._thread.join(ANSWER_S)

    def take(self, host: str, token: str, site: str) -> tables.LeaseRow | None:
        """Take a host; returns None if it was taken, or else its row.

        Raises:
            UnansweredError: PostgreSQL does not answer.
        """
        asked_at = now()
        spacing_s = self.spacing_s.get(site, 1.0)
        before = self._ask(lambda connection: self._take(connection, host, token, site, spacing_s))
        if before is None:
            with self._lock:
                known = self._mine.get(host)
                sent_at = known.sent_at if known is not None and known.token == token else None
                self._mine[host] = _Mine(host, token, self._until(asked_at), spacing_s, sent_at)
        return before

    def may_send(self, host: str, token: str) -> bool:
        """Whether the lease of a host was confirmed lately enough to send a request now.

        If so, the request is taken to be sent.
        """
        moment = now()
        with self._lock:
            mine = self._mine.get(host)
            sure = mine is not None and mine.token == token and moment < mine.until
            if mine is not None and sure:
                mine.sent_at = moment
        return sure

    def space_out(self, host: str, token: str, spacing_s: float) -> None:
        """Note how far apart the requests of a host are."""
        with self._lock:
            mine = self._mine.get(host)
            if mine is not None and mine.token == token:
                mine.spacing_s = spacing_s

    def holds(self, host: str, token: str) -> bool:
        """Whether nobody is known to have taken the host over."""
        with self._lock:
            mine = self._mine.get(host)
            return mine is not None and mine.token == token

    def give_back(self, host: str, token: str, after_s: float = 0.0) -> None:
        """Give a host back, to be requested after `after_s` seconds; left to end if unanswered."""
        with self._lock:
            mine = self._mine.get(host)
            if mine is None or mine.token != token:
                return
            del self._mine[host]
        with suppress(UnansweredError):
            self._ask(lambda connection: tables.give_back_leases(connection, [mine.row()], after_s))

    async def _take(
        self, connection: asyncpg.Connection, host: str, token: str, site: str, spacing_s: float
    ) -> tables.LeaseRow | None:
        async with connection.transaction():
            row = await tables.locked_lease(connection, host)
            if row.is_held and row.token != token:
                if not Holder.parse(row.holder).is_dead():
                    return row
                await tables.end_lease_of_dead(connection, host, row.token)
                row = await tables.locked_lease(connection, host)
            if row.token != token and row.free_s > 0:
                return row
            me = str(Holder.here(site))
            taken = Held(host, token, None, spacing_s)
            await tables.take_lease(connection, taken, me, self.lease_s)
        return None

    def _until(self, asked_at: float) -> float:
        """Return until when a lease may be used that was confirmed by a question at this time."""
        return asked_at + self.lease_s * (1 - MARGIN)

    def _ask(self, question: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
        """Have the thread ask PostgreSQL.

        Raises:
            UnansweredError: it does not answer.
            StorageError: it refuses; the crawl has to stop.
        """
        if self._broken is not None:
            raise _refusal(self._broken)
        if self._connection is None:
            raise UnansweredError
        asked = asyncio.run_coroutine_threadsafe(self._one_by_one(question), self._loop)
        try:
            return asked.result(ANSWER_S)
        except Exception as error:
            asked.cancel()
            if isinstance(error, TimeoutError) or tables.is_lost(error):
                raise UnansweredError from error
            raise _refusal(error) from error

    # ---- in the thread

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._keep())
        except Exception as error:  # noqa: BLE001  (the crawl is told when it asks)
            self._broken = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _keep(self) -> None:
        """Stay connected and confirm the leases until all is over."""
        self._alone = asyncio.Lock()
        while not self._over:
            try:
                if self._connection is None or self._connection.is_closed():
                    self._connection = None
                    self._connection = await tables.connect(self._dsn)
                    self._ready.set()
                await self._one_by_one(self._confirm)
            except Exception as error:
                if not tables.is_lost(error):
                    raise
                await self._hang_up()
                await asyncio.sleep(min(AGAIN_S, self.lease_s / BEATS))
            else:
                await self._pause()
        await self._hang_up()

    async def _pause(self) -> None:
        """Wait for the next beat, by small steps, so that the end is not missed."""
        due = now() + self.lease_s / BEATS
        while now() < due and not self._over:  # noqa: ASYNC110  (`_over` is set by a thread)
            await asyncio.sleep(min(0.05, self.lease_s / BEATS))

    async def _one_by_one(
        self, question: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]
    ) -> T:
        async with self._alone:
            if self._connection is None:
                raise TimeoutError
            return await asyncio.wait_for(question(self._connection), ANSWER_S)

    async def _confirm(self, connection: asyncpg.Connection) -> None:
        with self._lock:
            held = [one.row() for one in self._mine.values()]
        if not held:
            return
        asked_at = now()
        still = await tables.confirm_leases(connection, held, self.lease_s)
        with self._lock:
            for row in held:
                mine = self._mine.get(row.host)
                if mine is None or mine.token != row.token:
                    continue
                if (row.host, row.token) in still:
                    mine.until = self._until(asked_at)
                else:
                    del self._mine[row.host]

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                await connection.close(timeout=1)


def _refusal(error: Exception) -> StorageError:
    return StorageError(f"PostgreSQL refuses the host leases: {error}")


class UnansweredError(Exception):
    """PostgreSQL does not answer."""


@dataclass(slots=True)
class _Mine:
    """A host that is held: it may be requested until `until`, by our clock."""

    host: str
    token: str
    until: float
    spacing_s: float
    sent_at: float | None = None

    def row(self) -> Held:
        idle_s = None if self.sent_at is None else now() - self.sent_at
        return Held(self.host, self.token, idle_s, self.spacing_s)


_in_use: list[Fence] = []


@contextmanager
def fenced(fence: Fence) -> Iterator[None]:
    """Let the crawls of this process take their hosts from `fence`."""
    with fence:
        _in_use.append(fence)
        try:
            yield
        finally:
            _in_use.remove(fence)


class FencedLeases:
    """The host leases of one site file behind the fence of this process (`crawler.leases`)."""

    def __init__(self, _: Archive, site: str) -> None:
        self._fence = _in_use[-1]
        self._site = site
        self._seen: dict[str, tuple[str, float]] = {}
        self.token = secrets.token_hex(8)
        self.held: set[str] = set()

    def take(self, host: str) -> Holder | AskedForTime | None:
        """See `Leases`. Until a holder elsewhere is seen to confirm its lease, it is waited for."""
        if host in self.held:
            return None
        try:
            row = self._fence.take(host, self.token, self._site)
        except UnansweredError:
            return AskedForTime(clock.now(AGAIN_S))
        if row is None:
            self.held.add(host)
            self._seen.pop(host, None)
            return None
        if not row.is_held:
            return AskedForTime(clock.now(row.free_s))
        holder = Holder.parse(row.holder)
        ends_at = now() + row.left_s
        token, seen_at = self._seen.setdefault(host, (row.token, ends_at))
        lives = token != row.token or ends_at > seen_at + self._fence.lease_s / BEATS / 2
        return holder if lives or holder.is_this_process() else AskedForTime(clock.now(row.free_s))

    def beat(self) -> set[str]:
        """See `Leases`. The fence's thread confirms them; here is said which were lost."""
        lost = {host for host in self.held if not self._fence.holds(host, self.token)}
        self.held -= lost
        return lost

    def may_send(self, host: str) -> bool:
        """See `Leases`."""
        sure = host in self.held and self._fence.may_send(host, self.token)
        if not sure:
            self.held.discard(host)
        return sure

    def sent(self, host: str, spacing_s: float) -> None:
        """See `Leases`."""
        self._fence.space_out(host, self.token, spacing_s)

    def leave(self, host: str, seconds: float) -> None:
        """See `Leases`."""
        self._fence.give_back(host, self.token, min(seconds, LONGEST_LEFT_S))
        self.held.discard(host)

    def give_back(self, host: str) -> None:
        """See `Leases`."""
        self.leave(host, 0.0)

    def release(self) -> None:
        """See `Leases`."""
        for host in tuple(self.held):
            self.give_back(host)

"""PgQueuer as this project uses it: its tables in our schema, and its writes behind a check.

PgQueuer writes to a job by its number alone. A worker that was stopped until another one got its
job would therefore end or repeat a job that is not its own any more. Here every such write first
confirms that the worker still has the job.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import asyncpg
from pgqueuer import QueueManager, RetryRequested
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence import qb
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain import models, types
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.repository import EntrypointExecutionParameter

from archive.errors import UsageError
from crawler.cluster import tables
from crawler.cluster.jobs import KINDS, ONE_AT_A_TIME, Job

logger = logging.getLogger(__name__)

AGAIN_S: Final = 1.0
"""Seconds after which PostgreSQL is asked again if it does not answer."""

_CANNOT: Final = "is asked again every second"

_SETTINGS: Final = DBSettings(db_schema=tables.SCHEMA, prefix="")


def _queries(driver: Any) -> dict[str, Any]:
    """Return what both kinds of queries are built of."""
    return {
        "driver": driver,
        "qbe": qb.QueryBuilderEnvironment(_SETTINGS),
        "qbq": qb.QueryQueueBuilder(_SETTINGS),
        "qbs": qb.QuerySchedulerBuilder(_SETTINGS),
    }


class Queue:
    """The queue as the commands see it, over one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._queries = Queries(**_queries(AsyncpgDriver(connection)))

    async def make(self) -> None:
        """Make the tables if there are none.

        Raises:
            UsageError: there are tables of another version.
        """
        if await tables.version_of(self._connection) is None:
            await self.upgrade()
        await self.check()

    async def upgrade(self) -> None:
        """Bring all tables to the version of this program; what waits is kept."""
        async with self._queries.schema_lock():
            if not await self._queries.schema_is_installed():
                await self._queries.install()
            await self._queries.upgrade()
            await tables.make(self._connection)  # last: they say that all is there

    async def check(self) -> None:
        """Check that there are tables, of this version.

        Raises:
            UsageError: there are not; the message says what to do.
        """
        version = await tables.version_of(self._connection)
        if version is None:
            raise UsageError("there is no queue in this database; baogao enqueue makes it")
        if version > tables.VERSION:
            raise UsageError("the queue was made by a newer version of baogao; install that one")
        if version < tables.VERSION or (await self._queries.plan_upgrade()).statements:
            raise UsageError(
                "the queue was made by an older version of baogao: stop all workers, then run"
                " baogao queue --upgrade"
            )

    async def enqueue(self, jobs: Sequence[Job]) -> list[Job]:
        """Add jobs; returns those that were added, because no such job waits or runs yet."""
        if not jobs:
            return []
        numbers = await self._queries.enqueue(
            [job.kind for job in jobs], [job.written() for job in jobs], [0] * len(jobs),
            dedupe_key=[job.key for job in jobs], on_conflict="skip",
        )  # fmt: skip
        return [job for job, number in zip(jobs, numbers, strict=True) if number is not None]

    async def retry(self, numbers: Sequence[int]) -> list[int]:
        """Let failed jobs run again: these, or all; returns their numbers."""
        failed = [int(job.id) for job in await self._queries.list_failed_jobs(limit=1_000_000)]
        chosen = [each for each in failed if not numbers or each in numbers]
        await self._queries.requeue_jobs([types.JobId(each) for each in chosen])
        return chosen


class ElsewhereError(RetryRequested):
    """A job belongs to another worker; it is offered again, which does not count as an attempt."""


class PoolDriver(AsyncpgPoolDriver):
    """PgQueuer's driver, which listens again after PostgreSQL was restarted."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._listened: list[tuple[str, Any]] = []

    async def add_listener(self, channel: str, callback: Any) -> None:
        """See PgQueuer."""
        self._listened.append((channel, callback))
        await super().add_listener(channel, callback)

    async def listen_again(self) -> None:
        """Listen on a new connection to all that was listened to."""
        before, self._listener_connection = self._listener_connection, None
        if before is not None:
            with suppress(Exception):
                await self._pool.release(before)
        for channel, callback in self._listened:
            await super().add_listener(channel, callback)

    async def __aexit__(self, *error: object) -> None:
        """See PgQueuer; a connection that is gone need not be given back."""
        with suppress(*tables.BROKEN, *tables.LOST):
            await super().__aexit__(*error)


class OwnedQueries(Queries):
    """PgQueuer's queries of one worker, which wait for PostgreSQL and write to own jobs only.

    `owner` is the worker's number, `at_once` how many jobs it runs at a time, `busy` says whether
    it runs that many, `until_empty` whether it ends when nothing is left. `lost` is called with
    each job that another worker has taken over.
    """

    owner: str
    at_once: int
    busy: Callable[[], bool]
    until_empty: bool
    lost: Callable[[int], None]

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool_driver = PoolDriver(pool)
        super().__init__(**_queries(self._pool_driver))
        self._pool = pool
        self._silent = False

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[types.QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: types.QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[models.Job]:
        """Take jobs, unless the queue is being drained; none while PostgreSQL does not answer.

        PgQueuer's own limit is two at least.
        """
        try:
            async with self._pool.acquire() as connection:
                draining = await tables.is_draining(connection)
            if draining:
                await asyncio.sleep(AGAIN_S)
                return []
            if self._silent:
                await self._pool_driver.listen_again()
            most = self.at_once if global_concurrency_limit else None
            found = await super().dequeue(
                batch_size, entrypoints, queue_manager_id, most, heartbeat_timeout
            )
        except Exception as error:  # noqa: BLE001  (`_wait_after` raises it again)
            await self._wait_after(error)
            return []
        if self.until_empty and not found:
            await asyncio.sleep(AGAIN_S / 2)  # PgQueuer would ask again at once
        if self._silent:
            self._silent = False
            logger.warning("PostgreSQL answers again")
        return found

    async def queued_work(self, entrypoints: list[types.QueueEntrypoint]) -> int:
        """See PgQueuer; a busy worker need not look again at once.

        Something may wait while PostgreSQL does not answer. A worker that runs until the queue is
        empty also stays for the jobs of others, which may have to be taken over.
        """
        if self.busy():
            return 0
        try:
            if not self.until_empty:
                return await super().queued_work(entrypoints)
            async with self._pool.acquire() as connection:
                return await tables.unfinished_jobs(connection)
        except Exception as error:  # noqa: BLE001  (`_wait_after` raises it again)
            await self._wait_after(error)
            return 1

    async def eligible_queued_work(self, entrypoints: list[types.QueueEntrypoint]) -> int:
        """See PgQueuer; a busy worker need not look again at once."""
        if self.busy():
            return 0
        try:
            return await super().eligible_queued_work(entrypoints)
        except Exception as error:  # noqa: BLE001  (`_wait_after` raises it again)
            await self._wait_after(error)
            return 0

    async def next_deferred_eta(self, entrypoints: list[types.QueueEntrypoint]) -> timedelta | None:
        """See PgQueuer."""
        try:
            return await super().next_deferred_eta(entrypoints)
        except Exception as error:  # noqa: BLE001  (`_wait_after` raises it again)
            await self._wait_after(error)
            return None

    async def update_heartbeat(self, job_ids: list[types.JobId]) -> None:
        """Confirm own jobs, and tell `lost` of the others."""
        await self._own(job_ids)

    async def log_jobs(
        self,
        job_status: list[tuple[models.Job, types.JOB_STATUS, models.TracebackRecord | None]],
    ) -> None:
        """End jobs that are still our own."""
        own = await self._own([job.id for job, _, _ in job_status])
        if ended := [one for one in job_status if one[0].id in own]:
            await super().log_jobs(ended)

    async def retry_job(
        self, job: models.Job, delay: timedelta, traceback_record: models.TracebackRecord | None
    ) -> None:
        """Put back a job that is still our own, as soon as PostgreSQL answers."""
        while True:
            try:
                if job.id not in await self._own([job.id]):
                    return
                if traceback_record and traceback_record.exception_type == ElsewhereError.__name__:
                    async with self._pool.acquire() as connection:
                        await tables.offer_again(connection, job.id, delay)
                else:
                    await super().retry_job(job, delay, traceback_record)
            except Exception as error:  # noqa: BLE001  (`_wait_after` raises it again)
                await self._wait_after(error)
            else:
                return

    async def _own(self, numbers: Sequence[int]) -> set[int]:
        async with self._pool.acquire() as connection:
            own = set(await tables.owned(connection, numbers, self.owner))
        for number in set(numbers) - own:
            self.lost(number)
        return own

    async def _wait_after(self, error: Exception) -> None:
        """Wait if PostgreSQL does not answer; any other error is raised."""
        if not tables.is_lost(error):
            raise error
        if not self._silent:
            self._silent = True
            logger.warning("PostgreSQL does not answer; it %s", _CANNOT)
        await asyncio.sleep(AGAIN_S)


def manager(queries: OwnedQueries, run: Callable[[models.Job], Any]) -> QueueManager:
    """Return PgQueuer's worker, which calls `run` with each job and keeps those that fail."""
    made = QueueManager(queries, channel=_SETTINGS.channel)
    queries.owner = str(made.queue_manager_id)
    for kind in KINDS:
        most = 1 if kind in ONE_AT_A_TIME else 0
        made.entrypoint(kind, concurrency_limit=most, on_failure="hold", accepts_context=False)(run)
    return made


def described(row: Mapping[str, Any]) -> Job:
    """Return the job of a row of the queue."""
    return Job.read(row["entrypoint"], row["payload"])

"""A worker: takes jobs from the queue and runs each in a child process, which ends with it."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from asyncio.subprocess import PIPE
from asyncio.subprocess import Process as Child
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg
from pgqueuer import RetryRequested
from pgqueuer.domain import models
from pgqueuer.domain.types import QueueExecutionMode

from archive import BaogaoError, StorageError, clock
from archive.process import Process, machine_of, place
from archive.unfinished import unfinished
from archive.workers import cores
from crawler.cluster import tables
from crawler.cluster.jobs import DERIVE, EXPORT, KINDS, Job
from crawler.cluster.orders import Ended, Order
from crawler.cluster.queueing import AGAIN_S, ElsewhereError, OwnedQueries, Queue, manager

T = TypeVar("T")

HEARTBEAT_TIMEOUT_S: Final = 30.0
"""Seconds without a heartbeat after which another worker takes a job."""

LEASE_SHARE: Final = 2 / 3
"""The length of a host lease, as a share of that: it has ended when a job is taken over."""

LOOK_S: Final = 5.0
"""Seconds after which a worker looks for jobs if it was not told of any."""

ELSEWHERE_S: Final = 2.0
"""Seconds until a job is offered again that belongs to another worker."""

MOST_CRASHES: Final = 5
"""Child processes of a job that may die in a row before it counts as failed."""

LONGEST_PAUSE_S: Final = 6 * 3600.0
"""The longest pause after crawls that got no page."""

_ERROR: Final = "Error: "
"""How a command begins the sentence that says why it failed."""

_HOME: Final = ".baogao-home"
"""The file that gives a folder of shards its identity."""


class JobFailedError(BaogaoError):
    """A job failed, and will fail again until somebody does something."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Orders:
    """What the operator told a worker. `say` prints a line."""

    dsn: str
    folder: Path
    at_once: int
    say: Callable[[str], None]
    heartbeat_timeout_s: float = HEARTBEAT_TIMEOUT_S
    until_empty: bool = False
    contact: str | None = None
    config: str | None = None

    @property
    def lease_s(self) -> float:
        """The length of a host lease."""
        return self.heartbeat_timeout_s * LEASE_SHARE


class Worker:
    """Takes jobs until it is stopped, or until nothing waits."""

    def __init__(self, orders: Orders, pool: asyncpg.Pool) -> None:
        self._orders = orders
        self._pool = pool
        self._at = tables.Shelf(home_of(orders.folder), place(), str(orders.folder))
        self._children: dict[int, Child] = {}
        self._running: set[int] = set()
        self._lost: set[int] = set()
        self._stopping = False
        queries = OwnedQueries(pool)
        queries.at_once = orders.at_once
        queries.until_empty = orders.until_empty
        queries.busy = lambda: len(self._running) >= orders.at_once
        queries.lost = self._lose
        self._manager = manager(queries, self._run)
        self._id = queries.owner

    async def work(self) -> None:
        """Take jobs. SIGTERM and SIGINT end it after what runs has given back what it has."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        await self._announce()
        announcing = asyncio.create_task(self._keep_announcing())
        timeout = timedelta(seconds=self._orders.heartbeat_timeout_s)
        mode = QueueExecutionMode.drain if self._orders.until_empty else None
        try:
            await self._manager.run(
                dequeue_timeout=timedelta(seconds=min(LOOK_S, timeout.total_seconds() / 2)),
                batch_size=1,
                mode=mode or QueueExecutionMode.continuous,
                max_concurrent_tasks=max(2, self._orders.at_once),
                heartbeat_timeout=timeout,
            )
        finally:
            announcing.cancel()
            with suppress(Exception):
                async with self._pool.acquire(timeout=AGAIN_S) as connection:
                    await tables.leave(connection, self._id)

    def stop(self) -> None:
        """Begin no further job, and have the running ones stop; they go on elsewhere."""
        if not self._stopping:
            self._orders.say("stopping; the jobs go back into the queue")
        self._stopping = True
        self._manager.shutdown.set()
        for child in self._children.values():
            _end(child)

    # ---- one job

    async def _run(self, row: models.Job) -> None:
        self._running.add(row.id)
        self._lost.discard(row.id)
        try:
            job = Job.read(row.entrypoint, row.payload)
            await self._check_home(job)
            if job.requests_hosts:
                await self._end_predecessor(job)
            ended = await self._child(row.id, job)
            if not await self._still_ours(row.id):
                self._say(job, "another worker has taken the job over")
            elif job.requests_hosts:
                await self._settle_crawl(job, ended)
            else:
                self._settle(job, ended, row.attempts)
        except OSError as error:
            raise StorageError(f"{self._orders.folder}: {error.strerror or error}") from error
        finally:
            self._running.discard(row.id)

    async def _still_ours(self, number: int) -> bool:
        """Whether no other worker has taken a job over."""
        ask: Callable[[tables.Connection], Coroutine[Any, Any, list[int]]]
        ask = lambda connection: tables.owned(connection, [number], self._id)  # noqa: E731
        return number not in self._lost and bool(await self._insist(ask))

    async def _check_home(self, job: Job) -> None:
        """Leave a job to the worker beside whose shards it belongs."""
        for name in job.shards or (job.shard,):
            where = await self._insist(self._ask_home(job, name))
            if where is not None:
                delay = timedelta(seconds=ELSEWHERE_S)
                raise ElsewhereError(delay, f"the shard {name} lies on {machine_of(where)}")

    async def _end_predecessor(self, job: Job) -> None:
        """Kill the process that wrote the shard for a worker that has lost the job.

        If it was stopped while it wrote, it would keep its lock on the shard.
        """
        written = await self._insist(lambda connection: tables.writer_of(connection, job.shard))
        before = Process.read(written) if written else None
        if before is not None and before.is_seen_here():
            self._say(job, "an earlier process of this job is stopped")
            with suppress(OSError):
                os.kill(before.number, signal.SIGKILL)

    def _ask_home(
        self, job: Job, name: str
    ) -> Callable[[tables.Connection], Coroutine[Any, Any, str | None]]:
        if not job.requests_hosts:
            return lambda connection: tables.place_of_shard(connection, name, self._at.home)
        path, alive_s = str(self._path(name)), self._orders.heartbeat_timeout_s
        return lambda connection: tables.claim_shard(connection, name, self._at, path, alive_s)

    async def _child(self, number: int, job: Job) -> Ended | None:
        """Run a job in a child; returns None if it was killed."""
        self._say(job, f"{job.kind} begins")
        with unfinished(self._path(job.shard), folder=True) as beside:
            order = self._order(job, beside)
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "crawler.job_process", job.shard,
                stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True,
            )  # fmt: skip
            self._children[number] = child
            try:
                if job.requests_hosts:
                    written = Process.of(child.pid).written()
                    await self._insist(
                        lambda connection: tables.note_writer(connection, job.shard, written)
                    )
                if self._stopping or number in self._lost:
                    _end(child)
                ended = await self._answer(child, order, job)
            finally:
                del self._children[number]
                if child.returncode is None:  # we are being cancelled
                    child.kill()
            if job.form and ended is not None and ended.exit_code == 0:
                _put(beside / job.form, self._path(job.shard).with_suffix(f".{job.form}"))
        return ended

    async def _answer(self, child: Child, order: Order, job: Job) -> Ended | None:
        assert child.stdin is not None  # noqa: S101  (for the type checker)
        assert child.stdout is not None  # noqa: S101
        with suppress(ConnectionError):
            child.stdin.write(order.written())
            await child.stdin.drain()  # it stays open: its end is ours
        answer, error, _ = await asyncio.gather(
            child.stdout.read(), self._relay(child, job), child.wait()
        )
        with suppress(OSError):
            child.stdin.close()
        try:
            ended = Ended.read(answer)
        except ValueError:
            return None
        return ended if ended.said or not error else replace(ended, said=(error,))

    async def _relay(self, child: Child, job: Job) -> str:
        """Pass on what a child says; returns the last of its errors."""
        assert child.stderr is not None  # noqa: S101  (for the type checker)
        error = ""
        while said := await _line(child.stderr):
            line = said.decode("utf-8", "replace").rstrip()
            self._say(job, line)
            if line.startswith(_ERROR):
                error = line.removeprefix(_ERROR)
        return error

    def _order(self, job: Job, beside: Path) -> Order:
        """Return what a child is told; it may use the folder `beside`, which goes with it."""
        orders, db = self._orders, str(self._path(job.shard))
        if not job.requests_hosts:
            shards = [str(self._path(name)) for name in job.shards]
            command = _command(job, db, shards, beside, max(1, cores() // orders.at_once))
            return Order(os.getpid(), orders.config, command)
        for name, toml in job.sites.items():
            (beside / f"{name}.toml").write_text(toml, "utf-8")
        return Order(
            os.getpid(), orders.config, (), db, str(beside), tuple(job.sites), job.only_due,
            orders.contact, orders.dsn, orders.lease_s, job.scan,
        )  # fmt: skip

    async def _settle_crawl(self, job: Job, ended: Ended | None) -> None:
        """End a crawl, or have it repeated at the time that it names."""
        code = None if ended is None else ended.exit_code
        found = ended or Ended(3)
        said = "; ".join(found.said) or ("the crawl was killed" if ended is None else "")
        noted = self._insist(
            lambda connection: tables.end_crawl(connection, job.shard, found.pages, code, said)
        )
        fruitless, crashes = await noted
        if code == 2:  # noqa: PLR2004  (usage)
            raise JobFailedError(said)
        if code in (0, 1):
            self._say(job, f"done, {found.pages} pages")
            return
        if self._stopping:
            raise RetryRequested(timedelta(0), "its worker was stopped")
        if crashes > MOST_CRASHES:
            raise JobFailedError(f"its process died {crashes} times in a row")
        pause_s = min(2.0 ** max(fruitless, crashes), LONGEST_PAUSE_S)
        self._again(job, max(found.again_s, pause_s), said)

    def _settle(self, job: Job, ended: Ended | None, attempts: int) -> None:
        """End a command, or have it repeated if it stopped short or was killed.

        What stops it, such as a lock, a full disk or a server that does not answer, may pass; what
        kills it again and again does not.
        """
        if ended is not None and ended.exit_code == 0:
            self._say(job, "done")
        elif ended is not None and (ended.exit_code, job.kind) == (1, DERIVE):
            self._say(job, "done; some pages gave no text")
        elif self._stopping:
            raise RetryRequested(timedelta(0), "its worker was stopped")
        elif ended is not None and ended.exit_code in (1, 2):
            raise JobFailedError("; ".join(ended.said) or f"exit code {ended.exit_code}")
        elif ended is None and attempts >= MOST_CRASHES:
            raise JobFailedError(f"it was killed, in the {attempts + 1}th attempt")
        else:
            why = "; ".join(ended.said) if ended else "it was killed"
            self._again(job, min(2.0**attempts, LONGEST_PAUSE_S), why or "it stopped short")

    def _again(self, job: Job, wait_s: float, why: str) -> None:
        self._say(job, f"goes on after {clock.now(wait_s)}: {why}")
        raise RetryRequested(timedelta(seconds=wait_s), why)

    # ---- what runs beside

    def _lose(self, number: int) -> None:
        """Stop a job that another worker has taken over while this one did not answer."""
        self._lost.add(number)
        child = self._children.get(number)
        if child is not None:
            _end(child)

    async def _announce(self) -> None:
        async with self._pool.acquire() as connection:
            await tables.announce(connection, self._id, self._at)
            await tables.fail_unknown_jobs(connection, KINDS)

    async def _keep_announcing(self) -> None:
        while True:
            await asyncio.sleep(self._orders.heartbeat_timeout_s / 4)
            with suppress(*tables.LOST, *tables.BROKEN):
                await self._announce()

    async def _insist(self, ask: Callable[[tables.Connection], Coroutine[Any, Any, T]]) -> T:
        """Ask PostgreSQL until it answers."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    return await ask(connection)
            except Exception as error:
                if not tables.is_lost(error):
                    raise
                await asyncio.sleep(AGAIN_S)

    def _path(self, name: str) -> Path:
        return self._orders.folder / f"{name}.db"

    def _say(self, job: Job, words: str) -> None:
        self._orders.say(f"{job.shown}: {words}")


def work(orders: Orders) -> None:
    """Run a worker until it is stopped, or until nothing waits.

    Raises:
        UsageError: the DSN, the database or its tables are not usable.
        StorageError: PostgreSQL does not answer, or the folder cannot be written.
    """
    try:
        orders.folder.mkdir(parents=True, exist_ok=True)
        home_of(orders.folder)
    except OSError as error:
        raise StorageError(f"{orders.folder}: {error.strerror}") from error
    asyncio.run(_work(orders))


async def _work(orders: Orders) -> None:
    async with tables.connected(orders.dsn) as connection:
        await Queue(connection).make()
    async with tables.said_of(orders.dsn), _pool(orders) as pool:
        orders.say(f"takes jobs, {orders.at_once} at a time; shards in {orders.folder}")
        await Worker(orders, pool).work()


@asynccontextmanager
async def _pool(orders: Orders) -> AsyncIterator[asyncpg.Pool]:
    pool = await asyncpg.create_pool(
        orders.dsn, min_size=0, max_size=orders.at_once + 4, timeout=tables.CONNECT_S,
        command_timeout=tables.STATEMENT_S, server_settings={"application_name": "baogao work"},
    )  # fmt: skip
    try:
        yield pool
    finally:
        pool.terminate()


def home_of(folder: Path) -> str:
    """Return the identity of a folder of shards, which workers on the same folder share."""
    path = folder / _HOME
    if not path.exists():
        with unfinished(path) as made:
            made.write_text(secrets.token_hex(16), "ascii")
            with suppress(FileExistsError):  # another worker was faster
                path.hardlink_to(made)
    return path.read_text("ascii")


def _command(job: Job, db: str, shards: list[str], beside: Path, processes: int) -> tuple[str, ...]:
    """Return the command line of a job that is no crawl; it derives in so many processes."""
    if job.kind == DERIVE:
        return ("rederive", db, "--jobs", str(processes), "--quiet")
    if job.to:
        return ("backup", db, f"{job.to.rstrip('/')}/{Path(db).name}", "--replace", "--quiet")
    if job.kind == EXPORT:
        return ("export", db, str(beside / job.form), "--format", job.form, "--quiet")
    return ("merge", db, *shards)


def _put(made: Path, target: Path) -> None:
    """Give a complete export its name, in place of an older one."""
    if not target.exists():
        made.rename(target)
        return
    with unfinished(target, folder=True) as old:
        target.rename(old / "old")
        made.rename(target)


def _end(child: Child) -> None:
    """Ask a child to end; a crawl gives back what it has in hand."""
    with suppress(ProcessLookupError):
        child.terminate()


async def _line(stream: asyncio.StreamReader) -> bytes:
    """Return the next line; of one that is too long, its beginning."""
    try:
        return await stream.readline()
    except ValueError:
        return await stream.read(1024)

"""The tables in PostgreSQL, all in the schema `baogao`, and every statement on them.

PgQueuer's tables stand beside ours, and are made and renewed by PgQueuer.
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

import asyncpg

from archive.errors import BaogaoError, StorageError, UsageError
from crawler.cluster.dsn import shown

SCHEMA: Final = "baogao"

VERSION: Final = 1
"""The version of our tables; raise it with a step in `_STEPS`."""

CONNECT_S: Final = 10.0
"""Seconds that a connection may take."""

STATEMENT_S: Final = 30.0
"""Seconds that a statement may take."""

_STEPS: Final = (
    """
    CREATE TABLE baogao.cluster (
        version integer NOT NULL,
        draining boolean NOT NULL DEFAULT false
    );
    INSERT INTO baogao.cluster (version) VALUES (0);
    CREATE TABLE baogao.leases (
        host text PRIMARY KEY,
        token text NOT NULL,
        holder text NOT NULL,
        expires_at timestamptz NOT NULL,
        asked_at timestamptz,
        spacing_s double precision NOT NULL
    );
    CREATE TABLE baogao.workers (
        id uuid PRIMARY KEY,
        place text NOT NULL,
        home text NOT NULL,
        folder text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE baogao.shards (
        name text PRIMARY KEY,
        home text NOT NULL,
        place text NOT NULL,
        path text NOT NULL,
        process text NOT NULL DEFAULT '',
        pages bigint NOT NULL DEFAULT 0,
        fruitless integer NOT NULL DEFAULT 0,
        crashes integer NOT NULL DEFAULT 0,
        exit_code integer,
        said text,
        started_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
    );
    """,
)
"""What leads from each version to the next. One statement for each step, in one transaction."""

Connection: TypeAlias = Any
"""A connection of asyncpg, which says no types, or one of its pool."""


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection for a short command.

    Raises:
        UsageError: the DSN, the user or the database is wrong.
        StorageError: PostgreSQL does not answer, or fails.
    """
    async with said_of(dsn):
        connection = await connect(dsn)
        try:
            yield connection
        finally:
            await connection.close(timeout=CONNECT_S)


async def connect(dsn: str) -> asyncpg.Connection:
    """Open a connection. Raises the errors of asyncpg, which `said_of` translates."""
    try:
        with _password_file_is_private():
            return await asyncpg.connect(
                dsn, timeout=CONNECT_S, command_timeout=STATEMENT_S,
                server_settings={"application_name": "baogao"},
            )  # fmt: skip
    except (ValueError, UserWarning) as error:
        raise UsageError(f"PostgreSQL at {shown(dsn)}: {_refused(error)}") from error


@contextmanager
def _password_file_is_private() -> Iterator[None]:
    """Have it be an error that others can read the password file: it is not used then."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "password file", UserWarning)
        yield


def _refused(error: Exception) -> str:
    """Return what is wrong with a DSN or its certificate. Most messages may quote the DSN."""
    if isinstance(error, UserWarning):
        return "others can read the password file, so it is not used; chmod 600 ~/.pgpass"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of the server is not accepted: {error.verify_message}"
    if "root certificate file" in str(error):
        return (
            "sslmode needs the certificate of the authority that signed the server's, in"
            " ~/.postgresql/root.crt or as sslrootcert=FILE in the DSN"
        )
    return "the DSN has an invalid part"


@asynccontextmanager
async def said_of(dsn: str) -> AsyncIterator[None]:
    """Translate what goes wrong with PostgreSQL into a sentence that names no password."""
    where = shown(dsn)
    try:
        yield
    except BaogaoError:
        raise
    except asyncpg.InvalidCatalogNameError as error:
        raise UsageError(f"PostgreSQL at {where}: there is no such database") from error
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise UsageError(f"PostgreSQL at {where} refuses the user: {_words(error)}") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise UsageError(f"PostgreSQL at {where}: {_words(error)}; see docs/scaling.md") from error
    except LOST as error:
        raise StorageError(f"PostgreSQL at {where} does not answer; try again later") from error
    except asyncpg.PostgresError as error:
        raise StorageError(f"PostgreSQL at {where}: {_words(error)}") from error
    except BROKEN as error:
        raise StorageError(f"PostgreSQL at {where} has closed the connection") from error


LOST: Final = (
    OSError,
    asyncio.TimeoutError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""Errors that pass when PostgreSQL is back."""

BROKEN: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Errors of a connection that was closed, or cut off while it was asked; the next one is whole."""


def is_lost(error: BaseException) -> bool:
    """Whether an error means that PostgreSQL cannot be asked now."""
    return isinstance(error, (*LOST, *BROKEN))


def _words(error: asyncpg.PostgresError) -> str:
    return str(error).splitlines()[0]


# ---- making the tables


async def version_of(connection: Connection) -> int | None:
    """Return the version of our tables; None if there are none."""
    there = await connection.fetchval("SELECT to_regclass('baogao.cluster') IS NOT NULL")
    return int(await connection.fetchval("SELECT version FROM baogao.cluster")) if there else None


async def make(connection: Connection) -> None:
    """Bring our tables to the current version; the caller holds PgQueuer's lock."""
    async with connection.transaction():
        await connection.execute("CREATE SCHEMA IF NOT EXISTS baogao")
        before = await version_of(connection) or 0
        for step in _STEPS[before:]:
            await connection.execute(step)
        await connection.execute("UPDATE baogao.cluster SET version = $1", VERSION)


# ---- leases of hosts


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """A host as its row describes it, in seconds from now.

    `left_s` is the time until the lease ends, `free_s` until somebody else may request the host.
    `token` is "" if nobody holds it.
    """

    token: str
    holder: str
    left_s: float
    free_s: float

    @property
    def is_held(self) -> bool:
        """Whether somebody holds the host and has confirmed it in time."""
        return bool(self.token) and self.left_s > 0


@dataclass(frozen=True, slots=True)
class Held:
    """A host that is held: the token, the seconds since its last request (None: none yet)."""

    host: str
    token: str
    idle_s: float | None
    spacing_s: float


async def locked_lease(connection: Connection, host: str) -> LeaseRow:
    """Lock the row of a host until the end of the transaction, and return it.

    A lease that was not given back may have been used until it ended, so the delay of the host
    begins then.
    """
    await connection.execute(
        "INSERT INTO baogao.leases (host, token, holder, expires_at, spacing_s)"
        " VALUES ($1, '', '', now(), 0) ON CONFLICT (host) DO NOTHING",
        host,
    )
    row = await connection.fetchrow(
        "SELECT token, holder,"
        " extract(epoch FROM expires_at - clock_timestamp())::float8 AS left_s,"
        " extract(epoch FROM CASE WHEN token = '' THEN greatest(expires_at,"
        " coalesce(asked_at + spacing_s * interval '1 second', expires_at))"
        " ELSE expires_at + spacing_s * interval '1 second' END - clock_timestamp())::float8"
        " AS free_s FROM baogao.leases WHERE host = $1 FOR UPDATE",
        host,
    )
    return LeaseRow(**dict(row))


async def take_lease(connection: Connection, held: Held, holder: str, lease_s: float) -> None:
    """Give a locked host to a token."""
    await connection.execute(
        "UPDATE baogao.leases SET token = $2, holder = $3, spacing_s = $5,"
        " expires_at = clock_timestamp() + $4 * interval '1 second' WHERE host = $1",
        held.host, held.token, holder, lease_s, held.spacing_s,
    )  # fmt: skip


async def end_lease_of_dead(connection: Connection, host: str, token: str) -> None:
    """Free a host whose holder has certainly ended; it may have been requested a moment ago."""
    await connection.execute(
        "UPDATE baogao.leases SET token = '', asked_at = clock_timestamp(),"
        " expires_at = clock_timestamp() WHERE host = $1 AND token = $2",
        host, token,
    )  # fmt: skip


async def confirm_leases(
    connection: Connection, held: Sequence[Held], lease_s: float
) -> set[tuple[str, str]]:
    """Extend leases and note when their hosts were last requested; returns those still held."""
    rows = await connection.fetch(
        "UPDATE baogao.leases AS l SET"
        " expires_at = clock_timestamp() + $5 * interval '1 second', spacing_s = h.spacing_s,"
        " asked_at = coalesce(clock_timestamp() - h.idle_s * interval '1 second', l.asked_at)"
        " FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[])"
        " AS h (host, token, idle_s, spacing_s)"
        " WHERE l.host = h.host AND l.token = h.token RETURNING l.host, l.token",
        [one.host for one in held], [one.token for one in held],
        [one.idle_s for one in held], [one.spacing_s for one in held], lease_s,
    )  # fmt: skip
    return {(row["host"], row["token"]) for row in rows}


async def give_back_leases(
    connection: Connection, held: Sequence[Held], after_s: float = 0.0
) -> None:
    """Give hosts back; nobody requests them before `after_s` seconds and their own delay."""
    await connection.execute(
        "UPDATE baogao.leases AS l SET token = '', holder = '', spacing_s = h.spacing_s,"
        " expires_at = clock_timestamp() + $5 * interval '1 second',"
        " asked_at = coalesce(clock_timestamp() - h.idle_s * interval '1 second', l.asked_at)"
        " FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[])"
        " AS h (host, token, idle_s, spacing_s) WHERE l.host = h.host AND l.token = h.token",
        [one.host for one in held], [one.token for one in held],
        [one.idle_s for one in held], [one.spacing_s for one in held], after_s,
    )  # fmt: skip


# ---- workers and shards


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of shards: its identity, its machine (`archive.process.place`) and its path."""

    home: str
    place: str
    folder: str


async def announce(connection: Connection, worker: str, at: Shelf) -> None:
    """Say that a worker is alive."""
    await connection.execute(
        "INSERT INTO baogao.workers (id, place, home, folder) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (id) DO UPDATE SET seen_at = now()",
        worker, at.place, at.home, at.folder,
    )  # fmt: skip


async def leave(connection: Connection, worker: str) -> None:
    """Remove a worker that ends, those not seen for a week, and what is logged of old jobs."""
    await connection.execute(
        "DELETE FROM baogao.workers WHERE id = $1 OR seen_at < now() - interval '7 days'", worker
    )
    await connection.execute(
        "DELETE FROM baogao.pgqueuer_log AS log WHERE created < now() - interval '90 days'"
        " AND NOT EXISTS (SELECT FROM baogao.pgqueuer AS job WHERE job.id = log.job_id)"
    )


async def claim_shard(
    connection: Connection, name: str, at: Shelf, path: str, alive_s: float
) -> str | None:
    """Note that a shard is about to be written to this folder.

    Returns None, or the place of a living worker beside whose shards it lies.
    """
    await connection.execute(
        "INSERT INTO baogao.shards (name, home, path, place) VALUES ($1, $2, $3, $5)"
        " ON CONFLICT (name) DO UPDATE SET home = $2, path = $3, place = $5, started_at = now()"
        " WHERE shards.home = $2 OR NOT EXISTS (SELECT FROM baogao.workers"
        " WHERE workers.home = shards.home AND seen_at > now() - $4 * interval '1 second')",
        name, at.home, path, alive_s, at.place,
    )  # fmt: skip
    return await place_of_shard(connection, name, at.home)


async def writer_of(connection: Connection, name: str) -> str:
    """Return the process that last began to write a shard; "" if there was none."""
    written = await connection.fetchval("SELECT process FROM baogao.shards WHERE name = $1", name)
    return str(written or "")


async def note_writer(connection: Connection, name: str, process: str) -> None:
    """Note which process writes a shard."""
    await connection.execute("UPDATE baogao.shards SET process = $2 WHERE name = $1", name, process)


async def place_of_shard(connection: Connection, name: str, home: str) -> str | None:
    """Return None if a shard is at `home` or unknown, or else where it lies."""
    place = await connection.fetchval(
        "SELECT place FROM baogao.shards WHERE name = $1 AND home <> $2", name, home
    )
    return None if place is None else str(place)


async def end_crawl(
    connection: Connection, name: str, pages: int, exit_code: int | None, said: str
) -> tuple[int, int]:
    """Note how a crawl of a shard ended; `exit_code` is None if its process died.

    Returns how many crawls in a row have got no page, and how many have died.
    """
    row = await connection.fetchrow(
        "UPDATE baogao.shards SET pages = pages + $2, exit_code = $3, said = $4, ended_at = now(),"
        " fruitless = CASE WHEN $2 > 0 THEN 0 ELSE fruitless + 1 END,"
        " crashes = CASE WHEN $3::integer IS NULL THEN crashes + 1 ELSE 0 END"
        " WHERE name = $1 RETURNING fruitless, crashes",
        name, pages, exit_code, said,
    )  # fmt: skip
    return (0, 0) if row is None else (int(row["fruitless"]), int(row["crashes"]))


async def shards(connection: Connection) -> list[dict[str, Any]]:
    """Return all shards by name."""
    rows = await connection.fetch(
        "SELECT name, home, place, path, pages, exit_code, said, ended_at"
        " FROM baogao.shards ORDER BY name"
    )
    return [dict(row) for row in rows]


async def workers(connection: Connection) -> list[dict[str, Any]]:
    """Return all workers that have not said goodbye; `silent_s` is how long they are silent."""
    rows = await connection.fetch(
        "SELECT id::text AS id, place, home, folder, started_at,"
        " extract(epoch FROM now() - seen_at)::float8 AS silent_s"
        " FROM baogao.workers ORDER BY started_at"
    )
    return [dict(row) for row in rows]


async def held_hosts(connection: Connection) -> int:
    """Return how many hosts are held now."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM baogao.leases WHERE token <> '' AND expires_at > now()"
        )
    )


# ---- the queue


async def owned(connection: Connection, jobs: Sequence[int], owner: str) -> list[int]:
    """Confirm the heartbeat of jobs that a worker still has; returns their numbers."""
    rows = await connection.fetch(
        "UPDATE baogao.pgqueuer SET heartbeat = now() WHERE id = ANY($1::bigint[])"
        " AND queue_manager_id = $2 AND status = 'picked' RETURNING id",
        list(jobs), owner,
    )  # fmt: skip
    return [int(row["id"]) for row in rows]


async def offer_again(connection: Connection, job: int, delay: timedelta) -> None:
    """Put back a job that was not begun; unlike PgQueuer's own, this counts and logs nothing."""
    await connection.execute(
        "UPDATE baogao.pgqueuer SET status = 'queued', queue_manager_id = NULL, updated = now(),"
        " execute_after = now() + $2 WHERE id = $1",
        job, delay,
    )  # fmt: skip


async def fail_unknown_jobs(connection: Connection, kinds: Sequence[str]) -> None:
    """Let jobs of other kinds fail, which no worker of this version would ever take."""
    await connection.execute(
        "WITH unknown AS (UPDATE baogao.pgqueuer SET status = 'failed', updated = now()"
        " WHERE status = 'queued' AND entrypoint <> ALL($1::text[])"
        " RETURNING id, entrypoint, priority)"
        " INSERT INTO baogao.pgqueuer_log (job_id, status, entrypoint, priority, traceback)"
        " SELECT id, 'failed', entrypoint, priority, jsonb_build_object('exception_message',"
        " 'this version of baogao knows no jobs of the kind ' || entrypoint) FROM unknown",
        list(kinds),
    )


async def unfinished_jobs(connection: Connection) -> int:
    """Return how many jobs wait or run."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM baogao.pgqueuer WHERE status IN ('queued', 'picked')"
        )
    )


async def is_draining(connection: Connection) -> bool:
    """Whether no worker may begin a job."""
    return bool(await connection.fetchval("SELECT draining FROM baogao.cluster"))


async def drain(connection: Connection, *, on: bool) -> None:
    """Let workers begin no job, or let them begin again."""
    await connection.execute("UPDATE baogao.cluster SET draining = $1", on)


async def jobs(connection: Connection) -> list[dict[str, Any]]:
    """Return all jobs that wait, run or failed, with what was last said of them."""
    rows = await connection.fetch(
        "SELECT job.id, job.entrypoint, job.payload, job.status::text AS status, job.attempts,"
        " job.created, job.updated, job.execute_after, job.heartbeat, workers.place,"
        " (SELECT log.traceback->>'exception_message' FROM baogao.pgqueuer_log AS log"
        "  WHERE log.job_id = job.id AND log.traceback IS NOT NULL"
        "  ORDER BY log.id DESC LIMIT 1) AS said"
        " FROM baogao.pgqueuer AS job LEFT JOIN baogao.workers"
        " ON workers.id = job.queue_manager_id ORDER BY job.id"
    )
    return [dict(row) for row in rows]


async def ended_jobs(connection: Connection) -> list[tuple[str, str, int]]:
    """Return kind, status and number of the jobs that have left the queue."""
    rows = await connection.fetch(
        "SELECT entrypoint, status::text AS status, count(*) AS jobs FROM baogao.pgqueuer_log"
        " WHERE status IN ('successful', 'failed', 'exception', 'canceled', 'deleted')"
        " GROUP BY entrypoint, status ORDER BY entrypoint, status"
    )
    return [(row["entrypoint"], row["status"], int(row["jobs"])) for row in rows]

"""PgQueuer behind a check: a worker writes to its own jobs only, and waits for PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

import asyncpg
from pgqueuer import RetryRequested
from pgqueuer.domain.models import TracebackRecord
from pgqueuer.ports.repository import EntrypointExecutionParameter

from crawler.cluster import queueing, tables
from crawler.cluster.jobs import DERIVE, KINDS, Job
from crawler.cluster.queueing import ElsewhereError, OwnedQueries, Queue
from crawler.cluster.watching import Seen


@pytest.fixture
async def workers(dsn, monkeypatch):
    """Make the queries of a worker; four jobs wait."""
    monkeypatch.setattr(queueing, "AGAIN_S", 0.05)
    async with tables.connected(dsn) as connection:
        queue = Queue(connection)
        await queue.enqueue([Job(DERIVE, name) for name in "abcd"])
        async with asyncpg.create_pool(dsn, min_size=0, max_size=3) as pool:
            yield lambda **more: worker(pool, **more)


def worker(pool, *, at_once=2, until_empty=False):
    made = OwnedQueries(pool)
    made.owner, made.at_once, made.until_empty = str(uuid4()), at_once, until_empty
    made.gone = []
    made.lost, made.busy = made.gone.append, lambda: False
    return made


async def take(one):
    entrypoints = {kind: EntrypointExecutionParameter(0) for kind in KINDS}
    return await one.dequeue(10, entrypoints, UUID(one.owner), 2, timedelta(seconds=30))


async def states(one):
    async with one._pool.acquire() as connection:
        return {
            Job.read(row["entrypoint"], row["payload"]).shard: row["status"]
            for row in await tables.jobs(connection)
        }


async def test_a_worker_has_as_many_jobs_as_it_may_run(workers):
    one, two = workers(at_once=1), workers(at_once=2)
    assert len(await take(one)) == 1
    assert await take(one) == []
    assert len(await take(two)) == 2
    assert list((await states(one)).values()).count("queued") == 1


async def test_a_job_that_was_taken_over_is_neither_ended_nor_repeated(workers):
    one, two = workers(), workers(at_once=1)
    job, other = await take(one)
    async with one._pool.acquire() as connection:
        await connection.execute("UPDATE baogao.pgqueuer SET heartbeat = now() - interval '1 hour'")
    await one.update_heartbeat([other.id])
    (again,) = await take(two)
    assert again.id == job.id, "the one without a heartbeat"
    await one.log_jobs([(job, "successful", None), (other, "successful", None)])
    await one.retry_job(job, timedelta(hours=1), None)
    assert one.gone == [job.id, job.id]
    assert (await states(one))["a"] == "picked", "it is still the other worker's"
    assert "b" not in await states(one), "its own has ended"
    await two.retry_job(again, timedelta(hours=1), None)
    assert (await states(one))["a"] == "queued"


async def test_a_job_that_belongs_elsewhere_is_offered_again_without_counting(workers):
    one = workers()
    job, other = await take(one)
    record = TracebackRecord.from_exception(ElsewhereError(timedelta(0), "on b"), job.id)
    await one.retry_job(job, timedelta(0), record)
    record = TracebackRecord.from_exception(RetryRequested(timedelta(0), "locked"), other.id)
    await one.retry_job(other, timedelta(0), record)
    async with one._pool.acquire() as connection:
        found = {row["id"]: row for row in await tables.jobs(connection)}
    assert [(found[each.id]["status"], found[each.id]["attempts"]) for each in (job, other)] == [
        ("queued", 0), ("queued", 1),
    ]  # fmt: skip
    assert (found[job.id]["said"], found[other.id]["said"]) == (None, "locked")
    assert {each.id for each in await take(workers())} == {job.id, other.id}


async def test_a_job_whose_shard_lies_where_no_worker_lives_is_told(workers, dsn):
    here, there = (tables.Shelf(name, f"{name}/boot", f"/{name}") for name in ("here", "there"))
    workers()
    async with tables.connected(dsn) as connection:
        await tables.announce(connection, str(uuid4()), here)
        await tables.claim_shard(connection, "a", here, "/here/a.db", 30)
        await tables.claim_shard(connection, "b", there, "/there/b.db", 30)
        seen = await Seen.now(connection)
        assert [row["said"] for row in seen.job_rows()] == [
            None, "waits for a worker on there", None, None,
        ]  # fmt: skip
        assert list(seen.faults()) == ["jobs wait for a worker beside their shards, on there"]
        await tables.announce(connection, str(uuid4()), there)
        assert list((await Seen.now(connection)).faults()) == []


async def test_a_drained_queue_gives_no_job(workers):
    one = workers()
    async with one._pool.acquire() as connection:
        await tables.drain(connection, on=True)
    assert await take(one) == []
    async with one._pool.acquire() as connection:
        await tables.drain(connection, on=False)
    assert len(await take(one)) == 2


async def test_a_worker_until_the_queue_is_empty_stays_for_the_jobs_of_others(workers):
    one, two = workers(until_empty=True), workers(at_once=4)
    assert len(await take(two)) == 4
    assert await one.queued_work(list(KINDS)) == 4
    assert await two.queued_work(list(KINDS)) == 0
    one.busy = lambda: True
    assert await one.queued_work(list(KINDS)) == 0, "it need not look again"


async def test_a_worker_waits_for_postgresql_and_goes_on(workers, postgres):
    one = workers()
    (job, _) = await take(one)
    postgres.stop()
    try:
        assert await take(one) == []
        assert await one.queued_work(list(KINDS)) == 1
        assert await one.eligible_queued_work(list(KINDS)) == 0
        assert await one.next_deferred_eta(list(KINDS)) is None
    finally:
        postgres.start()
    await one.retry_job(job, timedelta(0), None)
    assert (await states(one))["a"] == "queued"


def test_a_connection_that_broke_counts_as_no_answer():
    for error in (asyncpg.InternalClientError(), asyncpg.InterfaceError("closed"), OSError()):
        assert tables.is_lost(error)
    assert not tables.is_lost(asyncpg.UndefinedTableError())


async def test_other_errors_are_not_waited_for(workers):
    one = workers()
    async with one._pool.acquire() as connection:
        await connection.execute("DROP TABLE baogao.pgqueuer CASCADE")
    with pytest.raises(asyncpg.UndefinedTableError):
        await take(one)


async def test_a_shard_belongs_to_its_folder_as_long_as_a_worker_lives_there(dsn):
    here, there = (tables.Shelf(name, f"{name}/boot", f"/{name}") for name in ("here", "there"))
    async with tables.connected(dsn) as connection:
        await Queue(connection).make()

        async def claimed(at):
            return await tables.claim_shard(connection, "a", at, f"{at.folder}/a.db", 30)

        first, second = str(uuid4()), str(uuid4())
        await tables.announce(connection, first, here)
        await tables.announce(connection, second, there)
        assert await claimed(here) is None
        assert await claimed(here) is None
        assert await claimed(there) == "here/boot"
        await tables.leave(connection, first)
        assert await claimed(there) is None
        assert await claimed(here) == "there/boot"
        assert await tables.place_of_shard(connection, "b", "here") is None

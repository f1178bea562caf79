"""Jobs that derive, merge and export shards: what they make, how they fail, who goes on."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

from storage_server import KEYS, storage_server
from store.made_up import RULESET, answer, derivation_of

from archive.process import place
from archive.store import Archive
from crawler.cluster import tables
from crawler.cluster.queueing import Queue
from crawler.cluster.worker import home_of

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 2.0
PAGES = 60
MOST_BYTES = 1_000_000
LATEST_S = 90
CLOSED = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", **KEYS}


class Cluster:
    """A queue, a folder of shards that were crawled before, and the workers of a test."""

    def __init__(self, dsn, folder, baogao):
        self.dsn, self.folder, self._baogao = dsn, folder, baogao
        self.shards = folder / "shards"
        self.shards.mkdir()
        self.workers = []

    def add(self, name, numbers, **more):
        """Make a shard whose texts were derived by older rules."""
        path = self.shards / f"{name}.db"
        with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
            for number in numbers:
                capture = answer(number, **more)
                run.text(run.capture(capture), derivation_of(capture))
        self.note(name)

    def note(self, name):
        """Have the queue know a shard."""
        at = tables.Shelf(home_of(self.shards), place(), str(self.shards))
        path = str(self.shards / f"{name}.db")
        self.ask(lambda connection: tables.claim_shard(connection, name, at, path, 30))

    def ask(self, question):
        """Ask PostgreSQL."""

        async def asked():
            async with tables.connected(self.dsn) as connection:
                await Queue(connection).make()
                return await question(connection)

        return asyncio.run(asked())

    def enqueue(self, *words):
        done = self._baogao("enqueue", self.dsn, *words)
        assert done.returncode == 0, done.stderr

    def jobs(self):
        """The state of each job, and what was said of it."""
        done = self._baogao("queue", self.dsn)
        assert done.returncode == 0, done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {f"{row['kind']} {row['what']}": (row["state"], row["said"]) for row in rows}

    def start(self, *more, most_bytes=None, **environment):
        """Start a worker; its files may not grow beyond `most_bytes`, as on a full disk."""
        words = ("work", "--shards", "shards", "--heartbeat-timeout", str(TIMEOUT_S), *more)

        def limit():
            if most_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "crawler", *words], cwd=self.folder, stderr=log,
                preexec_fn=limit,  # noqa: PLW1509  (one call of the system)
                env={**os.environ, "BAOGAO_DSN": self.dsn, "PYTHONPATH": str(ROOT), **environment},
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def work(self, **environment):
        """Run a worker until nothing is left; returns what it said."""
        assert self.start("--until-empty", "--jobs", "4", **environment).wait(LATEST_S) == 0
        return self.log.read_text("utf-8")

    @property
    def log(self):
        return self.folder / "log"

    def end(self):
        for worker in self.workers:
            worker.kill()
            worker.wait(LATEST_S)
        if self.log.exists():
            print(self.log.read_text("utf-8"))  # noqa: T201  (shown if a test fails)


@pytest.fixture
def cluster(dsn, tmp_path, baogao):
    made = Cluster(dsn, tmp_path, baogao)
    yield made
    made.end()


def rows(db, query):
    with closing(sqlite3.connect(db)) as archive:
        return archive.execute(query).fetchall()


def texts(db):
    """The texts of the current rules."""
    found = rows(
        db,
        "SELECT derivation_sha256 FROM texts JOIN rulesets ON rulesets.id = ruleset_id"
        f" WHERE rulesets.sha256 <> '{RULESET}' ORDER BY 1",
    )
    return [digest for (digest,) in found]


def until(true):
    due = time.monotonic() + LATEST_S
    while not (found := true()):
        assert time.monotonic() < due, "it took too long"
        time.sleep(0.02)
    return found


def ended_once(jobs):
    """The jobs, if each has failed or been put back."""
    waits = "waits for a worker"  # the one of the test is still starting
    done = all(said and not said.startswith(waits) for _, said in jobs.values())
    return jobs if done else None


def exported(folder):
    """The reports of an export; its other files name the ledger head, which an export changes."""
    return (folder / "reports.jsonl").read_bytes()


def test_jobs_make_what_the_commands_make(cluster, baogao, tmp_path):
    cluster.add("a", range(4))
    cluster.add("b", range(3, 6))
    plain, shard, merged = tmp_path / "a.db", cluster.shards / "a.db", cluster.shards / "all.db"
    plain.write_bytes(shard.read_bytes())
    assert baogao("rederive", plain).returncode == 0
    cluster.enqueue("derive")
    cluster.work()
    assert texts(shard) == texts(plain)
    assert len(texts(plain)) == 4

    assert baogao("merge", "all.db", plain, cluster.shards / "b.db").returncode == 0
    assert baogao("export", shard, "a.jsonl", "--format", "jsonl").returncode == 0
    (tmp_path / "copies").mkdir()
    cluster.enqueue("export", "a", "--format", "warc")
    cluster.enqueue("export", "a", "--to", str(tmp_path / "copies"))
    for _ in range(2):
        cluster.enqueue("merge", "all")
        cluster.enqueue("export", "a", "--format", "jsonl")
        cluster.work()
        assert cluster.jobs() == {}
        assert texts(merged) == texts(tmp_path / "all.db")
        assert rows(merged, "SELECT count(*) FROM captures") == [(7,)]
        assert exported(cluster.shards / "a.jsonl") == exported(tmp_path / "a.jsonl")
    assert texts(tmp_path / "copies" / "a.db") == texts(plain)
    again = baogao("backfill", "warc", "again.db", *(cluster.shards / "a.warc").glob("*.warc*"))
    assert again.returncode == 0, again.stderr
    of_payloads = "SELECT sha256 FROM payloads ORDER BY 1"
    assert rows(tmp_path / "again.db", of_payloads) == rows(plain, of_payloads)
    left = {path.suffix for path in cluster.shards.iterdir()} - {".db-wal", ".db-shm", ""}
    assert left == {".db", ".warc", ".jsonl"}, "nothing unfinished"


def test_jobs_that_cannot_be_done_now_are_repeated_and_others_fail(cluster):
    cluster.add("a", range(3))
    cluster.add("b", [1], payload=Random(1).randbytes(MOST_BYTES))  # noqa: S311
    (cluster.shards / "c.db").write_bytes(b"no archive")
    for name in ("c", "gone"):
        cluster.note(name)
    cluster.enqueue("merge", "all", "b")
    cluster.enqueue("derive", "c", "gone")
    cluster.enqueue("export", "a", "--to", "s3://bucket/copies")
    cluster.enqueue("export", "a", "--to", str(cluster.folder / "nowhere"))
    worker = cluster.start("--jobs", "5", most_bytes=MOST_BYTES, **CLOSED)
    found = until(lambda: ended_once(cluster.jobs()))
    worker.kill()
    for job, state, reason in (
        ("merge_shard all", "again", "the disk "),
        ("derive_shard c", "failed", "c.db: is not a SQLite database"),
        ("derive_shard gone", "failed", "gone.db: no such database"),
        ("export_shard a to s3://bucket/copies", "again", "cannot be reached"),
        (f"export_shard a to {cluster.folder}/nowhere", "failed", "its folder does not exist"),
    ):
        assert reason in found[job][1], found[job]
        assert (found[job][0] == "failed") == (state == "failed")


def test_a_job_of_a_killed_worker_is_taken_over(cluster):
    cluster.add("a", range(PAGES))
    cluster.enqueue("derive")
    first = cluster.start()
    db = cluster.shards / "a.db"
    until(lambda: texts(db))
    first.kill()
    first.wait(LATEST_S)
    assert len(texts(db)) < PAGES, "it was killed in the middle"
    assert "a: done" in cluster.work()
    assert len(texts(db)) == PAGES, "each was derived, and none twice"


def test_copies_go_to_an_address_and_are_merged_from_there(cluster, baogao, tmp_path):
    cluster.add("a", range(3))
    cluster.add("b", range(2, 5))
    with storage_server() as reached:
        cluster.enqueue("export", "--to", "s3://bucket/copies/")
        cluster.work(**reached)
        assert cluster.jobs() == {}
        addresses = [f"s3://bucket/copies/{name}.db" for name in "ab"]
        merged = baogao("merge", "all.db", *addresses, **reached)
    assert merged.returncode == 0, merged.stderr
    assert rows(tmp_path / "all.db", "SELECT count(*) FROM captures") == [(6,)]


HOSTILE = {
    "no JSON": ("derive_shard", "{", "another version"),
    "no object": ("derive_shard", "[1]", "another version"),
    "nothing": ("derive_shard", "", "another version"),
    "deep": ("derive_shard", "[" * 100_000, "another version"),
    "a number": ("derive_shard", '{"shard": 5}', "another version"),
    "no name": ("derive_shard", '{"shard": ""}', "no name of a shard"),
    "hidden": ("derive_shard", '{"shard": ".x"}', "no name of a shard"),
    "a null": ("derive_shard", '{"shard": "a\\u0000"}', "no name of a shard"),
    "an option": ("derive_shard", '{"shard": "--help"}', "no name of a shard"),
    "a path": ("derive_shard", '{"shard": "../x"}', "is a path"),
    "a path from /": ("export_shard", '{"shard": "/etc/x", "form": "warc"}', "is a path"),
    "a path to merge": ("merge_shard", '{"shard": "m", "shards": ["a", "../x"]}', "is a path"),
    "a path as format": ("export_shard", '{"shard": "a", "form": "../x"}', "is a path"),
    "another format": ("export_shard", '{"shard": "a", "form": "help"}', "is not one of"),
    "a folder from here": ("export_shard", '{"shard": "a", "to": "x"}', "name an address"),
    "an option as folder": ("export_shard", '{"shard": "a", "to": "--keep"}', "name an address"),
    "another address": ("export_shard", '{"shard": "a", "to": "ftp://x"}', "can begin with"),
    "sites by number": ("crawl_group", '{"shard": "c", "sites": [1]}', "another version"),
    "a site by number": ("crawl_group", '{"shard": "c", "sites": {"c": 1}}', "another version"),
    "a site by path": ("crawl_group", '{"shard": "c", "sites": {"../c": ""}}', "is a path"),
    "no site file": ("crawl_group", '{"shard": "c", "sites": {"c": "x"}}', "c.toml"),
    "newer": ("derive_shard", '{"shard": "a", "priority": 5}', "another version"),
    "a kind": ("rm_shard", '{"shard": "a"}', "no jobs of the kind rm_shard"),
}


def test_hostile_orders_fail_with_a_sentence_and_run_nothing(cluster):
    cluster.add("a", [1])

    async def put(connection):
        await connection.executemany(
            "INSERT INTO baogao.pgqueuer (priority, queue_manager_id, created, updated, heartbeat,"
            " execute_after, entrypoint, payload, status)"
            " VALUES (0, NULL, now(), now(), now(), now(), $1, $2, 'queued')",
            [(kind, payload.encode()) for kind, payload, _ in HOSTILE.values()],
        )

    cluster.ask(put)
    before = sorted(path.name for path in cluster.shards.iterdir())
    words = cluster.work()
    said = [row["said"] for row in cluster.ask(tables.jobs)]
    states = [row["status"] for row in cluster.ask(tables.jobs)]
    assert states == ["failed"] * len(HOSTILE)
    for (name, (_, _, reason)), sentence in zip(HOSTILE.items(), said, strict=True):
        assert reason in (sentence or ""), (name, sentence)
        assert "Traceback" not in sentence
    assert "Traceback" not in words
    left = {path.name for path in cluster.shards.iterdir()} - {"a.db-wal", "a.db-shm"}
    assert sorted(left) == before
    assert texts(cluster.shards / "a.db") == []
    assert {path.name for path in cluster.folder.iterdir()} == {"shards", "log"}

"""What two workers derive on two cores, against one process: pages of one archive, and of shards.

    python bench/bench_derive_workers.py [--pages 2000] [--rounds 1] [--shards 4] [--jobs 2]

The pages are those of bench_full_archive.py. A round derives all of them in this process, then with
two worker processes. Then the same pages lie in shards: this process derives, stores and collates
one after the other as `baogao rederive` does, and then two workers of a cluster do, with a real
PostgreSQL and `--jobs` jobs each at a time (`--shards 0` leaves this out). The starting of workers
counts, loading the stages in this process does not.

By the clock the ratio holds on a quiet machine only. Processor time says what it can be at most on
two cores: twice that of one process, divided by that of all processes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_full_archive import pages

from archive import Archive, Capture, derive
from archive.derive_many import derived
from archive.importing import derive_waiting
from archive.process import place
from baogao_practice.postgres import PostgreSQL
from crawler.cluster import tables
from crawler.cluster.jobs import DERIVE, Job
from crawler.cluster.queueing import Queue
from crawler.cluster.worker import home_of

WORKERS = 2


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and processor seconds of this process and its ended children."""
    before, began = os.times(), time.perf_counter()
    work()
    took, after = time.perf_counter() - began, os.times()
    return took, sum(after[:4]) - sum(before[:4])


def show(name: str, one: tuple[float, float], both: tuple[float, float], count: int) -> None:
    """Print a row of the table."""
    (clock, cpu), (took, used) = one, both
    each = 1000 / count
    print(
        f"| {name} | {clock * each:.1f} | {took * each:.1f} | {clock / took:.2f} | {cpu * each:.1f}"
        f" | {used * each:.1f} | {2 * cpu / used:.2f} |",
        flush=True,
    )


def of_pages(captures: list[Capture], rounds: int) -> None:
    """Derive captures, and store nothing."""
    one, both = [], []
    for _ in range(rounds):
        one.append(measured(lambda: [derive(capture) for capture in captures]))
        both.append(measured(lambda: [*derived(enumerate(captures), WORKERS)]))
    show("deriving", middle(one), middle(both), len(captures))


def middle(found: list[tuple[float, float]]) -> tuple[float, float]:
    """The median of both columns."""
    clock, cpu = (statistics.median(column) for column in zip(*found, strict=True))
    return clock, cpu


def of_shards(captures: list[Capture], shards: int, jobs: int) -> None:
    """Derive the pages of shards, store their texts and collate each shard."""
    with tempfile.TemporaryDirectory(prefix="bench-derive-") as folder:
        one, both = Path(folder, "one"), Path(folder, "both")
        one.mkdir()
        for number in range(shards):
            with Archive.open(one / f"s{number}.db", create=True) as archive:
                fill(archive, captures[number::shards])
        shutil.copytree(one, both)
        alone = measured(lambda: [rederive(db) for db in sorted(one.iterdir())])
        with PostgreSQL() as postgres:
            asyncio.run(enqueue(postgres.dsn, both, shards))
            together = measured(lambda: work(postgres.dsn, both, jobs))
        for db in both.glob("s*.db"):
            assert texts(db) == texts(one / db.name), f"{db.name} differs"
    show(f"{shards} shards, --jobs {jobs}", alone, together, len(captures))


def fill(archive: Archive, captures: list[Capture]) -> None:
    """Store captures that are to be derived."""
    with archive.run("backfill") as run, run.batch():
        for capture in captures:
            run.capture(capture)


def rederive(db: Path) -> None:
    """Do what `baogao rederive` does, in this process alone."""
    with Archive.open(db) as archive, archive.run("rederive") as run:
        derive_waiting(archive, run, jobs=0, progress=lambda things, *_: iter(things), tell=print)
        archive.collate(run.id)


def texts(db: Path) -> list[object]:
    """The digests of the texts of an archive."""
    with Archive.open(db, read_only=True) as archive:
        query = "SELECT derivation_sha256 FROM texts ORDER BY 1"
        return [tuple(row) for row in archive.connection.execute(query)]


async def enqueue(dsn: str, folder: Path, shards: int) -> None:
    """Have a queue know the shards `s0` … of a folder, and derive them."""
    at = tables.Shelf(home_of(folder), place(), str(folder))
    async with tables.connected(dsn) as connection:
        queue = Queue(connection)
        await queue.make()
        names = [f"s{number}" for number in range(shards)]
        for name in names:
            await tables.claim_shard(connection, name, at, str(folder / f"{name}.db"), 30)
        await queue.enqueue([Job(DERIVE, name) for name in names])


def work(dsn: str, folder: Path, jobs: int) -> None:
    """Run workers until the queue is empty."""
    words = ("work", "--shards", str(folder), "--jobs", str(jobs), "--until-empty", "-q")
    command = [sys.executable, "-m", "crawler", *words]
    environment = {**os.environ, "BAOGAO_DSN": dsn}
    running = [subprocess.Popen(command, env=environment) for _ in range(WORKERS)]
    assert [worker.wait() for worker in running] == [0] * WORKERS


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    captures: list[Capture] = list(pages(options.pages))
    derive(captures[0])  # loads the stages and the knowledge
    print("| | one process, ms a page | two workers | ratio | CPU, ms a page | two | at most |")
    print("|---|---|---|---|---|---|---|", flush=True)
    of_pages(captures, options.rounds)
    if options.shards:
        of_shards(captures, options.shards, options.jobs)


if __name__ == "__main__":
    main()

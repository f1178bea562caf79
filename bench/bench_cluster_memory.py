"""Does the memory of a worker grow with the pages that it crawls?

    python bench/bench_cluster_memory.py [PAGES] [HOSTS] [--allocations]

One worker crawls so many small articles (100,000) of so many hosts (4) on this machine, without a
delay, in one job. Printed after 1,000, 3,000, 10,000, 30,000 and so on, and all pages: the resident
memory of the worker, of the process that crawls, and of the processes that read and derive
pages. `--allocations` prints where the crawl allocated what it holds, at the same moments; that
makes it several times slower.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench_crawl_memory import serve
from serving import served

from baogao_practice.postgres import PostgreSQL

ROOT = Path(__file__).parents[1]
SHOWN = (1_000, 3_000, 10_000, 20_000, 30_000, 50_000, 70_000)
SITE = """\
title = "bench"
kind = "official"
family = "list"
hosts = [{hosts}]
start = [{starts}]
reports = ['/a/']
lists = ['/\\d+/\\d+\\.html$']
loopback = true
[politeness]
delay_s = 0
[limits]
addresses = 10_000_000
requests = 10_000_000
same = 10_000_000
[expect]
minimum = 0
"""
TRACED = """
import signal, sys, tracemalloc
tracemalloc.start(8)
before = None

def show(*_):
    global before
    now = tracemalloc.take_snapshot()
    kept = now.statistics("lineno") if before is None else now.compare_to(before, "lineno")
    before = now
    for one in kept[:12]:
        print(one, file=sys.stderr, flush=True)

signal.signal(signal.SIGUSR1, show)
"""
"""Put beside the crawl as `usercustomize`."""


def site_file(port: int, hosts: int, pages: int) -> str:
    """A site file for some hosts that share the pages."""
    names = [f"h{number}.bench.test" for number in range(hosts)]
    starts = [f"http://{name}:{port}/{pages // hosts}/0.html" for name in names]
    words = (", ".join(f'"{one}"' for one in each) for each in (names, starts))
    return SITE.format(**dict(zip(("hosts", "starts"), words, strict=True)))


def descendants(number: int) -> list[int]:
    """The processes that a process or one of its threads has started, with theirs."""
    started = [
        int(each)
        for listed in Path(f"/proc/{number}/task").glob("*/children")
        for each in listed.read_text("ascii").split()
    ]
    return [*started, *(each for one in started for each in descendants(one))]


def megabytes(number: int) -> float:
    """The resident memory of a process."""
    said = Path(f"/proc/{number}/status").read_text("ascii")
    return int(said.partition("VmRSS:")[2].split()[0]) / 1024


def captured(folder: Path) -> int:
    """How many captures the shard has, as its file says without being locked for long."""
    path = folder / "shards" / "bench.db"
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as rows:
            return int(rows.execute("SELECT coalesce(max(id), 0) FROM captures").fetchone()[0])
    except sqlite3.Error:
        return 0


def shown(worker: int, done: int, began: float, *, ask: bool) -> None:
    """Print the memory of a worker and of what it has started."""
    started = descendants(worker)
    if not started:
        return
    crawl, *others = started
    if ask:
        os.kill(crawl, signal.SIGUSR1)
    rest = ", ".join(f"{megabytes(one):.0f}" for one in others)
    print(
        f"{done:>8} pages after {time.monotonic() - began:6.0f} s: worker"
        f" {megabytes(worker):4.0f} MB, its crawl {megabytes(crawl):4.0f} MB,"
        f" its readers and derivers {rest} MB",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=int, nargs="?", default=100_000)
    parser.add_argument("hosts", type=int, nargs="?", default=4)
    parser.add_argument("--allocations", action="store_true")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends
    with (
        PostgreSQL() as postgres,
        served(serve) as port,
        tempfile.TemporaryDirectory(prefix="memory-") as name,
    ):
        folder = Path(name)
        (folder / "sites").mkdir()
        words = site_file(port, asked.hosts, asked.pages)
        (folder / "sites" / "bench.toml").write_text(words, "utf-8")
        path = [str(ROOT)]
        if asked.allocations:
            (folder / "usercustomize.py").write_text(TRACED, "utf-8")
            path.append(name)
        environment = {
            **os.environ, "BAOGAO_DSN": postgres.dsn, "PYTHONPATH": os.pathsep.join(path),
        }  # fmt: skip
        baogao = [sys.executable, "-m", "crawler"]
        subprocess.run(
            [*baogao, "enqueue", "crawl", "--sites-dir", "sites", "bench"],
            cwd=folder, env=environment, check=True,
        )  # fmt: skip
        worker = subprocess.Popen(
            [*baogao, "work", "--shards", "shards", "--until-empty"], cwd=folder, env=environment
        )
        try:
            watch(worker, folder, asked)
        finally:
            if worker.poll() is None:
                worker.terminate()
            worker.wait()


def watch(worker: subprocess.Popen[bytes], folder: Path, asked: argparse.Namespace) -> None:
    """Print the memory at some numbers of pages, and the last that was seen."""
    began, due = time.monotonic(), [each for each in SHOWN if each < asked.pages] + [asked.pages]
    while worker.poll() is None:
        if due and captured(folder) >= due[0]:
            shown(worker.pid, due.pop(0), began, ask=asked.allocations)
        time.sleep(0.2)
    print(f"{captured(folder):>8} pages in {time.monotonic() - began:.0f} s, exit {worker.poll()}")


if __name__ == "__main__":
    main()

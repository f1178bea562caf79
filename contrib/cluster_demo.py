"""A cluster on one machine: PostgreSQL, three workers, one of them killed, and a merge at the end.

    make cluster-demo

Crawls the practice web, on 127.0.0.1 only. Everything that is started ends with this script, and
nothing stays but what it prints.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import IO, Final, cast

from baogao_practice import Server
from baogao_practice.postgres import AbsentError, FailedError, PostgreSQL
from crawler.site_files import PRACTICE_PORT, load_sites, practice_sites

WORKERS: Final = 3
HEARTBEAT_TIMEOUT_S: Final = 5
KILLED_AFTER: Final = 30
"""Requests after which a worker is killed."""

LATEST_S: Final = 900

INTERRUPTIONS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

STOPPED: Final = 3
"""The exit code if something failed, or the demonstration was interrupted."""


class StoppedError(Exception):
    """The demonstration cannot go on; the message says why."""


class Worker:
    """A worker that ends when nothing is left to do; what it says is printed with its name."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.crawls = Event()
        self.process = subprocess.Popen(  # noqa: S603  (our own command)
            command(
                "work", "--shards", "shards", "--until-empty",
                "--heartbeat-timeout", str(HEARTBEAT_TIMEOUT_S),
            ),
            cwd=folder, env=environment, stderr=subprocess.PIPE, text=True,
            start_new_session=True,  # Ctrl-C is for this script, which ends its workers itself
        )  # fmt: skip
        said = cast("IO[str]", self.process.stderr)
        self._relay = Thread(target=self._print, args=(said,), daemon=True)
        self._relay.start()

    def wait(self) -> None:
        """Wait until it has ended and all that it said is printed."""
        try:
            self.process.wait(LATEST_S)
        except subprocess.TimeoutExpired:
            raise StoppedError(f"{self.name} does not end") from None
        self._relay.join(LATEST_S)

    def kill(self) -> None:
        """Kill it, unless it has ended; its crawls end with it."""
        self.process.kill()
        self.process.wait()

    def _print(self, said: IO[str]) -> None:
        with said:
            for line in said:
                say(f"{self.name} | {line.rstrip()}")
                if "begins" in line:
                    self.crawls.set()


class Cluster:
    """The commands and workers of one demonstration, in one folder."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self._environment = {**os.environ, "BAOGAO_DSN": dsn}
        self.workers: list[Worker] = []

    def run(self, *words: str) -> str:
        """Run `baogao` and return what it prints on stdout; it must succeed."""
        say(f"$ baogao {shlex.join(words)}")
        with ExitStack() as running:
            with whole():
                process = subprocess.Popen(  # noqa: S603  (our own command)
                    command(*words), cwd=self.folder, env=self._environment,
                    stdout=subprocess.PIPE, text=True,
                )  # fmt: skip
                running.callback(_end, process)
            printed, _ = process.communicate(timeout=LATEST_S)
        if process.returncode:
            raise StoppedError(f"baogao {words[0]} ended with exit code {process.returncode}")
        return printed

    def start_worker(self) -> None:
        """Start one more worker."""
        name = f"worker {len(self.workers) + 1}"
        with whole():
            self.workers.append(Worker(name, self.folder, self._environment))

    def wait(self) -> None:
        """Wait until every worker has ended."""
        for worker in self.workers:
            worker.wait()

    def end(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            worker.kill()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


@contextmanager
def whole() -> Iterator[None]:
    """Hold back an interruption until it is known what was started, so that it can be ended."""
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in INTERRUPTIONS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def command(*words: str) -> list[str]:
    """The command line of `baogao` with these words."""
    return [sys.executable, "-m", "crawler", *words]


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def note(words: str) -> None:
    """Print what happens, apart from what commands and workers say."""
    say(f"\n--- {words}")


@contextmanager
def started() -> Iterator[tuple[Cluster, Server]]:
    """Start PostgreSQL and the practice web, and write the site files for its port."""
    with ExitStack() as running:
        note("starting PostgreSQL and the practice web, in a temporary folder and on 127.0.0.1")
        database = running.enter_context(PostgreSQL())
        web = running.enter_context(Server())
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="baogao-demo-")))
        cluster = Cluster(folder, database.dsn)
        running.callback(cluster.end)
        (folder / "sites").mkdir()
        for site in load_sites().chosen(practice_sites()):
            toml = site.toml.replace(f":{PRACTICE_PORT}", f":{web.port}")
            (folder / "sites" / f"{site.name}.toml").write_text(toml, "utf-8")
        yield cluster, web


def main() -> int:
    """Run the demonstration; 0 if all went well."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with started() as (cluster, web):
            return demonstrate(cluster, web)
    except AbsentError as absent:
        print(f"Error: {absent}", file=sys.stderr)
        return 2
    except (FailedError, StoppedError) as failed:
        print(f"Error: {failed}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped; nothing is left running.", file=sys.stderr)
    return STOPPED


def demonstrate(cluster: Cluster, web: Server) -> int:
    """Crawl, kill, merge and count."""
    began = time.monotonic()
    note("the sites of the practice web become jobs; those that share hosts are one job")
    cluster.run("enqueue", "crawl", *practice_sites(), "--sites-dir", "sites")
    note(f"{WORKERS} workers crawl, two jobs each at a time; a host is crawled by one of them")
    for _ in range(WORKERS):
        cluster.start_worker()
    kill_one(cluster, web)
    cluster.wait()
    note("what they have crawled")
    say(cluster.run("queue", "--shards", "--table").rstrip())
    note("a worker merges the shards into one archive; then they are merged again, and checked")
    cluster.run("enqueue", "merge", "all")
    cluster.start_worker()
    cluster.wait()
    again = json.loads(cluster.run("merge", "shards/all.db", *shards(cluster.folder), "--json"))
    cluster.run("verify", "shards/all.db")
    works = cluster.run("works", "shards/all.db").splitlines()
    numbers = cluster.run("metrics", "shards/all.db")
    good = int(re.findall(r'^baogao_captures_total{outcome="ok"} (\d+)$', numbers, re.MULTILINE)[0])
    merged = len(shards(cluster.folder))
    note(f"{merged} shards with {good} good captures, merged into {len(works)} reports")
    say(f"    rows that a second merge adds: {sum(again['rows'].values())}")
    say(f"    after {time.monotonic() - began:.0f} s; nothing is left running, no file stays")
    return int(bool(again["rows"]))


def kill_one(cluster: Cluster, web: Server) -> None:
    """Kill the first worker that crawls, after some requests."""
    due = time.monotonic() + LATEST_S
    while True:
        busy = next((worker for worker in cluster.workers if worker.crawls.is_set()), None)
        if busy is not None and sum(web.asked.values()) >= KILLED_AFTER:
            break
        if time.monotonic() > due:
            raise StoppedError("no worker crawls")
        time.sleep(0.05)
    asked = sum(web.asked.values())
    note(
        f"after {asked} requests: SIGKILL for {busy.name}; the others begin its jobs again when it"
        f" has been silent for {HEARTBEAT_TIMEOUT_S} s\n"
    )
    busy.kill()


def shards(folder: Path) -> list[str]:
    """The files of the shards, without the archive into which they were merged."""
    return sorted(f"shards/{path.name}" for path in (folder / "shards").glob("[!a.]*.db"))


if __name__ == "__main__":
    sys.exit(main())

"""A cluster on one machine: PostgreSQL, three workers, one of them killed, and a merge at the end.

    make cluster-demo

Crawls the practice web, on 127.0.0.1 only. Everything that is started ends with this script, and
nothing stays but what it prints.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from baogao_practice import Server
from baogao_practice.postgres import AbsentError, PostgreSQL
from crawler.site_files import PRACTICE_PORT, load_sites, practice_sites

WORKERS: Final = 3
HEARTBEAT_TIMEOUT_S: Final = 5
KILLED_AFTER: Final = 30
"""Requests after which a worker is killed."""

LATEST_S: Final = 900


class Cluster:
    """The commands and workers of one demonstration, in one folder."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self._environment = {**os.environ, "BAOGAO_DSN": dsn}
        self.workers: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str) -> str:
        """Run `baogao` and return what it prints on stdout; it must succeed."""
        print(f"$ baogao {' '.join(words)}", flush=True)
        done = subprocess.run(  # noqa: S603  (our own command)
            self._command(*words), cwd=self.folder, env=self._environment, check=True,
            stdout=subprocess.PIPE, text=True, timeout=LATEST_S,
        )  # fmt: skip
        return done.stdout

    def start_worker(self) -> None:
        """Start a worker, which ends when nothing is left to do."""
        words = ("work", "--shards", "shards", "--until-empty", "--heartbeat-timeout")
        command = self._command(*words, str(HEARTBEAT_TIMEOUT_S))
        environment = self._environment
        self.workers.append(
            subprocess.Popen(command, cwd=self.folder, env=environment)  # noqa: S603
        )

    def wait(self) -> None:
        """Wait until every worker has ended."""
        for worker in self.workers:
            worker.wait(LATEST_S)

    def end(self) -> None:
        """Kill what still runs; the crawls end with their workers."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()

    @staticmethod
    def _command(*words: str) -> list[str]:
        return [sys.executable, "-m", "crawler", *words]


@contextmanager
def started() -> Iterator[tuple[Cluster, Server]]:
    """Start PostgreSQL and the practice web, and write the site files for its port."""
    with ExitStack() as running:
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
    try:
        with started() as (cluster, web):
            return demonstrate(cluster, web)
    except AbsentError as absent:
        print(f"Error: {absent}", file=sys.stderr)
        return 2


def demonstrate(cluster: Cluster, web: Server) -> int:
    """Crawl, kill, merge and count."""
    began = time.monotonic()
    cluster.run("enqueue", "crawl", *practice_sites(), "--sites-dir", "sites")
    for _ in range(WORKERS):
        cluster.start_worker()
    while sum(web.asked.values()) < KILLED_AFTER and time.monotonic() < began + LATEST_S:
        time.sleep(0.05)
    print(f"--- after {sum(web.asked.values())} requests: SIGKILL for a worker", flush=True)
    cluster.workers[0].kill()
    cluster.wait()
    print(cluster.run("queue", "--shards", "--table"))
    cluster.run("enqueue", "merge", "all")
    cluster.start_worker()
    cluster.wait()
    again = json.loads(cluster.run("merge", "shards/all.db", *shards(cluster.folder), "--json"))
    cluster.run("verify", "shards/all.db")
    works = cluster.run("works", "shards/all.db").splitlines()
    pages = [json.loads(line)["pages"] for line in cluster.run("queue", "--shards").splitlines()]
    print(f"{len(pages)} shards with {sum(pages)} pages, merged into {len(works)} reports")
    print(f"rows that a second merge adds: {sum(again['rows'].values())}")
    print(f"after {time.monotonic() - began:.0f} s")
    return int(bool(again["rows"]))


def shards(folder: Path) -> list[str]:
    """The files of the shards, without the archive into which they were merged."""
    return sorted(f"shards/{path.name}" for path in (folder / "shards").glob("[!a.]*.db"))


if __name__ == "__main__":
    sys.exit(main())

"""Crawls with workers that are killed and stopped, and how they share polite hosts.

    python bench/bench_cluster.py [--kills N] [--stops N] [--restarts N] [--default] [--pages N]

First: workers over a web of polite hosts are killed at random moments, stopped and continued, and
PostgreSQL is restarted, until each was done as often as asked; the server's own log says how far
apart the requests of a host were and which page was asked twice. `--default` adds a round with the
default heartbeat timeout. Then: pages a second of 1, 2 and 4 workers with two hosts at a time each,
and of one plain crawl, with 8 hosts that are asked once a second.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from loopback import Server

from baogao_practice.postgres import PostgreSQL

ROOT = Path(__file__).parents[1]
LATEST_S = 3600
NEAR = 0.9
"""Share of its delay that two requests of a host must be apart."""

SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["{name}.cluster.test"]
start = ["http://{name}.cluster.test:{port}/l/index.html"]
loopback = true
[politeness]
delay_s = {delay}
[expect]
minimum = 0
"""


def answers(pages: int) -> Any:
    """A list of links to articles, on every host."""

    def answer(_host: str, path: str) -> tuple[int, dict[str, str], bytes]:
        if path == "/robots.txt":
            return 404, {}, b""
        if path.endswith("index.html"):
            links = (f'<a href="/l/202301/t20230101_{n}.html">x</a>' for n in range(pages - 1))
            return 200, {"Content-Type": "text/html"}, "".join(links).encode()
        return 200, {"Content-Type": "text/html"}, f"<p>{path}</p>".encode()

    return answer


@dataclass
class Trial:
    """A queue, a web and workers in a folder of their own."""

    folder: Path
    postgres: PostgreSQL
    web: Any
    timeout_s: float
    database: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def baogao(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        """Start a command."""
        dsn = self.postgres.dsn_of(self.database)
        environment = {**os.environ, "BAOGAO_DSN": dsn, "PYTHONPATH": str(ROOT)}
        command = ["nice", "-n", "10", sys.executable, "-m", "crawler", *words]
        return subprocess.Popen(command, cwd=self.folder, env=environment, **more)

    def sites(self, names: list[str], delay_s: float) -> None:
        """Write site files."""
        (self.folder / "sites").mkdir(exist_ok=True)
        for name in names:
            words = SITE.format(name=name, port=self.web.port, delay=delay_s)
            (self.folder / "sites" / f"{name}.toml").write_text(words, "utf-8")

    def enqueue(self, names: list[str], delay_s: float) -> None:
        """Put the sites into the queue."""
        self.sites(names, delay_s)
        done = self.baogao("enqueue", "crawl", *names, "--sites-dir", "sites", "--quiet")
        assert done.wait(LATEST_S) == 0

    def start(self) -> subprocess.Popen[bytes]:
        """Start a worker; what it says goes into a log."""
        with (self.folder / "log").open("ab") as log:
            worker = self.baogao(
                "work", "--shards", "shards", "--until-empty", "--heartbeat-timeout",
                str(self.timeout_s), stderr=log,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def living(self) -> list[subprocess.Popen[bytes]]:
        """The workers that have not ended."""
        return [worker for worker in self.workers if worker.poll() is None]

    def end(self) -> None:
        """End everything."""
        for worker in self.living():
            for number in (worker.pid, *children(worker.pid)):
                signalled(number, signal.SIGCONT)
            worker.kill()
        for worker in self.workers:
            worker.wait()


@contextmanager
def trial(pages: int, timeout_s: float, postgres: PostgreSQL) -> Iterator[Trial]:
    """Begin a trial with an empty queue."""
    database = f"trial_{time.monotonic_ns()}"
    postgres.sql(f"CREATE DATABASE {database}")
    with ExitStack() as running:
        web = running.enter_context(Server(answers(pages)))
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="cluster-")))
        made = Trial(folder, postgres, web, timeout_s, database)
        running.callback(made.end)
        yield made


def children(number: int) -> list[int]:
    """The processes that a process has started."""
    try:
        said = Path(f"/proc/{number}/task/{number}/children").read_text("ascii")
    except OSError:
        return []
    return [int(each) for each in said.split()]


def signalled(number: int, which: int) -> None:
    """Send a signal, if there is still somebody."""
    with suppress(ProcessLookupError):
        os.kill(number, which)


def captured(folder: Path) -> Counter[str]:
    """The addresses with a good capture in all shards."""
    found: Counter[str] = Counter()
    for path in (folder / "shards").glob("*.db"):
        with closing(sqlite3.connect(path)) as rows:
            found.update(
                url
                for (url,) in rows.execute(
                    "SELECT DISTINCT url FROM captures JOIN pages ON pages.id = page_id"
                    " WHERE outcome = 'ok'"
                )
            )
    return found


def gaps(moments: list[tuple[str, str, float]]) -> list[tuple[float, str]]:
    """The seconds between two requests of a host and their paths, the shortest first."""
    found = []
    for host in {host for host, _, _ in moments}:
        asked = sorted((when, path) for named, path, when in moments if named == host)
        found += [
            (later - earlier, f"{host}: {one}, {two}")
            for (earlier, one), (later, two) in pairwise(asked)
        ]
    return sorted(found)


@dataclass
class Score:
    """What several trials have shown."""

    kills: int = 0
    stops: int = 0
    restarts: int = 0
    lost: int = 0
    twice: int = 0
    pages: int = 0
    closest: tuple[float, str] = (99.0, "")
    near: int = 0
    pairs: int = 0
    recoveries: list[float] = field(default_factory=list)

    def add(self, made: Trial, hosts: int, pages: int, delay_s: float) -> None:
        """Add a trial that has ended."""
        self.pages += hosts * pages
        self.lost += hosts * pages - len(captured(made.folder))
        asked = Counter((host, path) for host, path, _ in made.web.moments if path != "/robots.txt")
        self.twice += sum(asked.values()) - len(asked)
        found = [(gap / delay_s, which) for gap, which in gaps(made.web.moments)]
        self.closest = min(self.closest, found[0])
        self.near += sum(gap < NEAR for gap, _ in found)
        self.pairs += len(found)

    def shown(self) -> str:
        """The figures in a few lines."""
        disturbed = self.kills + self.stops + self.restarts
        slowest = max(self.recoveries, default=0.0)
        middle = sorted(self.recoveries)[len(self.recoveries) // 2] if self.recoveries else 0.0
        return (
            f"{self.kills} kills, {self.stops} stops, {self.restarts} restarts of PostgreSQL,"
            f" {self.pages} pages: {self.lost} lost; {self.twice} asked twice,"
            f" {self.twice / max(disturbed, 1):.2f} a disturbance; the closest two requests of a"
            f" host were {self.closest[0]:.2f} of its delay apart ({self.closest[1]}), {self.near}"
            f" of {self.pairs} pairs less than {NEAR}; a host of a killed worker was asked"
            f" again after {middle:.1f} s (median), {slowest:.1f} s at most"
        )


def disturbed(
    score: Score, postgres: PostgreSQL, dice: random.Random, wanted: Counter[str], timeout_s: float
) -> None:
    """Run one trial with disturbances at random moments."""
    hosts, pages, delay_s = 4, 60, 0.5
    names = [f"h{number}" for number in range(hosts)]
    with trial(pages, timeout_s, postgres) as made:
        made.enqueue(names, delay_s)
        began = time.monotonic()
        for _ in range(3):
            made.start()
        due = dice.randrange(5, 25)
        while made.living() and time.monotonic() < began + LATEST_S:
            time.sleep(dice.uniform(0.1, 0.5))
            busy = [worker for worker in made.living() if children(worker.pid)]
            kinds = [kind for kind in wanted if wanted[kind] > 0]
            if not busy or not kinds or len(made.web.moments) < due:
                continue
            kind = dice.choice(kinds)
            wanted[kind] -= 1
            if kind == "kill":
                score.kills += 1
                _kill(score, made, dice.choice(busy), timeout_s)
            elif kind == "stop":
                score.stops += 1
                _stop(dice.choice(busy), timeout_s)
            else:
                score.restarts += 1
                postgres.restart(dice.uniform(0, timeout_s / 2))
            due = len(made.web.moments) + dice.randrange(5, 25)
        score.add(made, hosts, pages, delay_s)


def _kill(score: Score, made: Trial, worker: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Kill a worker, start another, and wait until each of its hosts is asked again."""
    hosts = set()
    for child in children(worker.pid):
        said = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        hosts.add(f"{said[-2].decode()}.cluster.test")
    killed_at = time.monotonic()
    worker.kill()
    made.start()
    waited: set[str] = set()
    while waited != hosts and time.monotonic() < killed_at + 4 * timeout_s + 60:
        time.sleep(0.1)
        for host, _, when in tuple(made.web.moments):
            if host in hosts - waited and when > killed_at + 0.2:
                waited.add(host)
                score.recoveries.append(when - killed_at)
        if not made.living():
            return


def _stop(worker: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Stop a worker with its crawls for longer than its leases, and let it go on."""
    family = [worker.pid, *children(worker.pid)]
    for number in family:
        signalled(number, signal.SIGSTOP)
    time.sleep(1.5 * timeout_s)
    for number in family:
        signalled(number, signal.SIGCONT)


def pace(workers: int, postgres: PostgreSQL, pages: int) -> None:
    """Print the pages a second of workers, or of one plain crawl (0)."""
    hosts, delay_s = 8, 1.0
    names = [f"h{number}" for number in range(hosts)]
    with trial(pages, 30.0, postgres) as made:
        if workers:
            made.enqueue(names, delay_s)
            for _ in range(workers):
                made.start()
            for worker in made.workers:
                worker.wait(LATEST_S)
        else:
            made.sites(names, delay_s)
            words = ("crawl", "plain.db", *names, "--sites-dir", "sites", "--quiet")
            assert made.baogao(*words, stdout=subprocess.DEVNULL).wait(LATEST_S) == 0
        rates = []
        for host in {host for host, _, _ in made.web.moments}:
            asked = sorted(when for named, _, when in made.web.moments if named == host)
            rates.append((len(asked) - 1) / (asked[-1] - asked[0]))
        at_once = min(hosts, 2 * workers) if workers else hosts
        moments = sorted(when for _, _, when in made.web.moments)
        whole = (len(moments) - 1) / (moments[-1] - moments[0])
        rate = at_once * sum(rates) / len(rates)
        bound = at_once / delay_s
        print(
            f"{workers or 'plain crawl, no'} workers: {rate:.2f} pages/s while hosts are crawled,"
            f" {rate / bound:.2f} of the bound {bound:.0f}; {whole:.2f} pages/s from the first to"
            f" the last request; closest two: {gaps(made.web.moments)[0]}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in {"kills": 100, "stops": 10, "restarts": 5, "pages": 60, "seed": 7}.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--default", action="store_true")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends
    with suppress(PermissionError):
        os.nice(-10)  # the server's log must not wait for the processor; the workers are as before
    dice = random.Random(asked.seed)
    with PostgreSQL() as postgres:
        score = Score()
        wanted = Counter(kill=asked.kills, stop=asked.stops, restart=asked.restarts)
        while any(count > 0 for count in wanted.values()):
            disturbed(score, postgres, dice, wanted, 3.0)
            print(f"heartbeat timeout 3 s: {score.shown()}", flush=True)
        if asked.default:
            score = Score()
            disturbed(score, postgres, dice, Counter(kill=3, stop=1, restart=1), 30.0)
            print(f"heartbeat timeout 30 s: {score.shown()}", flush=True)
        for workers in (0, 1, 2, 4) if asked.pages else ():
            pace(workers, postgres, asked.pages)


if __name__ == "__main__":
    main()

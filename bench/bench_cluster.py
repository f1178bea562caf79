"""Crawls with workers that are killed and stopped, and how they share polite hosts.

    python bench/bench_cluster.py [--kills N] [--stops N] [--restarts N] [--heartbeat-timeout S]
        [--pages N] [--seed N]

First: three workers over a web of polite hosts are killed at random moments (100), stopped and
continued (10), and PostgreSQL is restarted (5), each as soon as the one before was recovered from.
Then: pages a second of 1, 2 and 4 workers with two hosts at a time each, and of one plain crawl,
with 8 hosts that are asked once a second for so many pages (60; 0 leaves this out). Each goal is
printed with its figure, and at the end how many are reached. When a request came is what the system
of the web server says.
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
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from loopback import Server

from baogao_practice.postgres import PostgreSQL

ROOT = Path(__file__).parents[1]
LATEST_S = 3600
NEAR = 0.9
"""Share of its delay that two requests of a host must be apart."""
RECOVERED_S = 90.0
AT_ONCE = 2
"""Hosts that a worker crawls at the same time."""
SHARE = 0.9
"""Share of the bound that the pages a second must reach."""

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
    """What several trials have shown; `disturbed_at` is when something was disturbed."""

    timeout_s: float
    made: Counter[str] = field(default_factory=Counter)
    disturbed_at: list[float] = field(default_factory=list)
    lost: int = 0
    twice: Counter[float] = field(default_factory=Counter)
    pages: int = 0
    pairs: list[tuple[float, str]] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)

    def add(self, made: Trial, hosts: int, pages: int, delay_s: float) -> None:
        """Add a trial that has ended."""
        self.pages += hosts * pages
        self.lost += hosts * pages - len(captured(made.folder))
        seen: set[tuple[str, str]] = set()
        for host, path, when in sorted(made.web.came, key=itemgetter(2)):
            if (host, path) in seen and path != "/robots.txt":
                self.twice[max((at for at in self.disturbed_at if at <= when), default=0.0)] += 1
            seen.add((host, path))
        self.pairs += [(gap / delay_s, which) for gap, which in gaps(made.web.came)]
        self.pairs.sort()

    def goals(self, wanted: Counter[str]) -> list[Goal]:
        """The goals with their figures."""
        near = sum(gap < NEAR for gap, _ in self.pairs)
        slowest = max(self.recoveries, default=0.0)
        middle = median(self.recoveries) if self.recoveries else 0.0
        most = max(self.twice.values(), default=0)
        each = self.twice.total() / max(self.made.total(), 1)
        closest, which = self.pairs[0]
        after = f"heartbeat timeout {self.timeout_s:g} s: "
        disturbances = ", ".join(f"{self.made[kind]} of {wanted[kind]} {kind}s" for kind in wanted)
        return [
            Goal(f"{after}all disturbances are made", disturbances, self.made >= wanted),
            Goal("no page is lost", f"{self.lost} of {self.pages}", self.lost == 0),
            Goal(
                f"at most {2 * AT_ONCE} pages are asked twice for each disturbance",
                f"{most} at most, {each:.2f} on average",
                most <= 2 * AT_ONCE,
            ),
            Goal(
                f"no two requests of a host are closer than {NEAR} of its delay",
                f"{near} of {len(self.pairs)} pairs, the closest {closest:.2f} ({which})",
                near == 0,
            ),
            Goal(
                f"a host of a killed worker is asked again within {RECOVERED_S:g} s",
                f"{slowest:.1f} s at most, median {middle:.1f} s, {len(self.recoveries)} hosts",
                slowest <= RECOVERED_S,
            ),
        ]


@dataclass(frozen=True)
class Goal:
    """What is to be reached, and the figure."""

    words: str
    figure: str
    reached: bool

    def __str__(self) -> str:
        return f"{'reached' if self.reached else 'MISSED '}  {self.words}: {self.figure}"


HOSTS, PAGES, DELAY_S = 4, 200, 0.5
"""The web of a trial with disturbances."""


def disturbed(
    score: Score, postgres: PostgreSQL, dice: random.Random, wanted: Counter[str]
) -> None:
    """Run one trial with disturbances at random moments; what is made is taken from `wanted`."""
    names = [f"h{number}" for number in range(HOSTS)]
    with trial(PAGES, score.timeout_s, postgres) as made:
        made.enqueue(names, DELAY_S)
        began = time.monotonic()
        for _ in range(3):
            made.start()
        due = dice.randrange(5, 25)
        while made.living() and time.monotonic() < began + LATEST_S:
            time.sleep(dice.uniform(0.1, 0.5))
            busy = [worker for worker in made.living() if children(worker.pid)]
            kinds = [kind for kind in wanted if wanted[kind] > 0]
            if not busy or not kinds or len(made.web.came) < due:
                continue
            (kind,) = dice.sample(kinds, 1, counts=[wanted[kind] for kind in kinds])
            wanted[kind] -= 1
            score.made[kind] += 1
            score.disturbed_at.append(time.monotonic())
            if kind == "kill":
                _kill(score, made, dice.choice(busy))
            elif kind == "stop":
                _stop(dice.choice(busy), score.timeout_s)
            else:
                postgres.restart(dice.uniform(0, score.timeout_s / 2))
            due = len(made.web.came) + dice.randrange(5, 25)
        score.add(made, HOSTS, PAGES, DELAY_S)


def _kill(score: Score, made: Trial, worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker, start another, and wait until each of its hosts is asked again, or done."""
    hosts = set()
    for child in children(worker.pid):
        said = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        hosts.add(f"{said[-2].decode()}.cluster.test")
    killed_at = time.monotonic()
    worker.kill()
    made.start()
    while hosts and made.living() and time.monotonic() < killed_at + 2 * RECOVERED_S:
        time.sleep(0.1)
        came = tuple(made.web.came)
        for host in tuple(hosts):
            again = [when for named, _, when in came if named == host and when > killed_at + 0.2]
            done = {path for named, path, _ in came if named == host and path != "/robots.txt"}
            if again:
                score.recoveries.append(min(again) - killed_at)
            if again or len(done) == PAGES:
                hosts.discard(host)


def _stop(worker: subprocess.Popen[bytes], timeout_s: float) -> None:
    """Stop a worker with its crawls for longer than its leases, and let it go on."""
    family = [worker.pid, *children(worker.pid)]
    for number in family:
        signalled(number, signal.SIGSTOP)
    time.sleep(1.5 * timeout_s)
    for number in family:
        signalled(number, signal.SIGCONT)


def pace(workers: int, postgres: PostgreSQL, pages: int) -> list[Goal]:
    """Measure the pages a second of workers, or of one plain crawl (0)."""
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
        for host in {host for host, _, _ in made.web.came}:
            asked = sorted(when for named, _, when in made.web.came if named == host)
            rates.append((len(asked) - 1) / (asked[-1] - asked[0]))
        at_once = min(hosts, AT_ONCE * workers) if workers else hosts
        moments = sorted(when for _, _, when in made.web.came)
        whole = (len(moments) - 1) / (moments[-1] - moments[0])
        rate = at_once * sum(rates) / len(rates)
        bound = at_once / delay_s
        gap, which = gaps(made.web.came)[0]
        who = f"{workers} workers" if workers else "a plain crawl"
        return [
            Goal(
                f"{who} of {hosts} hosts: pages a second while hosts are crawled, of {bound:g}",
                f"{rate:.2f}, {rate / bound:.2f} of it; {whole:.2f} from the first to the last",
                rate >= SHARE * bound,
            ),
            Goal(
                f"{who}: no two requests of a host are closer than {NEAR} of its delay",
                f"the closest {gap / delay_s:.2f} ({which})",
                gap >= NEAR * delay_s,
            ),
        ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in {"kills": 100, "stops": 10, "restarts": 5, "pages": 60, "seed": 7}.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--heartbeat-timeout", type=float, default=3.0)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started ends
    with suppress(PermissionError):
        os.nice(-10)  # the server must not wait for the processor; the workers are as before
    dice, goals = random.Random(asked.seed), []
    began = time.monotonic()
    with PostgreSQL() as postgres:
        score = Score(asked.heartbeat_timeout)
        wanted = Counter(kill=asked.kills, stop=asked.stops, restart=asked.restarts)
        left = wanted.copy()
        while left.total() > 0:
            disturbed(score, postgres, dice, left)
            print(f"after {time.monotonic() - began:.0f} s:", flush=True)
            print(*score.goals(wanted), sep="\n", flush=True)
        if wanted.total():
            goals += score.goals(wanted)
        for workers in (0, 1, 2, 4) if asked.pages else ():
            found = pace(workers, postgres, asked.pages)
            print(*found, sep="\n", flush=True)
            goals += found
    print(f"\nAll, in {time.monotonic() - began:.0f} s:", *goals, sep="\n")
    print(f"{sum(goal.reached for goal in goals)} of {len(goals)} goals are reached")


if __name__ == "__main__":
    main()

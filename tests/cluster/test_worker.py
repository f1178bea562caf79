"""Real workers and a real queue: what is killed or stopped goes on, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

from commands import forked
from loopback import ARTICLES, LISTS, Server, paced_site_file

ROOT = Path(__file__).parents[2]
PAGES, FEW_PAGES = 24, 8
"""Articles of the host `a`, and of any other."""
DELAY_S = 0.2
CLOSEST_S = 0.9 * DELAY_S
"""Two crawls of a host would come closer than this."""
TIMEOUT_S = 1.5
LATEST_S = 90


def answers(host, path):
    if path.endswith("index.html"):
        count = PAGES if host == "a.cluster.test" else FEW_PAGES
        links = "".join(f'<a href="/l/202301/t20230101_{n}.html">x</a>' for n in range(count))
        return 200, {"Content-Type": "text/html"}, links.encode()
    if path == "/robots.txt":
        return 404, {}, b""
    return 200, {"Content-Type": "text/html"}, f"<p>{path}</p>".encode()


class Cluster:
    """A queue, a web and the workers that a test starts, all in one folder."""

    def __init__(self, dsn, folder, port):
        self.dsn, self.folder, self.port, self.workers = dsn, folder, port, []
        self.environment = {**os.environ, "BAOGAO_DSN": dsn, "PYTHONPATH": str(ROOT)}
        (folder / "sites").mkdir()

    def command(self, *words):
        return [sys.executable, "-m", "crawler", *map(str, words)]

    def run(self, verb, *words):
        return forked([verb, self.dsn, *words], self.folder)

    def enqueue(self, *names, family=ARTICLES):
        for name in names:
            words = paced_site_file(f"{name}.cluster.test", self.port, DELAY_S, family)
            (self.folder / "sites" / f"{name}.toml").write_text(words, "utf-8")
        done = self.run("enqueue", "crawl", *names, "--sites-dir", "sites")
        assert done.returncode == 0, done.stderr

    def start(self, *more):
        words = ("work", "--shards", "shards", "--heartbeat-timeout", TIMEOUT_S, "--until-empty")
        with (self.folder / f"worker{len(self.workers)}").open("wb") as log:
            worker = subprocess.Popen(
                self.command(*words, *more), cwd=self.folder, env=self.environment, stderr=log
            )
        self.workers.append(worker)
        return worker

    def log(self, number=0):
        return (self.folder / f"worker{number}").read_text("utf-8")

    def busy(self):
        """A worker with a child that crawls, and that child."""
        for worker in self.workers:
            for child in children(worker.pid):
                if worker.poll() is None:
                    return worker, child
        return None

    def end(self):
        for worker in self.workers:
            if worker.poll() is None:
                for number in (worker.pid, *children(worker.pid)):
                    signalled(number, signal.SIGCONT)
                worker.kill()
            worker.wait(LATEST_S)
        for number in range(len(self.workers)):
            print(f"worker {number}: {self.log(number)}")  # noqa: T201  (shown if a test fails)


def children(number):
    try:
        said = Path(f"/proc/{number}/task/{number}/children").read_text()
    except OSError:
        return []
    return [int(each) for each in said.split()]


def signalled(number, which):
    with suppress(ProcessLookupError):
        os.kill(number, which)


def until(true, latest_s=LATEST_S):
    due = time.monotonic() + latest_s
    while not (found := true()):
        assert time.monotonic() < due, "it took too long"
        time.sleep(0.02)
    return found


@pytest.fixture
def web():
    with Server(answers) as server:
        yield server


@pytest.fixture
def cluster(empty_dsn, tmp_path, web):
    made = Cluster(empty_dsn, tmp_path, web.port)
    yield made
    made.end()


def captured(folder, name="a"):
    """The addresses with a good capture in a shard."""
    with closing(sqlite3.connect(folder / "shards" / f"{name}.db")) as rows:
        found = rows.execute(
            "SELECT DISTINCT url FROM captures JOIN pages ON pages.id = page_id"
            " WHERE outcome = 'ok'"
        )
        return {url for (url,) in found}


def gaps(moments):
    """The seconds between two requests of a host and the paths, the shortest first."""
    found = []
    for host in {host for host, _, _ in moments}:
        asked = sorted((when, path) for named, path, when in moments if named == host)
        found += [(two - one, path, after) for (one, path), (two, after) in pairwise(asked)]
    return sorted(found)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc to find children in")
def test_killed_stopped_and_cut_off_crawls_go_on_elsewhere(cluster, web, postgres):
    cluster.enqueue("a")
    cluster.start()
    cluster.start()

    until(lambda: len(web.moments) >= 8)
    worker, child = until(cluster.busy)
    worker.kill()
    killed_at = time.monotonic()
    until(lambda: is_zombie(child), 5)
    before = len(web.moments)
    until(lambda: len(web.moments) > before)
    assert time.monotonic() - killed_at < 45

    until(lambda: len(web.moments) >= before + 10)
    worker, child = until(cluster.busy)
    third = cluster.start()
    for number in (worker.pid, child):
        signalled(number, signal.SIGSTOP)
    until(lambda: cluster.log(2).count("crawl_group begins"))
    until(lambda: is_zombie(child))
    before = len(web.moments)
    until(lambda: len(web.moments) >= before + 3)
    signalled(worker.pid, signal.SIGCONT)

    postgres.restart()
    assert third.wait(LATEST_S) == 0
    assert worker.wait(LATEST_S) == 0

    assert len(captured(cluster.folder)) == PAGES + 1
    again = Counter(path for _, path, _ in web.moments if path != "/robots.txt")
    assert sum(again.values()) - len(again) <= 2 * 3, "at most two a kill, stop or restart"
    assert gaps(web.came)[0][0] >= CLOSEST_S
    assert "another" in cluster.log(cluster.workers.index(worker))
    shown = cluster.run("queue", "--check")
    assert (shown.returncode, shown.stdout) == (0, b""), "nothing waits, runs or failed"


def is_zombie(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_worker_that_is_asked_to_stop_gives_back_what_it_has(cluster, web):
    cluster.enqueue("few1", "few2", family=LISTS)
    first = cluster.start("--jobs", "1")
    until(lambda: len(web.moments) >= 6)
    first.terminate()
    assert first.wait(LATEST_S) == 0
    assert "stopping" in cluster.log()
    rows = [json.loads(line) for line in cluster.run("queue").stdout.splitlines()]
    assert sorted((row["what"], row["state"], row["attempts"]) for row in rows) == [
        ("few1", "waiting", 1), ("few2", "waiting", 0),
    ]  # fmt: skip
    assert cluster.start().wait(LATEST_S) == 0
    assert {len(captured(cluster.folder, name)) for name in ("few1", "few2")} == {FEW_PAGES + 1}
    asked = Counter((host, path) for host, path, _ in web.moments if path != "/robots.txt")
    assert set(asked.values()) == {1}, "nothing was asked twice"
    shards = [json.loads(line) for line in cluster.run("queue", "--shards").stdout.splitlines()]
    assert [(each["shard"], each["pages"], each["exit_code"]) for each in shards] == [
        ("few1", FEW_PAGES + 1, 0), ("few2", FEW_PAGES + 1, 0),
    ]  # fmt: skip

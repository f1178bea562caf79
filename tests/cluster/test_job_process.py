"""The process of a job: a crawl behind the fence, which ends with its worker."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

from loopback import LISTS, Server, paced_site_file

from crawler.cluster import tables
from crawler.cluster.orders import Ended, Order

ROOT = Path(__file__).parents[2]
LEASE_S = 1.0
DELAY_S = 0.1
PAGES = 15
LATEST_S = 60
HOST = "a.cluster.test"


def answers(_host, path):
    if path == "/robots.txt":
        return 404, {}, b""
    links = "".join(f'<a href="/l/202301/t20230101_{n}.html">x</a>' for n in range(PAGES))
    body = links if path.endswith("index.html") else f"<p>{path}</p>"
    return 200, {"Content-Type": "text/html"}, body.encode()


@pytest.fixture
def web():
    with Server(answers) as server:
        yield server


@pytest.fixture
def crawl(dsn, web, tmp_path):
    """Start the crawl of one site as a worker does."""
    words = paced_site_file(HOST, web.port, DELAY_S, LISTS)
    (tmp_path / "a.toml").write_text(words, "utf-8")
    started = []

    def start(**more):
        order = Order(
            os.getpid(), db=str(tmp_path / "a.db"), folder=str(tmp_path), sites=("a",), dsn=dsn,
            lease_s=LEASE_S, **more,
        )  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "crawler.job_process", "a"], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        process.stdin.write(order.written())
        process.stdin.flush()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(LATEST_S)
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def until(true):
    due = time.monotonic() + LATEST_S
    while not true():
        assert time.monotonic() < due, "it took too long"
        time.sleep(0.01)


async def test_a_crawl_that_was_stopped_until_another_took_its_host_sends_nothing(crawl, dsn, web):
    process = crawl()
    until(lambda: len(web.moments) >= 6)
    process.send_signal(signal.SIGSTOP)
    async with tables.connected(dsn) as connection:
        while True:
            async with connection.transaction():
                row = await tables.locked_lease(connection, HOST)
                if row.free_s <= 0:
                    taken = tables.Held(HOST, "another", None, DELAY_S)
                    await tables.take_lease(connection, taken, "elsewhere 1 x", 600)
                    break
            await asyncio.sleep(0.05)
    sent = len(web.moments)
    process.send_signal(signal.SIGCONT)
    assert process.wait(LATEST_S) == 3
    assert len(web.moments) == sent, "not even one request"
    ended = Ended.read(process.stdout.read())
    assert (ended.exit_code, ended.pages) == (3, sent - 1)
    assert ended.again_s > 500
    assert "addresses are left" in " ".join(ended.said)


def test_a_crawl_ends_with_its_worker(crawl, web):
    process = crawl()
    until(lambda: len(web.moments) >= 3)
    process.stdin.close()
    assert process.wait(5) == -signal.SIGKILL


async def test_sites_that_are_not_due_are_not_crawled(crawl, web, tmp_path):
    assert crawl().wait(LATEST_S) == 0
    asked = len(web.moments)
    process = crawl(only_due=True)
    assert process.wait(LATEST_S) == 0
    assert json.loads(process.stdout.read())["pages"] == 0
    assert len(web.moments) == asked

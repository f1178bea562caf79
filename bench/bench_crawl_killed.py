"""SIGKILL a crawl at random moments: how many pages are never archived, how many fetched twice?

    python bench/bench_crawl_killed.py [KILLS]

Every killed crawl continues where the last one stopped; when nothing is left, another archive is
started.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

HOSTS, LISTS, EACH = 4, 5, 40
SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["*.killed.test"]
start = [{start}]
loopback = true
[politeness]
delay_s = 0.005
"""
CRAWL = """
import sys
from crawler.run import crawl
db, folder, port = sys.argv[1:]
settings = {"PRACTICE_PORT": int(port), "LOG_LEVEL": "CRITICAL"}
sys.exit(crawl(db, ["killed"], sites_dirs=[folder], settings=settings).exit_code)
"""


def pages() -> dict[str, bytes]:
    """The lists and articles that every host has, by path."""
    found: dict[str, bytes] = {}
    for index in range(LISTS):
        articles = [f"/l/202301/t20230101_{index}{number:02}.html" for number in range(EACH)]
        found |= {path: f"<p>{path}</p>".encode() for path in articles}
        links = "".join(f'<a href="{path}">x</a>' for path in articles)
        pager = f'<script>createPageHTML({LISTS}, {index}, "index", "html")</script>'
        name = "index.html" if index == 0 else f"index_{index}.html"
        found[f"/l/{name}"] = (links + pager).encode()
    return found


class Server(ThreadingHTTPServer):
    """Remembers the requests."""

    daemon_threads = True
    asked: list[tuple[str, str]]

    def handle_error(self, *_: Any) -> None:
        """Ignore errors: a killed crawl hangs up."""


class Handler(BaseHTTPRequestHandler):
    """Serves the pages on every host."""

    server: Server
    protocol_version = "HTTP/1.1"
    pages = pages()

    def do_GET(self) -> None:
        """Answer, and count the request."""
        host = self.headers.get("Host", "").partition(":")[0]
        body = self.pages.get(self.path)
        if body is not None:
            self.server.asked.append((host, self.path))
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def crawl(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a crawl in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-c", CRAWL, str(folder / "k.db"), str(folder), str(port)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def kill_at(running: subprocess.Popen[bytes], server: Server, moment: int) -> bool:
    """Kill a crawl after a number of requests; False if it had ended before."""
    while running.poll() is None and len(server.asked) < moment:
        time.sleep(0.001)
    alive = running.poll() is None
    if alive:
        os.kill(running.pid, signal.SIGKILL)
    running.wait()
    return alive


def lost_pages(folder: Path) -> int:
    """How many pages have no capture."""
    rows = sqlite3.connect(folder / "k.db")
    query = "SELECT count(DISTINCT url) FROM captures JOIN pages ON pages.id = page_id"
    (captured,) = rows.execute(f"{query} WHERE outcome = 'ok'").fetchone()
    rows.close()
    return HOSTS * len(Handler.pages) - captured


def main(kills: int) -> None:
    """Measure and print."""
    server = Server(("127.0.0.1", 0), Handler)
    server.asked = []
    Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    start = ", ".join(f'"http://h{n}.killed.test:8642/l/index.html"' for n in range(HOSTS))
    dice, killed, archives, lost, worst, twice = random.Random(7), 0, 0, 0, 0, 0
    while killed < kills:
        server.asked.clear()
        archives += 1
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "killed.toml").write_text(SITE.format(start=start), "utf-8")
            here = 0
            for _ in range(min(10, kills - killed)):
                moment = len(server.asked) + dice.randrange(1, HOSTS * LISTS * EACH // 10)
                here += kill_at(crawl(folder, port), server, moment)
            assert crawl(folder, port).wait() == 0
            lost += lost_pages(folder)
            again = sum(count - 1 for count in Counter(server.asked).values())
            killed, twice, worst = killed + here, twice + again, max(worst, again / max(here, 1))
    print(f"{killed} kills over {archives} archives of {HOSTS * len(Handler.pages)} pages each,")
    print(f"{HOSTS} hosts, so {HOSTS} requests at a time: {lost} pages never archived,")
    print(f"{twice / killed:.1f} pages asked twice a kill (most in an archive: {worst:.1f})")


if __name__ == "__main__":
    main(int((*sys.argv[1:], "100")[0]))

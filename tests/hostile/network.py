"""A server that sends bytes as they are, and a crawl of it in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Self

from hostile.answers import Wire, answer

SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = ["www.hostile.test"]
start = ["http://www.hostile.test:8642/"]
reports = ['/r/']
loopback = true
[politeness]
delay_s = 0.001
give_up_after = 100000
[expect]
minimum = 0
[limits]
same = 100000
"""
CRAWL = """
import json, pathlib, re, sys
from crawler.run import crawl
folder, port, timeout = sys.argv[1:]
result = crawl(f"{folder}/h.db", ["hostile"], sites_dirs=[folder], settings={
    "PRACTICE_PORT": int(port), "DOWNLOAD_TIMEOUT": float(timeout), "AUTOTHROTTLE_ENABLED": False,
    "DERIVE_WORKERS": 1})
# ru_maxrss would be no measure: a process inherits the peak of the one that started it
status = pathlib.Path("/proc/self/status").read_text()
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) // 1024
print(json.dumps({"exit": result.exit_code, "findings": result.findings, "peak": peak,
                  "reasons": dict(result.reasons)}))
"""
_ROWS = """
SELECT url, outcome, status, error FROM captures JOIN pages ON pages.id = page_id
ORDER BY captures.id
"""


@dataclass
class Crawled:
    """What came of a crawl: outcomes by name of the answer, its story, and what it cost."""

    outcomes: dict[str, str]
    errors: dict[str, str]
    after: dict[str, str]
    exit_code: int
    said: str
    peak_mb: int
    seconds: float


class WireServer:
    """Sends for each path what it is given; `/` is a list of all of them."""

    def __init__(self, pages: Mapping[str, Wire]) -> None:
        self._pages = pages
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            asked = b""
            while b"\r\n\r\n" not in asked:
                piece = connection.recv(65_536)
                if not piece:
                    return
                asked += piece
            path = asked.split(b" ", 2)[1].decode("latin-1")
            wire = self._pages.get(path, answer(b"", status="404 Not Found"))
            if callable(wire):
                for piece in wire():
                    connection.sendall(piece)
            else:
                connection.sendall(wire)
            connection.shutdown(socket.SHUT_WR)


def crawl(
    folder: Path, answers: Mapping[str, Wire], *, timeout_s: float = 2, deadline_s: float = 300
) -> Crawled:
    """Crawl a host that gives each of `answers`, and a good page after each of them."""
    names = list(answers)
    pages: dict[str, Wire] = {f"/r/{number}": answers[name] for number, name in enumerate(names)}
    numbers = range(len(names))
    good = {f"/r/good-{number}": answer(f"<p>good {number}</p>".encode()) for number in numbers}
    links = "".join(f'<a href="/r/{n}">x</a><a href="/r/good-{n}">x</a>' for n in numbers)
    pages |= good | {"/": answer(links.encode())}
    (folder / "hostile.toml").write_text(SITE, "utf-8")
    began = monotonic()
    with WireServer(pages) as server:
        done = subprocess.run(
            [sys.executable, "-c", CRAWL, str(folder), str(server.port), str(timeout_s)],
            capture_output=True, timeout=deadline_s, check=False,
            env={**os.environ, "PYTHONDEVMODE": ""},
        )  # fmt: skip
    said = done.stderr.decode("utf-8", "replace")
    told = json.loads(done.stdout) if done.returncode == 0 else {"exit": -1, "peak": 0}
    outcomes, errors, after = _seen(folder / "h.db", names)
    return Crawled(outcomes, errors, after, told["exit"], said, told["peak"], monotonic() - began)


def _seen(db: Path, names: list[str]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    outcomes: dict[str, str] = {}
    errors: dict[str, str] = {}
    after: dict[str, str] = {}
    with closing(sqlite3.connect(db)) as rows:
        for url, outcome, _status, error in rows.execute(_ROWS):
            _, found, place = url.partition("/r/")
            if found and place.isdigit():
                outcomes[names[int(place)]] = outcome
                errors[names[int(place)]] = error or ""
            elif place.startswith("good-"):
                after[names[int(place[5:])]] = outcome
    return outcomes, errors, after

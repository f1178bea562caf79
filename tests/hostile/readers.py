"""Readers of `baogao serve` who mean harm, fifty at a time, and one who only wants a page.

`bench/bench_hostile.py` lets them in for a minute, the tests for some seconds.
"""

from __future__ import annotations

import random
import re
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import quote

from browse.made_up import PORTAL, REPORT, answer, derivation, group

from archive.model import Capture
from archive.store import Archive

MEGABYTE = 1 << 20
LARGE_MB = 48


def long_lines(count: int, seed: int) -> list[tuple[str, str]]:
    """A text of many passages, some of them alike."""
    draw = random.Random(seed)  # noqa: S311  (made up)
    words = "改革开放经济社会发展民生保障营商环境产业项目投资增长城市农村"
    return [
        ("".join(draw.choices(words, k=60)), "nav-links" if n % 5 == 0 else "body")
        for n in range(count)
    ]


def large(megabytes: int = LARGE_MB) -> bytes:
    """A payload that does not compress."""
    return random.Random(5).randbytes(megabytes * MEGABYTE)  # noqa: S311  (made up)


def make(path: Path, *, lines: int = 20_000, megabytes: int = LARGE_MB) -> Path:
    """An archive with two very long texts, a large payload, and a report to be read."""
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for number, text in enumerate((REPORT, long_lines(lines, 1), long_lines(lines, 2)), 1):
            capture = answer(f"http://www.demo.test/{number}.html", text)
            made = derivation(capture, text, year=2020 + number)
            run.text(run.capture(capture), made)
        run.capture(
            Capture("http://www.demo.test/large.pdf", large(megabytes), status=200, site=PORTAL)
        )
        group(archive, {f"990100-{2020 + number}": (number,) for number in (1, 2, 3)})
    return path


def addresses(database: str, payload: str) -> list[str]:
    """What hostile readers ask for; `{n}` is another number each time.

    Args:
        database: its name in addresses.
        payload: the digest of the large one.
    """
    words = quote("改革")
    sql = quote("select randomblob(900000000)")
    loop = quote(
        "with recursive t(x) as (select 1 union all select x+1 from t) select max(x) from t"
    )
    return [
        f"/{database}?sql={sql}&_={{n}}",
        f"/{database}.json?sql={sql}&_={{n}}",
        f"/{database}?sql={loop}&_={{n}}",
        f"/{database}/works?_where=randomblob(900000000)={{n}}",
        f"/{database}/works?_where=(select+max(length(stored))+from+payloads)={{n}}",
        f"/{database}/payloads.json?_size=max&_={{n}}",
        f"/{database}/payloads/{payload}.json?_={{n}}",
        f"/{database}/payloads/{payload}.blob?_blob_column=stored&_={{n}}",
        f"/{database}/visible_texts.json?_size=max&_={{n}}",
        f"/{database}/passages.json?_size=max&_={{n}}",
        f"/{database}/passages.csv?_stream=1&_size=max&_={{n}}",
        f"/{database}/passages?_facet=text&_facet=start&_={{n}}",
        f"/{database}/passages?text__glob=" + quote("*[改-革]?") * 100 + "{n}",
        f"/{database}/passages?text__like=" + quote("%改_") * 100 + "{n}",
        f"/{database}/removed?_sort_desc=words&_facet=words&_={{n}}",
        f"/{database}/broken_partition?_={{n}}",
        f"/{database}/spans.json?_size=max&_nocount=1&_={{n}}",
        f"/{database}/sentences.json?words={words}&_={{n}}",
        f"/{database}/nothing_lost?_={{n}}",
        f"/payload/{payload}.bin?_={{n}}",
        f"/payload/{payload}?_={{n}}",
        "/text/2?_={n}",
        "/api/text/2?text=1&_={n}",
        "/compare?a=2&b=3&all=1&_={n}",
        "/r/990100/2022?p=3&_={n}",
        f"/find?q={words}&scope=all&_={{n}}",
        f"/find?q={words}&scope=removed&_={{n}}",
        f"/trend?q={words}{{n}}",
        "/variants/990100/2022?_={n}",
        "/coverage.csv?_={n}",
        "/feed.atom?_={n}",
    ]


@dataclass
class Seen:
    """What came of it: answers by status, waits of the reader who only reads, and memory."""

    answers: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    peak_mb: float = 0.0


@contextmanager
def serving(
    db: Path, *options: str, cwd: Path | None = None
) -> Iterator[tuple[subprocess.Popen, int]]:
    """`baogao serve` in a process of its own, and its port."""
    server = subprocess.Popen(
        [sys.executable, "-m", "archive", "serve", str(db), "--port", "0", *options],
        stderr=subprocess.PIPE, text=True, cwd=cwd,
    )  # fmt: skip
    try:
        told = server.stderr.readline()
        port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", told).group(1))
        drain = Thread(target=server.stderr.read, daemon=True)
        drain.start()
        yield server, port
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
        drain.join(5)
        server.stderr.close()


def get(port: int, path: str, *, timeout: float = 60, **headers: str) -> tuple[int, bytes]:
    """Status and body of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def peak_mb(pid: int) -> float:
    """The largest resident memory of a process so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def assail(
    server: subprocess.Popen, port: int, paths: Sequence[str], *, readers: int, seconds: float
) -> Seen:
    """Let `readers` ask for `paths` for so long, and one ask for the start page meanwhile."""
    seen, over = Seen(), Event()
    threads = [
        Thread(target=_harm, args=(port, paths, number, seen, over), daemon=True)
        for number in range(readers)
    ]
    for thread in threads:
        thread.start()
    until = monotonic() + seconds
    while monotonic() < until:
        began = monotonic()
        try:
            status, _ = get(port, "/r/990100/2021")
            if status != 200:
                seen.lost.append(str(status))
        except (OSError, HTTPException) as error:
            seen.lost.append(repr(error))
        seen.waits.append(monotonic() - began)
        seen.peak_mb = peak_mb(server.pid)
        sleep(0.2)
    over.set()
    for thread in threads:
        thread.join(1)
    seen.peak_mb = peak_mb(server.pid)
    return seen


def _harm(port: int, paths: Sequence[str], number: int, seen: Seen, over: Event) -> None:
    draw = random.Random(number)  # noqa: S311  (made up)
    while not over.is_set():
        path = draw.choice(paths).replace("{n}", str(draw.randrange(10**6)))
        try:
            if draw.random() < 0.2:
                _take_slowly(port, path, over)
                seen.answers["slow"] += 1
            else:
                status, _ = get(port, path, timeout=30)
                seen.answers[str(status)] += 1
        except (OSError, HTTPException) as error:
            seen.answers[type(error).__name__] += 1


def _take_slowly(port: int, path: str, over: Event) -> None:
    """Ask, and hardly take anything of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as taking:
        taking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        taking.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        for _ in range(5):
            if over.wait(1) or not taking.recv(100):
                return

"""Pages of a large archive against stock Datasette, and many readers at once beside a writer.

    python bench/bench_browse_pages.py [REPORTS] [--compare DIRECTORY]

The archive is made up (10,000 characters a report). Stock Datasette, without our plugin's help,
shows a table of the same reports with their text, 100 rows a page; both answer in turns, in one
process. Then 50 readers ask on loopback while another process writes captures.

`--compare` names the checkout of another version, with `make dev` done: each version makes the same
reports into its own archive and serves it, and both are asked in turns. What is printed then is
the CPU of the server for each request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

import httpx
from datasette.app import Datasette

import baogao_practice as practice
from archive.known import shipped
from archive.model import Capture, Decoding, Derivation, SiteFacts, Span, Value, sha256
from archive.store import Archive

ROUNDS = 9
OF_VERSIONS = 5
READERS = 50
ASKS = 6
ASKED = 10
KEPT_S = 1.1
"""An answer is given again for a second."""
CHARS = 10_000
SITE = SiteFacts("bench", "演示站", "official")
WRITER = """
import sys, time
from archive.model import Capture
from archive.store import Archive
with Archive.open(sys.argv[1]) as archive, archive.run("crawl") as run:
    stop = time.monotonic() + float(sys.argv[2])
    n = 0
    while time.monotonic() < stop:
        run.capture(Capture(f"http://w.test/{n}", payload=b"x" * 5000, status=200))
        n += 1
        time.sleep(0.02)
    print(n)
"""


def main(reports: int) -> None:
    """Build, then compare."""
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder) / "ours.db", Path(folder) / "plain.db"
        started = time.perf_counter()
        made = build(ours, plain, reports)
        paths = [made[0], made[-1]]
        print(f"reports                {reports:,} (made in {time.perf_counter() - started:.0f} s)")
        asyncio.run(pages(ours, plain, paths))
        readers(ours, paths)


def build(ours: Path, plain: Path, reports: int) -> list[str]:
    """An archive of `reports` works, and a plain table of the same texts."""
    draw = random.Random(7)
    table = sqlite3.connect(plain)
    table.execute("CREATE TABLE reports (id INTEGER PRIMARY KEY, place, year, title, text)")
    places = {d.code: d for d in shipped().gazetteer.divisions if d.level != "national"}
    years = range(2000, 2027)
    keys = [(d, year) for d in places.values() for year in years]
    chosen = sorted(draw.sample(keys, reports), key=lambda key: (key[0].code, key[1]))
    with Archive.open(ours, create=True) as archive, archive.run("crawl") as run:
        for first in range(0, reports, 100):
            with run.batch():
                for at, (division, year) in enumerate(chosen[first : first + 100], first):
                    lines = made_up(draw)
                    table.execute(
                        "INSERT INTO reports VALUES (?, ?, ?, ?, ?)",
                        (at, division.name, year, f"{year}年政府工作报告", "\n".join(lines)),
                    )
                    store(run, at, division, year, lines)
        archive.collate(run.id)
    table.commit()
    table.close()
    return [f"/r/{division.code}/{year}" for division, year in chosen]


def made_up(draw: random.Random) -> list[str]:
    """The paragraphs of one report."""
    lines: list[str] = []
    while sum(map(len, lines)) < CHARS:
        lines.append("".join(draw.choices(sentences(), k=4)))
    return lines


def sentences(found: list[str] = []) -> list[str]:  # noqa: B006  (made once)
    """Sentences of the practice web's works."""
    if not found:
        paragraphs = (p for work in practice.matrix(works=40) for p in work.original)
        found += [s for p in paragraphs for s in re.findall(r"[^。；]+[。；]", p)]
    return found


def store(run: object, at: int, division: object, year: int, lines: list[str]) -> None:
    """One report as a capture and its text: each line a span, some junk at both ends."""
    visible = "".join(f"{line}\n" for line in ["首页 政务公开", *lines, "版权所有"])
    capture = Capture(
        f"http://bench.test/{at}.html", payload=visible.encode(), status=200, site=SITE
    )
    derivation = Derivation(
        visible=visible, spans=tuple(spans(visible)), flags=(), verdict="clean",
        identity={
            "kind": Value("政府工作报告", "", "visible", "read", 1.0),
            "place_code": Value(division.code, "", "visible", "read", 1.0),
            "place": Value(division.name, "", "visible", "read", 1.0),
            "level": Value(division.level, "", "visible", "read", 1.0),
            "report_year": Value(year, "", "visible", "read", 1.0),
        },
        page_verdict="clean", method="whole", confidence=1.0, decoding=Decoding("utf-8", "bench"),
        medium="text", shape="report", ruleset=sha256(b"bench"),
        payload_sha256=sha256(capture.payload), context=capture.context(),
    )  # fmt: skip
    run.text(run.capture(capture), derivation)


def spans(visible: str) -> Iterator[Span]:
    """A span a line; the first and the last are dropped."""
    at = 0
    lines = visible.splitlines(keepends=True)
    for place, line in enumerate(lines):
        edge = place in (0, len(lines) - 1)
        yield (
            Span(at, at + len(line), "drop", "nav-links")
            if edge
            else Span(at, at + len(line), "keep", "text", "body")
        )
        at += len(line)


async def pages(ours: Path, plain: Path, paths: list[str]) -> None:
    """Times of our pages as shares of stock Datasette's table page, in turns."""
    served, stock = Datasette([str(ours)]), Datasette([str(plain)])
    for datasette in (served, stock):
        await datasette.invoke_startup()
    asked = {
        "home": "/", "report": paths[0], "search": f"/find?q={quote('营商环境')}",
        "search, common": f"/find?q={quote('发展')}", "trend": f"/trend?q={quote('营商环境')}",
        "works (stock page)": "/ours/works", "gap": "/gap/130100/1999", "api": "/api/works",
    }  # fmt: skip
    table = "/plain/reports?_size=100"
    times: dict[str, list[float]] = {name: [] for name in [*asked, "table"]}
    sizes = {}
    for _ in range(ROUNDS):
        for name, path in [*asked.items(), ("table", table)]:
            client = (stock if name == "table" else served).client
            started = time.perf_counter()
            response = await client.get(path)
            times[name].append(time.perf_counter() - started)
            response.raise_for_status()
            sizes[name] = len(response.content)
    base = median(times["table"])
    print(f"stock table page       {base * 1000:.0f} ms, {sizes['table'] / 1000:,.0f} KB = 1.00")
    for name in asked:
        share = median(times[name]) / base
        print(f"{name:22} {share:.2f}, {sizes[name] / 1000:,.0f} KB")


def readers(ours: Path, paths: list[str]) -> None:
    """One reader, then many at once while a writer writes."""
    server = subprocess.Popen(
        [sys.executable, "-m", "archive", "serve", str(ours), "--port", "0"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = re.search(r"http://\S+", server.stderr.readline()).group()
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(ours), "60"], stdout=subprocess.PIPE, text=True
        )
        asyncio.run(crowd(address, [*paths, f"/find?q={quote('营商环境')}"]))
        writer.terminate()
        writer.wait()
    finally:
        server.terminate()
        server.wait()


async def crowd(address: str, paths: list[str]) -> None:
    """Median of one reader and p95 of fifty."""
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        one = [t for _ in range(ROUNDS) for t in [await ask(client, p) for p in paths]]
        many = await asyncio.gather(*(reader(client, paths) for _ in range(READERS)))
    times = [t for asked in many for t in asked]
    p95 = quantiles(times, n=20)[-1]
    print(f"one reader, median     {median(one) * 1000:.0f} ms")
    print(f"{READERS} readers, p95        {p95 * 1000:.0f} ms = x{p95 / median(one):.1f}, no error")


async def reader(client: httpx.AsyncClient, paths: list[str]) -> list[float]:
    """What one of the crowd waits; people pause between pages."""
    times = []
    for n in range(ASKS):
        await asyncio.sleep(random.uniform(0.2, 2.0))
        times.append(await ask(client, paths[n % len(paths)]))
    return times


async def ask(client: httpx.AsyncClient, path: str) -> float:
    """Seconds until the whole page is there."""
    started = time.perf_counter()
    (await client.get(path)).raise_for_status()
    return time.perf_counter() - started


def compare(reports: int, checkout: Path) -> None:
    """Print the server's CPU for each page, before and now, in interleaved rounds."""
    home = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        clients, processes, paths = {}, {}, []
        for version, place in (("before", checkout), ("now", home)):
            folder = Path(name) / version
            folder.mkdir()
            python = str(place / ".venv" / "bin" / "python")
            environment = {**os.environ, "PYTHONPATH": str(place)}
            build_here = [python, __file__, str(reports), "--only-build", str(folder)]
            built = subprocess.run(
                build_here, env=environment, check=True, capture_output=True, text=True
            )
            paths = json.loads(built.stdout)
            server = subprocess.Popen(
                [python, "-m", "archive", "serve", str(folder / "ours.db"), "--port", "0"],
                stderr=subprocess.PIPE, text=True, env=environment, cwd=place,
            )  # fmt: skip
            running.callback(server.wait)
            running.callback(server.terminate)
            address = re.search(r"http://\S+", server.stderr.readline()).group()
            clients[version] = running.enter_context(httpx.Client(base_url=address, timeout=120))
            processes[version] = server.pid
        text = "".join(made_up(random.Random(8)))
        asked = {
            "home": ["/"] * ASKED,
            "report": paths[:: len(paths) // ASKED][:ASKED],
            **{f"search of {size}": queries(text, size) for size in (2, 4, 8)},
        }
        for page, some in asked.items():
            report(page, some, clients, processes)


def queries(text: str, size: int) -> list[str]:
    """Searches for words of so many characters of a text."""
    words = re.findall(f"[一-龥]{{{size}}}", text)
    return [f"/find?q={quote(words[n * len(words) // ASKED])}" for n in range(ASKED)]


def report(
    page: str, paths: list[str], clients: dict[str, httpx.Client], pids: dict[str, int]
) -> None:
    """Print milliseconds of CPU a request, the median of the rounds, and the ratio."""
    took: dict[str, list[float]] = {version: [] for version in clients}
    for number in range(OF_VERSIONS + 1):
        began = {version: cpu_s(pid) for version, pid in pids.items()}
        for path in paths:
            for client in clients.values():
                client.get(path, follow_redirects=True).raise_for_status()
            if len(set(paths)) == 1:
                time.sleep(KEPT_S)
        for version, pid in pids.items():
            if number:  # the first round fills the caches
                took[version].append(1000 * (cpu_s(pid) - began[version]) / len(paths))
    ratios = [now / max(before, 0.01) for before, now in zip(*took.values(), strict=True)]
    shown = ", ".join(f"{version} {median(values):5.1f}" for version, values in took.items())
    print(f"{page:24} {shown} ms, x{median(ratios):.2f}", flush=True)


def cpu_s(pid: int) -> float:
    """User and system seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=int, nargs="?", default=1_000)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--only-build", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_build:
        files = (options.only_build / "ours.db", options.only_build / "plain.db")
        print(json.dumps(build(*files, options.reports)))
    elif options.compare:
        compare(options.reports, options.compare.absolute())
    else:
        main(options.reports)

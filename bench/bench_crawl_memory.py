"""Does a crawl's memory grow with the number of pages? Peak memory of the crawl's own process.

    python bench/bench_crawl_memory.py [PAGES ROWS] …

Crawls so many small articles of a server on this machine, with so many rows in the frontier
beforehand that are not due yet (0 by default), and prints the largest memory of the process that
crawls (its workers have their own) after a tenth, a half and all of the pages, CPU and file size.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from serving import answer, served

HERE = Path(__file__).parent
A_LIST = 200
SITE = """\
title = "bench"
kind = "official"
family = "list"
hosts = ["www.bench.test"]
start = ["http://www.bench.test:8642/{count}/0.html"]
reports = ['/a/']
lists = ['/\\d+/\\d+\\.html$']
loopback = true
[politeness]
delay_s = 0
[limits]
addresses = 1_000_000
requests = 1_000_000
"""
CRAWL = """
import sys, resource, time
from archive import Archive, clock
from crawler.addresses import fingerprint
from crawler.frontier import Entry, SqliteFrontier
from crawler.run import crawl

db, folder, port, pages, rows = sys.argv[1:3] + [int(word) for word in sys.argv[3:]]
with Archive.open(db, create=True) as archive:
    frontier, later = SqliteFrontier(archive), clock.now(10**6)
    for start in range(0, rows, 5000):
        with archive.transaction():
            for n in range(start, min(start + 5000, rows)):
                url = f"http://www.bench.test:8642/b/{n}.html"
                request = f'{{"url":"{url}","method":"GET","callback":"parse_report"}}'
                key = fingerprint("bench", url)
                frontier.add(Entry("bench", "www.bench.test", url, key, request), later)

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def progress(captures, label):
    for number, capture in enumerate(captures):
        if number in {100, pages // 10, pages // 2}:
            print(f"{number:>8} pages {megabytes():6.0f} MB", flush=True)
        yield capture

settings = {"PRACTICE_PORT": port, "AUTOTHROTTLE_ENABLED": False, "COLLATE_AFTER_CRAWL": False}
before = time.process_time()
result = crawl(db, ["bench"], sites_dirs=[folder], settings=settings, progress=progress)
cpu = (time.process_time() - before) / pages * 1000
counts = result.captures
assert counts["bench", "ok"] > pages, counts
print(f"{pages:>8} pages {megabytes():6.0f} MB at the end, {cpu:.1f} ms of CPU a page")
"""


def serve(pipe: Connection) -> None:
    """Serve `/COUNT/LIST.html` with its links, and any `/a/N.html`, until the parent ends."""
    answer(pipe, page, "text/html; charset=utf-8")


def page(path: str) -> bytes:
    """A list with links to its articles and to the next list, or a small article."""
    first, _, last = path.strip("/").removesuffix(".html").partition("/")
    if first == "a":
        return (
            f"<html><title>第{last}号公告</title><body><h1>第{last}号公告</h1>"
            f"<p>各位代表：现在公布第{last}号事项，请予审议。</p></body></html>"
        ).encode()
    if not first.isdecimal():
        return b""
    count, start = int(first), int(last) * A_LIST
    links = "".join(
        f'<a href="/a/{n}.html">x</a>' for n in range(start, min(start + A_LIST, count))
    )
    more = f'<a href="/{count}/{int(last) + 1}.html">x</a>' if start + A_LIST < count else ""
    return f"<html><body>{links}{more}</body></html>".encode()


def main(trials: list[tuple[int, int]]) -> None:
    """Measure and print."""
    with served(serve) as port:
        for count, rows in trials:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "bench.toml").write_text(SITE.format(count=count), "utf-8")
                print(f"{count} pages, {rows} rows that are not due", flush=True)
                given = [f"{folder}/m.db", name, str(port), str(count), str(rows)]
                subprocess.run([sys.executable, "-c", CRAWL, *given], check=True, cwd=HERE.parent)
                print(
                    f"{(folder / 'm.db').stat().st_size / 2**20:23.0f} MB in the file", flush=True
                )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]] or [1_000, 0, 1_000, 50_000, 10_000, 0]
    main(list(zip(numbers[::2], numbers[1::2], strict=True)))

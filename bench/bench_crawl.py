"""CPU a page of a whole crawl, beside that of a plain Scrapy spider, in interleaved rounds.

    python bench/bench_crawl.py [PAGES] [ROUNDS] [KIND …]

Both crawl the same pages (`crawl_pages.py`) from a server in a process of its own; user and
system time of the crawl and of its workers is counted. Start-up is what a crawl of one page
takes; milliseconds a page are the difference between that and the whole crawl, so that they
hold for a crawl of any length. `deriving alone` makes the same derivations in a loop.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path

from crawl_pages import KINDS, SAVED, site
from serving import answer, served

HERE = Path(__file__).parent
SITE = """\
title = "bench"
kind = "official"
family = "trs"
hosts = ["www.bench.test"]
start = ["http://www.bench.test:8642/{kind}/index.html"]
loopback = true
[politeness]
delay_s = 0
[reading]
containers = ["div.TRS_Editor"]
"""
OURS = """
import sys
from crawler.run import crawl
db, folder, port, more = sys.argv[1:]
settings = {"PRACTICE_PORT": int(port), "AUTOTHROTTLE_ENABLED": False} | eval(more)
result = crawl(db, ["bench"], sites_dirs=[folder], settings=settings)
findings = [one for one in result.findings if "no text could be derived" not in one]
assert not findings, findings
"""
DERIVING = """
import sys
from pathlib import Path
from archive import Capture, SiteFacts, derive
site = SiteFacts("bench", "bench", "official", None, ("div.TRS_Editor",))
headers = {"Content-Type": "text/html"}
for number, path in enumerate(sorted(Path(sys.argv[1]).iterdir())):
    url = f"http://www.bench.test/202301/t20230131_{number}.html"
    derive(Capture.from_bytes(path.read_bytes(), url=url, headers=headers, site=site))
"""
WAYS = {
    "baogao": "{}",
    "without collation": "{'COLLATE_AFTER_CRAWL': 0}",
    "and in one process": "{'COLLATE_AFTER_CRAWL': 0, 'DERIVE_WORKERS': 0}",
}
PLAIN, ALONE = "plain", "deriving alone"


def serve(pipe: Connection, kinds: list[str], count: int) -> None:
    """Serve `count` pages of each kind, and one of each under `/1`, until the parent ends."""
    stored: dict[str, bytes] = {}
    for kind in kinds:
        stored |= site(kind, count)
        stored |= {f"/1{path}": page for path, page in site(kind, 1).items()}
        stored[f"/1/{kind}/index.html"] = f'<a href="/1/{kind}/202301/t20230131_0.html">'.encode()
    answer(pipe, lambda path: stored.get(path, b""), "text/html")


def cpu_s(command: list[str]) -> float:
    """User and system seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def measured(kind: str, count: int, port: int) -> dict[str, float]:
    """CPU seconds of each way to crawl the pages of a kind."""
    start = f"1/{kind}" if count == 1 else kind
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench.toml").write_text(SITE.format(kind=start), "utf-8")
        url = f"http://127.0.0.1:{port}/{start}/index.html"
        plain = [sys.executable, str(HERE / "plain_spider.py"), f"{folder}/plain.db", url]
        seconds = {PLAIN: cpu_s(plain)}
        for label, more in WAYS.items():
            command = [sys.executable, "-c", OURS, f"{folder}/{label}.db", name, str(port), more]
            seconds[label] = cpu_s(command)
        pages = folder / "pages"
        pages.mkdir()
        for number, page in enumerate(KINDS[kind](count)):
            (pages / f"{number:06}.html").write_bytes(page)
        seconds[ALONE] = cpu_s([sys.executable, "-c", DERIVING, str(pages)])
    return seconds


def main(count: int, rounds: int, kinds: list[str]) -> None:
    """Measure and print."""
    with served(serve, kinds, count) as port:
        for kind in kinds:
            start: dict[str, list[float]] = defaultdict(list)
            page: dict[str, list[float]] = defaultdict(list)
            for _ in range(rounds):
                whole, one = measured(kind, count, port), measured(kind, 1, port)
                for label in whole:
                    start[label].append(one[label])
                    page[label].append((whole[label] - one[label]) / (count - 1))
            print(
                f"{kind}, {count} pages" + " " * 12 + "start-up s   ms a page   x plain", flush=True
            )
            for label, values in page.items():
                ratios = [value / plain for value, plain in zip(values, page[PLAIN], strict=True)]
                print(
                    f"  {label:26} {statistics.median(start[label]):8.2f}"
                    f" {statistics.median(values) * 1000:11.1f} {statistics.median(ratios):9.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    kinds_here = [kind for kind in KINDS if kind != "saved" or SAVED.is_dir()]
    pages, times = (int(value) for value in (*sys.argv[1:3], "200", "1")[:2])
    main(pages, times, sys.argv[3:] or kinds_here)

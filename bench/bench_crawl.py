"""CPU a page of a whole crawl, beside that of a plain Scrapy spider, in interleaved rounds.

    python bench/bench_crawl.py [--pages 200] [--rounds 1] [--compare DIRECTORY] [KIND …]

Both crawl the same pages (`crawl_pages.py`) from a server in a process of its own; user and
system time of the crawl and of its workers is counted. Start-up is what a crawl of one page
takes; milliseconds a page are the difference between that and the whole crawl, so that they
hold for a crawl of any length. `deriving alone` makes the same derivations in a loop, and
`fetching alone` is Scrapy with a spider that reads nothing. `--compare` names the checkout of
another version, with `make dev` done, which crawls the same pages in the same rounds.
"""

from __future__ import annotations

import argparse
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
from measuring import row
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
PLAIN, FETCHING, WHOLE, ALONE = "plain", "fetching alone", "baogao", "deriving alone"
LESS = "baogao less deriving"


def serve(pipe: Connection, kinds: list[str], count: int) -> None:
    """Serve `count` pages of each kind, and one of each under `/1`, until the parent ends."""
    stored: dict[str, bytes] = {}
    for kind in kinds:
        stored |= site(kind, count)
        stored |= {f"/1{path}": page for path, page in site(kind, 1).items()}
        stored[f"/1/{kind}/index.html"] = f'<a href="/1/{kind}/202301/t20230131_0.html">'.encode()
    answer(pipe, lambda path: stored.get(path, b""), "text/html")


def cpu_s(command: list[str], checkout: Path = HERE.parent) -> float:
    """User and system seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    subprocess.run(command, check=True, env=environment, cwd=checkout, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def measured(kind: str, count: int, port: int, before: Path | None) -> dict[str, float]:
    """CPU seconds of each way to crawl the pages of a kind."""
    start = f"1/{kind}" if count == 1 else kind
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench.toml").write_text(SITE.format(kind=start), "utf-8")
        url = f"http://127.0.0.1:{port}/{start}/index.html"
        plain = [sys.executable, str(HERE / "plain_spider.py")]
        seconds = {PLAIN: cpu_s([*plain, f"{folder}/plain.db", url])}
        seconds[FETCHING] = cpu_s([*plain, "-", url])
        pages = folder / "pages"
        pages.mkdir()
        for number, page in enumerate(KINDS[kind](count)):
            (pages / f"{number:06}.html").write_bytes(page)
        for checkout in filter(None, (HERE.parent, before)):
            python = sys.executable if checkout == HERE.parent else f"{checkout}/.venv/bin/python"
            label = "" if checkout == HERE.parent else ", before"
            for way, more in WAYS.items() if not label else [(WHOLE, WAYS[WHOLE])]:
                db = f"{folder}/{way}{label}.db"
                ours = [python, "-c", OURS, db, name, str(port), more]
                seconds[way + label] = cpu_s(ours, checkout)
            seconds[ALONE + label] = cpu_s([python, "-c", DERIVING, str(pages)], checkout)
            seconds[LESS + label] = seconds[WHOLE + label] - seconds[ALONE + label]
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    options = parser.parse_args()
    count = options.pages
    kinds = options.kinds or [kind for kind in KINDS if kind != "saved" or SAVED.is_dir()]
    with served(serve, kinds, count) as port:
        for kind in kinds:
            start: dict[str, list[float]] = defaultdict(list)
            page: dict[str, list[float]] = defaultdict(list)
            for _ in range(options.rounds):
                whole = measured(kind, count, port, options.compare)
                one = measured(kind, 1, port, options.compare)
                for label in whole:
                    start[label].append(one[label])
                    page[label].append((whole[label] - one[label]) / (count - 1))
            print(
                f"{kind}, {count} pages" + " " * 12 + "start-up s   ms a page   x plain", flush=True
            )
            for label, values in page.items():
                if label == WHOLE:
                    faster = [p / value for value, p in zip(values, page[PLAIN], strict=True)]
                    row(f"whole crawl, {kind}", statistics.median(faster))
                ratios = [value / plain for value, plain in zip(values, page[PLAIN], strict=True)]
                print(
                    f"  {label:28} {statistics.median(start[label]):8.2f}"
                    f" {statistics.median(values) * 1000:11.1f} {statistics.median(ratios):9.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()

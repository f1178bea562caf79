"""CPU a page of a whole crawl, beside that of a plain Scrapy spider, in interleaved rounds.

    python bench/bench_crawl.py [PAGES] [ROUNDS]

Both crawl the same pages from a server in a process of its own; user and system time of the
crawl and of its workers is counted, start-up included.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from practice import write_report

HERE = Path(__file__).parent
A_LIST = 50
PLACES = ("130600", "130800", "130123", "331181", "510800", "620700")
SITE = """\
title = "bench"
kind = "official"
family = "trs"
hosts = ["www.bench.test"]
start = ["http://www.bench.test:8642/l/index.html"]
loopback = true
[politeness]
delay_s = 0
[reading]
containers = ["div.TRS_Editor"]
"""
OURS = """
import sys
from crawler.run import crawl
db, folder, port, workers, collate = sys.argv[1:]
settings = {"PRACTICE_PORT": int(port), "AUTOTHROTTLE_ENABLED": False}
settings |= {"DERIVE_WORKERS": int(workers), "COLLATE_AFTER_CRAWL": int(collate)}
result = crawl(db, ["bench"], sites_dirs=[folder], settings=settings)
assert not result.findings, result.findings
"""


def pages(count: int) -> dict[str, bytes]:
    """So many articles of real length, and lists of them."""
    found: dict[str, bytes] = {}
    for number in range(count):
        report = write_report(PLACES[number % len(PLACES)], 2019 + number // len(PLACES) % 7)
        body = "".join(f"<p>　　{line}</p>" for line in report.texts[1:])
        page = (
            f"<html><head><title>{report.title}</title></head><body><div>首页 &gt; 政务公开</div>"
            f"<h1>{report.title}</h1><p>发布时间：2023年1月31日</p><div class='TRS_Editor'>{body}"
            f"</div><div>主办：人民政府 第{number}号</div></body></html>"
        )
        found[f"/l/202301/t20230131_{number}.html"] = page.encode()
    lists = -(-count // A_LIST)
    paths = list(found)
    for index in range(lists):
        links = "".join(f'<a href="{p}">x</a>' for p in paths[index * A_LIST :][:A_LIST])
        others = "".join(f'<a href="/l/index_{n}.html">{n}</a>' for n in range(1, lists))
        name = "index.html" if index == 0 else f"index_{index}.html"
        found[f"/l/{name}"] = f"<html><body>{links}{others}</body></html>".encode()
    return found


def serve(pipe: Connection, count: int) -> None:
    """Serve the pages until the parent closes the pipe."""
    stored = pages(count)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = stored.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()


def cpu_s(command: list[str]) -> float:
    """User and system seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main(count: int, rounds: int) -> None:
    """Measure and print."""
    ours, theirs = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(theirs, count), daemon=True)
    server.start()
    port = ours.recv()
    ways = {
        "baogao": ("2", "1"),
        "without collation": ("2", "0"),
        "and in one process": ("0", "0"),
    }
    seconds: dict[str, list[float]] = {"plain": []} | {label: [] for label in ways}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "bench.toml").write_text(SITE, "utf-8")
            url = f"http://127.0.0.1:{port}/l/index.html"
            plain = [sys.executable, str(HERE / "plain_spider.py"), f"{folder}/plain.db", url]
            seconds["plain"].append(cpu_s(plain))
            for label, way in ways.items():
                db = str(folder / f"ours-{'-'.join(way)}.db")
                command = [sys.executable, "-c", OURS, db, name, str(port), *way]
                seconds[label].append(cpu_s(command))
    server.kill()
    for label, values in seconds.items():
        ratios = [value / plain for value, plain in zip(values, seconds["plain"], strict=True)]
        print(
            f"{label:24} {statistics.median(values) / count * 1000:6.1f} ms a page,"
            f" {statistics.median(ratios):.2f} x plain"
        )


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], "300", "3")[:2]))

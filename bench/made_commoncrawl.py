"""A made Common Crawl on this machine: WARC files, their columnar index, a server of ranges.

The index has the columns of Common Crawl's table, sorted by `url_surtkey`, in folders of the same
names. Records of other hosts lie between those that are wanted. A few are reports.
"""

from __future__ import annotations

import gzip
import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import duckdb
import pyarrow as pa
from web_archives import FakeCommonCrawl, record_of, table_row

from archive.known import shipped

CRAWL = "CC-MAIN-2024-10"
A_FILE = 2_500
"""Records of a WARC file."""
INDEX_FILES = 10
REPORTS = 0.03
OTHER_HOSTS = 0.1
PAGES_LENGTH = (200, 3_000)
"""Characters of the text of a page that is no report."""

_SYLLABLES = (
    "发展建设改革创新服务管理工作农业工业经济社会文化教育卫生环境保护安全生产项目投资消费就业民生"
)


def make(folder: Path, records: int, *, seed: int = 1) -> Counter[str]:
    """Write the layout for so many records; returns how many are of each kind."""
    draw, counts = random.Random(seed), Counter[str]()
    places = [one.name for one in shipped().gazetteer.divisions if not one.code.endswith("00")]
    rows: list[dict[str, Any]] = []
    for number, first in enumerate(range(0, records, A_FILE)):
        name = f"crawl-data/{CRAWL}/segments/1.{number % 7}/warc/CC-{number:05}.warc.gz"
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for n in range(first, min(first + A_FILE, records)):
                kind, url, body = _page(draw, n, places)
                counts[kind] += 1
                packed = gzip.compress(record_of(url, "20240301120000", body), 1, mtime=0)
                line = FakeCommonCrawl.line(
                    url, "20240301120000", body, name, file.tell(), packed, ""
                )
                rows.append(table_row(line))
                file.write(packed)
    rows.sort(key=lambda row: row["url_surtkey"])
    table = folder / f"cc-index/table/cc-main/warc/crawl={CRAWL}/subset=warc"
    table.mkdir(parents=True)
    a_file = -(-len(rows) // INDEX_FILES)
    for number in range(INDEX_FILES):
        _write(table / f"part-{number:05}.c000.gz.parquet", rows[number * a_file :][:a_file])
    return counts


def _page(draw: random.Random, n: int, places: list[str]) -> tuple[str, str, bytes]:
    if draw.random() < OTHER_HOSTS:
        return "other", f"https://www.shop{n % 997}.com/item/{n}.html", _html(f"{n}", _words(draw))
    host = f"http://www.xian{n % 1999}.gov.cn"
    encoding = draw.choice(("utf-8", "utf-8", "gb18030"))
    if draw.random() >= REPORTS:
        return "page", f"{host}/art/{n}.html", _html(f"动态{n}", _words(draw), encoding)
    place, year = places[n % len(places)], 2000 + n % 24
    title = f"{place}{year}年政府工作报告"
    text = "".join(f"<p>{_words(draw, 60, 200)}</p>" for _ in range(20))
    opening = f"<p>各位代表：</p><p>现在，我代表{place}人民政府，向大会报告工作，请予审议。</p>"
    return "report", f"{host}/zfgzbg/{n}.html", _html(title, opening + text, encoding)


def _words(draw: random.Random, least: int = PAGES_LENGTH[0], most: int = PAGES_LENGTH[1]) -> str:
    letters = "".join(draw.choices(_SYLLABLES, k=draw.randint(least, most)))
    return "，".join(re.findall(".{1,17}", letters)) + "。"


def _html(title: str, text: str, encoding: str = "utf-8") -> bytes:
    menu = "".join(f'<li><a href="/c{n}/index.html">栏目{n}</a></li>' for n in range(60))
    return (
        f"<html><head><meta charset='{encoding}'><title>{title}</title></head><body>"
        f"<ul>{menu}</ul><h1>{title}</h1>{text}</body></html>"
    ).encode(encoding)


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    table = pa.table({name: [row[name] for row in rows] for name in names})
    with duckdb.connect() as sql:
        sql.register("given", table)
        sql.execute(
            "COPY (SELECT * REPLACE (CAST(fetch_time AS TIMESTAMP) AS fetch_time) FROM given) TO"
            f" '{path}' (FORMAT parquet, COMPRESSION gzip, ROW_GROUP_SIZE 20480)"
        )


class RangeServer(ThreadingHTTPServer):
    """Serves the files below a folder by range, and counts what was asked for."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.asked, self.sent = folder, list[tuple[str, str]](), 0
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def data(self) -> str:
        """The URL prefix of the files."""
        return f"http://127.0.0.1:{self.server_port}/data/"

    def parts(self) -> Iterator[tuple[str, str]]:
        """The ranges that were asked for."""
        return ((path, part) for path, part in self.asked if part)

    def handle_error(self, *_: object) -> None:
        """A scan that is killed hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RangeServer

    def do_GET(self) -> None:
        part = self.headers.get("Range", "")
        self.server.asked.append((self.path, part))
        path = self.server.folder / self.path.lstrip("/")
        if not part or not path.is_file():
            self._reply(404, b"")
            return
        size = path.stat().st_size
        wanted = part.removeprefix("bytes=")
        if wanted.startswith("-"):
            first, last = max(size - int(wanted[1:]), 0), size - 1
        else:
            first, last = map(int, wanted.split("-"))
        with path.open("rb") as file:
            file.seek(first)
            body = file.read(last - first + 1)
        self.server.sent += len(body)
        self._reply(206, body, f"bytes {first}-{first + len(body) - 1}/{size}")

    def _reply(self, status: int, body: bytes, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

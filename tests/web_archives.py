"""Web archives on 127.0.0.1 that behave, and fail, as real ones do."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import defaultdict
from datetime import datetime
from email.utils import formatdate
from threading import Event
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_URL, uuid5

from loopback import Server

from crawler.backfill import commoncrawl, wayback
from crawler.backfill.mementos import iso_time

PAGE = "http://www.known.test/zfgzbg/2019.html"


def body_of(words):
    """A page with a report."""
    prose = f"现在，我代表示范县人民政府，向大会报告{words}工作，请予审议。" * 5
    return (
        "<html><head><meta charset='utf-8'><title>示范县2019年政府工作报告</title></head><body>"
        f"<h1>示范县2019年政府工作报告</h1><p>各位代表：</p><p>{prose}（示范文本）</p></body></html>"
    ).encode()


def digest_of(body):
    """The digest that web archives claim."""
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def key_of(url):
    """The key by which an index is sorted."""
    parts = urlsplit(url)
    host = ",".join(reversed(parts.hostname.removeprefix("www.").split(".")))
    return f"{host}){parts.path}"


def moments(number, first=2001):
    """So many times, one a month."""
    return [f"{first + n // 12}{n % 12 + 1:02}01000000" for n in range(number)]


class _Fake:
    """A server with faults: path → answers that come first, each once."""

    def __init__(self):
        self.faults = defaultdict(list)
        self.server = Server(self._answer)

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    @property
    def home(self):
        return f"http://127.0.0.1:{self.server.port}"

    def asked(self, part):
        """The paths with `part` in them that were asked for."""
        return [path for path in self.server.paths if part in path]

    def _answer(self, _host, path):
        plain, _, query = path.partition("?")
        for name in (path, plain):
            if self.faults[name]:
                return self.faults[name].pop(0)
        if path == "/robots.txt":
            return 404, {}, b""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        return self.answer(plain, path, asked)


def drips(over: Event):
    """An answer that comes byte by byte and never ends."""

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(600):
            if over.wait(0.1):
                return
            handler.wfile.write(b" ")
            handler.wfile.flush()

    return answer


class FakeWayback(_Fake):
    """A Wayback Machine: an index and the pages that it names.

    Args:
        words: what PAGE said, by time; or {address: {time: words}}.
        style: `keys` as the Internet Archive (arrays, resume keys), `lines` as pywb (one object
            a line, `limit` and `from` kept, no keys).
        rows: rows a page of the index, where there are keys.
    """

    def __init__(self, words, *, style="keys", rows=2, false_digests=(), statuses=None):
        super().__init__()
        pages = words if all(isinstance(said, dict) for said in words.values()) else {PAGE: words}
        self.bodies = {
            (url, when): body_of(said)
            for url, those in pages.items()
            for when, said in those.items()
        }
        self.style, self.page_rows = style, rows
        self.false_digests, self.statuses = false_digests, statuses or {}
        self.index = None

    @property
    def cdx(self):
        return self.home + ("/cdx/search/cdx" if self.style == "keys" else "/web/cdx")

    def rows(self):
        """The rows of the index, in its order."""
        places = sorted((key_of(url), when, url) for url, when in self.bodies)
        for key, when, url in places:
            body = self.bodies[url, when]
            digest = "A" * 32 if when in self.false_digests else digest_of(body)
            yield [key, when, url, "text/html", self.statuses.get(when, "200"), digest, "9"]

    def answer(self, plain, path, asked):
        if "/cdx" in plain:
            body = (self.index or self.page_of_index)(asked)
            return 200, {"Content-Type": "application/json"}, body
        _, _, when, url = path.split("/", 3)
        when = when.removesuffix("id_")
        body = self.bodies.get((url, when))
        if body is None:
            return 404, {}, b"not archived"
        return 200, {"Memento-Datetime": day_of(when), "Content-Type": "text/html"}, body

    def matching(self, asked):
        """The rows that a query wants."""
        url, first, last = asked["url"], asked.get("from", ""), asked.get("to", "9")
        for row in self.rows():
            same = row[2].startswith(url[:-1]) if url.endswith("*") else row[2] == url
            if same and first <= row[1] and row[1][: len(last)] <= last:
                yield row

    def page_of_index(self, asked):
        rows = list(self.matching(asked))
        if self.style == "lines":
            names = ["urlkey", "timestamp", "url", "mime", "status", "digest", "length"]
            rows = rows[: int(asked.get("limit", len(rows)))]
            return "\n".join(
                json.dumps(dict(zip(names, row, strict=True))) for row in rows
            ).encode()
        at = int(asked.get("resumeKey", "0 0").split()[1])
        shown = [NAMES, *rows[at : at + self.page_rows]]
        if at + self.page_rows < len(rows):
            shown += [[], [f"test {at + self.page_rows}"]]
        return json.dumps(shown).encode()


NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]


def day_of(when):
    """The time of an index as a header has it."""
    moment = datetime.strptime(when + "Z", "%Y%m%d%H%M%S%z")
    return formatdate(moment.timestamp(), usegmt=True)


def ask_wayback(db, addresses, cdx, sites, rows, settings, more):  # noqa: PLR0917
    """Bring pages out of an archive; its index is asked for `rows` rows at a time."""
    wayback.PAGE_ROWS = rows
    site = wayback.archive_site(addresses, cdx=cdx, a_minute=6000, sites_dirs=[sites], **more)
    return wayback.backfill_wayback(db, site, settings=settings)


class FakeCommonCrawl(_Fake):
    """Common Crawl: a list of crawls, an index for each, and one WARC file for each.

    Args:
        crawls: {name of the crawl: {address: (time, words)}}; words may be bytes.
        rows: rows a page of an index.
        truncated: addresses of which only the beginning was kept.
        headers: HTTP headers of the pages.
    """

    def __init__(self, crawls, *, rows=3, truncated=(), headers=()):
        super().__init__()
        self.rows_a_page = rows
        self.files, self.lines = {}, {}
        for name, pages in crawls.items():
            file, lines = bytearray(b"\x00" * 11), []
            for url, (when, said) in sorted(pages.items()):
                body = said if isinstance(said, bytes) else body_of(said)
                why = "length" if url in truncated else ""
                member = gzip.compress(record_of(url, when, body, why, headers), mtime=0)
                place = f"{name}/x.warc.gz", len(file), member
                lines.append(self.line(url, when, body, *place, why))
                file += member
            self.files[f"/data/{name}/x.warc.gz"] = bytes(file)
            self.lines[name] = lines

    @staticmethod
    def line(url, when, body, filename, offset, member, truncated):  # noqa: PLR0917
        row = {
            "urlkey": key_of(url), "timestamp": when, "url": url, "mime": "text/html",
            "mime-detected": "text/html", "status": "200", "digest": digest_of(body),
            "length": str(len(member)), "offset": str(offset), "filename": filename,
            "languages": "zho", "encoding": "UTF-8",
        }  # fmt: skip
        return row | ({"truncated": truncated} if truncated else {})

    @property
    def index(self):
        return f"{self.home}/collinfo.json"

    @property
    def data(self):
        return f"{self.home}/data/"

    @property
    def ranges(self):
        """The parts of files that were asked for."""
        return [
            (path, headers["Range"]) for _, path, headers in self.server.asked if "Range" in headers
        ]

    def answer(self, plain, _path, asked):
        if plain == "/collinfo.json":
            return 200, {"Content-Type": "application/json"}, self.list_of_crawls()
        if plain.endswith("-index"):
            return self.page_of_index(plain[1:].removesuffix("-index"), asked)
        if plain in self.files:
            return self.part_of(plain)
        return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"

    def list_of_crawls(self):
        told = []
        for name in reversed(self.lines):
            times = sorted(line["timestamp"] for line in self.lines[name])
            first, last = (f"{when[:4]}-{when[4:6]}-{when[6:8]}" for when in (times[0], times[-1]))
            told.append({
                "id": name, "name": f"Index of {name}", "timegate": f"{self.home}/{name}/",
                "cdx-api": f"{self.home}/{name}-index",
                "from": f"{first}T00:00:00", "to": f"{last}T23:59:59",
            })  # fmt: skip
        return json.dumps(told).encode()

    def page_of_index(self, name, asked):
        url = asked["url"]
        found = [
            line for line in self.lines.get(name, ())
            if (line["url"].startswith(url[:-1]) if url.endswith("*") else line["url"] == url)
            and asked.get("filter", f"=status:{line['status']}") == f"=status:{line['status']}"
        ]  # fmt: skip
        pages = -(-len(found) // self.rows_a_page)
        if asked.get("showNumPages") == "true":
            told = {"pages": pages, "pageSize": 5, "blocks": pages}
            return 200, {}, json.dumps(told).encode()
        at = int(asked["page"]) * self.rows_a_page
        if not found:
            return 404, {}, json.dumps({"message": f"No Captures found for: {url}"}).encode()
        if at >= len(found):
            return 400, {}, json.dumps({"message": f"Page {asked['page']} invalid"}).encode()
        shown = found[at : at + self.rows_a_page]
        return 200, {}, b"".join(json.dumps(line).encode() + b"\n" for line in shown)

    def part_of(self, path):
        def answer(handler):
            whole = self.files[path]
            if "Range" not in handler.headers:
                return 200, {}, whole
            begin, end = handler.headers["Range"].removeprefix("bytes=").split("-")
            last = int(end) if begin else len(whole) - 1
            first = int(begin) if begin else max(len(whole) - int(end), 0)
            told = {"Content-Range": f"bytes {first}-{last}/{len(whole)}"}
            return 206, told, whole[first : last + 1]

        return answer


def whole_file(handler):
    """The file from its beginning, a thousand times larger than what was asked for."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(1 << 30))
    handler.end_headers()
    sent = 0
    try:
        while sent < 1 << 26:
            handler.wfile.write(b"x" * 65536)
            sent += 65536
    except OSError:
        pass
    handler.server.sent = sent


def record_of(url, when, body, truncated="", headers=(), *, kind="response"):
    """A record as Common Crawl writes it."""
    moment = datetime.strptime(when + "Z", "%Y%m%d%H%M%S%z")
    lines = [
        "HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8",
        "X-Crawler-Content-Encoding: gzip", f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers),
    ]  # fmt: skip
    block = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    head = {
        "WARC-Type": kind, "WARC-Date": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, url + when)}>",
        "Content-Length": str(len(block)), "WARC-IP-Address": "127.0.0.1",
        "Content-Type": "application/http; msgtype=response", "WARC-Target-URI": url,
        "WARC-Payload-Digest": f"sha1:{digest_of(body)}",
        "WARC-Block-Digest": f"sha1:{digest_of(block)}",
    }  # fmt: skip
    if truncated:
        head["WARC-Truncated"] = truncated
    named = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"WARC/1.0\r\n{named}\r\n".encode() + block + b"\r\n\r\n"


def ask_commoncrawl(db, addresses, index, data, sites, settings, more):  # noqa: PLR0917
    """Bring pages out of a fake Common Crawl."""
    site = commoncrawl.common_crawl(
        addresses, index=index, data=data, a_minute=6000, sites_dirs=[sites], **more
    )
    return commoncrawl.backfill_commoncrawl(db, site, settings=settings)


TABLE_COLUMNS = {
    "url_surtkey": "TEXT", "url": "TEXT", "url_host_name": "TEXT", "url_host_tld": "TEXT",
    "url_path": "TEXT", "url_query": "TEXT", "fetch_time": "TIMESTAMP", "fetch_status": "SMALLINT",
    "content_digest": "TEXT", "content_mime_type": "TEXT", "content_mime_detected": "TEXT",
    "content_charset": "TEXT", "content_languages": "TEXT", "content_truncated": "TEXT",
    "warc_filename": "TEXT", "warc_record_offset": "INTEGER", "warc_record_length": "INTEGER",
    "warc_segment": "TEXT",
}  # fmt: skip
"""The columns of Common Crawl's table that are of interest, under their names."""


def table_row(line):
    """The row of the columnar index for a line of the other one (`FakeCommonCrawl.line`)."""
    parts, when = urlsplit(line["url"]), line["timestamp"]
    return {
        "url_surtkey": line["urlkey"], "url": line["url"], "url_host_name": parts.hostname,
        "url_host_tld": (parts.hostname or "").rpartition(".")[2], "url_path": parts.path,
        "url_query": parts.query or None, "fetch_time": iso_time(when),
        "fetch_status": int(line["status"]), "content_digest": line["digest"],
        "content_mime_type": line["mime"], "content_mime_detected": line["mime-detected"],
        "content_charset": line["encoding"], "content_languages": line["languages"],
        "content_truncated": line.get("truncated"), "warc_filename": line["filename"],
        "warc_record_offset": int(line["offset"]), "warc_record_length": int(line["length"]),
        "warc_segment": "1",
    }  # fmt: skip


def write_table(path, rows, *, without=(), group=2048):
    """Write rows of the columnar index as Parquet, sorted by their keys as Common Crawl does."""
    import duckdb  # noqa: PLC0415  (an extra)

    path.parent.mkdir(parents=True, exist_ok=True)
    names = [name for name in TABLE_COLUMNS if name not in without]
    with duckdb.connect() as sql:
        columns = ", ".join(f"{name} {TABLE_COLUMNS[name]}" for name in names)
        sql.execute(f"CREATE TABLE rows ({columns})")
        cells = ", ".join(f"unnest(CAST(? AS {TABLE_COLUMNS[name]}[]))" for name in names)
        ordered = sorted(rows, key=lambda row: row["url_surtkey"])
        if ordered:
            lists = [[row[name] for row in ordered] for name in names]
            sql.execute(f"INSERT INTO rows SELECT {cells}", lists)
        sql.execute(
            f"COPY rows TO '{path}' (FORMAT parquet, COMPRESSION gzip, ROW_GROUP_SIZE {group})"
        )
    return path


def layout(fake, folder, **how):
    """Write the columnar index of a fake Common Crawl, in its folders."""
    for crawl, lines in fake.lines.items():
        below = folder / f"crawl={crawl}" / "subset=warc" / "part-00000.gz.parquet"
        write_table(below, map(table_row, lines), **how)
    return folder

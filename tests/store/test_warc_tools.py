"""WARC and WACZ files of other tools come in with the payloads that were served."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from store.warc_made import DATE, http, imported, packed, read, record, response, sha1
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import sha256
from archive.store import Archive
from archive.store.warc.wanted import wanted
from archive.store.warc.writing import export_warc

PAGES = {
    f"http://www.demo.test/report/{number}.html": (
        f"<html><body><p>第{number}号报告，" + "发展稳中有进。" * (40 * number + 1) + "</p>"
    ).encode()
    for number in range(4)
}
DIGESTS = {url: sha256(body) for url, body in PAGES.items()}
HTML = "Content-Type: text/html; charset=utf-8"


def digests(captures):
    """Payload digest by address, of what is a page."""
    return {c.url: c.payload_sha256 for c in captures if c.outcome == "ok"}


def checks(captures):
    return [dict(capture.claims).get("digest_check") for capture in captures]


@pytest.fixture
def db(tmp_path):
    return tmp_path / "again.db"


@pytest.mark.parametrize("version", ["WARC/1.0", "WARC/1.1"])
@pytest.mark.parametrize("is_packed", [True, False])
def test_warcio(db, tmp_path, version, is_packed):
    path = tmp_path / "other.warc"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=is_packed, warc_version=version)
        writer.write_record(writer.create_warcinfo_record("other.warc", {"software": "warcio"}))
        for url, body in PAGES.items():
            head = StatusAndHeaders("200 OK", [tuple(HTML.split(": "))], protocol="HTTP/1.1")
            answer = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), length=len(body), http_headers=head
            )
            asked = writer.create_warc_record(
                url, "request", warc_headers_dict={"WARC-Concurrent-To": identifier(answer)},
                http_headers=StatusAndHeaders(
                    "POST / HTTP/1.1", [("Accept", "*/*"), ("Cookie", "a=b")], is_http_request=True
                ),
            )  # fmt: skip
            writer.write_record(answer)
            writer.write_record(asked)
    captures, counts = imported(db, path)
    assert digests(captures) == DIGESTS
    assert counts["digest:match"] == len(PAGES)
    assert {c.method for c in captures} == {"POST"}
    assert captures[0].request_headers == (("Accept", "*/*"), ("Cookie", "redacted"))


def identifier(warc_record):
    return warc_record.rec_headers.get_header("WARC-Record-ID")


@pytest.mark.parametrize("packing", ["plain", "gzip", "zstd", "zstd with a dictionary"])
def test_fastwarc(db, tmp_path, packing):
    fastwarc = pytest.importorskip("fastwarc.warc", reason="FastWARC is not installed")
    streams = pytest.importorskip("fastwarc.stream_io")
    path = tmp_path / "other.warc"
    samples = [body[start : start + 200] for body in PAGES.values() for start in range(0, 900, 50)]
    with path.open("wb") as file:
        if packing == "gzip":
            target = streams.GzipWriter(file)
        elif packing == "zstd":
            target = streams.ZstdWriter(file)
        elif packing == "plain":
            target = file
        else:
            trained = streams.zstd_train_dictionary_from_samples(samples * 20, 2000)
            target = streams.ZstdWriter(file, dictionary=trained)
        for url, body in PAGES.items():
            written = fastwarc.WarcRecord()
            written.init_headers(record_type=fastwarc.WarcRecordType.response)
            written.headers["WARC-Target-URI"] = url
            written.headers["WARC-Date"] = DATE
            written.set_bytes_content(http(body, HTML))
            written.is_http = True
            written.write(target, checksum_data=True)
            if packing != "plain":
                target.finish()
                target.flush()
    captures, damages, _ = read(path)
    assert not damages
    assert {f.capture.url: f.capture.payload_sha256 for f in captures} == DIGESTS
    if packing.startswith("zstd"):
        assert path.read_bytes()[:4] in {b"\x28\xb5\x2f\xfd", b"\x5d\x2a\x4d\x18"}


@pytest.mark.parametrize("packed_dictionary", [True, False])
def test_zstd_with_a_dictionary_frame(db, tmp_path, packed_dictionary):
    """As the proposal of the IIPC says: a skippable frame with the dictionary comes first."""
    zstandard = pytest.importorskip("zstandard")
    records = [response(url, body) for url, body in PAGES.items()]
    trained = zstandard.ZstdCompressionDict(b"".join(records)[:3000])
    words = trained.as_bytes()
    if packed_dictionary:
        words = zstandard.ZstdCompressor().compress(words)
    packer = zstandard.ZstdCompressor(dict_data=trained, write_checksum=True)
    path = tmp_path / "other.warc.zst"
    head = b"\x5d\x2a\x4d\x18" + len(words).to_bytes(4, "little")
    frames = [packer.compress(each) for each in records]
    path.write_bytes(head + words + b"".join(frames))
    captures, counts = imported(db, path)
    assert digests(captures) == DIGESTS
    # a frame in the middle is lost, not those behind it
    broken = bytearray(frames[1])
    broken[len(broken) // 2] ^= 0xFF
    path.write_bytes(head + words + frames[0] + bytes(broken) + frames[2] + frames[3])
    found, (damage,), _ = read(path)
    assert len(found) == 3
    assert damage.place == len(head) + len(words) + len(frames[0])
    assert counts["damaged places"] == 0


def test_all_records_in_one_gzip_member(db, tmp_path):
    path = tmp_path / "other.warc.gz"
    path.write_bytes(gzip.compress(b"".join(response(u, b) for u, b in PAGES.items())))
    captures, counts = imported(db, path)
    assert digests(captures) == DIGESTS
    assert counts["digest:match"] == len(PAGES)


def test_our_own_export(archive, db, tmp_path):
    from store.made_up import answer  # noqa: PLC0415

    with archive.run("crawl") as run:
        for url, body in PAGES.items():
            run.capture(answer(0, url=url, payload=body))
    folder = tmp_path / "warc"
    folder.mkdir()
    export_warc(archive, folder)
    captures, _ = imported(db, folder / "captures-00001.warc.gz")
    assert digests(captures) == DIGESTS


# ---- wget


class Pages(BaseHTTPRequestHandler):
    """Serves PAGES: one plain, one in chunks, one packed, one in packed chunks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = PAGES.get(f"http://www.demo.test{self.path}")
        if body is None:
            self.send_error(404)
            return
        number = int(self.path[8])
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if number >= 2:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        if number % 2:
            self.send_header("Transfer-Encoding", "chunked")
            half = len(body) // 2
            body = b"".join(
                b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:], b"")
            )
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def port():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
@pytest.mark.parametrize("is_packed", [True, False])
def test_wget(db, tmp_path, port, is_packed):
    addresses = [f"http://127.0.0.1:{port}/report/{number}.html" for number in range(5)]
    options = [] if is_packed else ["--no-warc-compression"]
    done = subprocess.run(
        ["wget", "-q", "--no-proxy", "--compression=none", "-O", "out", "--warc-file=made",
         *options, *addresses],
        cwd=tmp_path, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 8  # one of them was a 404
    made = tmp_path / ("made.warc.gz" if is_packed else "made.warc")
    captures, counts = imported(db, made)
    assert [c.payload_sha256 for c in captures if c.outcome == "ok"] == list(DIGESTS.values())
    assert [(c.status, c.url) for c in captures if c.outcome == "http"] == [(404, addresses[4])]
    assert counts["digest:match"] == 5
    assert counts["passed over: records about the crawl itself (metadata:)"] > 0
    assert all(dict(c.request_headers)["User-Agent"].startswith("Wget") for c in captures)


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_a_second_crawl_of_wget_repeats_the_first(db, tmp_path, port):
    """With `--warc-dedup`, wget writes revisit records that name records of another file."""
    address = f"http://127.0.0.1:{port}/report/0.html"
    plain = ["wget", "-q", "--no-proxy", "--compression=none", "-O", "out", address]
    for more in (["--warc-file=one", "--warc-cdx"],
                 ["--warc-file=two", "--warc-dedup=one.cdx"]):  # fmt: skip
        subprocess.run([*plain, *more], cwd=tmp_path, check=True, timeout=60)
        time.sleep(1.01)  # wget tells no fractions, and one page of one time is one capture
    first, second = tmp_path / "one.warc.gz", tmp_path / "two.warc.gz"
    captures, counts = imported(db, second, first)  # the original comes later
    assert counts["revisits resolved"] == 1
    assert {c.payload_sha256 for c in captures} == {DIGESTS["http://www.demo.test/report/0.html"]}
    assert [c.outcome for c in captures] == ["ok", "ok"]
    assert counts["damaged places"] == 0  # though wget digests nothing in its revisit records


# ---- a WACZ as browsers write it


def browser_record(url, body, *headers, line="HTTP/1.1 200", warc=(), **more):
    """A response as a browser crawler writes it, with what it knows of page and protocol."""
    block = http(body, *headers, line=line)
    return record(
        "response", url, block, f"WARC-Payload-Digest: sha256:{sha256(more.pop('of', body))}",
        f"WARC-Block-Digest: sha256:{sha256(block)}", "WARC-Page-ID: 3c8a2b0e",
        "WARC-Protocol: h2, tls/1.3", "WARC-Resource-Type: document",
        'WARC-JSON-Metadata: {"ipType":"Public","cert":{"issuer":"Test CA","ctc":"1"}}',
        *warc, version="1.1", **more,
    )  # fmt: skip


def browser_records():
    brotli, zstandard = pytest.importorskip("brotli"), pytest.importorskip("zstandard")
    (u0, b0), (u1, b1), (u2, b2), (u3, b3) = PAGES.items()
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (b2[:99], b2[99:], b""))
    answer = browser_record(u0, b0, HTML, line="HTTP/2 200", identifier="<urn:uuid:one>")
    asked = record(
        "request", u0, b"GET /report/0.html HTTP/1.1\r\nHost: www.demo.test\r\n\r\n",
        "WARC-Concurrent-To: <urn:uuid:one>", "Content-Type: application/http;msgtype=request",
        version="1.1",
    )  # fmt: skip
    return [
        record("warcinfo", "", b"software: a browser crawler\r\nformat: WARC File Format 1.1\r\n",
               "WARC-Target-URI: ", "Content-Type: application/warc-fields", version="1.1"),
        answer,
        asked,
        browser_record(u1, brotli.compress(b1), HTML, "Content-Encoding: br", of=b1),
        browser_record(u2, chunked, HTML, "Transfer-Encoding: chunked", line="HTTP/1.1 200 OK"),
        browser_record(u3, zstandard.compress(b3), HTML, "content-encoding: zstd",
                       line="HTTP/3 200"),
        record("resource", f"urn:pageinfo:{u0}", b'{"pageid":"3c8a2b0e","urls":{}}',
               "Content-Type: application/json", version="1.1"),
        record("resource", f"urn:text:{u0}", "政府工作报告".encode(), "Content-Type: text/plain",
               version="1.1"),
        record("resource", f"urn:thumbnail:{u0}", b"\x89PNG", "Content-Type: image/png",
               version="1.1"),
    ]  # fmt: skip


def write_wacz(path, records, *, name="archive/data.warc.gz", how=ZIP_STORED, spoil=b""):
    """A WACZ in the structure of browser crawlers."""
    (first, *_) = PAGES
    pages = [
        {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": "false"},
        {"id": "3c8a2b0e", "url": first, "title": "报告", "ts": DATE, "mime": "text/html"},
    ]
    members = {
        "pages/pages.jsonl": "".join(json.dumps(page) + "\n" for page in pages).encode(),
        name: packed(*records) if name.endswith(".gz") else b"".join(records),
        "indexes/index.cdx.gz": gzip.compress(b"test,demo)/report/0.html 20200102030405 {}\n"),
        "indexes/index.idx": b"!meta 0 {}\n",
        "logs/crawl.log": b"{}\n",
    }
    package = {
        "profile": "data-package", "wacz_version": "1.1.1", "software": "a browser crawler",
        "created": DATE, "resources": [
            {"name": place.rsplit("/", 1)[-1], "path": place, "bytes": len(content),
             "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
            for place, content in members.items()
        ],
    }  # fmt: skip
    words = json.dumps(package).encode()
    with ZipFile(path, "w", how) as wacz:
        for place, content in members.items():
            wacz.writestr(place, content + (spoil if place == name else b""))
        wacz.writestr("datapackage.json", words)
        wacz.writestr("datapackage-digest.json", json.dumps({"hash": f"sha256:{sha256(words)}"}))
    return path


@pytest.mark.parametrize(
    ("name", "how"), [("archive/data.warc.gz", ZIP_STORED), ("archive/a/b.warc", ZIP_DEFLATED)]
)
def test_a_wacz_of_a_browser_crawler(db, tmp_path, name, how):
    path = write_wacz(tmp_path / "made.wacz", browser_records(), name=name, how=how)
    told = []
    captures, counts = imported(db, path, told=told)
    assert told == []
    assert digests(captures) == DIGESTS
    assert counts["digest:match"] == 4
    assert {c.status for c in captures} == {200}
    assert [c.content_encoding for c in captures] == [None, "br", None, "zstd"]
    assert counts["passed over: records about the crawl itself (urn:)"] == 3
    assert captures[0].request_headers == (("Host", "www.demo.test"),)


def test_codings_that_were_taken_off_or_nested_are_understood(db, tmp_path):
    (u0, b0), (u1, b1), (u2, b2), (u3, b3) = PAGES.items()
    once = gzip.compress(b1, mtime=0)
    twice = gzip.compress(zlib.compress(b2), mtime=0)
    chunks = b"%x;ext=1\r\n%b\r\n0\r\nTrailer: x\r\n\r\n" % (len(once), once)
    path = tmp_path / "other.warc"
    path.write_bytes(
        browser_record(u0, b0, "X-Orig-Content-Encoding: br", "Content-Length: 9999", of=b"coded")
        + browser_record(u1, chunks, "Transfer-Encoding: gzip, chunked", of=once)
        + browser_record(u2, twice, "Content-Encoding: deflate, gzip")
        + browser_record(u3, b3, "Transfer-Encoding: chunked", "Content-Encoding: identity")
    )
    captures, _ = imported(db, path)
    assert {c.url: c.payload_sha256 for c in captures} == DIGESTS
    assert [c.outcome for c in captures] == ["ok"] * 4
    assert checks(captures) == ["differs-encoded", "match", "match", "match"]


def test_codings_that_cannot_be_taken_off_stay_on(db, tmp_path):
    bomb = gzip.compress(bytes(1 << 20), mtime=0)[:-5]
    many = ", ".join(["gzip"] * 9)
    path = tmp_path / "other.warc"
    url = "http://a.test/{}".format
    path.write_bytes(
        browser_record(url(1), b"no gzip", "Content-Encoding: gzip")
        + browser_record(url(2), b"lzw", "Content-Encoding: compress")
        + browser_record(url(3), bomb, "Content-Encoding: gzip")
        + browser_record(url(4), b"no brotli", "Content-Encoding: br")
        + browser_record(url(5), b"no zstd", "Content-Encoding: zstd")
        + browser_record(url(6), gzip.compress(b"x"), f"Content-Encoding: {many}")
    )
    captures, _ = imported(db, path)
    assert {c.stored_as for c in captures} == {"wire"}
    assert captures[2].payload == bomb


def test_what_was_cut_off_says_so(db, tmp_path):
    path = tmp_path / "other.warc"
    url = "http://a.test/{}".format
    path.write_bytes(
        browser_record(url(1), b"half", "Content-Length: 8")
        + browser_record(url(2), b"4\r\nhalf\r\n9\r\nmo", "Transfer-Encoding: chunked")
        + browser_record(url(3), b"half", warc=["WARC-Truncated: length"])
        + browser_record(url(4), b"half", warc=["WARC-Segment-Number: 1"])
        + record("continuation", url(4), b"rest", "WARC-Segment-Number: 2",
                 "WARC-Segment-Origin-ID: <urn:uuid:one>")
        + browser_record(url(5), b"", "Content-Length: 8", line="HTTP/1.1 304 Not Modified")
        + record("response", url(6), b"")
        + record("response", url(7), b"\x00" * 50)
    )  # fmt: skip
    captures, counts = imported(db, path)
    assert [c.outcome for c in captures] == ["truncated"] * 4 + ["unchanged", "error", "error"]
    assert [c.error for c in captures][:4] == [
        "the body has 4 of 8 bytes",
        "the body has not all of its chunks",
        "was cut off while it was archived: length",
        "goes on in other records; segments are not put together",
    ]
    assert counts["passed over: records of type continuation"] == 1
    assert captures[6].payload == b"\x00" * 50


def in_hex(name):
    return hashlib.new(name, b"body", usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [
        ("sha1:" + in_hex("sha1"), "match"),
        ("SHA-1:" + in_hex("sha1").upper(), "match"),
        (sha1(b"body"), "match"),
        (sha1(b"body").lower(), "match"),
        ("md5:" + in_hex("md5"), "match"),
        ("sha256:" + in_hex("sha256"), "match"),
        ("sha-512:" + in_hex("sha512"), "match"),
        (sha1(b"other"), "differs"),
        ("blake3:" + "0" * 64, "not checkable"),
        ("sha1:short", "not checkable"),
        ("nothing", "not checkable"),
        ("sha1:", "not checkable"),
    ],
)
def test_every_digest_gets_its_verdict(db, tmp_path, claimed, verdict):
    path = tmp_path / "other.warc"
    path.write_bytes(response("http://a.test/", b"body", f"WARC-Payload-Digest: {claimed}"))
    told = []
    (capture,), counts = imported(db, path, told=told)
    assert dict(capture.claims) == {"claimed_digest": claimed, "digest_check": verdict}
    assert counts[f"digest:{verdict}"] == 1
    assert bool(told) == (verdict == "differs") == bool(capture.error)
    assert capture.payload == b"body"


def test_an_open_archive_answers_from_what_was_imported(db, tmp_path):
    """The verdict stands in the archive, as it does for pages of the Wayback Machine."""
    path = tmp_path / "other.warc"
    path.write_bytes(response("http://a.test/", b"body"))
    imported(db, path)
    with Archive.open(db, read_only=True) as archive:
        (row,) = archive.connection.execute(
            "SELECT json_extract(claims_json, '$[1][1]') FROM captures WHERE origin = 'warc'"
        )
    assert row == ("match",)


def test_filters_hold_for_our_own_export_too(archive, db, tmp_path):
    from store.made_up import answer  # noqa: PLC0415

    with archive.run("crawl") as run:
        for url, body in PAGES.items():
            run.capture(answer(0, url=url, payload=body))
    folder = tmp_path / "warc"
    folder.mkdir()
    export_warc(archive, folder)
    made = folder / "captures-00001.warc.gz"
    captures, counts = imported(db, made, wanted=wanted(r"/[12]\.html", "text/html"))
    assert [c.url[-6:] for c in captures] == ["1.html", "2.html"]
    assert counts["passed over: records left out as asked"] == 2
    assert imported(tmp_path / "none.db", made, wanted=wanted(None, "pdf"))[0] == []


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05.000Z"),
        ("2020-01-02T03:04:05.6Z", "2020-01-02T03:04:05.600Z"),
        ("2020-01-02T03:04:05.123456Z", "2020-01-02T03:04:05.123456Z"),
        ("2020-01", "2020-01"), ("2020", "2020"),
        ("20200102030405", None), ("yesterday", None), ("", None),
    ],
)  # fmt: skip
def test_times_are_written_as_all_times_are(db, tmp_path, date, moment):
    path = tmp_path / "other.warc"
    path.write_bytes(response("http://a.test/", b"body", f"WARC-Date: {date}"))
    (capture,), _ = imported(db, path)
    assert capture.captured_at == moment


def test_what_tells_of_the_crawl_itself_is_counted(db, tmp_path):
    path = tmp_path / "other.warc"
    addresses = ["dns:a.test", "metadata://gnu.org/log", "urn:X:1", "strange:1", "other:2", ""]
    path.write_bytes(b"".join(record("response", url, b"x") for url in addresses))
    captures, counts = imported(db, path)
    assert captures == []
    own = "passed over: records about the crawl itself"
    assert {name: n for name, n in counts.items() if name.startswith(own)} == {
        f"{own} (dns:)": 1, f"{own} (metadata:)": 1, f"{own} (urn:)": 1, own: 3,
    }  # fmt: skip

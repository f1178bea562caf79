"""Whole crawls in this machine: from site files over HTTP into an archive."""

import gzip
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import baogao_practice as practice
from archive import DataFileError, UsageError
from crawler.run import crawl
from crawler.site_files import practice_sites

ROOT = Path(__file__).parents[2]

SITE = """\
title = "坏答案"
kind = "official"
family = "trs"
hosts = ["www.bad.test"]
start = ["http://www.bad.test:8642/l/index.html"]
reports = ['/r/']
loopback = true
[politeness]
delay_s = 0.01
[expect]
minimum = 99
"""
GZIPPED = gzip.compress(b"<p>\xe6\x8a\xa5\xe5\x91\x8a</p>" * 50)


def reset(handler):
    """Promise more than is sent, then hang up."""
    handler.close_connection = True
    return 200, {"Content-Length": "9000"}, b"<p>cut"


def stall(handler):
    handler.rfile.read(1)


REFRESH = b'<html><head><meta http-equiv="refresh" content="%b"></head>'
ANSWERS = {
    "/robots.txt": (200, {}, b"User-agent: baogao\nDisallow: /r/private\n"),
    "/r/ok": (200, {"Content-Type": "text/html"}, b"<p>hello</p>"),
    "/r/gzip": (200, {"Content-Encoding": "gzip"}, GZIPPED),
    "/r/nogzip": (200, {"Content-Encoding": "gzip"}, b"plain"),
    "/r/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(3_000_000))),
    "/r/moved": (302, {"Location": "/r/ok2"}, b""),
    "/r/ok2": (200, {}, b"<p>there</p>"),
    "/r/loop": (302, {"Location": "/r/loop2"}, b""),
    "/r/loop2": (302, {"Location": "/r/loop"}, b""),
    "/r/inside": (302, {"Location": "http://169.254.169.254/latest/"}, b""),
    "/r/port": (302, {"Location": "http://www.bad.test:22/x"}, b""),
    "/r/file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/r/nowhere": (302, {"Location": "http://[bad/"}, b""),
    "/r/noport": (302, {"Location": "http://www.bad.test:99999/y"}, b""),
    "/r/nothing": (302, {}, b""),
    "/r/home": (301, {"Location": "/"}, b""),
    "/r/challenged": (302, {"Location": "/x?wzws_cid=1"}, b""),
    "/r/soft404": (200, {}, "<p>您访问的页面不存在</p>".encode("gbk")),
    "/r/script": (200, {}, b"<html><script>var a=1</script></html>"),
    "/r/404": (404, {}, b"gone"),
    "/r/between": (200, {}, b"<p>two</p>"),
    "/r/412": (412, {}, b"<script>1</script>"),
    "/r/521": (521, {"Set-Cookie": "__jsluid_h=1"}, b""),
    "/r/cut": reset,
    "/r/stall": stall,
    "/r/empty": (200, {}, b""),
    "/r/private": (200, {}, b"secret"),
    "/r/refreshes": (200, {}, REFRESH % b"5;url=/q/target"),
    "/r/long": (200, {}, REFRESH % b"3;url=/q/never" + "<p>各位代表</p>".encode() * 200),
    "/q/target": (200, {}, b"<p>there</p>"),
}
EXPECTED = {
    "/robots.txt": ("ok", 200), "/l/index.html": ("ok", 200), "/r/ok": ("ok", 200),
    "/r/gzip": ("ok", 200), "/r/nogzip": ("bad_encoding", 200), "/r/bomb": ("too_large", 200),
    "/r/moved": ("redirect", 302), "/r/ok2": ("ok", 200), "/r/loop": ("redirect", 302),
    "/r/loop2": ("redirect", 302), "/r/inside": ("redirect", 302), "/r/port": ("redirect", 302),
    "/r/file": ("redirect", 302), "/r/404": ("gone", 404), "/r/between": ("ok", 200),
    "/r/412": ("blocked", 412),
    "/r/521": ("blocked", 521), "/r/cut": ("truncated", 200), "/r/stall": ("timeout", None),
    "/r/home": ("gone", 301), "/r/challenged": ("blocked", 302),
    "/r/soft404": ("gone", 200), "/r/script": ("blocked", 200),
    "/r/nowhere": ("redirect", 302), "/r/noport": ("redirect", 302),
    "/r/nothing": ("redirect", 302), "/r/empty": ("ok", 200), "/r/private": ("robots", None),
    "/r/refreshes": ("redirect", 200), "/q/target": ("ok", 200), "/r/long": ("ok", 200),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad(crawl_apart, serve, tmp_path_factory):
    """A crawl of a host that misbehaves in every way of `ANSWERS`."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "bad.toml").write_text(SITE, "utf-8")
    links = '<a href="http://www.bad.test:port/r/1">x</a><a href="http://[/r/2">x</a>'
    links += "".join(f'<a href="{path}">x</a>' for path in ANSWERS)
    answers = {("www.bad.test", path): answer for path, answer in ANSWERS.items()}
    answers["www.bad.test", "/l/index.html"] = (200, {}, links.encode())
    server = serve(answers)
    result = crawl_apart(
        folder / "bad.db",
        ["bad"],
        sites_dirs=[str(folder)],
        settings={
            "PRACTICE_PORT": server.server_port, "DOWNLOAD_TIMEOUT": 1,
            "DOWNLOAD_MAXSIZE": 1_000_000, "LOG_LEVEL": "CRITICAL",
        },
    )  # fmt: skip
    rows = sqlite3.connect(folder / "bad.db")
    rows.row_factory = sqlite3.Row
    yield result, rows, server
    rows.close()


def captured(rows, path):
    query = "SELECT * FROM captures JOIN pages ON pages.id = page_id WHERE url LIKE ? ORDER BY 1"
    return rows.execute(query, [f"http://www.bad.test:%{path}"]).fetchall()


@pytest.mark.parametrize(("path", "expected"), EXPECTED.items())
def test_every_answer_and_every_failure_is_a_capture(bad, path, expected):
    found = captured(bad[1], path)
    assert found, "no row at all"
    assert {(row["outcome"], row["status"]) for row in found} == {expected}


def test_nothing_else_was_asked(bad):
    _, rows, server = bad
    assert "/r/private" not in {path for _, path, _ in server.asked}
    query = "SELECT url, outcome FROM captures JOIN pages ON pages.id = page_id"
    base = f"http://www.bad.test:{server.server_port}"
    other = {row["url"]: row["outcome"] for row in rows.execute(query)}
    for path in EXPECTED:
        del other[base + path]
    assert other == {"http://www.bad.test:22/x": "forbidden_address"}


def test_a_long_page_is_read_even_if_it_refreshes(bad):
    (row,) = captured(bad[1], "/r/long")
    query = "SELECT visible_chars FROM texts WHERE payload_sha256 = ?"
    assert bad[1].execute(query, [row["payload_sha256"]]).fetchone()["visible_chars"] > 800


def test_both_digests_are_kept(bad):
    (row,) = captured(bad[1], "/r/gzip")
    assert row["content_encoding"] == "gzip"
    assert row["wire_sha256"] == hashlib.sha256(GZIPPED).hexdigest()
    assert row["wire_bytes"] == len(GZIPPED)
    assert row["payload_sha256"] == hashlib.sha256(gzip.decompress(GZIPPED)).hexdigest()
    assert row["stored_as"] == "decoded"
    assert ["Content-Encoding", "gzip"] in json.loads(row["response_headers_json"])
    row, *again = captured(bad[1], "/r/nogzip")
    assert len(again) == 2, "three attempts in all"
    assert row["stored_as"] == "wire"
    assert row["payload_sha256"] == hashlib.sha256(b"plain").hexdigest()
    assert "not gzip" in row["error"]


def test_we_say_who_we_are_and_carry_no_cookie(bad):
    agents = {headers["User-Agent"] for _, _, headers in bad[2].asked}
    assert len(agents) == 1
    assert agents.pop().startswith("baogao/")
    assert not any("Cookie" in headers for _, _, headers in bad[2].asked)


def test_a_crawl_that_yields_less_than_expected_fails(bad):
    result = bad[0]
    assert result.exit_code == 1
    assert any("at least 99 were expected" in sentence for sentence in result.findings)
    (end,) = bad[1].execute("SELECT reason, error FROM run_ends").fetchall()
    assert end["reason"] == "finished"
    assert "at least 99 were expected" in end["error"]


def test_a_site_that_says_of_no_address_that_it_is_a_report_is_refused(tmp_path):
    """Its crawl would find nothing, and nobody would know why."""
    text = SITE.replace("reports = ['/r/']\n", "").replace('"trs"', '"list"')
    (tmp_path / "blind.toml").write_text(text, "utf-8")
    words = r"blind\.toml: reports: is missing; the family 'list' knows no report"
    with pytest.raises(DataFileError, match=words):
        crawl(tmp_path / "x.db", ["blind"], sites_dirs=[tmp_path])
    assert not (tmp_path / "x.db").exists()


def test_a_real_site_is_not_asked_without_a_contact(tmp_path):
    (tmp_path / "real.toml").write_text(
        'title = "x"\nkind = "official"\nfamily = "trs"\n'
        'hosts = ["www.example.gov.cn"]\nstart = ["https://www.example.gov.cn/"]\n', "utf-8"
    )  # fmt: skip
    with pytest.raises(UsageError, match="real: a contact is required") as caught:
        crawl(tmp_path / "x.db", ["real"], sites_dirs=[tmp_path])
    assert caught.value.exit_code == 2
    assert not (tmp_path / "x.db").exists()


def scrapy(*arguments):
    command = shutil.which("scrapy", path=str(Path(sys.executable).parent))
    return subprocess.run(
        [command, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_scrapy_lists_the_sites():
    listed = scrapy("list")
    assert listed.returncode == 0
    assert set(practice_sites()) <= set(listed.stdout.split())


def test_scrapy_crawls_a_site_into_a_database(tmp_path):
    db = tmp_path / "one.db"
    with practice.Server(port=0) as server:
        port = f"PRACTICE_PORT={server.port}"
        done = scrapy("crawl", "practice-library", "-a", f"db={db}", "-s", port)
    assert done.returncode == 0, done.stderr
    rows = sqlite3.connect(db)
    assert rows.execute("SELECT count(*) FROM texts").fetchone()[0] >= 13
    assert rows.execute("SELECT count(*) FROM run_ends").fetchone() == (1,)
    assert rows.execute("SELECT count(*) FROM works").fetchone()[0] > 1
    rows.close()


def test_scrapy_says_which_argument_is_missing():
    done = scrapy("crawl", "practice-library")
    assert done.returncode == 2
    assert "scrapy crawl NAME -a db=reports.db" in done.stderr
    assert "Traceback" not in done.stderr


def test_scrapy_asks_no_real_site_without_a_contact(tmp_path):
    done = scrapy("crawl", "beijing", "-a", f"db={tmp_path / 'x.db'}")
    assert done.returncode == 2
    assert "beijing: a contact is required" in done.stderr
    assert list(tmp_path.iterdir()) == []

"""Whatever opens the bytes of others does so in a worker: the crawl itself never waits for it."""

import asyncio
import sqlite3
import struct
import zipfile
from contextlib import closing
from functools import partial
from io import BytesIO

import pytest
from loopback import site_file

import crawler.pipelines
import crawler.recorder
from archive import Capture, may_hold_members
from archive.errors import WorkFailedError
from crawler.page_workers import Anchor, Anchors, Entries, Markup, SitemapFile, answer
from crawler.reading import Readers
from crawler.run import crawl

ATTRIBUTES = b"<a href=/r/9 " + b" ".join(b"a%d=1" % n for n in range(150_000)) + b">x</a>"
"""A tag that keeps libxml2 busy for half a minute: it compares each attribute with all others."""


def package(count):
    """A ZIP that says of itself to hold `count` files."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("1.txt", "x")
    content = made.getvalue()
    start = content.index(b"PK\1\2")
    end = content.index(b"PK\5\6")
    entry = content[start:end]
    tail = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, min(count, 0xFFFF), min(count, 0xFFFF), len(entry) * count,
        start, 0,
    )  # fmt: skip
    return content[:start] + entry * count + tail


def good_package():
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("1.txt", "各位代表，现在报告工作。" * 30)
        file.writestr("2.txt", "各位代表，现在报告去年工作。" * 30)
    return made.getvalue()


def _crawl(db, folder, names, port):
    """A crawl whose readers lose their patience soon; how often its loop turned meanwhile."""
    crawler.recorder.Readers = partial(Readers, deadline_s=3)
    crawler.pipelines.MOST_MEMBERS = 2
    settings = {"PRACTICE_PORT": port, "LOG_LEVEL": "CRITICAL", "DERIVE_WORKERS": 1}
    result = crawl(db, names, sites_dirs=[folder], settings=settings)
    return result.exit_code, result.findings


@pytest.fixture(scope="module")
def crawled(apart, serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading")
    links = b'<a href="/r/1.zip">x</a><a href="/r/2.zip">x</a><a href="/r/3">x</a>'
    pages = {
        ("hangs.read.test", "/"): (200, {}, ATTRIBUTES),
        ("hangs.read.test", "/r/9"): (200, {}, b"<p>x</p>"),
        ("good.read.test", "/"): (200, {}, links),
        ("good.read.test", "/r/1.zip"): (200, {}, package(9)),
        ("good.read.test", "/r/2.zip"): (200, {}, good_package()),
        ("good.read.test", "/r/3"): (200, {}, b"<p>x</p>"),
    }
    server = serve(pages)
    for name in ("hangs", "good"):
        (folder / f"{name}.toml").write_text(site_file(f"{name}.read.test"), "utf-8")
    told = apart(_crawl, folder / "r.db", str(folder), ["hangs", "good"], server.port)
    with closing(sqlite3.connect(folder / "r.db")) as rows:
        yield told, rows, server


def test_a_list_that_hangs_costs_its_links_only(crawled):
    (exit_code, findings), rows, server = crawled
    assert exit_code == 1
    (told,) = [words for words in findings if "its links could not be read" in words]
    assert "hangs.read.test" in told
    assert "took longer than 3 s" in told
    query = "SELECT state, outcome FROM frontier WHERE host = 'hangs.read.test'"
    assert rows.execute(query).fetchall() == [("done", "read_timeout")], (
        "it is asked anew next time"
    )
    assert ("good.read.test", "/r/3") in [(host, path) for host, path, _ in server.asked]


def test_a_package_is_opened_in_a_worker(crawled):
    (_, findings), rows, _ = crawled
    members = rows.execute("SELECT member FROM captures WHERE member IS NOT NULL").fetchall()
    assert members == [("1.txt",)] * 2 + [("1.txt",), ("2.txt",)]
    (told,) = [words for words in findings if "no text could be derived" in words]
    assert "/r/1.zip" in told
    assert "more than 2 files are in it" in told


def read(readers, question):
    async def ask():
        return await readers.read(question)

    return asyncio.run(ask())


def members(readers, capture):
    async def ask():
        return [member.member async for member in readers.members(capture)]

    return asyncio.run(ask())


@pytest.mark.parametrize("workers", [0, 1])
def test_readers_read(workers):
    readers = Readers(workers)
    markup = Markup('<a href=/1 title=t>a<b>b</b></a><a onclick="go(1)">c</a>', most=1)
    found = Anchors((Anchor("/1", "", "t", "a b"),), 2)
    assert read(readers, markup) == found
    assert members(readers, Capture.from_bytes(good_package(), url="http://a/")) == [
        "1.txt",
        "2.txt",
    ]
    readers.close()


def test_what_kills_its_worker_is_reported():
    readers = Readers(1, deadline_s=1)
    with pytest.raises(WorkFailedError) as caught:
        read(readers, Markup(ATTRIBUTES.decode()))
    assert caught.value.how == "timeout"
    assert read(readers, Markup("<a href=x>y</a>")).shown == 1
    readers.close()


def test_a_package_of_too_many_files_is_refused_in_words():
    readers = Readers(0)
    with pytest.raises(WorkFailedError, match=r"^http://a/: holds 101000 files, more than 100000$"):
        members(readers, Capture.from_bytes(package(101_000), url="http://a/"))
    readers.close()


def test_only_what_begins_as_a_package_is_opened():
    assert may_hold_members(Capture.from_bytes(b"PK\3\4", url="http://a/"))
    assert not may_hold_members(Capture.from_bytes(b"<p>PK\3\4", url="http://a/"))
    assert not may_hold_members(Capture("http://a/"))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"<urlset><url><loc> http://a/1 </loc><lastmod>2024</lastmod></url></urlset>",
         Entries(((" http://a/1 ", "2024"),))),
        (b"<x:sitemapindex xmlns:x='u'><x:sitemap><x:loc>b</x:loc></x:sitemap></x:sitemapindex>",
         Entries((("b", ""),), is_index=True)),
        (b"<urlset><url><loc></loc></url><!-- c --><url/></urlset>", Entries()),
        (b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&e;</loc></url></urlset>",
         Entries()),
        (b"no XML", Entries()),
    ],
)  # fmt: skip
def test_entries_of_a_sitemap(body, found):
    assert answer(SitemapFile(body)) == found


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b\x08", b" \n"])
def test_a_sitemap_of_nothing_is_reported(body):
    readers = Readers(0)
    with pytest.raises(WorkFailedError, match="XMLSyntaxError"):
        read(readers, SitemapFile(body))

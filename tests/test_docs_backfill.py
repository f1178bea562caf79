"""The examples of docs/backfill.md are followed as they stand there, section by section.

Each section runs in a folder of its own, which its entry in `SECTIONS` furnishes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from followed import DOCS, follow, sections
from store.warc_made import http, packed, record, response, sha1
from web_archives import FakeCommonCrawl, FakeWayback, layout

import baogao_practice as practice

SHOWN = sections(DOCS / "backfill.md")
TEXT = "武安市2023年政府工作报告\n各位代表：\n" + "过去一年，我们修了三座桥，铺了十公里路。\n" * 9

Section = Callable[[Path], AbstractContextManager[Mapping[str, str]]]


@contextmanager
def nothing(_: Path) -> Iterator[Mapping[str, str]]:
    """An empty folder: the section makes all it needs."""
    yield {}


@contextmanager
def saved_pages(folder: Path) -> Iterator[Mapping[str, str]]:
    """A folder of texts and a table."""
    (folder / "saved-pages").mkdir()
    (folder / "saved-pages/2023_武安市.txt").write_text("下载\n打印\n" + TEXT, encoding="utf-8")
    (folder / "reports.csv").write_text(f'year,full_text\n2024,"{TEXT}"\n', encoding="utf-8")
    yield {}


@contextmanager
def a_crawl(folder: Path) -> Iterator[Mapping[str, str]]:
    """A WARC as a crawler writes it: three pages, one of them again, a picture, a style sheet."""
    home = "http://www.example.gov.cn"
    pages = {
        f"{home}/{n}.html": f"<h1>武安市{n}年政府工作报告</h1>{TEXT}" for n in (2021, 2022, 2023)
    }
    records = [response(url, words.encode()) for url, words in pages.items()]
    first = pages[f"{home}/2021.html"].encode()
    again = f"WARC-Payload-Digest: {sha1(first)}", "WARC-Date: 2024-05-06T07:08:09Z"
    answer = http(b"", "Content-Type: text/html")
    records += [
        record("response", f"{home}/a.png", http(b"PNG", "Content-Type: image/png")),
        record("response", f"{home}/a.css", http(b"p {}", "Content-Type: text/css")),
        record("revisit", f"{home}/2021.html", answer, *again),
    ]
    (folder / "crawl.warc.gz").write_bytes(packed(*records))
    yield {}


@contextmanager
def practice_web(_folder: Path) -> Iterator[Mapping[str, str]]:
    """The practice web, on a port of its own."""
    with practice.Server(port=0) as server:
        yield {":8642/": f":{server.port}/"}


@contextmanager
def web_archive(_folder: Path) -> Iterator[Mapping[str, str]]:
    """A web archive with one page at four times, twice the same."""
    said = {"20030201000000": "甲", "20030815000000": "乙", "20040201000000": "乙"}
    said["20050201000000"] = "丙"
    pages = {"http://www.example.gov.cn/zfgzbg/2003.html": said}
    with FakeWayback(pages, style="lines") as fake:
        yield {"http://127.0.0.1:8080/web/cdx": fake.cdx}


@contextmanager
def common_crawl(_folder: Path) -> Iterator[Mapping[str, str]]:
    """Two crawls with two pages, one of them unchanged."""
    first, second = "http://www.example.gov.cn/a.html", "http://www.example.gov.cn/b.html"
    crawls = {
        "CC-MAIN-2023-06": {first: ("20230131120000", "甲"), second: ("20230131120000", "乙")},
        "CC-MAIN-2024-10": {first: ("20240301120000", "甲"), second: ("20240301120000", "丙")},
    }
    with FakeCommonCrawl(crawls) as fake:
        yield {"http://127.0.0.1:8080": fake.home}


@contextmanager
def columnar_index(folder: Path) -> Iterator[Mapping[str, str]]:
    """A crawl with two reports, a page of news and a picture, and its columnar index."""
    pytest.importorskip("duckdb", reason="the columnar index needs duckdb (extra columnar)")
    home, when = "http://www.example.gov.cn", "20240301120000"
    said = {"a.html": "甲", "b.html": "乙", "c.html": "今天天气很好".encode(), "d.png": b"PNG"}
    pages = {f"{home}/{name}": (when, words) for name, words in said.items()}
    with FakeCommonCrawl({"CC-MAIN-2024-10": pages}) as fake:
        fake.lines["CC-MAIN-2024-10"][3] |= {"mime": "image/png", "mime-detected": "image/png"}
        layout(fake, folder / "cc-index")
        yield {"http://127.0.0.1:8080": fake.home}


SECTIONS: dict[str, Section] = {
    "Saved pages, texts, tables, packages": nothing,
    "WARC": a_crawl,
    "Audit": saved_pages,
    "Lists of addresses": practice_web,
    "Lists of a site": practice_web,
    "Web archives": web_archive,
    "Common Crawl": common_crawl,
    "Common Crawl by its columnar index": columnar_index,
}
"""What stands ready where a section begins, and which words of the page stand for others here,
as an address for a server of this test: {"http://web.archive.example": "http://127.0.0.1:4711"}."""


def test_every_section_is_followed():
    assert set(SHOWN) == set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_followed(name, tmp_path):
    with SECTIONS[name](tmp_path) as stands_for:
        follow(SHOWN[name], tmp_path, stands_for)

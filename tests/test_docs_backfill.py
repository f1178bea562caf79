"""The examples of docs/backfill.md are followed as they stand there, section by section.

In a ```console block a line that begins with `$ ` is a command for sh, `> ` goes on with it, and
what follows is what it must print (stdout and stderr). A line `…` stands for any lines, `…` in a
line for any characters; a command under which nothing stands may print anything. Each section
runs in a folder of its own, which its entry in `SECTIONS` furnishes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from store.warc_made import http, packed, record, response, sha1
from web_archives import FakeCommonCrawl, FakeWayback

import baogao_practice as practice

PAGE = Path(__file__).parents[1] / "docs" / "backfill.md"
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


SECTIONS: dict[str, Section] = {
    "Saved pages, texts, tables, packages": nothing,
    "WARC": a_crawl,
    "Audit": saved_pages,
    "Lists of addresses": practice_web,
    "Lists of a site": practice_web,
    "Web archives": web_archive,
    "Common Crawl": common_crawl,
}
"""What stands ready where a section begins, and which words of the page stand for others here,
as an address for a server of this test: {"http://web.archive.example": "http://127.0.0.1:4711"}."""


def sections() -> dict[str, str]:
    """The sections of the page that show commands, by heading."""
    parts = re.split(r"^## (.*)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: words for name, words in zip(parts[1::2], parts[2::2], strict=True)
            if "```console" in words}  # fmt: skip


def commands(words: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a section with the lines that stand under it."""
    for block in re.findall(r"```console\n(.*?)```", words, re.DOTALL):
        found: list[tuple[str, list[str]]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> ") and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
            else:
                found[-1][1].append(line)
        yield from found


def run(folder: Path, command: str) -> str:
    """What sh prints when it runs `command`, which must end well."""
    shown = subprocess.run(
        ["sh", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=120, check=False, encoding="utf-8",
        env={**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent),
             os.environ["PATH"]])},
    )  # fmt: skip
    assert shown.returncode == 0, f"$ {command}\n{shown.stdout}"
    return shown.stdout


def translated(words: str, stands_for: Mapping[str, str]) -> str:
    """`words` with what stands for others here."""
    for theirs, ours in stands_for.items():
        words = words.replace(theirs, ours)
    return words


def as_pattern(lines: list[str]) -> str:
    """The pattern of what a command must print."""
    pieces = (
        r"(?:.*\n)*?"
        if line.strip() == "…"
        else re.escape(line.rstrip()).replace("…", ".*") + r"\s*?\n"
        for line in lines
    )
    return "".join(pieces)


def test_every_section_is_followed():
    assert set(sections()) == set(SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_followed(name, tmp_path):
    shown = list(commands(sections()[name]))
    assert shown
    with SECTIONS[name](tmp_path) as stands_for:
        for command, expected in shown:
            printed = run(tmp_path, translated(command, stands_for))
            pattern = as_pattern([translated(line, stands_for) for line in expected])
            assert not expected or re.fullmatch(pattern, printed.lstrip("\n")), printed

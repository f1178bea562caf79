"""Backfills from the network, each with a server on 127.0.0.1, for `bench_backfill_killed.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from loopback import Server
from web_archives import FakeCommonCrawl, FakeWayback, body_of, moments

PAGES = 60
LISTS, EACH = 5, 12
SITE = """\
title = "示范县人民政府"
kind = "official"
family = "trs"
hosts = ["www.known.test"]
start = ["http://www.known.test:{port}/l/index.html"]
loopback = true
place_code = "210381"
[politeness]
delay_s = 0.01
"""


@contextmanager
def urls(folder: Path) -> Iterator[Sequence[str]]:
    """A list of addresses, and a sitemap of as many."""

    def answer(_host: str, path: str) -> tuple[int, dict[str, str], bytes]:
        if path == "/sitemap.xml":
            places = (f"<url><loc>{home}/s/{n}.html</loc></url>" for n in range(PAGES // 2))
            form = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
            body = f"<urlset {form}>{''.join(places)}</urlset>"
            return 200, {"Content-Type": "text/xml"}, body.encode()
        return (404, {}, b"") if path == "/robots.txt" else page(path)

    with Server(answer) as server:
        home = f"http://www.known.test:{server.port}"
        lines = [f"sitemap:{home}/sitemap.xml", *(f"{home}/{n}.html" for n in range(PAGES // 2))]
        (folder / "list.txt").write_text("\n".join(lines), encoding="utf-8")
        yield [
            "backfill", "urls", "x.db", str(folder / "list.txt"), "--sites-dir",
            sites(folder, server.port),
        ]  # fmt: skip


@contextmanager
def lists(folder: Path) -> Iterator[Sequence[str]]:
    """The lists of a site, of which two of five years are wanted."""

    def answer(_host: str, path: str) -> tuple[int, dict[str, str], bytes]:
        name = path.rpartition("/")[2]
        if not name.startswith("index"):
            return (404, {}, b"") if path == "/robots.txt" else page(path)
        number = int(name.removesuffix(".html").partition("_")[2] or 0)
        year = 2020 + number
        items = "".join(
            f'<li><a href="/l/{year}01/t{year}0101_{n}.html">报告</a><span>{year}-01-01</span></li>'
            for n in range(EACH)
        )
        pager = f'<script>createPageHTML({LISTS}, {number}, "index", "html")</script>'
        return 200, {"Content-Type": "text/html; charset=utf-8"}, (items + pager).encode()

    with Server(answer) as server:
        yield [
            "backfill", "urls", "x.db", "--site", "known", "--years", "2020-2023", "--sites-dir",
            sites(folder, server.port),
        ]  # fmt: skip


@contextmanager
def wayback(folder: Path) -> Iterator[Sequence[str]]:
    """An index with resume keys, and pages that are refused now and then."""
    with FakeWayback({when: when for when in moments(PAGES)}, rows=7) as fake:
        yield [
            "backfill", "wayback", "x.db", "http://www.known.test/zfgzbg/2019.html", "--cdx",
            fake.cdx, "--per-minute", "6000", "--sites-dir", sites(folder, 80),
        ]  # fmt: skip


@contextmanager
def commoncrawl(folder: Path) -> Iterator[Sequence[str]]:
    """Twelve crawls of five pages."""
    crawls = {
        f"CC-MAIN-20{year}-10": {
            f"http://www.known.test/{n}.html": (f"20{year}0301120000", f"{year} {n}")
            for n in range(PAGES // 12)
        }
        for year in range(14, 26)
    }
    with FakeCommonCrawl(crawls) as fake:
        yield [
            "backfill", "commoncrawl", "x.db", "http://www.known.test/*", "--index", fake.index,
            "--data", fake.data, "--per-minute", "6000", "--sites-dir", sites(folder, 80),
        ]  # fmt: skip


def page(path: str) -> tuple[int, dict[str, str], bytes]:
    """A report that names its path."""
    return 200, {"Content-Type": "text/html"}, body_of(path)


def sites(folder: Path, port: int) -> str:
    """A folder with the file of one site."""
    home = folder / "sites"
    home.mkdir()
    (home / "known.toml").write_text(SITE.format(port=port), encoding="utf-8")
    return str(home)

"""A command imports what it needs when it runs: help is there at once, and `text` starts fast."""

import json
import subprocess
import sys

import pytest
from loopback import paced_site_file

RUN = """
import contextlib, json, sys
from crawler.cli import main
with contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)), file=sys.__stderr__)
"""
NEVER = {
    "asyncpg", "datasette", "jieba", "lxml", "opencc", "pgqueuer", "readability", "scrapy",
    "sqlite_utils", "twisted", "crawler.cluster", "archive.clean", "archive.identify",
    "archive.intake", "archive.judge", "archive.read", "archive.store",
}  # fmt: skip


def imported_by(*arguments):
    shown = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, arguments)], capture_output=True, check=True
    )
    return set(json.loads(shown.stderr.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["backfill", "--help"]])
def test_help_imports_neither_the_stages_nor_their_libraries(arguments):
    imported = imported_by(*arguments)
    assert imported & (NEVER | {"archive.known", "archive.workers", "sqlite3"}) == set()
    assert "archive.commands.panel" in imported


def test_a_crawl_imports_nothing_of_the_cluster(tmp_path):
    imported = imported_by("crawl", tmp_path / "x.db", "no-such-site")
    assert "crawler.run" in imported
    assert imported & {"asyncpg", "pgqueuer", "crawler.cluster"} == set()


def test_a_crawl_that_makes_an_archive_does_not_load_what_it_does_not_use(serve, tmp_path):
    page = (200, {"Content-Type": "text/html"}, b"<p>x</p>")
    server = serve({("www.own.test", "/l/index.html"): page})
    (tmp_path / "own.toml").write_text(paced_site_file("www.own.test", server.port, 0.01), "utf-8")
    imported = imported_by("crawl", tmp_path / "x.db", "--sites-dir", tmp_path)
    assert "/l/index.html" in server.paths
    assert "scrapy.extensions.throttle" in imported
    unused = {"aiohttp", "numpy", "pandas", "requests", "sqlite_utils", "tldextract"}
    assert imported & (unused | {"twisted.conch"}) == set()


def test_text_leaves_the_stages_to_its_worker(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>关于公布名单的通知。</p></body></html>", encoding="utf-8")
    imported = imported_by("text", page)
    assert imported & (NEVER | {"archive.known"}) == set()
    assert "archive.derive_many" in imported

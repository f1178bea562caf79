"""A command imports what it needs when it runs: help is there at once, and `text` starts fast."""

import json
import subprocess
import sys

import pytest

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


def test_text_leaves_the_stages_to_its_worker(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>关于公布名单的通知。</p></body></html>", encoding="utf-8")
    imported = imported_by("text", page)
    assert imported & (NEVER | {"archive.known"}) == set()
    assert "archive.derive_many" in imported

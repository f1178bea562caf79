"""A site crawled again and again: what is a new version, and what is none."""

import sqlite3

import pytest
from datasette.app import Datasette
from lxml import etree

import baogao_practice as practice

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = ["www.huai.test"]
start = ["http://www.huai.test:8642/"]
reports = ['/(?:{paths})\\.html$']
loopback = true
[politeness]
delay_s = 0.01
[schedule]
revisit_days = 0
"""


class Archived:
    """An archive of some pages of the misbehaving host, crawled as often as one likes."""

    def __init__(self, folder, server, crawl_apart, *paths):
        self.db = folder / "again.db"
        self._crawl, self._port, self._folder = crawl_apart, server.port, folder
        (folder / "again.toml").write_text(SITE.format(paths="|".join(paths)), "utf-8")

    def crawl(self):
        settings = {"PRACTICE_PORT": self._port, "LOG_LEVEL": "ERROR"}
        return self._crawl(self.db, ["again"], sites_dirs=[str(self._folder)], settings=settings)

    def one(self, query):
        rows = sqlite3.connect(self.db)
        try:
            return rows.execute(query).fetchone()[0]
        finally:
            rows.close()

    async def entries(self):
        """What the Atom feed tells: the id and the kind of each entry."""
        served = Datasette([str(self.db)])
        await served.invoke_startup()
        root = etree.fromstring((await served.client.get("/feed.atom")).content)
        for opened in served.databases.values():
            opened.close()
        return {
            entry.findtext(f"{ATOM}id"): entry.find(f"{ATOM}category").get("term")
            for entry in root.iter(f"{ATOM}entry")
        }


@pytest.fixture
def archived(crawl_apart, tmp_path):
    with practice.Server(port=0) as server:
        yield lambda *paths: Archived(tmp_path, server, crawl_apart, *paths)


WITNESSES = "SELECT count(*) FROM witnesses"
CAPTURES = "SELECT count(*) FROM captures JOIN pages ON pages.id = page_id WHERE url LIKE '%.html'"
VERSIONS = "SELECT count(DISTINCT clean_sha256) FROM texts"


SAME = ("good", "validated", "counted", "framed")


async def test_pages_whose_reports_are_the_same_are_no_new_versions(archived):
    """Sent again, 304, another counter, another date and advertisement around it."""
    archive = archived(*SAME)
    assert archive.crawl().findings == ()
    before = await archive.entries()
    assert list(before.values()) == ["new"] * len(SAME)
    for _ in range(2):
        again = archive.crawl()
        assert again.captures["again", "unchanged"] == 1
    assert archive.one(CAPTURES) == 3 * len(SAME), "each visit is a fact"
    assert archive.one(WITNESSES) == len(SAME)
    assert archive.one(VERSIONS) == len(SAME)
    assert await archive.entries() == before


async def test_a_changed_report_is_a_new_version(archived):
    archive = archived("changing")
    archive.crawl()
    before = await archive.entries()
    archive.crawl()
    assert archive.one(VERSIONS) == 2
    assert archive.one(WITNESSES) == 2
    after = await archive.entries()
    assert set(before) < set(after)
    assert [after[key] for key in after if key not in before] == ["changed"]
    archive.crawl()
    assert await archive.entries() == after, "the third answer is the second"

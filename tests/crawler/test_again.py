"""Crawling a site again: what is asked, what is compared, when it is due."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from crawler.schedule import due, interval_days, stale, standings
from crawler.site_files import load_sites, read_site

SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["www.again.test"]
start = ["http://www.again.test:8642/l/index.html"]
loopback = true
{more}
[politeness]
delay_s = 0.01
[schedule]
revisit_days = {revisit}
"""
MODIFIED = "Tue, 31 Jan 2023 08:00:00 GMT"


def article(text, tag):
    def answer(handler):
        headers = {"ETag": tag, "Last-Modified": MODIFIED, "Content-Type": "text/html"}
        if handler.headers.get("If-None-Match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, headers, f"<html><body><p>{text}</p></body></html>".encode()

    return answer


def site_of(numbers, version=1):
    path = "/l/202301/t20230131_{}.html".format
    versions = {n: version if n == 1 else 0 for n in numbers}
    answers = {
        ("www.again.test", path(n)): article(f"第{n}号 {v}", f'"{n}-{v}"')
        for n, v in versions.items()
    }
    links = "".join(f'<a href="{path(n)}">x</a>' for n in numbers)
    answers["www.again.test", "/l/index.html"] = (200, {}, links.encode())
    return answers


@pytest.fixture
def twice(crawl_apart, serve, tmp_path):
    """Crawl a site, change it, crawl it again; gives both results, the rows, and what was asked."""
    opened = []

    def run(before, after, revisit=0, more=""):
        (tmp_path / "again.toml").write_text(SITE.format(revisit=revisit, more=more), "utf-8")
        server = serve(before)
        settings = {"PRACTICE_PORT": server.server_port, "LOG_LEVEL": "ERROR"}
        db, names = tmp_path / "again.db", ["again"]
        first = crawl_apart(db, names, sites_dirs=[str(tmp_path)], settings=settings)
        server.answers, server.asked[:] = after, []
        second = crawl_apart(db, names, sites_dirs=[str(tmp_path)], settings=settings)
        rows = sqlite3.connect(db)
        opened.append(rows)
        asked = [path for _, path, _ in server.asked if path != "/robots.txt"]
        return first, second, rows, asked

    yield run
    for rows in opened:
        rows.close()


def test_what_changed_is_a_new_capture_and_the_rest_is_unchanged(twice):
    first, second, rows, asked = twice(site_of([1, 2, 3]), site_of([1, 2, 3, 4], version=2))
    assert (first.findings, second.findings) == ((), ())
    assert len(asked) == 5
    assert second.captures["again", "unchanged"] == 2
    outcomes = rows.execute(
        "SELECT outcome, status, payload_sha256 IS NOT NULL FROM captures"
        " WHERE run_id = 2 AND outcome = 'unchanged'"
    ).fetchall()
    assert outcomes == [("unchanged", 304, 0)] * 2
    payloads = rows.execute(
        "SELECT count(DISTINCT payload_sha256) FROM captures JOIN pages ON pages.id = page_id"
        " WHERE url LIKE '%_1.html'"
    ).fetchone()
    assert payloads == (2,)
    assert second.texts == {"again": 2}


def test_articles_are_left_in_peace_until_they_are_due(twice):
    _, second, _, asked = twice(site_of([1, 2]), site_of([1, 2, 3], version=2), revisit=30)
    assert asked == ["/l/index.html", "/l/202301/t20230131_3.html"]
    assert second.findings == ()
    assert second.exit_code == 0


def test_lists_that_lose_most_of_their_articles_fail_the_crawl(twice):
    first, second, _, _ = twice(site_of(range(10)), site_of([1, 2, 3]))
    assert first.exit_code == 0
    assert second.findings == ("again: its lists show 3 articles, 10 in the last crawl",)
    assert second.exit_code == 1


def test_a_site_is_due_after_its_interval(twice, tmp_path):
    twice(site_of([1]), site_of([1]))
    sites = load_sites([tmp_path]).chosen(["again"])
    now = datetime.now(UTC)
    db = tmp_path / "again.db"
    (standing,) = standings(db, sites, now)
    assert standing.finished_at is not None
    assert standing.pending == 0
    assert not standing.is_due
    assert due(db, sites, now) == []
    assert due(db, sites, now + timedelta(days=32)) == ["again"]
    assert stale([standing], 2.0, now) == []
    assert stale([standing], 2.0, now + timedelta(days=3))[0].startswith("again: last crawled 20")


def test_a_site_that_was_never_crawled_is_due(tmp_path):
    sites = load_sites().chosen(["practice-gov"])
    assert due(tmp_path / "absent.db", sites) == ["practice-gov"]
    assert stale(standings(tmp_path / "absent.db", sites), 1) == [
        "practice-gov: last crawled never"
    ]


@pytest.mark.parametrize(
    ("level", "month", "days"),
    [
        ("county", 11, 1), ("county", 3, 1), ("county", 6, 30), ("prefecture", 12, 1),
        ("province", 11, 30), ("province", 1, 1), ("national", 1, 30), ("national", 3, 1),
    ],
)  # fmt: skip
def test_seasons(tmp_path, level, month, days):
    path = tmp_path / "x.toml"
    path.write_text(SITE.format(revisit=1, more=f'level = "{level}"'), "utf-8")
    assert interval_days(read_site(path), datetime(2024, month, 5, tzinfo=UTC)) == days
    path.write_text(path.read_text("utf-8") + "interval_days = 7\n", "utf-8")
    assert interval_days(read_site(path), datetime(2024, month, 5, tzinfo=UTC)) == 7


def test_the_practice_web_may_come_back_on_another_port(crawl_apart, serve, tmp_path):
    (tmp_path / "again.toml").write_text(SITE.format(revisit=0, more=""), "utf-8")
    for _ in range(2):
        server = serve(site_of([1, 2, 3]))
        settings = {"PRACTICE_PORT": server.server_port}
        db, names = tmp_path / "again.db", ["again"]
        result = crawl_apart(db, names, sites_dirs=[str(tmp_path)], settings=settings)
        assert result.captures == {("again", "ok"): 4, ("again", "gone"): 1}, "gone: robots.txt"
        assert result.findings == ()
    rows = sqlite3.connect(tmp_path / "again.db")
    assert rows.execute("SELECT count(*) FROM frontier").fetchone() == (4,)
    rows.close()

"""robots.txt, as real servers send it; one crawl of many hosts."""

import re
import sqlite3
import time
from itertools import pairwise

import pytest

HOSTS = {
    "missing": (404, {}, b""),
    "page": (200, {"Content-Type": "text/html"}, b"\n<html>Disallow: /</html>"),
    "home": (302, {"Location": "/"}, b""),
    "broken": (503, {}, b"busy"),
    "empty": (200, {}, b""),
    "denies": (200, {}, b"User-agent: *\nDisallow: /\n"),
    "allows-us": (200, {}, b"User-agent: *\nDisallow: /\n\nUser-agent: baogao\nAllow: /\n"),
    "bom": (200, {}, b"\xef\xbb\xbfUser-agent: *\nDisallow: /r/\n"),
    "slow": (200, {}, b"User-agent: *\nCrawl-delay: 0.5\n"),
    "garbage": (200, {}, bytes(range(256)) * 20),
}
SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = ["{host}.robots.test"]
reports = ["/r/"]
start = ["http://{host}.robots.test:8642/r/1", "http://{host}.robots.test:8642/r/2"]
loopback = true
[politeness]
delay_s = 0.01
[expect]
minimum = 0
"""
FETCHED = {"missing", "page", "home", "empty", "allows-us", "slow", "garbage"}


@pytest.fixture(scope="module")
def crawled(crawl_apart, serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("robots")
    answers = {}
    for host, answer in HOSTS.items():
        (folder / f"{host}.toml").write_text(SITE.format(host=host), "utf-8")
        answers[f"{host}.robots.test", "/robots.txt"] = answer
        for path in ("/r/1", "/r/2"):
            answers[f"{host}.robots.test", path] = (200, {}, b"<p>x</p>")
    server = serve(answers)
    result = crawl_apart(
        folder / "r.db", list(HOSTS), sites_dirs=[str(folder)],
        settings={"PRACTICE_PORT": server.server_port, "LOG_LEVEL": "CRITICAL"},
    )  # fmt: skip
    rows = sqlite3.connect(folder / "r.db")
    yield result, rows, server
    rows.close()


@pytest.mark.parametrize("host", HOSTS)
def test_pages_are_fetched_only_where_robots_txt_lets_us(crawled, host):
    asked = [path for name, path, _ in crawled[2].asked if name == f"{host}.robots.test"]
    pages = [path for path in asked if path.startswith("/r/")]
    assert pages == (["/r/1", "/r/2"] if host in FETCHED else [])
    assert "/robots.txt" in asked


def test_a_denial_is_a_row_and_the_crawl_goes_on(crawled):
    query = "SELECT outcome, count(*) FROM captures JOIN pages ON pages.id = page_id WHERE url LIKE ? GROUP BY 1"  # noqa: E501
    assert crawled[1].execute(query, ["http://denies.%/r/%"]).fetchall() == [("robots", 2)]
    assert crawled[0].reasons["denies"] == "finished"


def test_what_cannot_be_read_forbids_and_leaves_the_pages_for_later(crawled):
    result, rows, _ = crawled
    states = rows.execute("SELECT state FROM frontier WHERE host = 'broken.robots.test'").fetchall()
    assert states == [("pending",)] * 2
    assert result.exit_code == 3
    assert result.unfinished[0].startswith(
        "broken: 2 addresses are left (broken.robots.test: robots.txt cannot be read (status 503)"
    )
    assert len(result.unfinished) == 1


def gaps(server, host):
    """Seconds between the moments at which the pages of a host were asked for."""
    moments = [when for name, path, when in server.moments if name == host and path[:3] == "/r/"]
    return [later - earlier for earlier, later in pairwise(moments)]


def test_crawl_delay_is_kept(crawled):
    (gap,) = gaps(crawled[2], "slow.robots.test")
    assert gap >= 0.45


def late(handler):
    """A robots.txt that comes when several pages are already waiting for it."""
    time.sleep(0.3)
    return 200, {}, b"User-agent: *\nCrawl-delay: 0.5\n"


def test_crawl_delay_is_kept_from_the_first_page_on(crawl_apart, serve, tmp_path):
    """Also where the frontier has pages at hand before robots.txt was read."""
    pages = {("late.robots.test", f"/r/{n}"): (200, {}, b"<p>x</p>") for n in (1, 2, 3, 4)}
    server = serve({**pages, ("late.robots.test", "/robots.txt"): late})
    start = ", ".join(f'"http://late.robots.test:8642/r/{n}"' for n in (1, 2, 3, 4))
    site = re.sub(r"start = .*", f"start = [{start}]", SITE.format(host="late"))
    (tmp_path / "late.toml").write_text(site, "utf-8")
    settings = {"PRACTICE_PORT": server.server_port}
    crawl_apart(tmp_path / "r.db", ["late"], sites_dirs=[str(tmp_path)], settings=settings)
    assert len(gaps(server, "late.robots.test")) == 3
    assert min(gaps(server, "late.robots.test")) >= 0.45

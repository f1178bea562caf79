"""robots.txt, as real servers send it; one crawl of many hosts."""

import sqlite3
import time

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


def test_crawl_delay_is_kept(crawled):
    times = [
        time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S") and float(moment[17:23])
        for (moment,) in crawled[1].execute(
            "SELECT captured_at FROM captures JOIN pages ON pages.id = page_id"
            " WHERE url LIKE 'http://slow.%' ORDER BY captures.id"
        )
    ]
    assert len(times) == 3
    assert (times[2] - times[1]) % 60 >= 0.49

"""A host that asks for more time than a crawl waits: the crawl ends and says when to come again."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from loopback import site_file

from archive import Archive
from archive.store import sums
from crawler.leases import HostLeases
from crawler.run import crawl

PAGES = [f"/r/{number}" for number in range(4)]
LIST = "".join(f'<a href="{path}">x</a>' for path in PAGES).encode()
GOOD = {"/": (200, {}, LIST)} | {path: (200, {}, b"<p>x</p>") for path in PAGES}
LATER = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
ATTACKS = {
    "seconds": {"/r/0": (503, {"Retry-After": "3600"}, b"")},
    "date": {"/r/0": (503, {"Retry-After": LATER}, b"")},
    "forever": {"/r/0": (503, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, b"")},
    "list": {"/": (503, {"Retry-After": "99999999999999"}, b"")},
    "refused": {"/r/0": (429, {"Retry-After": "300"}, b"")},
    "broken": {"/r/0": (500, {"Retry-After": "3600"}, b"")},
    "robots-503": {"/robots.txt": (503, {"Retry-After": "3600"}, b"")},
    "robots-429": {"/robots.txt": (429, {"Retry-After": "3600"}, b"")},
    "delay": {"/robots.txt": (200, {}, b"User-agent: *\nCrawl-delay: 3600\n")},
    "long-delay": {"/robots.txt": (200, {}, b"User-agent: *\nCrawl-delay: 1e9\n")},
}
LIFTED = (
    "UPDATE leases SET expires_at = '2020-01-01T00:00:00.000Z'",
    "UPDATE frontier SET due_at = '2020-01-01T00:00:00.000Z' WHERE state = 'pending'",
)


def host_of(name):
    return f"{name}.wait.test"


@pytest.fixture(scope="module")
def crawling(crawl_apart, serve, tmp_path_factory):
    """Crawl hosts, each named as a site, whose pages answer as told; into one archive."""
    folder = tmp_path_factory.mktemp("waiting")
    server = serve({})

    def run(db, answers, **settings):
        server.asked.clear()
        server.answers = {}
        for name, pages in answers.items():
            site = site_file(host_of(name), title=name)
            (folder / f"{name}.toml").write_text(site, "utf-8")
            server.answers |= {(host_of(name), path): one for path, one in (GOOD | pages).items()}
        return crawl_apart(
            folder / db, list(answers), sites_dirs=[str(folder)],
            settings={"PRACTICE_PORT": server.port, "LOG_LEVEL": "CRITICAL", **settings},
        ), list(server.asked)  # fmt: skip

    def rows(db, sql):
        with closing(sqlite3.connect(folder / db, isolation_level=None)) as opened:
            sums.register(opened)
            return opened.execute(sql).fetchall()

    return run, rows


def told(result, name):
    (words,) = [words for words in result.unfinished if words.startswith(f"{name}: ")]
    return words


def test_no_host_makes_a_crawl_wait_for_ever(crawling):
    """Attacked; again at once; again when the time is over."""
    run, rows = crawling
    began = time.monotonic()
    result, _ = run("a.db", ATTACKS)
    assert time.monotonic() - began < 60
    assert result.exit_code == 3
    for name in ATTACKS:
        assert f"({host_of(name)} asks to be left alone until 20" in told(result, name)
        assert "; run again after 20" in told(result, name)
    assert rows("a.db", "SELECT count(*) FROM run_ends") == [(1,)], "so it was collated"
    leases = rows("a.db", "SELECT host, token FROM leases")
    assert sorted(leases) == sorted((host_of(name), "") for name in ATTACKS), "nobody has them"
    assert rows("a.db", "SELECT host FROM frontier WHERE state = 'leased'") == []

    result, asked = run("a.db", {name: {} for name in ATTACKS})
    assert asked == [], "the next crawl keeps the time too"
    assert result.exit_code == 3
    for name in ATTACKS:
        assert "; run again after 20" in told(result, name)

    for change in LIFTED:
        rows("a.db", change)
    result, _ = run("a.db", {name: {} for name in ATTACKS})
    assert (result.exit_code, result.findings) == (0, ())
    got = rows(
        "a.db",
        "SELECT host, count(DISTINCT url) FROM captures JOIN pages ON pages.id = page_id"
        " WHERE outcome = 'ok' AND url LIKE '%/r/%' GROUP BY host",
    )
    assert dict(got) == {host_of(name): len(PAGES) for name in ATTACKS}, "nothing was lost"


def test_a_delay_of_an_hour_gives_a_page_a_crawl(crawling):
    """However long the delay is, crawls that keep it get on."""
    run, rows = crawling
    for count in (1, 2):
        assert run("d.db", {"delay": ATTACKS["delay"]})[0].exit_code == 3
        for change in LIFTED:
            rows("d.db", change)
        fetched = "SELECT count(*) FROM captures WHERE outcome = 'ok'"
        assert rows("d.db", fetched) == [(2 * count,)], "robots.txt and a page, each time"


def test_what_may_be_waited_for_is_waited_for(crawling):
    run, _ = crawling
    refused = []

    def once(handler):
        if not refused:
            refused.append(handler.path)
            return 503, {"Retry-After": "1"}, b""
        return 200, {}, b"<p>x</p>"

    result, asked = run("s.db", {"short": {"/r/0": once}})
    assert (result.exit_code, result.findings) == (0, ())
    assert [path for _, path, _ in asked].count("/r/0") == 2


def test_a_time_that_a_wrong_clock_wrote_is_not_believed(crawling):
    run, rows = crawling
    assert run("c.db", {"clock": ATTACKS["seconds"]})[0].exit_code == 3
    rows("c.db", "UPDATE leases SET expires_at = '2999-01-01T00:00:00.000Z'")
    rows("c.db", LIFTED[1])
    assert run("c.db", {"clock": {}})[0].exit_code == 0


CROSSED = {"one": "one.wait.test", "two": "two.wait.test"}


def test_two_sites_that_have_what_the_other_wants_end_both(crawl_apart, serve, tmp_path):
    hosts = list(CROSSED.values())
    answers = {}
    for name, start in CROSSED.items():
        site = site_file(*hosts, start=start, title=name).replace("/r/", f"/r/{name}")
        (tmp_path / f"{name}.toml").write_text(site, "utf-8")
        other = next(host for host in hosts if host != start)
        links = f'<a href="http://{other}:8642/r/{name}">x</a>'
        answers[start, "/"] = lambda handler, links=links: (
            200, {}, links.replace("8642", str(handler.server.server_port)).encode()
        )  # fmt: skip
        answers[other, f"/r/{name}"] = (200, {}, b"<p>x</p>")
    server = serve(answers)
    result = crawl_apart(
        tmp_path / "s.db", list(CROSSED), sites_dirs=[str(tmp_path)],
        settings={"PRACTICE_PORT": server.port, "LOG_LEVEL": "CRITICAL"},
    )  # fmt: skip
    assert (result.exit_code, result.findings) == (0, ())
    assert sorted(path for path in server.paths if path.startswith("/r/")) == ["/r/one", "/r/two"]


def _crawl_beside_one_that_never_ends(db, folder, port):
    with closing(Archive.open(db, create=True)) as archive:
        with archive.transaction():
            assert HostLeases(archive, "stuck").take(host_of("x")) is None
        settings = {"PRACTICE_PORT": port, "LOG_LEVEL": "CRITICAL", "LONGEST_WAIT_S": 1.5}
        return crawl(db, ["wait"], sites_dirs=[folder], settings=settings)


def test_what_has_not_come_for_long_is_not_waited_for(apart, serve, tmp_path):
    site = site_file(host_of("x"))
    (tmp_path / "wait.toml").write_text(site, "utf-8")
    server = serve({})
    result = apart(_crawl_beside_one_that_never_ends, tmp_path / "w.db", str(tmp_path), server.port)
    assert result.exit_code == 3
    assert f"{host_of('x')} is being crawled for stuck" in result.unfinished[0]
    assert server.asked == []

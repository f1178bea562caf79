"""robots.txt, as real servers send it; one crawl of many hosts."""

import gzip
import random
import re
import sqlite3
import time
import zlib
from contextlib import suppress
from itertools import pairwise

import brotli
import pytest
from protego import Protego

from crawler.answers import ROBOTS_BYTES
from crawler.robots import parsed

FILLER = b"# 0123456789abcdef\n" * 40_000
"""As comments, more than the 500 KiB that are read of a robots.txt."""


def cut_in(line):
    """A robots.txt with a line that the border of what is read cuts in two, after its first /."""
    head = b"User-agent: *\n"
    shown = line.index(b"/") + 1
    return head + b"#" * (ROBOTS_BYTES - len(head) - shown - 1) + b"\n" + line + b"\n" + FILLER


def endless(handler):
    """It never ends, and tells no length."""
    handler.close_connection = True
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"User-agent: *\nDisallow: /r/2\n")
    with suppress(OSError):
        while True:
            handler.wfile.write(FILLER)


LARGE = {
    "large": (200, {}, FILLER),
    "large-denies": (200, {}, b"User-agent: *\nDisallow: /\n" + FILLER),
    "large-denies-late": (200, {}, b"User-agent: *\n" + FILLER + b"Disallow: /\n"),
    "endless": endless,
    "told-large": (200, {"Content-Length": "99999999999"}, FILLER),
    "cut-line": (200, {}, cut_in(b"Disallow: /private/")),
    "cut-allow": (200, {}, b"User-agent: *\nDisallow: /r/\n" + cut_in(b"Allow: /r/3")),
    "one-line": (200, {}, b"User-agent: *\rDisallow: /" + b"r" * 900_000),
    "gzip": (
        200,
        {"Content-Encoding": "gzip"},
        gzip.compress(b"User-agent: *\nAllow: /\n" + FILLER),
    ),
    "gzip-bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(80_000_000))),
    "deflate": (200, {"Content-Encoding": "deflate"}, zlib.compress(FILLER)),
    "br": (200, {"Content-Encoding": "br"}, brotli.compress(FILLER)),
    "no-gzip": (200, {"Content-Encoding": "gzip"}, b"User-agent: *\nAllow: /\n"),
}
HOSTS = {
    **LARGE,
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
FETCHED = {"missing", "page", "home", "empty", "allows-us", "slow", "garbage"} | {
    "large", "large-denies-late", "told-large", "cut-line", "one-line", "gzip",
    "gzip-bomb", "deflate", "br",
}  # fmt: skip
"""Hosts of which every page is fetched; of `endless` it is the first."""


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
    allowed = {"endless": ["/r/1"]}.get(host, [])
    assert pages == (["/r/1", "/r/2"] if host in FETCHED else allowed)
    assert "/robots.txt" in asked


def test_a_denial_is_a_row_and_the_crawl_goes_on(crawled):
    query = "SELECT outcome, count(*) FROM captures JOIN pages ON pages.id = page_id WHERE url LIKE ? GROUP BY 1"  # noqa: E501
    assert crawled[1].execute(query, ["http://denies.%/r/%"]).fetchall() == [("robots", 2)]
    assert crawled[0].reasons["denies"] == "finished"


@pytest.mark.parametrize("host", [name for name in LARGE if name != "no-gzip"])
def test_a_beginning_is_archived_as_one(crawled, host):
    query = (
        "SELECT outcome, error, payload_bytes FROM captures JOIN pages ON pages.id = page_id"
        " JOIN payloads ON payloads.sha256 = payload_sha256 WHERE url LIKE ?"
    )
    words = "longer than 500 KiB: these are its first"
    (found,) = crawled[1].execute(query, [f"http://{host}.%/robots.txt"]).fetchall()
    assert found == ("ok", words, ROBOTS_BYTES)


def test_what_cannot_be_read_forbids_and_leaves_the_pages_for_later(crawled):
    result, rows, _ = crawled
    states = rows.execute("SELECT state FROM frontier WHERE host = 'broken.robots.test'").fetchall()
    told = {words.partition(":")[0]: words for words in result.unfinished}
    assert set(told) == {"broken", "no-gzip"}
    assert states == [("pending",)] * 2
    assert result.exit_code == 3
    assert told["broken"].startswith(
        "broken: 2 addresses are left (broken.robots.test: robots.txt cannot be read (status 503)"
    )


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


AGENTS = ["*", "baogao", "BaoGao", "bao", "bao*", "*gao", "evil", "", "baogao/1.0", "other # *"]
LINES = [
    "User-agent: {agent}", "user agent {agent}", "USERAGENT:{agent}", "  User-Agent : {agent}",
    "Disallow: /r/{n}", "Disallow: /", "Allow: /r/{n}", "Crawl-delay: {n}", "", "# x", "Disallow:",
    "Sitemap: http://x.test/{n}", "nonsense", "Disallow: /*{n}$",
]  # fmt: skip
ENDS = ["\n", "\r\n", "\r", "\x0c", "\x0b", "\u2028", "\x85"]


def test_other_names_in_one_change_nothing_of_what_is_said_to_us():
    draw = random.Random(9)  # noqa: S311  (made up)
    for _ in range(2_000):
        words = "".join(
            draw.choice(LINES).format(agent=draw.choice(AGENTS), n=draw.randrange(4))
            + draw.choice(ENDS)
            for _ in range(draw.randrange(1, 14))
        )
        whole, ours = Protego.parse(words), parsed(words.encode(), "baogao")
        for path in ("/", "/r/0", "/r/1", "/r/2", "/r/3", "/x/2"):
            url = f"http://x.test{path}"
            assert ours.can_fetch(url, "baogao") == whole.can_fetch(url, "baogao"), words
        assert ours.crawl_delay("baogao") == whole.crawl_delay("baogao"), words


@pytest.mark.parametrize("end", ENDS)
def test_many_names_with_many_rules_take_no_time(end):
    names = "".join(f"User-agent: a{n}{end}" for n in range(12_000))
    rules = "".join(f"Disallow: /{n}{end}" for n in range(12_000))
    began = time.process_time()
    parsed((names + rules).encode(), "baogao").can_fetch("http://x.test/" + "a" * 2_000, "baogao")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "line",
    ["Disallow: /" + "*a" * 1_000, "Disallow: /" + "$" * 4_000, "Disallow: /" + "%" * 4_000,
     "Crawl-delay: " + "9" * 4_000, "User-agent: " + "*" * 4_000, ":" * 4_000, " " * 4_000],
)  # fmt: skip
def test_no_rule_takes_long(line):
    words = "User-agent: *\n" + f"{line}\n" * (ROBOTS_BYTES // len(line))
    began = time.process_time()
    parsed(words.encode(), "baogao").can_fetch("http://x.test/" + "a" * 2_000, "baogao")
    assert time.process_time() - began < 2

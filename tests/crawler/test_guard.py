"""What a crawl never connects to, and what it never opens, tried with whole crawls."""

import gzip
import json
import sqlite3
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from loopback import site_file

from crawler.run import crawl, wiring_of
from crawler.site_files import load_sites

ABROAD = """\
title = "x"
kind = "official"
family = "list"
hosts = {hosts}
start = {start}
reports = ["/r/"]
[expect]
minimum = 0
"""
INSIDE = "http://127.0.0.1:{port}/secret"


@pytest.fixture
def crawled(crawl_apart, tmp_path):
    """Crawl a site file; gives path and outcome of every capture."""

    def run(text, name="guard", **settings):
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
        wiring = {"CONTACT": "tests@example.org", "LOG_LEVEL": "CRITICAL", **settings}
        db = tmp_path / f"{name}.db"
        result = crawl_apart(db, [name], sites_dirs=[str(tmp_path)], settings=wiring)
        rows = sqlite3.connect(db)
        query = "SELECT url, outcome FROM captures JOIN pages ON pages.id = page_id"
        found = rows.execute(query).fetchall()
        rows.close()
        return result, found

    return run


HERE = (
    "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]",  # noqa: S104
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
)  # fmt: skip


def test_names_and_numbers_that_are_this_machine_are_never_connected_to(crawled, serve):
    server = serve({})
    start = [f"http://{host}:{server.server_port}/" for host in HERE]
    hosts = [host.strip("[]") for host in HERE]
    _, found = crawled(ABROAD.format(hosts=hosts, start=start).replace("'", '"'))
    assert server.asked == []
    assert {outcome for _, outcome in found} == {"forbidden_address"}
    pages = [url for url, _ in found if "robots.txt" not in url]
    assert len(pages) == len(HERE), pages


def test_whatever_leads_inside_is_not_asked(crawled, serve):
    """Links, attachments, redirects and refreshes to this machine, other ports and other hosts."""
    inner = serve({("127.0.0.1", "/secret"): (200, {}, b"secret")})
    place = INSIDE.format(port=inner.server_port)
    refresh = f'<html><head><meta http-equiv="refresh" content="0;url={place}?m"></head></html>'
    server = serve({})
    other_port = f"http://www.guard.test:{inner.server_port}/r/port"
    links = [f"{place}/r/link", other_port, "http://[::1]/r/six", "http://elsewhere.test/r/1",
             "/r/moved", "/r/refreshed", "/r/article"]  # fmt: skip
    home = "".join(f'<a href="{link}">x</a>' for link in links)
    article = f'<p>x</p><a href="{place}/a.pdf">附件</a><a href="file:///etc/passwd">x</a>'
    pages = {
        "/": (200, {}, home.encode()),
        "/r/moved": (302, {"Location": f"{place}?r"}, b""),
        "/r/refreshed": (200, {}, refresh.encode()),
        "/r/article": (200, {}, article.encode()),
    }
    server.answers |= {("www.guard.test", path): answer for path, answer in pages.items()}
    _, found = crawled(site_file("www.guard.test"), PRACTICE_PORT=server.server_port)
    assert inner.asked == []
    outcomes = {urlsplit(url).path: outcome for url, outcome in found}
    assert outcomes == {
        "/": "ok", "/robots.txt": "gone", "/r/article": "ok", "/r/moved": "redirect",
        "/r/refreshed": "redirect", "/r/port": "forbidden_address",
    }  # fmt: skip


def test_a_sitemap_or_a_robots_txt_that_leads_inside_is_not_asked(crawled, serve):
    inner = serve({})
    place = INSIDE.format(port=inner.server_port)
    maps = f"<sitemapindex><sitemap><loc>{place}/map.xml</loc></sitemap>"
    maps += "<sitemap><loc>/own.xml</loc></sitemap></sitemapindex>"
    entries = f"<urlset><url><loc>{place}/r/1.html</loc></url></urlset>"
    server = serve({
        ("www.guard.test", "/"): (200, {"Content-Type": "application/xml"}, maps.encode()),
        ("www.guard.test", "/own.xml"): (200, {}, entries.encode()),
        ("www.guard.test", "/robots.txt"): (302, {"Location": f"{place}/robots.txt"}, b""),
    })  # fmt: skip
    _, found = crawled(
        site_file("www.guard.test", family="sitemap"), PRACTICE_PORT=server.server_port
    )
    assert inner.asked == []
    outcomes = {urlsplit(url).path: outcome for url, outcome in found}
    assert outcomes == {"/": "ok", "/own.xml": "ok", "/robots.txt": "redirect"}


def test_what_is_too_large_is_told_by_length_while_it_comes_and_by_ratio(crawled, serve):
    def without_length(handler):
        handler.close_connection = True
        handler.send_response(200)
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(bytes(50_000))

    pages = {
        "/r/told": (200, {}, bytes(1_500_000)),
        "/r/coming": without_length,
        "/r/ratio": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(5_000_000))),
        "/r/right": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<p>x</p>" * 9000)),
    }
    home = "".join(f'<a href="{path}">x</a>' for path in pages)
    server = serve({("www.guard.test", path): answer for path, answer in pages.items()})
    server.answers["www.guard.test", "/"] = (200, {}, home.encode())
    limits = {"PRACTICE_PORT": server.server_port}
    _, small = crawled(site_file("www.guard.test"), DOWNLOAD_MAXSIZE=1_000_000, **limits)
    outcomes = {urlsplit(url).path: outcome for url, outcome in small}
    assert outcomes["/r/told"] == outcomes["/r/coming"] == outcomes["/r/ratio"] == "too_large"
    assert outcomes["/r/right"] == "ok"
    _, large = crawled(site_file("www.guard.test"), "large", **limits)
    outcomes = {urlsplit(url).path: outcome for url, outcome in large}
    assert outcomes["/r/told"] == outcomes["/r/coming"] == "ok"
    assert outcomes["/r/ratio"] == "too_large", "5 MB out of 5 kB"


def test_the_contact_is_said_and_no_cookie_and_no_proxy_is_used(crawled, serve):
    def greeting(handler):
        return 200, {"Set-Cookie": "seen=1"}, b'<a href="/r/1">x</a>'

    server = serve({("www.guard.test", "/"): greeting, ("www.guard.test", "/r/1"): (200, {}, b"x")})
    crawled(site_file("www.guard.test"), PRACTICE_PORT=server.server_port)
    assert len(server.asked) == 3
    for _, _, headers in server.asked:
        assert headers["User-Agent"].startswith("baogao/")
        assert headers["User-Agent"].endswith(" (+tests@example.org)")
        assert "Cookie" not in headers


def test_the_wiring_is_polite_and_closed():
    wiring = wiring_of((), {})
    assert wiring.getbool("ROBOTSTXT_OBEY")
    assert wiring.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert wiring.getfloat("DOWNLOAD_DELAY") == 1.0
    assert wiring.getbool("AUTOTHROTTLE_ENABLED")
    for off in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED",
                "HTTPPROXY_ENABLED", "RETRY_ENABLED"):  # fmt: skip
        assert not wiring.getbool(off)
    for site in load_sites().sites:
        assert site.loopback or site.delay_s >= 1


def _listening():
    """The sockets of this process that wait for connections, by the tables of the kernel."""
    own = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            own.add(str(descriptor.readlink()))
        except OSError:
            continue
    tables = [Path("/proc/self/net") / name for name in ("tcp", "tcp6")]
    rows = [
        row.split() for table in tables if table.exists() for row in table.read_text().split("\n")
    ]
    waiting = "0A"
    return {row[1] for row in rows if len(row) > 9 and row[3] == waiting
            and f"socket:[{row[9]}]" in own}  # fmt: skip


def _crawl_watched(db, folder, port):
    """Crawl, and collect the ports that this process has open meanwhile."""
    found, over = set(), threading.Event()

    def watch():
        while not over.wait(0.01):
            found.update(_listening())

    watching = threading.Thread(target=watch)
    watching.start()
    settings = {"PRACTICE_PORT": port, "DERIVE_WORKERS": 1}
    result = crawl(db, ["guard"], sites_dirs=[folder], settings=settings)
    over.set()
    watching.join()
    return result.captures, found


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="needs Linux's tables")
def test_a_crawl_opens_no_port(apart, serve, tmp_path):
    """Neither telnet nor remote control, both of which would run what is posted to them."""
    pages = {("www.guard.test", f"/r/{n}"): (200, {}, b"<p>x</p>") for n in range(20)}
    home = "".join(f'<a href="/r/{n}">x</a>' for n in range(20))
    server = serve({**pages, ("www.guard.test", "/"): (200, {}, home.encode())})
    (tmp_path / "guard.toml").write_text(site_file("www.guard.test"), "utf-8")
    captures, found = apart(_crawl_watched, tmp_path / "g.db", str(tmp_path), server.server_port)
    assert captures["guard", "ok"] == 21
    assert found == set()


class LyingArchive(dict):
    """Answers of a web archive whose index and pages lead elsewhere."""

    def __init__(self, elsewhere):
        rows = [["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]]
        originals = ("http://www.page.test/a.html", "file:///etc/passwd", f"{elsewhere}/original")
        rows += [
            [f"test,page)/{n}", f"2019010100000{n}", original, "text/html", "200", "A", "1"]
            for n, original in enumerate(originals)
        ]  # fmt: skip
        self.index, self.elsewhere, self.replayed = json.dumps(rows).encode(), elsewhere, []

    def get(self, key, default=None):
        path = key[1]
        if path.startswith("/cdx"):
            return 200, {"Content-Type": "application/json"}, self.index
        if path.startswith("/web/"):
            self.replayed.append(path)
            return 302, {"Location": f"{self.elsewhere}/moved"}, b""
        return default


def test_an_archive_on_this_machine_leads_nowhere_else_on_it(baogao, serve):
    inner = serve({})
    for number, host in enumerate(("127.0.0.1", "localhost")):
        archive = serve({})
        archive.answers = LyingArchive(f"http://{host}:{inner.server_port}")
        done = baogao(
            "backfill", "wayback", f"{number}.db", "http://www.page.test/*",
            "--cdx", f"http://127.0.0.1:{archive.server_port}/cdx", "--per-minute", "6000",
        )  # fmt: skip
        assert b"Traceback" not in done.stderr
        assert len(archive.answers.replayed) == 2, "a page of ours, and one by its archived name"
        assert inner.asked == []

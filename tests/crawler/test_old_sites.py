"""What pages of old systems ask of a crawler: queries in GBK, script redirects, unlabelled gzip."""

import gzip
from contextlib import closing

import pytest

from archive import Archive, Capture
from crawler.addresses import encoded, page_key, written
from crawler.blocked import script_leads_to
from crawler.middlewares import judged
from crawler.page_workers import Anchor
from crawler.spiders.site import _target

HOST = "www.laozhan.test"
SITE = f"""\
title = "老站"
kind = "official"
family = "list"
hosts = ["{HOST}"]
start = ["http://{HOST}:8642/zw/"]
reports = ['/art']
loopback = true
[politeness]
delay_s = 0.01
"""
REPORT = "<html><body><p>武安市2023年政府工作报告</p>" + "<p>过去一年，我们修了三座桥。</p>" * 20
WHOLE = (REPORT + "</body></html>").encode()
LINKS = """<html><head><meta charset="gb2312"></head><body>
<a href="/art.asp?title=报告">一</a> <a href="..\\zw\\art_back.html">二</a>
<a href="javascript:goto('/art_js.html')">三</a> <a href="/art_moved.html">四</a>
<a href="/art_gz.html">五</a> <a href="/art_twice.html">六</a> <a href="/art_cut.html">七</a>
<a href="/art.asp?title=年鉴">八</a> <a href="/art_zip.html">九</a></body></html>"""
TWICE = gzip.compress(gzip.compress(WHOLE))


@pytest.fixture(scope="module")
def crawled(crawl_apart, serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    (folder / "laozhan.toml").write_text(SITE, "utf-8")
    page = {"Content-Type": "text/html"}
    answers = {
        "/zw/": (200, page, LINKS.encode("gb18030")),
        "/art.asp?title=%B1%A8%B8%E6": (200, page, WHOLE),
        "/art.asp?title=%C4%EA%BC%F8": (200, page, WHOLE),
        "/zw/art_back.html": (200, page, WHOLE),
        "/art_js.html": (200, page, WHOLE),
        "/art_moved.html": (200, page, b"<script>window.location.href='/art_new.html';</script>"),
        "/art_new.html": (200, page, WHOLE),
        "/art_gz.html": (200, page, gzip.compress(WHOLE)),
        "/art_twice.html": (200, page | {"Content-Encoding": "gzip"}, TWICE),
        "/art_cut.html": (200, page, REPORT.encode()[:-2]),
        "/art_zip.html": (200, {"Content-Type": "application/gzip"}, gzip.compress(b"x")),
    }
    server = serve({(HOST, path): answer for path, answer in answers.items()})
    result = crawl_apart(
        folder / "s.db", ["laozhan"], sites_dirs=[str(folder)],
        settings={"PRACTICE_PORT": server.server_port, "LOG_LEVEL": "CRITICAL"},
    )  # fmt: skip
    with closing(Archive.open(folder / "s.db")) as archive:
        yield result, server, archive


def row(archive, path):
    return archive.connection.execute(
        "SELECT outcome, error, content_encoding, clean_chars, texts.id FROM captures"
        " JOIN pages ON pages.id = page_id LEFT JOIN texts"
        " ON texts.payload_sha256 = captures.payload_sha256"
        " AND texts.context_sha256 = captures.context_sha256 WHERE url LIKE ? ORDER BY captures.id",
        (f"%{path}",),
    ).fetchone()


def test_a_query_is_asked_in_the_encoding_of_its_page(crawled):
    _, server, archive = crawled
    asked = [path for path in server.paths if path.startswith("/art.asp")]
    assert asked == ["/art.asp?title=%B1%A8%B8%E6", "/art.asp?title=%C4%EA%BC%F8"]
    assert all(row(archive, path)[:1] == ("ok",) for path in asked)


@pytest.mark.parametrize("path", ["/zw/art_back.html", "/art_js.html", "/art_new.html"])
def test_every_way_of_writing_a_link_is_followed(crawled, path):
    outcome, _, _, chars, _ = row(crawled[2], path)
    assert (outcome, chars > 200) == ("ok", True)


def test_a_script_that_moves_a_page_is_a_redirect(crawled):
    archive = crawled[2]
    assert row(archive, "/art_moved.html")[0] == "redirect"
    ((target,),) = archive.connection.execute(
        "SELECT url FROM redirects JOIN pages ON pages.id = redirects.page_id"
    ).fetchall()
    assert target.endswith("/art_new.html")


def test_gzip_that_no_header_tells_of_is_taken_off(crawled):
    archive = crawled[2]
    for path, coding in (("/art_gz.html", "gzip"), ("/art_twice.html", "gzip, gzip")):
        outcome, error, named, chars, _ = row(archive, path)
        assert (outcome, named, chars > 200) == ("ok", coding, True)
        assert "no header says" in error
    assert row(archive, "/art_zip.html")[2] is None


def test_an_answer_that_was_cut_has_a_text_with_a_flag(crawled):
    archive = crawled[2]
    outcome, _, _, chars, text = row(archive, "/art_cut.html")
    assert (outcome, chars > 200) == ("truncated", True)
    flags = archive.connection.execute(
        "SELECT kind, evidence FROM flags WHERE text_id = ?", (text,)
    )
    assert ("truncated", "the answer was cut: the page has no end") in flags.fetchall()


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("location.href='/b.html'", "/b.html"), ('window.location = "b.html"', "/zw/b.html"),
        ("top.location.replace('/b.html')", "/b.html"), ("self.location.assign('/b')", "/b"),
        ("setTimeout(\"location.href='/b.html'\", 3000)", "/b.html"),
        ("location.href='/b.html'; document.cookie='x=1'", None),
        ("location.href=location.pathname", None), ("location.href='/b?x=' + y", None),
        ("location.href='/zw/a.html'", None), ("if (x) location='/b'; else location='/c'", None),
        ("var a = 1", None),
    ],
)  # fmt: skip
def test_where_a_script_leads(script, target):
    page = f"<html><script>{script}</script></html>".encode()
    wanted = None if target is None else f"http://a.test{target}"
    assert script_leads_to(page, "http://a.test/zw/a.html") == wanted


def test_a_long_page_with_such_a_script_is_a_page():
    body = REPORT * 4 + "<script>if (m) location.href='/m/a.html'</script>"
    assert script_leads_to(body.encode(), "http://a.test/a.html") is None
    assert judged(Capture(url="http://a.test/a", payload=body.encode())).outcome != "redirect"


@pytest.mark.parametrize(
    ("href", "onclick", "target"),
    [
        ("a.html", "", "a.html"), ("#", "open('b.html')", "b.html"),
        ("javascript:goto('c.html')", "", "c.html"),
        ("javascript:void(0)", "view('d.aspx?id=3')", "d.aspx?id=3"),
        ("javascript:;", "", "javascript:;"), ("a.html", "log('b.html')", "a.html"),
    ],
)  # fmt: skip
def test_where_an_anchor_leads(href, onclick, target):
    assert _target(Anchor(href, onclick, "", "")) == target


def test_addresses_as_browsers_write_them():
    assert written(" ..\\zw\\x\n .html?a=\\b ") == "../zw/x .html?a=\\b"
    assert encoded("http://a.test/报?k=告", "gb18030") == "http://a.test/%E6%8A%A5?k=%B8%E6"
    assert encoded("http://a.test/?k=𡎚", "big5") == "http://a.test/?k=%F0%A1%8E%9A"
    assert encoded("http://a.test/?k=告", "no such") == "http://a.test/?k=%E5%91%8A"
    one, other = (page_key(f"http://a.test/?t={value}") for value in ("%B1%A8", "%C4%EA"))
    assert one != other
    assert page_key("http://a.test/?t=%E6%8A%A5") == "a.test/?t=%E6%8A%A5"

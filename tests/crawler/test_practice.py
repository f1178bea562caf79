"""The whole practice web, crawled: each page in, each bad answer with its right outcome."""

import sqlite3
from urllib.parse import urlsplit

import pytest

import baogao_practice as practice
from archive import register_functions
from crawler.site_files import load_sites, practice_sites

LATE_S = 2.0


@pytest.fixture(scope="module")
def web(crawl_apart, tmp_path_factory):
    db = tmp_path_factory.mktemp("web") / "web.db"
    with practice.Server(port=0) as server:
        result = crawl_apart(
            db, practice_sites(), settings={"PRACTICE_PORT": server.port, "DERIVE_WORKERS": 2}
        )
        asked = server.asked
    rows = sqlite3.connect(db)
    register_functions(rows)
    yield result, rows, asked
    rows.close()


def outcomes(rows, host):
    """The outcomes of each path of a host, in order of time."""
    found = {}
    query = "SELECT url, outcome FROM captures JOIN pages ON pages.id = page_id WHERE host = ? ORDER BY captures.id"  # noqa: E501
    for url, outcome in rows.execute(query, [host]):
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        found.setdefault(path, []).append(outcome)
    return found


def has_gold(host, path):
    try:
        practice.gold(f"http://{host}{path}")
    except KeyError:
        return False
    return True


def squeezed(line):
    return "".join(line.split())


def test_every_spider_ends_well(web):
    assert web[0].findings == ()
    assert web[0].exit_code == 0
    assert set(web[0].reasons.values()) == {"finished"}


@pytest.mark.parametrize("host", practice.hosts(behaving=True))
def test_every_page_that_holds_a_report_is_in_the_archive(web, host):
    _, rows, _ = web
    wanted = {
        urlsplit(url).path + (f"?{urlsplit(url).query}" if urlsplit(url).query else "")
        for url in practice.urls(host)
        if practice.gold(url)["works"]
    }
    assert wanted
    captured = outcomes(rows, host)
    assert wanted - set(captured) == set()


@pytest.mark.parametrize("host", practice.hosts(behaving=True))
def test_every_answer_has_the_outcome_of_its_gold(web, host):
    captured = outcomes(web[1], host)
    captured = {path: found for path, found in captured.items() if "dataproxy.jsp" not in path}
    known = {
        path: practice.gold(f"http://{host}{path}") for path in captured if has_gold(host, path)
    }
    assert known
    assert {path: captured[path][-1] for path in known} == {
        path: gold["outcome"] for path, gold in known.items()
    }


SYSTEMS = {
    "an official city report on a provincial portal": "www.yanzhao.test",
    "its hijacked copy, by the same path": "mzt.jiahuo.test",
    "a compilation, and a single article with a declared count": "www.tingtao.test",
    "an article of several pages with notes and a list of projects": "www.zhixian.test",
    "its hijacked clone in lower case": "www.bangong.test",
    "the system of the province": "www.liaohai.test",
}


@pytest.mark.parametrize("host", SYSTEMS.values(), ids=SYSTEMS)
def test_the_systems_of_known_texts_pass_from_the_wire_to_the_clean_text(web, host):
    """Every kept line of every page is in its text, and no line of junk."""
    query = """SELECT passages.text FROM passages JOIN texts ON texts.id = text_id
      JOIN captures USING (payload_sha256, context_sha256) JOIN pages ON pages.id = page_id
      WHERE host = ? AND url LIKE '%' || ?"""
    pages = [path for path in outcomes(web[1], host) if has_gold(host, path)]
    reports = [path for path in pages if practice.gold(f"http://{host}{path}")["works"]]
    assert reports
    for path in reports:
        gold = practice.gold(f"http://{host}{path}")
        lines = {squeezed(text) for (text,) in web[1].execute(query, [host, path])}
        damaged = {damage["line"] for damage in gold["damage"]}
        kept = {squeezed(line) for line in gold["keep"] if line not in damaged}
        assert kept - lines == set(), path
        junk = set(map(squeezed, gold["junk"])) - set(map(squeezed, gold["keep"]))
        assert lines & junk == set(), path


def test_no_page_is_fetched_twice(web):
    pages = {key: times for key, times in web[2].items() if not key[1].endswith(".jsp")}
    queries = ("/list.asp", "/news.asp", "/gkmlpt/api/all/3011")
    assert {k for k, times in pages.items() if times > 1 and k[1] not in queries} == set()


def test_each_member_of_a_zip_is_a_capture_with_a_text_of_its_own(web):
    rows = (
        web[1]
        .execute(
            "SELECT member, container_sha256, payload_sha256 FROM captures JOIN pages"
            " ON pages.id = page_id WHERE url LIKE '%/files/baogao.zip%' AND member IS NOT NULL"
        )
        .fetchall()
    )
    assert {member for member, _, _ in rows} == {"政府工作报告.docx", "说明.txt"}
    (container,) = {container for _, container, _ in rows}
    stored = web[1].execute("SELECT count(*) FROM payloads WHERE sha256 = ?", [container])
    assert stored.fetchone() == (1,)
    for _, _, payload in rows:
        texts = web[1].execute("SELECT count(*) FROM texts WHERE payload_sha256 = ?", [payload])
        assert texts.fetchone() == (1,)


@pytest.mark.parametrize("name", ["baogao.pdf", "baogao.docx", "html-called.doc"])
def test_attachments_give_texts(web, name):
    query = """SELECT clean_chars FROM texts JOIN captures USING (payload_sha256)
      JOIN pages ON pages.id = page_id WHERE url LIKE '%/files/' || ?"""
    assert web[1].execute(query, [name]).fetchone()[0] > 1000


@pytest.mark.parametrize("name", ["gb18030", "gbk-as-utf8", "utf8-as-gbk", "undeclared"])
def test_declared_encodings_are_not_believed_where_the_bytes_say_otherwise(web, name):
    query = """SELECT visible FROM texts JOIN visible_texts ON visible_texts.sha256 = visible_sha256
      JOIN captures USING (payload_sha256) JOIN pages ON pages.id = page_id
      WHERE url LIKE '%guobiao.test:%/' || ? || '.html'"""
    (visible,) = web[1].execute(query, [name]).fetchone()
    assert "朱镕演示、𠮷演示" in visible
    assert "\ufffd" not in visible


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gbk-as-utf8", ("gb18030", "utf-8", "gb2312", 0)),
        ("utf8-as-gbk", ("utf-8", "gb2312", "gb2312", 0)),
        ("gb18030", ("gb18030", None, "gb2312", 0)),
        ("bad-bytes", ("utf-8", None, "utf-8", 1)),
    ],
)
def test_what_was_declared_what_was_used_and_what_was_lost_is_recorded(web, name, told):
    query = """SELECT encoding, encoding_header, encoding_meta, replaced_by_decoding FROM texts
      JOIN captures USING (payload_sha256) JOIN pages ON pages.id = page_id
      WHERE url LIKE '%guobiao.test:%/' || ? || '.html'"""
    assert web[1].execute(query, [name]).fetchone() == told


@pytest.fixture(scope="module")
def misbehaving(crawl_apart, tmp_path_factory):
    db = tmp_path_factory.mktemp("bad") / "bad.db"
    with practice.Server(port=0, slow=LATE_S) as server:
        result = crawl_apart(
            db,
            ["practice-bad", "practice-robots", "practice-tls"],
            settings={
                "PRACTICE_PORT": server.port,
                "DOWNLOAD_TIMEOUT": LATE_S / 2,
                "DERIVE_WORKERS": 1,
                "LOG_LEVEL": "CRITICAL",
            },
        )
        asked = server.asked
    rows = sqlite3.connect(db)
    register_functions(rows)
    yield result, rows, asked
    rows.close()


BAD_HOSTS = sorted(set(practice.hosts()) - set(practice.hosts(behaving=True)))


@pytest.mark.parametrize(
    "url", [url for host in BAD_HOSTS for url in practice.urls(host) if "/robots.txt" not in url]
)
def test_every_bad_answer_ends_in_a_capture_with_its_outcome(misbehaving, url):
    parts = urlsplit(url)
    found = outcomes(misbehaving[1], parts.hostname)
    if parts.path == "/good.html":  # one page with and without `www.`, fetched once
        found |= outcomes(misbehaving[1], f"www.{parts.hostname}".replace("www.www.", ""))
    (path,) = [path for path in found if path.partition("?")[0] == parts.path]
    assert found[path][-1] == practice.gold(url)["outcome"]


@pytest.mark.parametrize(
    ("host", "outcomes_of_robots"),
    [
        ("robots-deny.test", {"ok"}), ("robots-error.test", {"http"}),
        ("robots-html.test", {"ok"}), ("robots-slow.test", {"timeout"}),
        ("robots-none.test", {"gone"}), ("laotls.test", {"tls"}),
    ],
)  # fmt: skip
def test_every_robots_txt_is_a_capture_too(misbehaving, host, outcomes_of_robots):
    assert set(outcomes(misbehaving[1], host)["/robots.txt"]) == outcomes_of_robots


def test_an_article_by_http_and_https_with_and_without_www_is_asked_once(misbehaving):
    hosts = ("www.huai.test", "huai.test")
    assert sum(misbehaving[2][host, "/good.html"] for host in hosts) == 1


def test_a_body_that_was_cut_says_what_cut_it(misbehaving):
    query = "SELECT error FROM captures JOIN pages ON pages.id = page_id WHERE url LIKE '%' || ?"
    assert misbehaving[1].execute(query, ["/cut-gzip.html"]).fetchone() == ("the gzip has no end",)


def test_no_page_is_asked_without_end(misbehaving):
    """Three attempts, six steps of a redirect, and a page that gets better the second time."""
    assert max(misbehaving[2].values()) <= 6


def test_nothing_beyond_the_practice_web_was_asked(misbehaving):
    query = (
        "SELECT DISTINCT host FROM captures JOIN pages ON pages.id = page_id WHERE status NOT NULL"
    )
    assert {host for (host,) in misbehaving[1].execute(query)} <= set(practice.hosts())


def test_every_practice_host_has_a_site_file():
    covered = [site for site in load_sites().sites if site.loopback]
    for host in practice.hosts():
        assert any(site.covers(host) for site in covered), host

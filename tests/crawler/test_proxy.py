"""Requests through a proxy that the operator named; it stands on this machine."""

from __future__ import annotations

import sqlite3

import pytest

SITE = """title = "海宁"
kind = "official"
family = "list"
hosts = ["{host}"]
start = ["http://{host}/list.html"]
reports = ['/a\\.html$']
[expect]
minimum = 0
"""
REPORT = "<title>2023年海宁县政府工作报告</title><p>各位代表：</p><p>过去一年，我们修了三座桥。</p>"
PAGES = {
    "/robots.txt": (200, {}, b""),
    "/list.html": (200, {"Content-Type": "text/html"}, b'<a href="/a.html">a</a>'),
    "/a.html": (200, {"Content-Type": "text/html; charset=utf-8"}, REPORT.encode()),
}


@pytest.fixture
def crawl_through(serve, crawl_apart, tmp_path):
    """Crawl a site of one host through a proxy: its requests, and the captures by URL."""

    def run(host):
        def answer(_, path):
            return PAGES.get(path.removeprefix(f"http://{host}"), (404, {}, b""))

        proxy = serve(answer)
        (tmp_path / "haining.toml").write_text(SITE.format(host=host), encoding="utf-8")
        db = tmp_path / "x.db"
        crawl_apart(
            db,
            ["haining"],
            sites_dirs=[str(tmp_path)],
            settings={
                "CONTACT": "tests@example.org",
                "PROXY": f"http://127.0.0.1:{proxy.port}",
                "LOG_LEVEL": "CRITICAL",
                "DOWNLOAD_DELAY": 0,
            },
        )
        with sqlite3.connect(db) as made:
            captures = "SELECT url, outcome FROM captures JOIN pages ON pages.id = page_id"
            return proxy.asked, dict(made.execute(captures))

    return run


def test_a_site_is_read_through_the_proxy(crawl_through):
    host = "www.haining.invalid"
    asked, captured = crawl_through(host)
    assert [path for _, path, _ in asked] == [f"http://{host}{path}" for path in PAGES]
    assert {headers["User-Agent"].partition("/")[0] for *_, headers in asked} == {"baogao"}
    assert captured == {f"http://{host}{path}": "ok" for path in PAGES}


def test_the_proxy_is_no_way_around_the_guard(crawl_through):
    asked, captured = crawl_through("localhost")
    assert asked == []
    assert set(captured.values()) <= {"forbidden_address", "robots"}

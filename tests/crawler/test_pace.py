"""How fast a host is asked, as its server sees it."""

import time
from itertools import pairwise

import pytest

SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = ["www.pace.test"]
start = ["http://www.pace.test:8642/"]
reports = ['/r/']
loopback = true
[politeness]
delay_s = {delay}
[expect]
minimum = 0
"""
PAGES = [f"/r/{number}" for number in range(6)]
HOST = "www.pace.test"


@pytest.fixture
def crawled(crawl_apart, serve, tmp_path):
    """Crawl a host of six pages, some of which answer otherwise; gives result and moments."""

    def run(delay, answers=()):
        links = "".join(f'<a href="{path}">x</a>' for path in PAGES)
        pages = {(HOST, path): (200, {}, b"<p>x</p>") for path in PAGES}
        server = serve({**pages, (HOST, "/"): (200, {}, links.encode()), **dict(answers)})
        (tmp_path / "pace.toml").write_text(SITE.format(delay=delay), "utf-8")
        settings = {"PRACTICE_PORT": server.server_port, "LOG_LEVEL": "CRITICAL"}
        result = crawl_apart(
            tmp_path / "p.db", ["pace"], sites_dirs=[str(tmp_path)], settings=settings
        )
        return result, [(path, when) for _, path, when in server.moments if path[:3] == "/r/"]

    return run


def test_the_delay_of_the_site_file_is_kept(crawled):
    _, moments = crawled(0.2)
    assert len(moments) == len(PAGES)
    assert min(later - earlier for (_, earlier), (_, later) in pairwise(moments)) >= 0.15


def test_one_request_at_a_time(crawled):
    open_now, most = [], []

    def slowly(handler):
        open_now.append(handler.path)
        most.append(len(open_now))
        time.sleep(0.05)
        open_now.remove(handler.path)
        return 200, {}, b"<p>x</p>"

    _, moments = crawled(0.01, {(HOST, path): slowly for path in PAGES}.items())
    assert len(moments) == len(PAGES)
    assert max(most) == 1


def test_a_request_to_wait_holds_also_what_was_already_handed_out(crawled):
    refused = []

    def busy_once(handler):
        if refused:
            return 200, {}, b"<p>x</p>"
        refused.append(handler.path)
        return 429, {"Retry-After": "1"}, b""

    result, moments = crawled(0.1, {(HOST, path): busy_once for path in PAGES}.items())
    (first, at), (_, then), *_ = moments
    assert then - at >= 0.95
    assert result.findings == ()
    assert sorted(path for path, _ in moments) == sorted([*PAGES, first]), "none is lost"


def test_a_host_that_refuses_is_not_asked_once_more(crawled):
    result, moments = crawled(0.4, {(HOST, path): (403, {}, b"no") for path in PAGES}.items())
    assert len(moments) == 3
    assert result.exit_code == 3
    assert "refuses us: status 403" in result.unfinished[0]

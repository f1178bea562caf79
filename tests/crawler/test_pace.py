"""How fast a host is asked, as its server sees it."""

import time
from itertools import pairwise

import pytest
from loopback import Server

from baogao_practice import certificates
from baogao_practice.sites import encrypted
from crawler.pace import ALLOWED, ENOUGH, LAST, Pace

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


GREETING_S = 0.25
"""How long a slow server takes before it reads from a new connection."""


class SlowGreeting(Server):
    """Takes its time before it reads from a connection, or before it agrees on TLS."""

    def __init__(self, answers, host=None):
        super().__init__(answers)
        self._context = host and certificates.context_for(host)

    def finish_request(self, request, client_address):
        time.sleep(GREETING_S)
        if self._context is not None:
            request = self._context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)
        if self._context is not None:
            request.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_request_that_came_late_puts_off_the_next_one(crawl_apart, tmp_path, scheme):
    delay, host = 0.4, encrypted.HOST
    links = "".join(f'<a href="{path}">x</a>' for path in PAGES)
    answers = {(host, path): (200, {}, b"<p>x</p>") for path in PAGES}
    answers[host, "/"] = 200, {}, links.encode()
    words = SITE.format(delay=delay).replace(HOST, host).replace("http:", f"{scheme}:")
    (tmp_path / "pace.toml").write_text(words, "utf-8")
    with SlowGreeting(answers, host if scheme == "https" else None) as server:
        settings = {"PRACTICE_PORT": server.port, "LOG_LEVEL": "CRITICAL"}
        crawl_apart(tmp_path / "p.db", ["pace"], sites_dirs=[str(tmp_path)], settings=settings)
    assert {path for _, path, _ in server.moments} >= set(PAGES)
    moments = [when for _, _, when in server.moments]
    assert min(later - earlier for earlier, later in pairwise(moments)) >= 0.9 * delay


LATE_S = round(1.3 - ALLOWED, 3)
"""When a request follows one that may have come 0.3 s late, if the delay is one second."""


class Hand:
    """A clock that is set by hand."""

    now_s = 100.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
def asked(clock):
    """Ask a host; gives the seconds from one request to the next that may follow."""
    pace = Pace(clock)

    def ask(took_s, *, host=HOST, answered=True):
        pace.written(host)
        clock.now_s += took_s
        (pace.answered if answered else pace.unanswered)(host)
        wait_s = pace.wait_s(host, 1.0)
        clock.now_s += max(wait_s, 0.0)
        return round(took_s + max(wait_s, 0.0), 3)

    return ask


def test_a_host_that_was_never_asked_need_not_be_waited_for(clock):
    assert Pace(clock).wait_s(HOST, 1.0) == 0


def test_the_next_request_follows_after_the_delay(asked):
    assert {asked(ALLOWED / 2) for _ in range(2 * ENOUGH)} == {1.0}


def test_until_a_host_is_known_its_answer_counts_as_late(asked):
    assert {asked(0.4) for _ in range(ENOUGH - 1)} == {round(LATE_S + 0.1, 3)}
    assert {asked(0.4) for _ in range(ENOUGH)} == {1.0}, "it always takes so long"
    assert asked(0.7) == LATE_S, "this one may have come 0.3 s late"
    assert {asked(0.1) for _ in range(LAST // 4)} == {1.0}
    assert asked(0.4) == LATE_S, "a quarter of its answers came sooner"
    assert asked(0.1) == 1.0
    assert asked(0.4, host="b.test") == round(LATE_S + 0.1, 3), "another host"


def test_a_request_without_an_answer_may_just_have_come(asked):
    for _ in range(ENOUGH):
        asked(0.4)
    assert asked(5.0, answered=False) == round(6.0 - ALLOWED, 3)
    assert asked(0.4) == 1.0, "and it says nothing of how fast the host is"


def test_the_delay_counts_from_the_last_request(clock):
    pace = Pace(clock)
    pace.written(HOST)
    clock.now_s += 0.3
    assert pace.wait_s(HOST, 1.0) == pytest.approx(0.7)
    assert pace.wait_s(HOST, 3.0) == pytest.approx(2.7), "robots.txt asks for more"

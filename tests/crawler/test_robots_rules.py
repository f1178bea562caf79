"""What the crawler makes of the answers to its requests for robots.txt, without a crawl."""

from __future__ import annotations

import asyncio

import pytest
from protego import Protego
from scrapy import Request, signals
from scrapy.exceptions import NotConfigured, StopDownload
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager

from archive import Capture
from crawler.answers import ROBOTS_BYTES, RobotsDeniedError, RobotsUnreadableError, TlsRefusedError
from crawler.robots import RobotsMiddleware, parsed

PAGE = "http://x.test/a"


class Scheduler:
    """Notes what it is asked for."""

    def __init__(self):
        self.spaced, self.held = [], []

    def space_out(self, host, seconds):
        self.spaced.append((host, seconds))

    def hold(self, host, seconds):
        self.held.append((host, seconds))


class Engine:
    """Answers requests for robots.txt one after the other; an error is raised."""

    def __init__(self, *answers):
        self.answers, self.asked, self.scheduler = list(answers), [], Scheduler()

    async def download_async(self, request):
        self.asked.append(request.url)
        await asyncio.sleep(0)
        answer = self.answers.pop(0)
        if isinstance(answer, Capture):
            request.meta["capture"] = answer
            raise OSError("no answer")
        if isinstance(answer, BaseException):
            raise answer
        return Response(request.url, body=answer)


class Crawler:
    """As much of Scrapy's crawler as the middleware knows."""

    def __init__(self, engine, *, obey=True):
        self.settings = Settings({"ROBOTSTXT_OBEY": obey, "ROBOTSTXT_USER_AGENT": "baogao"})
        self.signals, self.engine = SignalManager(self), engine


def failed(status, outcome="http", headers=()):
    return Capture(f"{PAGE}/robots.txt", b"", status=status, outcome=outcome,
                   response_headers=headers)  # fmt: skip


def asked(engine, *urls):
    """What comes of asking for pages one after the other: None, or the class of the refusal."""

    async def ask():
        middleware = RobotsMiddleware.from_crawler(Crawler(engine))
        return [await outcome(middleware, url) for url in urls]

    return asyncio.run(ask())


async def outcome(middleware, url):
    try:
        await middleware.process_request(Request(url))
    except (RobotsDeniedError, RobotsUnreadableError, TlsRefusedError) as error:
        return type(error)
    return None


def test_a_file_that_was_read_is_not_asked_for_again():
    engine = Engine(b"User-agent: *\nDisallow: /b\n")
    assert asked(engine, PAGE, "http://x.test/b", PAGE) == [None, RobotsDeniedError, None]
    assert engine.asked == ["http://x.test/robots.txt"]


def test_each_scheme_and_port_has_a_file_of_its_own():
    engine = Engine(b"", b"", b"")
    asked(engine, PAGE, "http://x.test:8080/", "https://x.test/")
    assert engine.asked == [
        "http://x.test/robots.txt", "http://x.test:8080/robots.txt", "https://x.test/robots.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("first", [failed(503), OSError("time is up"), TlsRefusedError("no")])
def test_a_file_that_could_not_be_read_is_asked_for_again(first):
    engine = Engine(first, b"User-agent: *\nDisallow: /b\n")
    refused = TlsRefusedError if isinstance(first, TlsRefusedError) else RobotsUnreadableError
    assert asked(engine, PAGE, PAGE, "http://x.test/b") == [refused, None, RobotsDeniedError]
    assert len(engine.asked) == 2


def test_requests_at_one_time_share_one_reading_also_where_it_fails():
    async def ask(engine):
        middleware = RobotsMiddleware(Crawler(engine))
        return await asyncio.gather(*(outcome(middleware, PAGE) for _ in range(3)))

    engine = Engine(failed(500))
    assert asyncio.run(ask(engine)) == [RobotsUnreadableError] * 3
    assert len(engine.asked) == 1


def test_who_waits_is_told_when_the_reading_is_stopped():
    async def ask():
        middleware = RobotsMiddleware(Crawler(Engine(asyncio.CancelledError())))
        first = asyncio.create_task(middleware.process_request(Request(PAGE)))
        second = asyncio.create_task(outcome(middleware, PAGE))
        await asyncio.wait([first])
        return first.cancelled(), await second

    assert asyncio.run(ask()) == (True, RobotsUnreadableError)


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (failed(404), None),
        (failed(499), None),
        (failed(500), RobotsUnreadableError),
        (failed(404, "gone"), None),
        (failed(403, "blocked"), None),
        (failed(503, "blocked"), RobotsUnreadableError),
        (failed(None, "forbidden_address"), None),
        (failed(None, "timeout"), RobotsUnreadableError),
        (failed(301, "redirect"), None),
    ],
)
def test_what_is_not_there_forbids_nothing_and_what_fails_forbids_all(answer, refusal):
    assert asked(Engine(answer), PAGE) == [refusal]


@pytest.mark.parametrize(
    ("said", "delay"),
    [("3", 3.0), ("0.5", 0.5), ("0", None), ("-5", None), ("inf", None), ("-inf", None),
     ("nan", None), ("soon", None)],
)  # fmt: skip
def test_a_delay_is_kept_if_it_is_one(said, delay):
    engine = Engine(f"User-agent: *\nCrawl-delay: {said}\n".encode())
    asked(engine, PAGE)
    assert engine.scheduler.spaced == [("x.test", delay)]


@pytest.mark.parametrize("delay", [float("inf"), float("-inf"), float("nan"), -5.0, 0.0])
def test_a_delay_that_is_none_is_not_kept_whatever_the_parser_gives(monkeypatch, delay):
    """Which of these a parser lets pass depends on its version."""
    monkeypatch.setattr(Protego, "crawl_delay", lambda *_: delay)
    engine = Engine(b"")
    asked(engine, PAGE)
    assert engine.scheduler.spaced == [("x.test", None)]


def test_a_host_gets_the_time_that_it_asks_for_instead_of_rules():
    engine = Engine(failed(503, headers=(("Retry-After", "40"),)))
    asked(engine, PAGE)
    [(host, seconds)] = engine.scheduler.held
    assert host == "x.test"
    assert 39 <= seconds <= 41
    engine = Engine(failed(503))
    asked(engine, PAGE)
    assert engine.scheduler.held == []


def test_its_own_requests_pass_and_are_cut_at_the_limit():
    crawler = Crawler(Engine())
    middleware = RobotsMiddleware(crawler)
    own = Request("http://x.test/robots.txt", meta={"is_robots_txt": True})
    asyncio.run(middleware.process_request(own))
    assert crawler.engine.asked == []

    def is_stopped(request, size):
        [(_, result)] = crawler.signals.send_catch_log(
            signals.bytes_received, data=bytes(size), request=request
        )
        return isinstance(getattr(result, "value", None), StopDownload)

    assert not is_stopped(own, ROBOTS_BYTES - 1)
    assert not is_stopped(own, 1)
    assert is_stopped(own, 1)
    assert not is_stopped(Request(PAGE), 2 * ROBOTS_BYTES)
    assert middleware is not None  # signals know their receivers by weak references


def test_it_is_off_only_where_the_setting_says_so():
    with pytest.raises(NotConfigured):
        RobotsMiddleware(Crawler(Engine(), obey=False))


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("*", False), ("baogao", False), ("BAOGAO", False), ("bao", False), ("bao*", False),
        ("baogao # us", False), ("", True), ("gao", True), ("other", True), ("baogao2", True),
    ],
)  # fmt: skip
def test_which_names_are_ours(name, allowed):
    rules = parsed(f"User-agent: {name}\nDisallow: /\n".encode(), "Baogao")
    assert rules.can_fetch(PAGE, "Baogao") is allowed


@pytest.mark.parametrize("before", ["\ufeff", " \n\t", ""])
def test_a_page_in_place_of_rules_says_nothing(before):
    words = f"{before}<html>\nUser-agent: *\nDisallow: /\n</html>"
    assert parsed(words.encode(), "baogao").can_fetch(PAGE, "baogao")

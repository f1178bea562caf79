"""robots.txt as specified by RFC 9309.

A file that cannot be read (5xx, timeout, no address) forbids everything until it can. A missing
file (4xx), or a page in its place, forbids nothing. `Crawl-delay` is respected. Of a file longer
than 500 KiB, the first 500 KiB apply (RFC 9309, 2.5).
"""

from __future__ import annotations

import asyncio
import logging
import re
from math import isfinite
from typing import Any, Final, Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured, StopDownload
from scrapy.http.request import NO_CALLBACK

from archive import BaogaoError, Capture
from archive.urls import host_of
from crawler.answers import (
    ROBOTS_BYTES,
    HeldBackError,
    RobotsDeniedError,
    RobotsUnreadableError,
    TlsRefusedError,
)
from crawler.patience import retry_after_s

logger = logging.getLogger(__name__)

_ABSENT: Final = frozenset({"gone", "http", "blocked", "redirect", "forbidden_address"})
_SERVER_ERROR: Final = 500

Rules = Protego | RobotsUnreadableError | TlsRefusedError
"""The rules of a robots.txt, or the reason why it cannot be read now."""


class RobotsMiddleware:
    """Refuses what robots.txt disallows. Reads each robots.txt once a crawl."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._name = str(crawler.settings["ROBOTSTXT_USER_AGENT"])
        self._files: dict[str, asyncio.Future[Rules]] = {}
        crawler.signals.connect(self._enough, signals.bytes_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Pass a request that robots.txt allows.

        Raises:
            RobotsDeniedError: robots.txt disallows it.
            RobotsUnreadableError: robots.txt cannot be read now, so nothing may be fetched.
            TlsRefusedError: no TLS connection to the host is possible.
        """
        if request.meta.get("is_robots_txt"):
            return
        try:
            rules = await self._rules(request.url)
        except HeldBackError:
            request.meta["held_back"] = True  # as its robots.txt was
            raise
        if isinstance(rules, Exception):
            raise type(rules)(str(rules))
        if not rules.can_fetch(request.url, self._name):
            raise RobotsDeniedError(f"robots.txt disallows {request.url}")

    async def _rules(self, url: str) -> Rules:
        """Return the rules for a URL, or the reason why they cannot be read now."""
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        known = self._files.get(place)
        if known is not None:
            return await asyncio.shield(known)
        coming = self._files[place] = asyncio.get_running_loop().create_future()
        try:
            rules = await self._read(f"{place}/robots.txt")
        except BaseException:
            del self._files[place]
            stopped = f"{place}/robots.txt: the crawl is being stopped"
            coming.set_result(RobotsUnreadableError(stopped))
            raise
        if isinstance(rules, Exception):
            del self._files[place]  # the next attempt reads it again
        else:
            self._keep_delay(host_of(url), rules)
        coming.set_result(rules)
        return rules

    async def _read(self, url: str) -> Rules:
        rules, capture = await read_rules(self._crawler.engine, url, self._name)
        if not isinstance(rules, TlsRefusedError):
            self._keep_wait(host_of(url), capture)
        return rules

    def _enough(self, data: bytes, request: Request) -> None:
        """Stop the download of a robots.txt once enough bytes have arrived."""
        if request.meta.get("is_robots_txt"):
            request.meta["robots_bytes"] = request.meta.get("robots_bytes", 0) + len(data)
            if request.meta["robots_bytes"] > ROBOTS_BYTES:
                raise StopDownload(fail=False)

    @property
    def _scheduler(self) -> Any:
        return getattr(self._crawler.engine, "scheduler", None)

    def _keep_wait(self, host: str, capture: Capture | None) -> None:
        """Keep the delay that a host sent in place of its robots.txt."""
        refused = capture is not None and capture.outcome != "ok"
        asked_s = retry_after_s(capture) if capture is not None and refused else None
        if asked_s is not None and self._scheduler is not None:
            self._scheduler.hold(host, asked_s)

    def _keep_delay(self, host: str, rules: Protego) -> None:
        delay = rules.crawl_delay(self._name)
        scheduler = self._scheduler
        asked = delay is not None and isfinite(delay) and delay > 0
        if scheduler is not None:
            scheduler.space_out(host, float(delay or 0) if asked else None)


async def read_rules(engine: Any, url: str, name: str) -> tuple[Rules, Capture | None]:
    """Fetch a robots.txt; returns its rules for the crawler `name`, and the capture if any."""
    request = Request(
        url,
        callback=NO_CALLBACK,
        meta={"is_robots_txt": True, "download_maxsize": 0},
    )
    try:
        response = await engine.download_async(request)
    except (BaogaoError, HeldBackError):
        raise
    except TlsRefusedError as error:
        return error, request.meta.get("capture")
    except Exception as error:  # noqa: BLE001  (whatever it was, the capture has it)
        capture: Capture | None = request.meta.get("capture")
        return _without_answer(capture, error), capture
    return parsed(response.body, name), request.meta.get("capture")


def _without_answer(capture: Capture | None, error: Exception) -> Rules:
    """Return the rules that follow from a missing robots.txt: allow all (4xx), or wait."""
    if (
        capture is not None
        and capture.outcome in _ABSENT
        and (capture.status is None or capture.status < _SERVER_ERROR)
    ):
        return Protego.parse("")
    why = f"status {capture.status}" if capture is not None and capture.status else str(error)
    return RobotsUnreadableError(f"robots.txt cannot be read ({why}), so nothing may be fetched")


def parsed(body: bytes, name: str) -> Protego:
    """Parse the rules of a robots.txt for the crawler `name`; a page in its place has none.

    A line cut in two at the size limit is ignored: its beginning may forbid more.
    """
    if len(body) >= ROBOTS_BYTES:
        body = body[
            : max(body.rfind(b"\n", 0, ROBOTS_BYTES), body.rfind(b"\r", 0, ROBOTS_BYTES)) + 1
        ]
    words = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    return Protego.parse("" if words.startswith("<") else _for_us(words, name))


def _for_us(words: str, name: str) -> str:
    """Return the same rules with one name for all other crawlers.

    Protego stores every rule under every name of its group. Ten thousand of each fit into 300 KB
    and would keep it busy for minutes.
    """
    name = name.lower()
    return "\n".join(_line_for_us(line, name) for line in words.splitlines())


def _line_for_us(line: str, name: str) -> str:
    found = _AGENT.match(line)
    named = found[1].partition("#")[0].strip().lower() if found else "*"
    if named in {"", "*"} or name.startswith(named.replace("*", "") or named):
        return line
    return "User-agent: another"


_AGENT: Final = re.compile(r"\s*user(?:-|\s*)agent\b\s*:?(.*)", re.IGNORECASE | re.DOTALL)

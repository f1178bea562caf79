"""The last step before the network: pace, and what only the connection knows of an answer.

Our connections replace Scrapy's. They keep the head of each answer byte for byte, and the
certificates that the server sent. Both reach `CaptureMiddleware` as headers of our own, because
Scrapy hands on nothing else of a connection.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from OpenSSL import crypto
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.defer import Deferred, fail
from twisted.internet.protocol import connectionDone
from twisted.internet.task import deferLater

from archive.urls import host_of
from crawler.answers import HeldBackError

HEAD: Final = b"X-Baogao-Head"
CHAIN: Final = b"X-Baogao-Chain"
"""Headers that our connection adds, in base64; those of a server with these names are dropped."""


def taken_out(response: Response, name: bytes) -> str | None:
    """Remove one of our headers from an answer and return what it holds, as Latin-1."""
    (value,) = response.headers.pop(name, None) or (None,)
    return None if value is None else base64.b64decode(value).decode("latin-1")


class Gate:
    """What a connection asks and tells the scheduler, which is there once the engine has begun."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    def wait_s(self, host: str) -> float:
        """Return the seconds until a request of a host may be written."""
        scheduler = self._scheduler
        return 0.0 if scheduler is None else float(scheduler.write_wait_s(host))

    def may_send(self, host: str) -> bool:
        """Whether a request may be written now; if so, it is taken to be written."""
        scheduler = self._scheduler
        return scheduler is None or bool(scheduler.may_send(host))

    def answered(self, host: str) -> None:
        """Note the first bytes of an answer."""
        if self._scheduler is not None:
            self._scheduler.answered(host)

    def unanswered(self, host: str) -> None:
        """Note that a connection has ended before the first bytes of an answer."""
        if self._scheduler is not None:
            self._scheduler.unanswered(host)

    @property
    def _scheduler(self) -> Any:
        return getattr(self._crawler.engine, "scheduler", None)


class HeadParser(_LenientHTTPClientParser):
    """Parses as Scrapy does, and keeps the lines of the head as they came."""

    chain: bytes | None = None

    def connectionMade(self) -> None:  # noqa: N802  (Twisted's)
        """Begin, also after an interim answer (1xx), whose head is dropped with it."""
        super().connectionMade()  # type: ignore[no-untyped-call]
        self.lines: list[bytes] = []

    def lineReceived(self, line: bytes) -> None:  # noqa: N802  (Twisted's)
        """Keep a line of the head with its end."""
        self.lines.append(line + self.delimiter)
        super().lineReceived(line)

    def allHeadersReceived(self) -> None:  # noqa: N802  (Twisted's)
        """Add our headers to those of the server."""
        for name, value in ((HEAD, b"".join(self.lines)), (CHAIN, self.chain)):
            self.headers.removeHeader(name)
            if value is not None:
                self.headers.addRawHeader(name, base64.b64encode(value))
        super().allHeadersReceived()  # type: ignore[no-untyped-call]


class HeadProtocol(_LenientHTTP11ClientProtocol):
    """A connection whose answers are parsed by `HeadParser`."""

    chain: bytes | None = None
    gate: Gate
    _awaited: str | None = None

    def request(self, request: Any) -> Any:
        """Send a request, as Scrapy does, unless its host may not be requested any more, or yet."""
        host = _host(request)
        wait_s = self.gate.wait_s(host)
        if wait_s > 0:
            return _later(wait_s, self.request, request)
        if not self.gate.may_send(host):
            return self._unsent(HeldBackError(f"{host}: another crawl may have taken it over"))
        self._awaited = host
        answered = super().request(request)
        parser: Any = self._parser
        parser.__class__ = HeadParser
        parser.lines = []  # it was begun as another class
        self.chain = parser.chain = self.chain or _chain(self.transport)
        return answered

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  (Twisted's)
        """Read an answer; its first bytes are noted."""
        if self._awaited is not None:
            self.gate.answered(self._awaited)
            self._awaited = None
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802  (Twisted's)
        """Note a request that stays without an answer, before it is repeated."""
        if self._awaited is not None:
            self.gate.unanswered(self._awaited)
            self._awaited = None
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _unsent(self, error: Exception) -> Deferred[Any]:
        """Close the connection, which is not used any more, and fail."""
        self.abort()  # type: ignore[no-untyped-call]
        return fail(error)


def _later(wait_s: float, call: Callable[[Any], Any], request: Any) -> Deferred[Any]:
    from twisted.internet import reactor  # noqa: PLC0415  (the one that Scrapy has installed)

    return deferLater(reactor, wait_s, call, request)


def _host(request: Any) -> str:
    """Return the host of a request of Twisted's, without the port."""
    (named,) = request.headers.getRawHeaders(b"host")
    return host_of(f"//{named.decode('latin-1')}")


class HeadFactory(_LenientHTTP11ClientFactory):
    """Makes our connections, which ask `gate` before each request."""

    def __init__(self, gate: Gate, *arguments: Any) -> None:
        super().__init__(*arguments)  # type: ignore[no-untyped-call]
        self._gate = gate

    def buildProtocol(self, addr: Any) -> HeadProtocol:  # noqa: ARG002, N802  (Twisted's)
        """Return a new connection."""
        made = HeadProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        made.gate = self._gate
        return made


def _chain(transport: Any) -> bytes | None:
    """Return the certificates that a server sent, its own first, as PEM; None without TLS."""
    asked = getattr(transport, "getHandle", None)
    connection = None if asked is None else asked()
    sent = getattr(connection, "get_peer_cert_chain", lambda: None)()
    if not sent:
        return None
    return b"".join(crypto.dump_certificate(crypto.FILETYPE_PEM, one) for one in sent)


class PacedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, which also tells the scheduler when a request is really sent."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        factory: Any = partial(HeadFactory, Gate(crawler))
        self._pool._factory = factory  # noqa: SLF001  (Scrapy sets its own here)

    async def download_request(self, request: Request) -> Response:
        """Send a request, unless its host must be left alone.

        Raises:
            HeldBackError: after the request was handed out, its host asked for time, was given up
                or was taken over by another crawl. The row goes back to the frontier unchanged.
        """
        scheduler = self._scheduler
        host = host_of(request.url)
        if scheduler is not None:
            if "leased" in request.meta and scheduler.holds(host):
                request.meta["held_back"] = True
                raise HeldBackError(f"{request.url}: its host has asked for time")
            scheduler.sent(host)
        try:
            return await super().download_request(request)
        except HeldBackError:
            request.meta["held_back"] = True
            raise

    @property
    def _scheduler(self) -> Any:
        return getattr(self._crawler.engine, "scheduler", None)

"""Downloader middlewares: the URL guard, and the capture of every answer and failure."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any, Final, Self, cast
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK

from archive import Capture, StorageError, clock
from archive.errors import WorkFailedError
from archive.model import Headers as HeaderPairs
from archive.model import sha256
from archive.urls import host_of
from crawler.answers import (
    CUT_ON_THE_WAY,
    READABLE,
    REDIRECT_STATUS,
    ROBOTS_BYTES,
    UNCHANGED_STATUS,
    BrokenEncodingError,
    ForbiddenAddressError,
    NoPageError,
    RobotsDeniedError,
    RobotsUnreadableError,
    TooLargeError,
    outcome_of_answer,
    outcome_of_failure,
)
from crawler.blocked import (
    OUTCOME_OF,
    is_cut_short,
    leads_home,
    leads_to_challenge,
    looks_blocked,
    refreshes_to,
    script_leads_to,
)
from crawler.codings import beginning, fault_at_the_end
from crawler.handlers import CHAIN, HEAD, taken_out
from crawler.page_workers import Answer, Question, nothing_for
from crawler.proxy import Proxy
from crawler.resolver import was_refused
from crawler.spiders.site import SiteSpider
from crawler.tls import digest_of

_GZIP: Final = b"\x1f\x8b\x08"
_MOST_CODINGS: Final = 2
_PAGES: Final = ("text/", "application/xhtml")

RATIO: Final = 200
"""The largest ratio of decompressed to received bytes. Real pages reach 30."""

RATIO_FROM: Final = 4 * 1024 * 1024
"""Decompressed bytes below which any ratio is accepted."""


class GuardMiddleware:
    """Checks every request against the site file, including robots.txt and redirects."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._proxy = Proxy.of(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse a scheme, host or port that the site file does not allow."""
        spider: Any = self._crawler.spider
        parts = urlsplit(request.url)
        if parts.scheme not in {"http", "https"}:
            raise ForbiddenAddressError(f"{request.url}: only http and https are fetched")
        if not spider.site.covers(parts.hostname or ""):
            raise ForbiddenAddressError(f"{request.url}: the host is not in the site file")
        if (parts.port or 80) not in spider.ports:
            raise ForbiddenAddressError(f"{request.url}: the port is not in the site file")
        if self._proxy is not None and not spider.site.loopback:
            await self._proxy.take(request, parts.hostname or "")


class CaptureMiddleware:
    """Closest to the network: records each attempt, then decodes the body for the others."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._compression = HttpCompressionMiddleware.from_crawler(crawler)
        self._compression.open_spider(crawler.spider)  # type: ignore[arg-type]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware, as Scrapy asks for it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Set the accepted content codings; byte ranges are requested uncompressed."""
        if "Range" in request.headers:
            request.headers["Accept-Encoding"] = "identity"
        self._compression.process_request(request)

    def process_response(self, request: Request, response: Response) -> Response:
        """Record the answer; later middlewares see the decoded body.

        Raises:
            IgnoreRequest: the body cannot be decoded; it is stored as received.
        """
        sent = _answer(request, response)
        try:
            decoded = self._decoded(request, response)
        except (BrokenEncodingError, TooLargeError) as error:
            kept = replace(sent, stored_as="wire")
            self._record(request, said(kept, outcome_of_failure(error), str(error)))
            raise
        if sent.payload is not None:
            sent = replace(sent, payload=decoded.body)
            if _is_beginning(request, response, decoded):
                sent = said(sent, sent.outcome, "longer than 500 KiB: these are its first")
            else:
                sent = _with_its_end(sent, response.body)
                decoded, sent = self._unlabelled(request, decoded, sent)
        capture = _judged_or_failed(sent)
        if capture.outcome == "truncated" and not capture.claims:
            capture = said(capture, "truncated", CUT_ON_THE_WAY)
        seen = self._record(request, capture)
        cut = seen.outcome == "truncated" and self._spider.reads_cut(request, seen)
        if seen.outcome not in READABLE and not cut and not self._spider.reads(seen):
            raise NoPageError(f"{request.url}: {seen.outcome}")
        return decoded

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Record the failure and leave the exception to others."""
        if isinstance(exception, IgnoreRequest) and not isinstance(
            exception, (RobotsDeniedError, RobotsUnreadableError, ForbiddenAddressError)
        ):
            return
        self._record(request, _failure(request, exception))

    def _decoded(self, request: Request, response: Response) -> Response:
        if request.meta.get("is_robots_txt"):
            return _first_bytes(response)
        if "Content-Encoding" not in response.headers:
            return response
        most = request.meta.get("download_maxsize", self._most)
        limit = min(most, max(RATIO_FROM, RATIO * len(response.body)))
        limited = Request(request.url, meta={"download_maxsize": limit})
        try:
            return self._compression.process_response(limited, response)  # type: ignore[return-value]
        except IgnoreRequest as error:
            raise TooLargeError(f"{request.url}: too large after decompression") from error
        except Exception as error:
            raise _no_such_coding(response, error) from error

    def _unlabelled(
        self, request: Request, response: Response, capture: Capture
    ) -> tuple[Response, Capture]:
        """Remove up to two layers of gzip that the headers do not declare from a page."""
        for _ in range(_MOST_CODINGS):
            if not response.body.startswith(_GZIP) or not is_called_page(response):
                break
            labelled = response.replace(headers={**response.headers, "Content-Encoding": "gzip"})
            try:
                response = self._decoded(request, labelled)
            except (BrokenEncodingError, TooLargeError):
                break
            named = ", ".join(filter(None, (capture.content_encoding, "gzip")))
            words = "; ".join(filter(None, (capture.error, "packed as gzip, which no header says")))
            capture = replace(capture, payload=response.body, content_encoding=named, error=words)
        return response, capture

    def _record(self, request: Request, capture: Capture) -> Capture:
        """Record an attempt as the spider describes it."""
        seen = self._spider.seen_as(request, capture)
        if self._spider.stores(request, seen):
            request.meta["ticket"] = self._spider.recorder.capture(self._spider.name, seen)
        request.meta["capture"] = seen
        return seen

    @property
    def _spider(self) -> SiteSpider:
        return cast(SiteSpider, self._crawler.spider)


def _first_bytes(response: Response) -> Response:
    """Return a robots.txt with only the bytes that are read.

    Raises:
        BrokenEncodingError: the body does not have its declared `Content-Encoding`.
    """
    coding = _coding(response)
    if not coding:
        return response.replace(body=response.body[:ROBOTS_BYTES])
    try:
        body = beginning(response.body, coding, ROBOTS_BYTES)
    except Exception as error:
        raise _no_such_coding(response, error) from error
    if body is None:
        raise _no_such_coding(response, ValueError("unknown coding"))
    return response.replace(body=body)


def _is_beginning(request: Request, response: Response, decoded: Response) -> bool:
    """Whether an answer is a robots.txt that was read only in part."""
    return bool(request.meta.get("is_robots_txt")) and (
        "download_stopped" in response.flags or len(decoded.body) >= ROBOTS_BYTES
    )


def _no_such_coding(response: Response, error: Exception) -> BrokenEncodingError:
    return BrokenEncodingError(f"{response.url}: the body is not {_coding(response)}: {error}")


def _coding(response: Response) -> str:
    return (response.headers.get("Content-Encoding") or b"").decode("latin-1")


class ReadingMiddleware:
    """Extracts links in a worker before the callback runs."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Attach the extracted links; report a page that cannot be read.

        Raises:
            StorageError: no worker can be started; the crawl is being stopped.
        """
        if request.callback is NO_CALLBACK:
            return response
        spider = cast(SiteSpider, self._crawler.spider)
        response.request = request
        request.meta["read"] = {
            question: await self._read(spider, request, question)
            for question in spider.to_read(response)
        }
        return response

    async def _read(self, spider: SiteSpider, request: Request, question: Question) -> Answer:
        try:
            return await spider.recorder.readers.read(question)
        except WorkFailedError as error:
            request.meta["derive_outcome"] = f"read_{error.how}"
            spider.recorder.fail(f"{request.url}: its links could not be read: {error}")
            return nothing_for(question)
        except StorageError as error:
            spider.recorder.give_up(error)
            raise


class RefreshMiddleware:
    """Follows exactly those pages whose capture is recorded as a redirect by refresh.

    Scrapy's own middleware would decode and search every page, and ignore long pages that refresh.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._following = MetaRefreshMiddleware.from_crawler(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware, as Scrapy asks for it."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Replace such a page by a request for its target."""
        capture: Capture | None = request.meta.get("capture")
        if capture is None or capture.outcome != "redirect":
            return response
        if script_leads_to(response.body, response.url) == capture.redirect_to is not None:
            response = _refresh(response, capture.redirect_to)
        return self._following.process_response(request, response)


def _judged_or_failed(capture: Capture) -> Capture:
    """Like `judged`, but an unexpected error is recorded in the capture, which is kept."""
    try:
        return judged(capture)
    except Exception as error:  # noqa: BLE001  (see above)
        return said(capture, capture.outcome, f"the answer could not be judged: {error!r}")


def _refresh(response: Response, target: str) -> Response:
    """Return a script redirect as a refresh page that Scrapy's middleware understands."""
    head = f'<meta http-equiv="refresh" content="0;url={escape(target)}">'
    return HtmlResponse(response.url, body=head.encode(), encoding="utf-8")


def judged(capture: Capture) -> Capture:
    """Return the capture with the outcome that its body or its redirect implies."""
    if capture.outcome == "ok":
        payload = capture.payload or b""
        target = refreshes_to(payload, capture.url) or script_leads_to(payload, capture.url)
        if target is not None:
            return judged(replace(capture, outcome="redirect", redirect_to=target))
        if is_cut_short(payload):
            return said(capture, "truncated", "the page has no end")
        found = looks_blocked(payload)
        return said(capture, OUTCOME_OF[found], found) if found else capture
    if capture.outcome == "redirect" and capture.redirect_to:
        if leads_to_challenge(capture.redirect_to):
            return said(capture, "blocked", "redirect to a challenge")
        if leads_home(capture.url, capture.redirect_to):
            return said(capture, "gone", "redirect to the first page")
    return capture


def is_called_page(response: Response) -> bool:
    """Whether the headers declare a page or text that is not compressed."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").strip().lower()
    return kind.startswith(_PAGES)


def _with_its_end(capture: Capture, coded: bytes) -> Capture:
    """Return the capture with a note on a faulty end of its compressed body; `truncated` if cut."""
    coding = capture.content_encoding
    if capture.outcome != "ok" or not coding:
        return capture
    fault = fault_at_the_end(coded, coding, capture.payload or b"")
    if fault is None:
        return capture
    return said(capture, "truncated" if fault.endswith("no end") else "ok", fault)


def said(capture: Capture, outcome: str, words: str) -> Capture:
    """Return the capture with another outcome and reason, beside the faults of its certificate.

    A cut answer is also recorded as a claim, so that reading the text knows of it.
    """
    error = "; ".join(filter(None, (words, capture.error)))
    claims = (*capture.claims, ("truncated", words)) if outcome == "truncated" else capture.claims
    return replace(capture, outcome=outcome, error=error, claims=claims)


def _answer(request: Request, response: Response) -> Capture:
    """Return the capture of an answer as received, with its body not yet decoded."""
    location = response.headers.get("Location")
    coding = response.headers.get("Content-Encoding")
    certificate = response.certificate
    head, chain = taken_out(response, HEAD), taken_out(response, CHAIN)
    faults = request.meta.pop("tls_faults", ())
    return Capture(
        url=request.url,
        payload=None if response.status == UNCHANGED_STATUS else response.body,
        outcome=outcome_of_answer(response.status, response.flags),
        error="; ".join(faults) or None,
        status=response.status,
        method=request.method,
        captured_at=clock.now(),
        elapsed_ms=_elapsed_ms(request),
        request_headers=_pairs(request.headers),
        response_headers=_pairs(response.headers),
        ip=None if response.ip_address is None else str(response.ip_address),
        certificate_sha256=None if certificate is None else digest_of(certificate),
        certificate_chain=chain,
        response_head=head,
        wire_sha256=sha256(response.body),
        wire_bytes=len(response.body),
        content_encoding=None if coding is None else coding.decode("latin-1"),
        redirect_to=_target(request.url, location) if response.status in REDIRECT_STATUS else None,
    )


def _target(url: str, location: bytes | None) -> str | None:
    """Return the target of a redirect, or None if it is not a URL."""
    if location is None:
        return None
    try:
        return urljoin(url, location.decode("utf-8", "replace"))
    except ValueError:
        return None


def _failure(request: Request, exception: Exception) -> Capture:
    outcome, why = outcome_of_failure(exception), f"{exception}" or type(exception).__name__
    host = host_of(request.url)
    if outcome == "dns" and was_refused(host):
        outcome, why = "forbidden_address", f"{host} is this machine, or one of its network"
    return Capture(
        url=request.url,
        outcome=outcome,
        error=why,
        method=request.method,
        captured_at=clock.now(),
        elapsed_ms=_elapsed_ms(request),
        request_headers=_pairs(request.headers),
    )


def _elapsed_ms(request: Request) -> int | None:
    """Return the milliseconds until the headers arrived, if they did."""
    latency = request.meta.get("download_latency")
    return None if latency is None else round(latency * 1000)


def _pairs(headers: Headers) -> HeaderPairs:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )

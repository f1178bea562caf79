"""Decides the outcome of a capture from its status, headers and bytes.

Challenges are recognised and recorded, never solved.
"""

from __future__ import annotations

from typing import Final

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

BLOCKED_STATUS: Final = frozenset({401, 403, 407, 412, 418, 429, 451, 521})
"""Statuses with which servers turn crawlers away (412 and 521 come with a script)."""

GONE_STATUS: Final = frozenset({404, 410})

UNCHANGED_STATUS: Final = 304

READABLE: Final = frozenset({"ok", "redirect", "unchanged"})
"""Outcomes whose answers are passed on to the spider."""

REDIRECT_STATUS: Final = frozenset({301, 302, 303, 307, 308})


ROBOTS_BYTES: Final = 500 * 1024
"""The first bytes of a robots.txt that are read, the minimum that RFC 9309 requires."""


class RobotsDeniedError(IgnoreRequest):
    """robots.txt disallows the URL."""


class RobotsUnreadableError(IgnoreRequest):
    """robots.txt cannot be read now, so nothing may be fetched (RFC 9309, 2.3.1.4)."""


class HeldBackError(IgnoreRequest):
    """The request was not sent: after it was handed out, its host asked the crawler to wait."""


class NoPageError(IgnoreRequest):
    """The answer was recorded, but it holds nothing that a spider can read."""


class ForbiddenAddressError(IgnoreRequest):
    """The site file does not allow the scheme, port or host of the URL."""


class BrokenEncodingError(IgnoreRequest):
    """The body cannot be decoded as its `Content-Encoding` declares."""


class TooLargeError(IgnoreRequest):
    """The body is larger than the limit, on the wire or after decompression."""


class TlsRefusedError(DownloadFailedError):
    """Client and server found no TLS version and cipher in common."""


FAILURES: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (RobotsDeniedError, "robots"),
    (RobotsUnreadableError, "robots_unreadable"),
    (BrokenEncodingError, "bad_encoding"),
    (TooLargeError, "too_large"),
    (ForbiddenAddressError, "forbidden_address"),
    (CannotResolveHostError, "dns"),
    (DownloadTimeoutError, "timeout"),
    (DownloadConnectionRefusedError, "refused"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too_large"),
    (UnsupportedURLSchemeError, "forbidden_address"),
    (TlsRefusedError, "tls"),
    (DownloadFailedError, "connection"),
)
"""Exceptions and their outcomes. The first match wins; any other exception is `error`."""


def outcome_of_failure(failure: BaseException) -> str:
    """Return the outcome of an attempt that got no answer."""
    return next((name for kind, name in FAILURES if isinstance(failure, kind)), "error")


CUT_ON_THE_WAY: Final = "fewer bytes came than the server said"
"""The claim recorded for an answer whose connection closed too early."""


def outcome_of_answer(status: int, flags: list[str]) -> str:
    """Return the outcome that a status means; `crawler.blocked` examines the body."""
    if "dataloss" in flags:
        return "truncated"
    if status in REDIRECT_STATUS:
        return "redirect"
    if status in GONE_STATUS:
        return "gone"
    if status in BLOCKED_STATUS:
        return "blocked"
    if status == UNCHANGED_STATUS:
        return "unchanged"
    return "ok" if status in {200, 203} else "http"

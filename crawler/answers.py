"""What an answer is: the outcome of a capture, read from status, headers and bytes.

Nothing here solves a challenge; it is recognised, recorded and left alone.
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
"""Statuses by which servers of this field turn a crawler away (412 and 521 with a script)."""

GONE_STATUS: Final = frozenset({404, 410})

UNCHANGED_STATUS: Final = 304

READABLE: Final = frozenset({"ok", "redirect", "unchanged"})
"""Outcomes of answers that go on to the spider; all others end with their capture."""

REDIRECT_STATUS: Final = frozenset({301, 302, 303, 307, 308})


ROBOTS_BYTES: Final = 500 * 1024
"""What RFC 9309 asks a crawler to read of a robots.txt at least, and all that we read."""


class RobotsDeniedError(IgnoreRequest):
    """robots.txt asks not to fetch the address."""


class RobotsUnreadableError(IgnoreRequest):
    """robots.txt cannot be read now, so that nothing may be fetched (RFC 9309, 2.3.1.4)."""


class HeldBackError(IgnoreRequest):
    """The request was not sent, because its host has asked for time since it was handed out."""


class NoPageError(IgnoreRequest):
    """The answer was recorded, and is nothing that a spider could read."""


class ForbiddenAddressError(IgnoreRequest):
    """Scheme, port or host of the address is none that the site file allows."""


class BrokenEncodingError(IgnoreRequest):
    """The body cannot be decoded as its `Content-Encoding` says."""


class TooLargeError(IgnoreRequest):
    """The body is larger than the limit, on the wire or after decompression."""


class TlsRefusedError(DownloadFailedError):
    """Client and server found no TLS that both speak."""


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
"""Exceptions and their outcomes, the first match wins; any other is `error`."""


def outcome_of_failure(failure: BaseException) -> str:
    """The outcome of an attempt that ended without an answer."""
    return next((name for kind, name in FAILURES if isinstance(failure, kind)), "error")


CUT_ON_THE_WAY: Final = "fewer bytes came than the server said"
"""What is claimed of an answer whose connection ended too soon."""


def outcome_of_answer(status: int, flags: list[str]) -> str:
    """The outcome of an answer by its status; `crawler.blocked` looks into the body."""
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

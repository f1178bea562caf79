"""Removes what must never reach the disk: credentials in headers, URLs, arguments, site files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from archive.model import Capture, Headers
from archive.store.addresses import plain

REDACTED: Final = "redacted"

_SECRET_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "cookie2", "x-api-key", "x-auth-token"}
)
_SET_COOKIES: Final = frozenset({"set-cookie", "set-cookie2"})
_SECRET_KEY: Final = re.compile(
    r"(?:^|[-_])(?:authorization|cookies?|password|passwd|secret|token|api[-_]?key)$", re.IGNORECASE
)
_USERINFO: Final = re.compile(r"://[^/?#\s]*@")
_SECRET_LINE: Final = re.compile(
    r"""((?:authorization|cookie|password|passwd|secret|token|api[-_]?key)["']?[ \t]*[:=][ \t]*)"""
    r"""[^\r\n]+""",
    re.IGNORECASE,
)


def redacted(capture: Capture) -> Capture:
    """Return `capture` for storing: without credentials, and only with valid UTF-8.

    Removes the values of Authorization, Proxy-Authorization and Cookie; Set-Cookie keeps the names
    of its cookies; URLs lose their userinfo. The payload is a fact and is unchanged.
    """
    return replace(
        capture,
        url=stored_url(capture.url),
        error=_words(capture.error),
        request_headers=_headers(capture.request_headers),
        response_headers=_headers(capture.response_headers),
        response_head=None if capture.response_head is None else _head(capture.response_head),
        redirect_to=_words(capture.redirect_to),
        filename=None if capture.filename is None else plain(capture.filename),
        member=None if capture.member is None else plain(capture.member),
        claims=tuple(
            (without_userinfo(plain(name)), without_userinfo(plain(value)))
            for name, value in capture.claims
        ),
    )


def stored_url(url: str) -> str:
    """Return a URL for storing."""
    return without_userinfo(plain(url))


def redacted_arguments(thing: Any, key: str = "") -> Any:
    """Return `thing` (JSON-like) without credentials: by key names, and in URLs and headers."""
    if isinstance(thing, Mapping):
        return {plain(str(k)): redacted_arguments(v, str(k)) for k, v in thing.items()}
    if isinstance(thing, list | tuple):
        return [redacted_arguments(item, key) for item in thing]
    if isinstance(thing, bool | int | float) or thing is None:
        return thing
    return REDACTED if _SECRET_KEY.search(key) else redacted_words(str(thing))


def redacted_words(words: str) -> str:
    """Return a text (a site file, an argument) without credentials."""
    return _SECRET_LINE.sub(rf"\1{REDACTED}", without_userinfo(plain(words)))


def without_userinfo(words: str) -> str:
    """Return `words` with `user:password@` removed from every URL."""
    return _USERINFO.sub("://", words)


def _words(words: str | None) -> str | None:
    return None if words is None else without_userinfo(plain(words))


def _headers(headers: Headers) -> Headers:
    return tuple(
        (plain(name), _header(name.strip().lower(), plain(value))) for name, value in headers
    )


def _head(head: str) -> str:
    """Return the lines of a response's head, without the values that `_headers` removes."""
    lines, is_secret = [], False
    for line in plain(head).split("\n"):
        end = "\r" if line.endswith("\r") else ""
        name, sign, value = line.removesuffix("\r").partition(":")
        goes_on = line.startswith((" ", "\t"))
        if not goes_on:
            is_secret = name.strip().lower() in _SECRET_HEADERS | _SET_COOKIES
        if not is_secret:
            lines.append(without_userinfo(line))
        elif goes_on:
            lines.append(f" {REDACTED}{end}")
        else:
            lines.append(f"{name}{sign} {_header(name.strip().lower(), value)}{end}")
    return "\n".join(lines)


def _header(name: str, value: str) -> str:
    if name in _SECRET_HEADERS:
        return REDACTED
    if name in _SET_COOKIES:
        named, sign, _ = value.partition(";")[0].partition("=")
        return f"{named.strip()}=" if sign else REDACTED  # without a name, all of it is the value
    return without_userinfo(value)

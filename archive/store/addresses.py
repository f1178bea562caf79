"""URLs as keys: percent-encoded, without secrets, and as SURT."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from archive.urls import host_of

_SAFE: Final = "%/:=&?~#+!$,;'@()*[]"
_WWW: Final = re.compile(r"^www\d*\.")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def page_url(url: str) -> str:
    """Return the URL of a page: percent-encoded UTF-8, host in lower case, no userinfo or fragment.

    A string that cannot be parsed as a URL is percent-encoded as it is.
    """
    encoded = quote(plain(url).strip(), safe=_SAFE)
    try:
        parts = urlsplit(encoded)
        port = parts.port
    except ValueError:
        return encoded
    if not parts.netloc:
        return encoded
    host = _ascii_host(parts.hostname or "")
    netloc = host if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, parts.path or "/", parts.query, ""))


def surt(url: str) -> str:
    """Return the URL with reversed host, for sorting and lookup: `cn,gov,example)/a?b`.

    http and https, with and without `www`, give the same SURT.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (is parsed when asked for)
    except ValueError:
        return url
    if not parts.netloc:
        return url
    labels = ",".join(reversed(_WWW.sub("", host_of(url)).split(".")))
    port = "" if parts.port is None else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{labels}{port}){parts.path or '/'}{query}"


def plain(words: str) -> str:
    """Return `words` as valid UTF-8; lone surrogates become backslash escapes."""
    return words.encode("utf-8", "backslashreplace").decode("utf-8")


def _ascii_host(host: str) -> str:
    decoded = unquote(host)
    try:
        return decoded.encode("ascii").decode()
    except UnicodeEncodeError:
        pass
    try:
        return decoded.encode("idna").decode()
    except UnicodeError:
        return host

"""Decides when two URLs are the same page: the key by which the frontier identifies a request."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from w3lib.url import safe_url_string

TRACKING: Final = re.compile(
    r"(?:utm_\w+|spm(?:_id_from)?|jsessionid|phpsessid|aspsessionid\w*|sessionid|share_token)",
    re.IGNORECASE,
)
"""Query parameters that differ between visits and never select a page."""

_BYTES: Final = "latin-1"
"""Percent-encodes a query value byte by byte, whatever the encoding of its page."""
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?#;]*", re.IGNORECASE)


def written(href: str) -> str:
    """Read an `href` as browsers do: no line ends, and `/` for each backslash in its path."""
    shown = _LINE_ENDS.sub("", href.strip())
    path = _BEHIND_PATH.match(shown)
    end = path.end() if path else len(shown)
    return shown[:end].replace("\\", "/") + shown[end:]


def encoded(url: str, encoding: str) -> str:
    """Return a URL with its path in UTF-8 and its query in the encoding of the linking page.

    Example:
        >>> encoded("http://www.example.gov.cn/art.asp?title=报告", "gb18030")
        'http://www.example.gov.cn/art.asp?title=%B1%A8%B8%E6'
    """
    try:
        return safe_url_string(url, encoding=encoding, path_encoding="utf-8")
    except (UnicodeEncodeError, LookupError):
        return safe_url_string(url)


_LINE_ENDS: Final = re.compile(r"[\t\r\n]+")
_BEHIND_PATH: Final = re.compile(r"[^?#]*")


@lru_cache(maxsize=4096)  # a crawl asks about each address several times
def page_key(url: str) -> str:
    """Return the URL without the parts that do not select the page.

    http and https, with and without `www.`, and any session ids or tracking parameters give the
    same key. The order of query parameters does not matter.

    Example:
        >>> page_key("http://www.example.gov.cn/a.html?spm=1.2&id=7#top")
        'example.gov.cn/a.html?id=7'
    """
    parts = urlsplit(safe_url_string(url))
    host = (parts.hostname or "").lower().removeprefix("www.")
    port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    path = _SESSION_IN_PATH.sub("", parts.path) or "/"
    query = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True, encoding=_BYTES)
        if not TRACKING.fullmatch(name)
    )
    return f"{host}{port}{path}" + (f"?{urlencode(query, encoding=_BYTES)}" if query else "")


def fingerprint(site: str, url: str, method: str = "GET", body: bytes = b"") -> str:
    """Return the key of one request of one site in the frontier, as 64 hex digits."""
    words = "\n".join((site, method, page_key(url))).encode()
    return sha256(words + b"\n" + body).hexdigest()

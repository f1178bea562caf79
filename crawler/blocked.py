"""Recognises error pages sent with status 200: challenges, login walls, soft 404s, parked domains.

They are recognised by text that such pages must contain, and never solved. Reports are long, so a
page with much text is never classified by its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from w3lib.html import get_meta_refresh

LONG_TEXT: Final = 1200
"""Bytes of text, without tags and white space, from which a page counts as an article."""

WINDOW: Final = 4 * 1024
"""Bytes read at a time to decide whether a text is long."""

AT_ONCE_S: Final = 5.0

CHALLENGES: Final = (
    b"__jsl_clearance", b"__jsluid", b"wzws_", b"/_bot_sbu/", b"_$jsvmprt", b"$_ts=window",
    b"cf-chl-", b"challenge-platform", b"captcha-delivery", b"acw_sc__v2", b"security_verification",
)  # fmt: skip
"""Identifiers used by the scripts of known challenge systems."""

CHALLENGE_URL: Final = re.compile(
    r"wzws_cid=|/cdn-cgi/challenge|/_bot_sbu/|[?&]__jsl", re.IGNORECASE
)

SOFT_404: Final = tuple(
    words.encode(encoding)
    for words in (
        "您访问的页面不存在", "页面不存在", "您查看的页面不存在", "找不到该页", "页面已删除",
        "该页面已被删除", "您要查看的网页可能已被删除", "信息不存在或已删除", "文章不存在",
        "页面没有找到", "抱歉，您访问的页面", "抱歉,您访问的页面",
    )
    for encoding in ("utf-8", "gb18030")
)  # fmt: skip
"""Phrases of error pages that are sent with status 200."""

LOGIN: Final = tuple(
    words.encode(encoding)
    for words in ("您需要先登录", "请先登录", "登录后查看", "请登录后")
    for encoding in ("utf-8", "gb18030")
)

PARKED: Final = tuple(
    words.encode(encoding)
    for words in (
        "域名出售", "该域名正在出售", "域名已过期", "此域名可转让", "购买此域名",
        "domain is for sale", "buy this domain", "parkingcrew", "sedoparking",
    )
    for encoding in ("utf-8", "gb18030")
)  # fmt: skip

_TAG = re.compile(rb"<[^<>]*>")
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|meta|div|p)\b", re.IGNORECASE)
_OPEN_PAGE = re.compile(rb"<html\b", re.IGNORECASE)
_ROOTS = {"", "/", "/index.html", "/index.htm", "/index.shtml", "/index.jsp"}


def looks_blocked(payload: bytes) -> str | None:
    """Return what the page is instead: `challenge`, `login`, `soft 404`, `parked domain`, or None.

    Args:
        payload: the decoded body. Anything but markup gives None.
    """
    if not _MARKUP.search(payload[:4096]) or _has_long_text(payload):
        return None
    text, scripts = _without_scripts(payload)
    text = _TAG.sub(b" ", text)
    bare = sum(map(len, text.split()))
    if any(name in payload for name in CHALLENGES) or (scripts and not bare):
        return "challenge"
    for name, words in (("parked domain", PARKED), ("soft 404", SOFT_404), ("login", LOGIN)):
        if any(one in text for one in words):
            return name
    return None


def refreshes_to(payload: bytes, url: str) -> str | None:
    """Return the target of a short page that only refreshes at once, or None."""
    head = payload[:4096]
    if b"http-equiv" not in head.lower():
        return None
    try:
        delay_s, target = get_meta_refresh(head.decode("latin-1"), url)
    except ValueError:  # the target is not a URL
        return None
    if target is None or delay_s is None or delay_s > AT_ONCE_S:
        return None
    return None if _has_long_text(payload) else target


def script_leads_to(payload: bytes, url: str) -> str | None:
    """Return the plain URL to which the script of a short page redirects, or None.

    A script that sets a cookie or computes its target is a challenge and is not followed. Neither
    is one that leads back to the same page.
    """
    if b"location" not in payload or len(payload) > LONGEST_MOVED:
        return None
    if b"cookie" in payload or any(name in payload for name in CHALLENGES):
        return None
    targets = {found["to"] for found in _LOCATION.finditer(payload)}
    if len(targets) != 1 or _has_long_text(payload) or b"<a " in payload.lower():
        return None
    target = _joined(url, targets.pop())
    return None if target is None or target.partition("#")[0] == url else target


def _joined(url: str, target: bytes) -> str | None:
    try:
        return urljoin(url, target.decode("utf-8", "replace").strip())
    except ValueError:
        return None


LONGEST_MOVED: Final = 8 * 1024
"""The most bytes of a page that only redirects."""

_LOCATION: Final = re.compile(
    rb"(?:(?:window|self|top|parent|document|this)\s*\.\s*)?\blocation(?:\s*\.\s*href)?\s*"
    rb"(?:=\s*|\.\s*(?:replace|assign)\s*\(\s*)"
    rb"\\?(?P<quote>[\"'])(?P<to>[^\"'<>\\\s]{1,500})\\?(?P=quote)(?!\s*\+)"
)


def _has_long_text(payload: bytes) -> bool:
    """Whether the page has an article's amount of text. Reads no more than needed."""
    bare = 0
    for piece, _ in _outside_scripts(payload):
        start = 0
        while start < len(piece):
            stop = piece.rfind(b"<", start + 1, start + WINDOW)  # do not cut a tag in two
            stop = stop if stop > 0 else len(piece)
            bare += sum(map(len, _TAG.sub(b" ", piece[start:stop]).split()))
            if bare >= LONG_TEXT:
                return True
            start = stop
    return False


def _without_scripts(payload: bytes) -> tuple[bytes, int]:
    """Return the payload without scripts and styles, and the number of scripts."""
    pieces = list(_outside_scripts(payload))
    return b"".join(piece for piece, _ in pieces), sum(script for _, script in pieces)


def _outside_scripts(payload: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield the text before each script or style and whether it is a script; last, the rest."""
    lower = payload.lower()
    reached = 0
    for opening in _OPENING.finditer(lower):
        if opening.start() < reached:
            continue
        yield payload[reached : opening.start()], opening[1] == b"script"
        reached = lower.find(b"</" + opening[1], opening.end())
        if reached < 0:
            return
    yield payload[reached:], False


_OPENING = re.compile(rb"<(script|style)\b")


OUTCOME_OF: Final = {
    "challenge": "blocked", "login": "blocked", "soft 404": "gone", "parked domain": "gone",
}  # fmt: skip
"""The capture outcome for each result of `looks_blocked`."""


def is_cut_short(payload: bytes) -> bool:
    """Whether a page is cut: `<html>` was never closed, and the text ends outside a closing tag.

    Servers that send a `Content-Length` too small cut pages like this. Old pages that merely omit
    `</html>` end in some other tag.
    """
    end = payload[-4096:].rstrip().lower()
    return (
        _OPEN_PAGE.search(payload[:4096]) is not None
        and not end.endswith((b">", b"}", b";"))
        and b"</html" not in end
        and b"</body" not in end
    )


def leads_to_challenge(url: str) -> bool:
    """Whether a redirect goes to the page of a challenge system."""
    return CHALLENGE_URL.search(url) is not None


def leads_home(url: str, target: str) -> bool:
    """Whether an article redirects to a home page, the usual way of removing one."""
    return (urlsplit(url).path or "/") not in _ROOTS and urlsplit(target).path in _ROOTS

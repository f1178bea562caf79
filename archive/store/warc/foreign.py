"""Reads records of other tools: what they say of a capture, and its decoded body."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urljoin

from archive.model import Capture, Headers, sha256
from archive.store.warc.coding import codings, unchunked, uncoded
from archive.store.warc.digests import Check, check
from archive.store.warc.framing import WarcRecord
from archive.store.warc.http import HttpHead, head_of

NO_HTTP: Final = "the record holds no HTTP response"
UNPROVEN: Final = "the bytes do not match the digest that came with them"

_FAILED: Final = 400
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED: Final = 304
_DATE: Final = re.compile(
    r"(?:(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?Z"
    r"|\d{4}(?:-\d\d){0,2})",
    re.ASCII,
)
_RECODED: Final = re.compile(r"x-(?:archive-orig|orig|crawl|crawler)-(?:content|transfer)-encoding")
"""Headers with which tools say that they removed a coding before storing a body."""

Facts = dict[str, Any]
"""Fields of a capture, collected before it is made, because making one is comparatively slow."""


def capture_of(
    frame: WarcRecord, request: WarcRecord | None = None, container: str | None = None
) -> Capture:
    """Return the capture of a response, resource or revisit record of any tool.

    Args:
        frame: the record.
        request: the request record, if there is one.
        container: the sha256 of the file.
    """
    facts: Facts = {
        "url": address(frame),
        "captured_at": moment(frame.get("WARC-Date")),
        "ip": frame.get("WARC-IP-Address") or None,
        "origin": "warc",
        "member": frame.get("WARC-Record-ID")[:200] or f"byte {frame.place}",
        "container_sha256": container,
    }
    asked = None if request is None else head_of(request.block)
    if asked is not None:
        method = asked.line.split(" ", 1)[0][:20]
        facts |= {"method": method or "GET", "request_headers": asked.headers}
    if frame.get("WARC-Type") == "resource":
        facts |= _resource(frame)
    else:
        facts |= _answer(frame, facts)
    facts |= _cut_short(frame)
    if frame.doubt:
        facts["error"] = f"{facts['error']}; {frame.doubt}" if facts.get("error") else frame.doubt
    return Capture(**facts)


def address(frame: WarcRecord) -> str:
    """Return the URL of a record."""
    return frame.get("WARC-Target-URI").strip("<> ")


def moment(date: str) -> str | None:
    """Return the time of a record in the archive's format; None if it is invalid.

    Example:
        >>> moment("2020-01-02T03:04:05Z"), moment("2020-01"), moment("yesterday")
        ('2020-01-02T03:04:05.000Z', '2020-01', None)
    """
    stated = _DATE.fullmatch(date)
    if stated is None or stated["second"] is None:
        return None if stated is None else date
    return f"{stated['second']}.{(stated['fraction'] or '').ljust(3, '0')}Z"


def claims(claimed: str, found: Check) -> Headers:
    """Return a claimed payload digest, and the result of checking it, as claims of a capture."""
    return ("claimed_digest", claimed), ("digest_check", found)


def _resource(frame: WarcRecord) -> Facts:
    kind = frame.get("Content-Type")
    facts: Facts = {"response_headers": (("Content-Type", kind),) if kind else ()}
    if frame.left_out:
        return facts | _too_large(frame)
    found = _check(frame, frame.block)
    return facts | {"payload": frame.block} | _judged(frame, found)


def _answer(frame: WarcRecord, known: Facts) -> Facts:
    revisit = frame.get("WARC-Type") == "revisit"
    head = head_of(frame.block)
    if head is None or not head.is_answer:
        return {} if revisit else _no_http(frame)  # a revisit need not have headers
    facts: Facts = {
        "status": head.status,
        "response_headers": head.headers,
        "redirect_to": _target(known["url"], head),
        "outcome": "http" if (head.status or 0) >= _FAILED else "ok",
    }
    if head.status is None:
        facts["error"] = f"the status line tells no status: {head.line[:60]!r}"
    if revisit:
        return facts
    if head.status == _NOT_MODIFIED:
        return facts | {"outcome": "unchanged"}
    if frame.left_out:
        return facts | _too_large(frame)
    return facts | _body(frame, head, is_head=known.get("method") == "HEAD")


def _no_http(frame: WarcRecord) -> Facts:
    if frame.left_out:
        return _too_large(frame)
    judged = _judged(frame, _check(frame, frame.block) if frame.block else None)
    return judged | {
        "outcome": "error",
        "error": NO_HTTP,
        "payload": frame.block or None,
        "stored_as": "wire",
    }


def _target(url: str, head: HttpHead) -> str | None:
    place = head.get("Location") if head.status in _REDIRECTS else ""
    try:
        return urljoin(url, place.encode("latin-1").decode("utf-8", "replace")) if place else None
    except ValueError:
        return None


def _body(frame: WarcRecord, head: HttpHead, *, is_head: bool) -> Facts:
    """Return the body without transfer and content coding, and the wire's digest."""
    raw = frame.block[head.body :]
    sent, packed, whole = _sent(head.get("Transfer-Encoding"), raw)
    named = codings(head.get("Content-Encoding"))
    body = uncoded(sent, named) if named else sent
    recoded = any(_RECODED.match(name.lower()) for name, _ in head.headers)
    facts: Facts = {
        "payload": sent if body is None else body,
        "stored_as": "wire" if body is None else "decoded",
        "content_encoding": ", ".join(named) or None,
        "wire_sha256": sha256(sent),
        "wire_bytes": len(sent),
    }
    forms = (raw, packed, sent, facts["payload"])
    facts |= _judged(frame, _check(frame, *forms, recoded=recoded))
    missing = None if whole else "the body has not all of its chunks"
    if missing is None and not recoded and not is_head:
        missing = _missing(head, len(sent))
    return facts | ({} if missing is None else {"outcome": "truncated", "error": missing})


def _sent(named: str, raw: bytes) -> tuple[bytes, bytes, bool]:
    """Return the body without transfer codings, without chunks only, and whether it is complete."""
    if not named:
        return raw, raw, True
    chunks = unchunked(raw) if "chunked" in named.lower() else None
    sent = raw if chunks is None else chunks.body
    body = uncoded(sent, codings(named))
    return sent if body is None else body, sent, chunks is None or chunks.whole


def _missing(head: HttpHead, count: int) -> str | None:
    """Report that a body is shorter than the server declared."""
    stated = head.get("Content-Length").strip()
    if head.get("Transfer-Encoding") or not re.fullmatch(r"\d{1,15}", stated, re.ASCII):
        return None
    return f"the body has {count} of {stated} bytes" if 0 < count < int(stated) else None


def _check(frame: WarcRecord, *forms: bytes, recoded: bool = False) -> Check | None:
    """Check a body against the record's claimed digest; None if it claims none."""
    claimed = frame.get("WARC-Payload-Digest")
    return check(claimed, *forms, recoded=recoded) if claimed else None


def _judged(frame: WarcRecord, found: Check | None) -> Facts:
    """Return the claimed digest, the result of checking it, and what is wrong."""
    claimed = frame.get("WARC-Payload-Digest")
    if frame.check == "differs" and found != "match":
        claimed, found = claimed or frame.get("WARC-Block-Digest"), "differs"
    facts: Facts = {} if found is None else {"claims": claims(claimed, found)}
    wrong = found == "differs" or frame.check == "differs"
    return facts | ({"error": UNPROVEN} if wrong else {})


def _too_large(frame: WarcRecord) -> Facts:
    size = len(frame.block) + frame.left_out
    return {
        "outcome": "too_large",
        "error": f"the record has {size} bytes; its body was left out",
    }


def _cut_short(frame: WarcRecord) -> Facts:
    """Report that the tool stopped early, or that the record continues in another one."""
    if frame.get("WARC-Type") == "revisit":
        return {}  # the omission of its body is its purpose
    if reason := frame.get("WARC-Truncated"):
        stated = f"was cut off while it was archived: {reason[:40]}"
    elif frame.get("WARC-Segment-Number"):
        stated = "goes on in other records; segments are not put together"
    else:
        return {}
    return {"outcome": "truncated", "error": stated}

"""Records of other tools: what they say of a capture, and its body out of all codings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin

from archive.model import Capture, Headers, sha256
from archive.store.warc.coding import codings, unchunked, uncoded
from archive.store.warc.digests import Check, check
from archive.store.warc.framing import Frame

LONGEST_HEAD_BYTES: Final = 1 << 20

NO_HTTP: Final = "the record holds no HTTP response"
UNPROVEN: Final = "the bytes do not match the digest that came with them"

_FAILED: Final = 400
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED: Final = 304
_RECODED: Final = re.compile(r"x-(?:archive-orig|orig|crawl|crawler)-(?:content|transfer)-encoding")
"""Headers by which tools say that they took a coding off before they stored a body."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line and the headers of an HTTP message, and where its body begins."""

    line: str
    headers: Headers
    body: int

    @property
    def status(self) -> int | None:
        """The status of a response; None where the line is that of none."""
        words = self.line.split(None, 2)
        told = words[1] if len(words) > 1 and self.line.startswith("HTTP/") else ""
        return int(told) if re.fullmatch(r"[1-9]\d\d", told, re.ASCII) else None


def capture_of(frame: Frame, request: Frame | None = None) -> Capture:
    """The capture that a response, resource or revisit record of any tool holds.

    Args:
        frame: the record.
        request: the record of what was asked, where there is one.
    """
    bare = Capture(
        url=address(frame),
        captured_at=frame.get("WARC-Date") or None,
        ip=frame.get("WARC-IP-Address") or None,
        origin="warc",
        member=frame.get("WARC-Record-ID")[:200] or f"byte {frame.place}",
    )
    asked = None if request is None else head_of(request.block)
    if asked is not None:
        method = asked.line.split(" ", 1)[0][:20]
        bare = replace(bare, method=method or "GET", request_headers=asked.headers)
    if frame.get("WARC-Type") == "resource":
        return _cut_short(_resource(bare, frame), frame)
    return _cut_short(_answer(bare, frame), frame)


def address(frame: Frame) -> str:
    """The address that a record is of."""
    return frame.get("WARC-Target-URI").strip("<> ")


def head_of(block: bytes) -> Head | None:
    """The head of the HTTP message in `block`; None where it has none, or one without end."""
    crlf, lf = block.find(b"\r\n\r\n", 0, LONGEST_HEAD_BYTES), -1
    if crlf < 0:
        lf = block.find(b"\n\n", 0, LONGEST_HEAD_BYTES)
    if crlf < 0 and lf < 0:
        whole = len(block) <= LONGEST_HEAD_BYTES and block.startswith(b"HTTP/")
        return _head(block, len(block)) if whole else None
    return _head(block[: max(crlf, lf)], crlf + 4 if crlf >= 0 else lf + 2)


def _head(words: bytes, body: int) -> Head:
    found: list[tuple[str, str]] = []
    line, *rest = words.decode("latin-1").split("\n")
    for row in rest:
        if row[:1] in {" ", "\t"} and found:  # a long header may be folded
            found[-1] = (found[-1][0], f"{found[-1][1]} {row.strip()}")
            continue
        name, colon, value = row.partition(":")
        if colon:
            found.append((name.strip(), value.strip()))
    return Head(line.rstrip("\r"), tuple(found), body)


def http_body(block: bytes) -> bytes:
    """What follows the HTTP headers of a record's block."""
    head = head_of(block)
    return b"" if head is None else block[head.body :]


def _resource(bare: Capture, frame: Frame) -> Capture:
    kind = frame.get("Content-Type")
    headers = (("Content-Type", kind),) if kind else ()
    found = replace(bare, response_headers=headers)
    if frame.left_out:
        return _too_large(found, frame)
    body = frame.block
    return _judged(replace(found, payload=body), frame, check_of(frame, body))


def _answer(bare: Capture, frame: Frame) -> Capture:
    head = head_of(frame.block)
    if head is None or head.status is None:
        if frame.get("WARC-Type") == "revisit":
            return bare  # its headers need not be there
        found = replace(bare, outcome="error", error=NO_HTTP, payload=frame.block or None,
                        stored_as="wire")  # fmt: skip
        return replace(found, payload=None) if frame.left_out else found
    answered = replace(
        bare,
        status=head.status,
        response_headers=head.headers,
        redirect_to=_target(bare.url, head),
        outcome="http" if head.status >= _FAILED else "ok",
    )
    if frame.get("WARC-Type") == "revisit":
        return answered
    if frame.left_out:
        return _too_large(answered, frame)
    if head.status == _NOT_MODIFIED:
        return replace(answered, outcome="unchanged")
    return _decoded(answered, frame, frame.block[head.body :])


def _target(url: str, head: Head) -> str | None:
    place = next((v for k, v in head.headers if k.lower() == "location"), None)
    if head.status not in _REDIRECTS or not place:
        return None
    try:
        return urljoin(url, place.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        return None


def _decoded(answered: Capture, frame: Frame, raw: bytes) -> Capture:
    """`answered` with its body out of transfer and content coding; the wire's digest beside it."""
    sent, whole = _sent(answered, raw)
    named = codings(answered.header("Content-Encoding"))
    body = uncoded(sent, named) if named else sent
    payload = sent if body is None else body
    digest = sha256(sent)
    found = replace(
        answered,
        payload=payload,
        stored_as="decoded" if body is not None else "wire",
        content_encoding=", ".join(named) or None,
        wire_sha256=digest,
        wire_bytes=len(sent),
    )
    if not whole:
        found = replace(found, outcome="truncated", error="the body has not all of its chunks")
    elif (told := _missing(found, len(sent))) is not None:
        found = replace(found, outcome="truncated", error=told)
    return _judged(found, frame, check_of(frame, raw, sent, payload, recoded=is_recoded(found)))


def _sent(answered: Capture, raw: bytes) -> tuple[bytes, bool]:
    """The body out of its transfer codings, and whether it has its end."""
    named = answered.header("Transfer-Encoding") or ""
    if not named:
        return raw, True
    chunks = unchunked(raw) if "chunked" in named.lower() else None
    sent = raw if chunks is None else chunks.body
    body = uncoded(sent, codings(named))
    return sent if body is None else body, chunks is None or chunks.whole


def _missing(capture: Capture, count: int) -> str | None:
    """That a body is shorter than the server said, where it was not taken out of a coding."""
    told = (capture.header("Content-Length") or "").strip()
    if capture.method == "HEAD" or capture.header("Transfer-Encoding") or is_recoded(capture):
        return None
    if not re.fullmatch(r"\d{1,15}", told, re.ASCII) or not count or count >= int(told):
        return None
    return f"the body has {count} of {told} bytes"


def is_recoded(capture: Capture) -> bool:
    """Whether the headers say that a coding was taken off before the body was stored."""
    return any(_RECODED.match(name.lower()) for name, _ in capture.response_headers)


def check_of(frame: Frame, *forms: bytes, recoded: bool = False) -> Check | None:
    """Whether a body is the one whose digest the record claims; None where it claims none."""
    claimed = frame.get("WARC-Payload-Digest")
    return check(claimed, *forms, recoded=recoded) if claimed else None


def _judged(capture: Capture, frame: Frame, found: Check | None) -> Capture:
    """`capture` with the digest that was claimed for it, and the verdict on it, as claims."""
    claimed = frame.get("WARC-Payload-Digest")
    if frame.check == "differs" and found != "match":
        claimed, found = claimed or frame.get("WARC-Block-Digest"), "differs"
    judged = capture if found is None else with_check(capture, claimed, found)
    if found == "differs" or frame.check == "differs":
        return replace(judged, error=judged.error or UNPROVEN)
    return judged


def with_check(capture: Capture, claimed: str, found: Check) -> Capture:
    """`capture` with a digest that was claimed for its payload, and the verdict on it."""
    return replace(capture, claims=(("claimed_digest", claimed), ("digest_check", found)))


def _too_large(capture: Capture, frame: Frame) -> Capture:
    size = len(frame.block) + frame.left_out
    return replace(
        capture, outcome="too_large", error=f"the record has {size} bytes; its body was left out"
    )


def _cut_short(capture: Capture, frame: Frame) -> Capture:
    """Say so where the tool stopped early, or where the record goes on in another."""
    if reason := frame.get("WARC-Truncated"):
        told = f"was cut off while it was archived: {reason[:40]}"
    elif frame.get("WARC-Segment-Number"):
        told = "goes on in other records; segments are not put together"
    else:
        return capture
    return replace(capture, outcome="truncated", error=told)

"""Records of other tools: what they say of a capture, and its body out of all codings."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

from archive.model import Capture, Headers, sha256
from archive.store.warc.framing import Frame, matches

LARGEST_PAYLOAD_BYTES: Final = 1 << 28
"""A body that unpacks to more is kept as it came over the wire."""


def capture_of(frame: Frame) -> Capture:
    """The capture that a response, revisit or resource record of any tool holds."""
    bare = Capture(
        url=frame.get("WARC-Target-URI").strip("<>"),
        captured_at=frame.get("WARC-Date") or None,
        ip=frame.get("WARC-IP-Address") or None,
    )
    if frame.get("WARC-Type") == "resource":
        kind = frame.get("Content-Type")
        own = (("Content-Type", kind),) if kind else ()
        return replace(bare, payload=frame.block, response_headers=own)
    status, headers = _http_head(frame.block)
    if status is None:
        return replace(bare, outcome="error", error="the record holds no HTTP response")
    answered = replace(bare, status=status, response_headers=headers)
    return answered if frame.get("WARC-Type") == "revisit" else _decoded(answered, frame)


def _decoded(capture: Capture, frame: Frame) -> Capture:
    """`capture` with its body out of transfer and content coding; the wire's digest beside it."""
    wire = http_body(frame.block)
    if "chunked" in (capture.header("Transfer-Encoding") or "").lower():
        wire = _unchunked(wire)
    told = frame.get("WARC-Payload-Digest")
    differs = told and not any(
        matches(told, body) is not False for body in (wire, http_body(frame.block))
    )
    coding = (capture.header("Content-Encoding") or "").strip().lower()
    body = None if not coding or coding == "identity" else _uncoded(wire, coding)
    failed = (capture.status or 0) >= 400  # noqa: PLR2004
    return replace(
        capture,
        outcome="truncated" if frame.get("WARC-Truncated") else "http" if failed else "ok",
        error="the payload does not match the digest it came with" if differs else None,
        payload=wire if body is None else body,
        stored_as="wire" if coding not in {"", "identity"} and body is None else "decoded",
        content_encoding=coding or None,
        wire_sha256=sha256(wire),
        wire_bytes=len(wire),
    )


def _http_head(block: bytes) -> tuple[int | None, Headers]:
    head = block.split(b"\r\n\r\n", 1)[0].decode("latin-1")
    line, *rest = head.split("\r\n")
    words = line.split(None, 2)
    if not line.startswith("HTTP/") or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004
        return None, ()
    pairs = (row.partition(":") for row in rest)
    return int(words[1]), tuple((n.strip(), v.strip()) for n, colon, v in pairs if colon)


def http_body(block: bytes) -> bytes:
    """What follows the HTTP headers of a record's block."""
    return block.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in block else b""


def _unchunked(wire: bytes) -> bytes:
    """The chunks of a body put together; a body that is not in chunks is given as it is."""
    found: list[bytes] = []
    position = 0
    while (stop := wire.find(b"\r\n", position)) >= 0:
        size = wire[position:stop].split(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            return wire
        if length == 0:
            return b"".join(found)
        found.append(wire[stop + 2 : stop + 2 + length])
        position = stop + 2 + length + 2
    return wire


def _uncoded(wire: bytes, coding: str) -> bytes | None:
    """The body out of its content coding, or None where that fails: then the wire is kept."""
    bits = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ())
    for each in bits:
        try:
            unpacker = zlib.decompressobj(wbits=each)
            body = unpacker.decompress(wire, LARGEST_PAYLOAD_BYTES)
        except zlib.error:
            continue
        if unpacker.eof:
            return body
    return _unbrotlied(wire) if coding == "br" else None


def _unbrotlied(wire: bytes) -> bytes | None:
    try:
        import brotli  # noqa: PLC0415  (comes with Scrapy's extras, not with the archive)
    except ImportError:
        return None
    try:
        return bytes(brotli.decompress(wire))
    except brotli.error:
        return None

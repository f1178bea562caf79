"""Decodes bodies from transfer and content codings (RFC 9110, RFC 9112), within a limit."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

LARGEST_PAYLOAD_BYTES: Final = 1 << 28
"""A body that decodes to more is kept as received."""

MOST_CODINGS: Final = 4
"""More codings than this are an attack."""

_CHUNK_SIZE: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_GZIP_BITS: Final = 31
_ZLIB_BITS: Final = (15, -15)  # `deflate` is sent with and without the zlib header


@dataclass(frozen=True, slots=True)
class Unchunked:
    """A body without its chunks; `whole` is False if the last chunks are missing."""

    body: bytes
    whole: bool = True


def unchunked(wire: bytes) -> Unchunked:
    """Join the chunks of a body; a body that is not chunked is returned unchanged."""
    found: list[bytes] = []
    position = 0
    while (stop := wire.find(b"\n", position)) >= 0:
        size = _CHUNK_SIZE.match(wire[position:stop].strip())
        if size is None:
            return Unchunked(b"".join(found), whole=False) if found else Unchunked(wire)
        length = int(size[0], 16)
        if length == 0:
            return Unchunked(b"".join(found))
        found.append(wire[stop + 1 : stop + 1 + length])
        position = stop + 1 + length
        position += 2 if wire.startswith(b"\r\n", position) else 1
    return Unchunked(b"".join(found), whole=False) if found else Unchunked(wire)


def codings(*headers: str | None) -> list[str]:
    """Return the codings named by headers such as `gzip, br`, in the order of application."""
    named = (each.strip().lower() for words in headers for each in (words or "").split(","))
    return [each for each in named if each not in {"", "identity", "chunked"}]


def uncoded(wire: bytes, named: Sequence[str]) -> bytes | None:
    """Decode the body, the last coding first; None if one fails."""
    if len(named) > MOST_CODINGS:
        return None
    body: bytes | None = wire
    for coding in reversed(named):
        if body is None:
            return None
        body = _taken_off(body, coding)
    return body


def _taken_off(packed: bytes, coding: str) -> bytes | None:
    match coding:
        case "gzip" | "x-gzip":
            return _inflated(packed, _GZIP_BITS)
        case "deflate":
            tried = (_inflated(packed, bits) for bits in _ZLIB_BITS)
            return next((body for body in tried if body is not None), None)
        case "br":
            return _unbrotlied(packed)
        case "zstd":
            return _unzstd(packed)
        case _:
            return None


def _inflated(packed: bytes, bits: int) -> bytes | None:
    """Decompress the body; None if the stream is invalid, cut short, or larger than the limit."""
    unpacker = zlib.decompressobj(wbits=bits)
    try:
        body = unpacker.decompress(packed, LARGEST_PAYLOAD_BYTES)
    except zlib.error:
        return None
    return body if unpacker.eof else None


def _unbrotlied(packed: bytes) -> bytes | None:
    try:
        import brotli  # noqa: PLC0415  (an extra)
    except ImportError:
        return None
    unpacker: Any = brotli.Decompressor()
    found = bytearray()
    piece = packed
    try:
        while not unpacker.is_finished() and len(found) <= LARGEST_PAYLOAD_BYTES:
            content = unpacker.process(piece, output_buffer_limit=1 << 20)
            found += content
            if not content and not piece:
                return None
            piece = b""
    except (brotli.error, TypeError):  # TypeError: an old brotli without a limit
        return None
    return bytes(found) if len(found) <= LARGEST_PAYLOAD_BYTES else None


def _unzstd(packed: bytes) -> bytes | None:
    try:
        import zstandard  # noqa: PLC0415  (an extra)
    except ImportError:
        return None
    found = bytearray()
    unpacker: Any = None
    try:
        for start in range(0, len(packed), _FED_BYTES):
            piece = packed[start : start + _FED_BYTES]
            while piece:  # frames may follow each other
                unpacker = unpacker or zstandard.ZstdDecompressor().decompressobj()
                found += unpacker.decompress(piece)
                piece, unpacker = unpacker.unused_data, None if unpacker.eof else unpacker
            if len(found) > LARGEST_PAYLOAD_BYTES:
                return None
    except zstandard.ZstdError:
        return None
    return bytes(found) if unpacker is None else None


_FED_BYTES: Final = 1 << 11  # from this little zstd can make 64 MB at most

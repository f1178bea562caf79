"""Checks whether compressed bodies are complete, and decodes their first bytes.

Decoders return what there is of a truncated body without an error.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

import brotli

_GZIP_BITS: Final = 31
_GZIP_MAGIC: Final = b"\x1f\x8b"


def fault_at_the_end(coded: bytes, coding: str, decoded: bytes) -> str | None:
    """Return what is wrong with the end of a decoded body, as a phrase, or None.

    Args:
        coded: the body as received.
        coding: its `Content-Encoding`. For zstd, unknown or multiple codings the result is None.
        decoded: the decoded body.
    """
    name = coding.strip().lower().removeprefix("x-")
    judge = _ENDINGS.get(name)
    if judge is None or not coded or (name == "gzip" and _has_trailer_of(coded, decoded)):
        return None
    rest = judge(coded)
    if rest is None:
        return f"the {name} has no end"
    return f"{len(rest)} bytes follow the end of the {name}" if rest.strip(b"\0") else None


def beginning(coded: bytes, coding: str, most: int) -> bytes | None:
    """Return the first decoded bytes of a body, at most `most`, without decoding all of it.

    Returns None unless the coding is exactly gzip, deflate or br.

    Raises:
        zlib.error, brotli.error: the body does not have this coding.
    """
    name = coding.strip().lower().removeprefix("x-")
    if name == "gzip":
        return zlib.decompressobj(_GZIP_BITS).decompress(coded, most)
    if name == "deflate":
        # with a zlib header the first byte names the method; without one it is not a valid method
        framed = coded[:1] and coded[0] & 0x0F == zlib.DEFLATED
        return zlib.decompressobj(zlib.MAX_WBITS if framed else -15).decompress(coded, most)
    if name == "br":
        machine = brotli.Decompressor()
        made = machine.process(coded, output_buffer_limit=most)
        return bytes(made[:most])
    return None


def _has_trailer_of(coded: bytes, decoded: bytes) -> bool:
    """Whether the last bytes are the gzip trailer for this content (RFC 1952, 2.3.1)."""
    trailer = struct.pack("<LL", zlib.crc32(decoded), len(decoded) & 0xFFFFFFFF)
    return coded.endswith(trailer)


def _after(machine: Any, coded: bytes) -> bytes | None:
    """Return the bytes after the first member, or None if a zlib decoder finds no end."""
    try:
        while coded and not machine.eof:
            machine.decompress(coded, 1 << 16)
            coded = machine.unconsumed_tail
    except zlib.error:
        return None
    return bytes(machine.unused_data) if machine.eof else None


def _after_gzip(coded: bytes) -> bytes | None:
    """Return the bytes after the last member; a gzip body may have several."""
    rest: bytes | None = coded
    while rest is not None and rest[:2] == _GZIP_MAGIC:
        rest = _after(zlib.decompressobj(_GZIP_BITS), rest)
    return rest


def _after_deflate(coded: bytes) -> bytes | None:
    """Handles deflate with its standard zlib header, and without, as some servers send it."""
    framed = _after(zlib.decompressobj(zlib.MAX_WBITS), coded)
    return framed if framed is not None else _after(zlib.decompressobj(-15), coded)


def _after_brotli(coded: bytes) -> bytes | None:
    machine = brotli.Decompressor()
    machine.process(coded, output_buffer_limit=1 << 16)
    while not machine.is_finished() and machine.process(b"", output_buffer_limit=1 << 16):
        pass
    return b"" if machine.is_finished() else None


_ENDINGS: Final[dict[str, Callable[[bytes], bytes | None]]] = {
    "gzip": _after_gzip,
    "deflate": _after_deflate,
    "br": _after_brotli,
}

"""Compressed bodies: whether one came whole, and what one begins with.

Of a cut one decoders give what there is, in silence.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any, Final

import brotli

_TRAILER: Final = 4
_GZIP_BITS: Final = 31


def is_whole(coded: bytes, coding: str, decoded_length: int) -> bool:
    """Whether `coded`, which was decoded already, has its end.

    Args:
        coded: the body as it came.
        coding: its `Content-Encoding`; of zstd, unknown ones, or several, nothing is said.
        decoded_length: bytes that came of it.
    """
    name = coding.strip().lower().removeprefix("x-")
    if name == "gzip" and _told_length(coded) == decoded_length:
        return True
    finished = _FINISHED.get(name)
    return finished is None or not coded or finished(coded)


def beginning(coded: bytes, coding: str, most: int) -> bytes | None:
    """The first bytes, `most` at most, of what a body unpacks to, however large the whole is.

    None for a coding that is none of gzip, deflate and br, alone.

    Raises:
        zlib.error, brotli.error: the body is not of this coding.
    """
    name = coding.strip().lower().removeprefix("x-")
    if name == "gzip":
        return zlib.decompressobj(_GZIP_BITS).decompress(coded, most)
    if name == "deflate":
        # with the frame of zlib its first byte names the method, without it that is no method
        framed = coded[:1] and coded[0] & 0x0F == zlib.DEFLATED
        return zlib.decompressobj(zlib.MAX_WBITS if framed else -15).decompress(coded, most)
    if name == "br":
        machine = brotli.Decompressor()
        made = machine.process(coded, output_buffer_limit=most)
        return bytes(made[:most])
    return None


def _told_length(coded: bytes) -> int:
    """What the trailer of a gzip file says of its length (RFC 1952, 2.3.1)."""
    return int.from_bytes(coded[-_TRAILER:], "little")


def _has_end(machine: Any, coded: bytes) -> bool:
    """Whether a zlib decoder reaches the end of its first member; the rest may be anything."""
    try:
        while coded and not machine.eof:
            machine.decompress(coded, 1 << 16)
            coded = machine.unconsumed_tail
    except zlib.error:
        return False
    return bool(machine.eof)


def _deflated(coded: bytes) -> bool:
    """With the frame of zlib, as the standard has it, or without, as some servers send it."""
    return any(_has_end(zlib.decompressobj(bits), coded) for bits in (zlib.MAX_WBITS, -15))


def _unbrotlied(coded: bytes) -> bool:
    machine = brotli.Decompressor()
    machine.process(coded, output_buffer_limit=1 << 16)
    while not machine.is_finished() and machine.process(b"", output_buffer_limit=1 << 16):
        pass
    return bool(machine.is_finished())


_FINISHED: Final[dict[str, Callable[[bytes], bool]]] = {
    "gzip": lambda coded: _has_end(zlib.decompressobj(_GZIP_BITS), coded),
    "deflate": _deflated,
    "br": _unbrotlied,
}

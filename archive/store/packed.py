"""Words packed with zlib, as they lie in the file, and the SQL function that unpacks them."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Final, NamedTuple

from archive.errors import BrokenLawError

FAST: Final = 4
"""Level of zlib for what is written: 1 ms for 55 kB, and 3 % larger than the best."""

BEST: Final = 9
"""Level of zlib in a compacted file."""

LARGE_BYTES: Final = 1 << 22
"""Words of more bytes than this are not kept unpacked."""

LARGEST_BYTES: Final = 1 << 31
"""Words of more bytes than this are taken for damage."""


class Packed(NamedTuple):
    """Words packed; `size` is their length in bytes of UTF-8."""

    size: int
    stored: bytes


def pack(words: bytes, level: int = FAST) -> Packed:
    """UTF-8, compressed, or as it is where that is no longer."""
    stored = zlib.compress(words, level)
    return Packed(len(words), stored if len(stored) < len(words) else words)


def unpack(stored: bytes, size: int) -> bytes:
    """What `pack` was given.

    Raises:
        BrokenLawError: the packed bytes are damaged, or are not `size` bytes unpacked.
    """
    if len(stored) == size:
        return stored
    if not 0 <= size <= LARGEST_BYTES:
        raise BrokenLawError(f"packed words are damaged: they cannot have {size} bytes")
    try:
        unpacking = zlib.decompressobj()
        words = unpacking.decompress(stored, size + 1)
    except zlib.error as error:
        raise BrokenLawError(f"packed words are damaged: {error}") from error
    if len(words) != size or not unpacking.eof:
        raise BrokenLawError(f"packed words are damaged: they do not have {size} bytes")
    return words


def sqlar_uncompress(stored: bytes | str | None, size: int | None) -> bytes | str | None:
    """As in SQLite's `sqlar.c`: what is as long as its size, or has none, is not compressed."""
    if not isinstance(stored, bytes) or not isinstance(size, int) or size <= 0:
        return stored
    return _unpacked(stored, size) if size < LARGE_BYTES else unpack(stored, size)


@lru_cache(maxsize=4)
def _unpacked(stored: bytes, size: int) -> bytes:
    """Views ask for the same words once a row."""
    return unpack(stored, size)

"""Words compressed with zlib, as stored in the file, and the SQL function that unpacks them."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Final, NamedTuple

from archive.errors import BrokenLawError

FAST: Final = 4
"""zlib level for new rows: 1 ms for 55 kB, and 3 % larger than level 6."""

BEST: Final = 9
"""zlib level in a compacted file."""

LARGE_BYTES: Final = 1 << 22
"""Words of more bytes than this are not kept unpacked."""

LARGEST_BYTES: Final = 1 << 31
"""The most bytes of unpacked words; a larger size is damage."""


class Packed(NamedTuple):
    """Packed words; `size` is their unpacked length in bytes of UTF-8."""

    size: int
    stored: bytes


def pack(words: bytes, level: int = FAST) -> Packed:
    """Compress UTF-8 at a zlib `level`; keep it as it is if compression does not shorten it."""
    stored = zlib.compress(words, level)
    return Packed(len(words), stored if len(stored) < len(words) else words)


def unpack(stored: bytes, size: int) -> bytes:
    """Return the bytes that `pack` was given; `size` is their number.

    Raises:
        BrokenLawError: the packed bytes are damaged, or do not unpack to `size` bytes.
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
    """Unpack like SQLite's `sqlar.c`: bytes of length `size`, or without a size, are not packed."""
    if not isinstance(stored, bytes) or not isinstance(size, int) or size <= 0:
        return stored
    return _unpacked(stored, size) if size < LARGE_BYTES else unpack(stored, size)


@lru_cache(maxsize=4)
def _unpacked(stored: bytes, size: int) -> bytes:
    """Views ask for the same words once a row."""
    return unpack(stored, size)

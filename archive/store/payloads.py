"""Payloads as they lie in the file: compressed, keyed by the digest of what they unpack to."""

from __future__ import annotations

import sqlite3
import zlib
from typing import Final

from archive.errors import BrokenLawError, UsageError

LEVEL: Final = 6
"""zlib's own default; level 9 saves under 1 % on pages and takes twice the time."""


def pack(payload: bytes) -> tuple[str, bytes]:
    """The codec and the bytes to store: zlib, or raw where zlib would make it longer."""
    packed = zlib.compress(payload, LEVEL)
    return ("zlib", packed) if len(packed) < len(payload) else ("raw", payload)


def read(connection: sqlite3.Connection, sha256: str) -> bytes:
    """The payload of this digest, unpacked.

    Raises:
        UsageError: there is none, or it was withdrawn.
        BrokenLawError: the stored bytes cannot be unpacked.
    """
    row = connection.execute(
        "SELECT codec, stored, payload_bytes, dictionary_sha256, reference_sha256"
        " FROM payloads WHERE sha256 = ?",
        (sha256,),
    ).fetchone()
    if row is None:
        raise UsageError(f"no payload {sha256}")
    codec, stored, size, _dictionary, _reference = row
    if codec == "withdrawn":
        raise UsageError(f"payload {sha256} was withdrawn")
    return unpack(codec, stored, size, sha256)


def unpack(codec: str, stored: bytes, size: int, sha256: str) -> bytes:
    """Undo `pack`; never makes more than `size` bytes, whatever the stored bytes say."""
    if codec == "raw":
        return stored
    if codec == "zlib":
        try:
            return zlib.decompressobj().decompress(stored, size + 1)
        except zlib.error as error:
            raise BrokenLawError(f"payload {sha256} cannot be unpacked: {error}") from error
    raise BrokenLawError(f"payload {sha256} has the unknown codec {codec}")

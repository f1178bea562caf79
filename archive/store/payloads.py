"""Payloads as they lie in the file: compressed, keyed by the digest of what they unpack to.

A payload carries the crc32 of its stored bytes besides: a flipped bit in the padding of a
compressed stream changes no character of what it unpacks to, and is damage all the same.
"""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from typing import Any, Final

from archive.errors import BrokenLawError, UsageError
from archive.model import sha256

LEVEL: Final = 6
"""zlib's own default; level 9 saves under 1 % on pages and takes twice the time."""

DIGESTED: Final = ("sha256", "payload_bytes")
"""The columns that the ledger covers: what was captured, not how it is compressed."""

_SELECT: Final = (
    "SELECT sha256, codec, payload_bytes, stored_crc32, stored, dictionary_sha256,"
    " reference_sha256 FROM payloads WHERE sha256 = ?"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A payload as it lies in the file; `dictionary` is what its codec needs besides."""

    sha256: str
    codec: str
    payload_bytes: int
    crc32: int | None
    stored: bytes
    dictionary: bytes | None = None

    def unpack(self) -> bytes:
        """The payload.

        Raises:
            UsageError: it was withdrawn, or its codec needs a library that is not installed.
            BrokenLawError: its bytes are not those that were written.
        """
        if self.codec == "withdrawn":
            raise UsageError(f"payload {self.sha256} was withdrawn")
        if zlib.crc32(self.stored) != self.crc32:
            raise BrokenLawError(f"payload {self.sha256} is damaged: its stored bytes changed")
        payload = unpack(self.codec, self.stored, self.payload_bytes, self.dictionary)
        if payload is None or len(payload) != self.payload_bytes:
            raise BrokenLawError(f"payload {self.sha256} is damaged: it cannot be unpacked")
        return payload

    def check(self) -> None:
        """See that the payload is what its digest says.

        Raises:
            UsageError: it was withdrawn, or cannot be unpacked here.
            BrokenLawError: it is damaged.
        """
        if sha256(self.unpack()) != self.sha256:
            raise BrokenLawError(f"payload {self.sha256} is damaged: its digest differs")


def row(digest: str, payload: bytes) -> dict[str, Any]:
    """The row of a payload: zlib, or raw where zlib would make it longer."""
    packed = zlib.compress(payload, LEVEL)
    codec, stored = ("zlib", packed) if len(packed) < len(payload) else ("raw", payload)
    return {
        "sha256": digest,
        "payload_bytes": len(payload),
        "codec": codec,
        "stored_crc32": zlib.crc32(stored),
        "stored": stored,
    }


def read(connection: sqlite3.Connection, digest: str) -> bytes:
    """The payload of this digest, unpacked.

    Raises:
        UsageError: there is none, it was withdrawn, or its codec needs a library.
        BrokenLawError: it is damaged.
    """
    return stored(connection, digest).unpack()


def stored(connection: sqlite3.Connection, digest: str) -> Stored:
    """The payload of this digest as it lies in the file.

    Raises:
        UsageError: there is none.
    """
    found = connection.execute(_SELECT, (digest,)).fetchone()
    if found is None:
        raise UsageError(f"no payload {digest}")
    _, codec, size, crc32, packed, dictionary, reference = found
    words = _dictionary(connection, dictionary, reference)
    return Stored(digest, codec, size, crc32, packed, words)


def unpack(codec: str, stored: bytes, size: int, dictionary: bytes | None = None) -> bytes | None:
    """What `stored` unpacks to, or None where it does not; never much more than `size` bytes."""
    if codec == "raw":
        return stored
    if codec == "zlib":
        try:
            return zlib.decompressobj().decompress(stored, size + 1)
        except zlib.error:
            return None
    if codec in {"zstd", "zstd-dictionary", "zstd-reference"}:
        from archive.store import zstd  # noqa: PLC0415  (an extra)

        return zstd.unpack(stored, size, dictionary)
    return None


def _dictionary(
    connection: sqlite3.Connection, dictionary: str | None, reference: str | None
) -> bytes | None:
    if reference is not None:
        found = stored(connection, reference)
        if found.codec == "zstd-reference":  # one step only, or a crafted file could go in circles
            raise BrokenLawError(f"payload {reference} is a reference and refers itself")
        return found.unpack()
    if dictionary is not None:
        words = connection.execute(
            "SELECT stored FROM dictionaries WHERE sha256 = ?", (dictionary,)
        ).fetchone()
        if words is None or sha256(words[0]) != dictionary:
            raise BrokenLawError(f"dictionary {dictionary} is missing or damaged")
        return bytes(words[0])
    return None

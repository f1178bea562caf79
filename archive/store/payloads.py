"""Payloads as stored: compressed, keyed by the digest of the original bytes.

A payload also has the crc32 of its stored bytes: a flipped bit in the padding of a compressed
stream changes nothing in the original, but is damage all the same.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from archive.errors import BrokenLawError, UsageError
from archive.model import sha256

LEVEL: Final = 3
"""zlib level of the live file: 6 saves 8 % on real pages and takes twice the time. `compact` saves
far more space (docs/provenance.md)."""

MOST_OF_ONE_BYTE: Final = 1032
"""The largest expansion of one byte by zlib."""

HARMLESS_BYTES: Final = 1 << 17
"""Compressed bytes that expand to at most 135 MB."""

DIGESTED: Final = ("sha256", "payload_bytes")
"""The columns covered by the ledger: what was captured, not how it is compressed."""

TOMBSTONES: Final = {"withdrawn": "was withdrawn", "left-out": "was left out of this copy"}
"""Codecs of payloads of which only digest and size are known."""

_SELECT: Final = (
    "SELECT sha256, codec, payload_bytes, stored_crc32, stored, dictionary_sha256,"
    " reference_sha256 FROM payloads WHERE sha256 = ?"
)


DICTIONARIES_KEPT: Final = 64

_known_dictionaries: dict[str, bytes] = {}
"""Verified dictionaries by digest, valid for every file of the process."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A payload as stored; `dictionary` is required by its codec."""

    sha256: str
    codec: str
    payload_bytes: int
    crc32: int | None
    stored: bytes
    dictionary: bytes | None = None

    def unpack(self) -> bytes:
        """Return the payload.

        Raises:
            UsageError: it was withdrawn, or its codec needs a library that is not installed.
            BrokenLawError: its bytes are not those that were written.
        """
        if self.codec in TOMBSTONES:
            raise UsageError(f"payload {self.sha256} {TOMBSTONES[self.codec]}")
        if zlib.crc32(self.stored) != self.crc32:
            raise BrokenLawError(f"payload {self.sha256} is damaged: its stored bytes changed")
        payload = unpack(self.codec, self.stored, self.payload_bytes, self.dictionary)
        if payload is None or len(payload) != self.payload_bytes:
            raise BrokenLawError(f"payload {self.sha256} is damaged: it cannot be unpacked")
        return payload

    def check(self) -> None:
        """Check that the payload matches its digest.

        Raises:
            UsageError: it was withdrawn, or cannot be decompressed here.
            BrokenLawError: it is damaged.
        """
        if sha256(self.unpack()) != self.sha256:
            raise BrokenLawError(f"payload {self.sha256} is damaged: its digest differs")


def row(digest: str, payload: bytes) -> dict[str, Any]:
    """Return the row of a payload: zlib, or raw if zlib would be longer."""
    packed = zlib.compress(payload, LEVEL)
    codec, stored = ("zlib", packed) if len(packed) < len(payload) else ("raw", payload)
    return packed_row(digest, payload, codec, stored)


def start_packing(
    connection: sqlite3.Connection, found: Iterable[tuple[bytes, str]]
) -> dict[str, Future[dict[str, Any]]]:
    """Start compressing payloads that are not stored yet, by digest; `found` has their digests.

    zlib releases the interpreter lock, so that other threads can read what comes next.
    """
    digests = {digest: payload for payload, digest in found}
    new = {d: payload for d, payload in digests.items() if not _is_stored(connection, d)}
    pool = ThreadPoolExecutor(os.cpu_count())
    packing = {digest: pool.submit(row, digest, payload) for digest, payload in new.items()}
    pool.shutdown(wait=False)
    return packing


def _is_stored(connection: sqlite3.Connection, digest: str) -> bool:
    known = connection.execute("SELECT 1 FROM payloads WHERE sha256 = ?", (digest,))
    return known.fetchone() is not None


def packed_row(
    digest: str,
    payload: bytes,
    codec: str,
    stored: bytes,
    *,
    dictionary_sha256: str | None = None,
    reference_sha256: str | None = None,
) -> dict[str, Any]:
    """Return the row of a payload that was packed by `codec`."""
    return {
        "sha256": digest,
        "payload_bytes": len(payload),
        "codec": codec,
        "dictionary_sha256": dictionary_sha256,
        "reference_sha256": reference_sha256,
        "stored_crc32": zlib.crc32(stored),
        "stored": stored,
    }


def check_row(row: dict[str, Any], payload: bytes, dictionary: bytes | None) -> None:
    """Check that a row decompresses to its payload before it replaces another.

    Raises:
        BrokenLawError: it does not.
    """
    if unpack(row["codec"], row["stored"], len(payload), dictionary) != payload:
        raise BrokenLawError(f"payload {row['sha256']} does not survive packing")


def rewrite(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    """Replace the row with the digest of `row`; only for copies, because facts are guarded."""
    columns = ", ".join(f"{name} = :{name}" for name in row)
    connection.execute(
        f"UPDATE payloads SET {columns} WHERE sha256 = :sha256",  # noqa: S608  (names of ours)
        row,
    )


def read(connection: sqlite3.Connection, digest: str) -> bytes:
    """Return the decompressed payload with this digest.

    Raises:
        UsageError: there is none, it was withdrawn, or its codec needs a library.
        BrokenLawError: it is damaged.
    """
    return stored(connection, digest).unpack()


def stored(connection: sqlite3.Connection, digest: str) -> Stored:
    """Return the payload with this digest as stored.

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
    """Decompress `stored`, or return None on failure; never much more than `size` bytes."""
    if codec == "raw":
        return stored
    if codec == "zlib":
        return _inflated(stored, size)
    if codec in {"zstd", "zstd-dictionary", "zstd-reference"}:
        from archive.store import zstd  # noqa: PLC0415  (an extra)

        return zstd.unpack(stored, size, dictionary, reference=codec == "zstd-reference")
    return None


def _inflated(stored: bytes, size: int) -> bytes | None:
    """Decompress into one buffer if no bomb is possible, otherwise never over `size`."""
    if size > len(stored) * MOST_OF_ONE_BYTE:  # a damaged size must not cost memory
        return None
    try:
        if len(stored) <= HARMLESS_BYTES:
            return zlib.decompress(stored, bufsize=max(size, 1))
        unpacker = zlib.decompressobj()
        payload = unpacker.decompress(stored, size + 1)
    except zlib.error:
        return None
    return payload if unpacker.eof else None


def _dictionary(
    connection: sqlite3.Connection, dictionary: str | None, reference: str | None
) -> bytes | None:
    if reference is not None:
        found = stored(connection, reference)
        if found.codec == "zstd-reference":  # one step only, or a crafted file could loop
            raise BrokenLawError(f"payload {reference} is a reference and refers itself")
        return found.unpack()
    if dictionary is not None:
        return _known_dictionaries.get(dictionary) or _load_dictionary(connection, dictionary)
    return None


def forget_dictionaries() -> None:
    """Forget cached dictionaries, so that a check for damage reads them from their own file."""
    _known_dictionaries.clear()


def _load_dictionary(connection: sqlite3.Connection, digest: str) -> bytes:
    words = connection.execute(
        "SELECT stored FROM dictionaries WHERE sha256 = ?", (digest,)
    ).fetchone()
    if words is None or sha256(words[0]) != digest:
        raise BrokenLawError(f"dictionary {digest} is missing or damaged")
    if len(_known_dictionaries) >= DICTIONARIES_KEPT:
        _known_dictionaries.clear()
    _known_dictionaries[digest] = bytes(words[0])
    return _known_dictionaries[digest]

"""Makes a smaller copy: zstd with dictionaries trained on the archive's own pages.

Pages of one site share their template, which a dictionary trained on some of them stores once. A
page that was captured again is stored as the difference from its first payload: one step deep,
never a chain, so that one damaged payload affects only those that refer to it.
"""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from archive.model import sha256
from archive.store import payloads, run, zstd
from archive.store.copies import changed_copy
from archive.store.packed import BEST, pack, unpack
from archive.store.progress import Progress, plainly
from archive.store.writing import Writer

DICTIONARY_SHARE: Final = 0.01
LARGEST_DICTIONARY_BYTES: Final = 262_144
"""The largest dictionary, which may also take a hundredth of what it serves
(docs/provenance.md)."""
SAMPLES: Final = 300
FEWEST_SAMPLES: Final = 60
"""With fewer pages of a host, a dictionary costs more than it saves (docs/provenance.md)."""
WORTHWHILE: Final = 0.5
"""A difference is stored if it takes at most half of what the payload takes by itself."""

COPIES_NOT_INDEXED: Final = "UPDATE collated SET indexed_by = 0"

_PAYLOADS: Final = """
SELECT payloads.sha256, pages.host, captures.page_id, min(captures.id)
FROM payloads
JOIN captures ON captures.payload_sha256 = payloads.sha256
JOIN pages ON pages.id = captures.page_id
WHERE payloads.codec NOT IN ('withdrawn', 'left-out') AND payloads.payload_bytes > 0
GROUP BY payloads.sha256 ORDER BY captures.page_id, min(captures.id)
"""


@dataclass(frozen=True, slots=True)
class _PayloadPage:
    """A payload with the host and page of its first capture."""

    digest: str
    host: str
    page_id: int


def compact(source: Path, target: Path, *, progress: Progress[Any] = plainly) -> None:
    """Make `target`, a copy of `source` with smaller payloads; every digest is unchanged.

    Raises:
        UsageError: not an archive, `target` exists, or zstandard is not installed.
        BrokenLawError: a payload is damaged; nothing is written.
        StorageError: the copy cannot be written.
    """
    zstd.check_installed()
    with changed_copy(source, target) as writer:
        started = run.start(writer, "compact", {}, (), None)
        _undo_references(writer.connection)
        pages = [_PayloadPage(*row[:3]) for row in writer.connection.execute(_PAYLOADS)]
        packer = _Packer(writer, _train(writer, pages))
        for page in progress(pages, "payloads", len(pages)):
            packer.pack(page)
        _pack_texts(writer.connection)
        _drop_copy_hashes(writer.connection)
        writer.connection.execute("INSERT INTO search_index (search_index) VALUES ('optimize')")
        started.counts.update(packer.counts)
        started.end()
        writer.connection.execute("DELETE FROM writers")


def _undo_references(connection: sqlite3.Connection) -> None:
    """Expand differences, which may refer to another payload in the copy."""
    found = connection.execute("SELECT sha256 FROM payloads WHERE codec = 'zstd-reference'")
    for (digest,) in found.fetchall():
        payloads.rewrite(connection, payloads.row(digest, payloads.read(connection, digest)))


def _pack_texts(connection: sqlite3.Connection) -> None:
    """Compress visible texts as far as zlib can."""
    for (digest,) in connection.execute("SELECT sha256 FROM packed_texts").fetchall():
        stored, size = connection.execute(
            "SELECT packed, bytes FROM packed_texts WHERE sha256 = ?", (digest,)
        ).fetchone()
        connection.execute(
            "UPDATE packed_texts SET packed = ? WHERE sha256 = ?",
            (pack(unpack(stored, size), BEST).stored, digest),
        )


def _drop_copy_hashes(connection: sqlite3.Connection) -> None:
    """Empty the index of copies, a sixth of the file; the next collation makes it again."""
    connection.execute("DELETE FROM copy_hashes")
    connection.execute(COPIES_NOT_INDEXED)


class _Packer:
    """Packs payloads in the order of pages and captures, keeping the first of each page."""

    def __init__(self, writer: Writer, dictionaries: dict[str, tuple[str, bytes]]) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self._connection = writer.connection
        self._dictionaries = dictionaries
        self._first: tuple[int, str, bytes] | None = None

    def pack(self, page: _PayloadPage) -> None:
        payload = payloads.read(self._connection, page.digest)
        row = self._by_itself(page, payload)
        if self._first is not None and self._first[0] == page.page_id:
            row = self._smaller(row, page, payload)
        if row["codec"] != "zstd-reference":
            self._first = (page.page_id, page.digest, payload)
        payloads.check_row(row, payload, self._needed(row))
        payloads.rewrite(self._connection, row)
        self.counts[row["codec"]] += 1

    def _by_itself(self, page: _PayloadPage, payload: bytes) -> dict[str, Any]:
        digest, words = self._dictionaries.get(page.host, self._dictionaries.get("", ("", b"")))
        if words:
            packed = zstd.pack(payload, words)
            return payloads.packed_row(
                page.digest, payload, "zstd-dictionary", packed, dictionary_sha256=digest
            )
        return payloads.packed_row(page.digest, payload, "zstd", zstd.pack(payload))

    def _smaller(self, row: dict[str, Any], page: _PayloadPage, payload: bytes) -> dict[str, Any]:
        assert self._first is not None  # noqa: S101  (the caller looked)
        _, digest, first = self._first
        packed = zstd.pack_against(payload, first)
        if len(packed) > len(row["stored"]) * WORTHWHILE:
            return row
        return payloads.packed_row(
            page.digest, payload, "zstd-reference", packed, reference_sha256=digest
        )

    def _needed(self, row: dict[str, Any]) -> bytes | None:
        if row["codec"] == "zstd-reference":
            assert self._first is not None  # noqa: S101  (it was packed against it)
            return self._first[2]
        return dict(self._dictionaries.values()).get(row["dictionary_sha256"] or "")


def _train(writer: Writer, pages: list[_PayloadPage]) -> dict[str, tuple[str, bytes]]:
    """Return host → digest and bytes of its dictionary; "" is for hosts with too few pages."""
    hosts: dict[str, list[str]] = defaultdict(list)
    for page in _firsts(pages):
        hosts[page.host].append(page.digest)
    large = {host: found for host, found in hosts.items() if len(found) >= FEWEST_SAMPLES}
    rest = [digest for host, found in hosts.items() if host not in large for digest in found]
    if len(rest) >= FEWEST_SAMPLES:
        large[""] = rest
    trained = {}
    for host, digests in large.items():
        samples = _samples(writer.connection, digests)
        served = sum(map(len, samples)) * len(digests) // len(samples)
        size = min(int(served * DICTIONARY_SHARE), LARGEST_DICTIONARY_BYTES)
        words = zstd.train(samples, size)
        if words:
            trained[host] = (_keep(writer, words), words)
    return trained


def _firsts(pages: list[_PayloadPage]) -> Iterator[_PayloadPage]:
    """Return the first payload of each page: the others become differences."""
    seen = set()
    for page in pages:
        if page.page_id not in seen:
            seen.add(page.page_id)
            yield page


def _samples(connection: sqlite3.Connection, digests: list[str]) -> list[bytes]:
    chosen = random.Random(0).sample(digests, min(SAMPLES, len(digests)))  # noqa: S311
    return [payloads.read(connection, digest) for digest in chosen]


def _keep(writer: Writer, words: bytes) -> str:
    digest = sha256(words)
    known = writer.connection.execute("SELECT 1 FROM dictionaries WHERE sha256 = ?", (digest,))
    if known.fetchone() is None:
        row = {"sha256": digest, "stored": words}
        writer.fact("dictionaries", row, key=digest, digested=("sha256",))
    return digest

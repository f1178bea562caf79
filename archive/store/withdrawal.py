"""Removes a payload: a new file in which it and everything derived from it is a tombstone.

The capture is kept as a fact with its digest. The ledger is unchanged, so that the new file can
still be proven to be the old one without that payload.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from archive import clock
from archive.errors import UsageError
from archive.known import shipped
from archive.store import collation, payloads, pruning, run
from archive.store.copies import changed_copy
from archive.store.secrets import redacted_words
from archive.store.similarity import SimilarityIndex
from archive.store.writing import Writer


def withdraw(source: Path, target: Path, digest: str, reason: str) -> list[str]:
    """Make `target`, a copy of `source` without the payload `digest`; returns related payloads.

    These are other payloads of the same pages, and containers that included it: they may contain
    the same words, and a person must decide about them.

    Raises:
        UsageError: no such payload, already withdrawn, no reason, or `target` exists.
        StorageError: the copy cannot be written.
    """
    if not reason.strip():
        raise UsageError("a withdrawal needs a reason: --reason '…'")
    with changed_copy(source, target) as writer:
        _check(writer.connection, source, digest)
        related = _relatives(writer.connection, digest)
        started = run.start(writer, "withdraw", {"payload": digest, "reason": reason}, (), None)
        _repack_dependents(writer.connection)
        _entomb(writer, started.id, digest, redacted_words(reason))
        _collate_anew(writer, started.id)
        started.end()
        writer.connection.execute("DELETE FROM writers")
    return related


def _check(connection: sqlite3.Connection, source: Path, digest: str) -> None:
    row = connection.execute("SELECT codec FROM payloads WHERE sha256 = ?", (digest,)).fetchone()
    if row is None:
        raise UsageError(f"{source}: holds no payload {digest}")
    if row[0] == "withdrawn":
        raise UsageError(f"{source}: payload {digest} was withdrawn before")


def _relatives(connection: sqlite3.Connection, digest: str) -> list[str]:
    found = connection.execute(
        "SELECT payload_sha256 FROM captures WHERE payload_sha256 <> ?1 AND page_id IN"
        "  (SELECT page_id FROM captures WHERE payload_sha256 = ?1)"
        " UNION SELECT container_sha256 FROM captures WHERE payload_sha256 = ?1"
        "  AND container_sha256 IN (SELECT sha256 FROM payloads)",
        (digest,),
    )
    return [row[0] for row in found]


def _repack_dependents(connection: sqlite3.Connection) -> None:
    """Repack payloads whose dictionary or reference includes the removed payload."""
    shared = connection.execute(
        "SELECT sha256 FROM payloads WHERE codec IN ('zstd-dictionary', 'zstd-reference')"
    ).fetchall()
    for (digest,) in shared:
        payloads.rewrite(connection, payloads.row(digest, payloads.read(connection, digest)))
    connection.execute("DELETE FROM dictionaries")


def _entomb(writer: Writer, run_id: int, digest: str, reason: str) -> None:
    connection = writer.connection
    connection.execute(
        "UPDATE payloads SET codec = 'withdrawn', stored = NULL, stored_crc32 = NULL,"
        " dictionary_sha256 = NULL, reference_sha256 = NULL WHERE sha256 = ?",
        (digest,),
    )
    writer.fact(
        "withdrawals",
        {
            "payload_sha256": digest,
            "run_id": run_id,
            "withdrawn_at": clock.now(),
            "reason": reason,
        },
        key=digest,
    )
    texts = connection.execute("SELECT id FROM texts WHERE payload_sha256 = ?", (digest,))
    for (text_id,) in texts.fetchall():
        row = {"text_id": text_id, "payload_sha256": digest}
        writer.fact("withdrawn_texts", row, key=text_id)
    _forget_works(writer, digest)
    connection.execute("DELETE FROM texts WHERE payload_sha256 = ?", (digest,))
    pruning.drop_unused(writer)


def _forget_works(writer: Writer, digest: str) -> None:
    """Forget works with such a witness, because their edition may contain its words.

    Its words in the index of copies are removed as well.
    """
    connection = writer.connection
    texts = connection.execute("SELECT id FROM texts WHERE payload_sha256 = ?", (digest,))
    SimilarityIndex(writer).forget([text_id for (text_id,) in texts.fetchall()])
    connection.execute(
        "DELETE FROM works WHERE id IN (SELECT work_id FROM witnesses JOIN witness_texts"
        " ON witness_id = witnesses.id JOIN texts ON texts.id = text_id"
        " WHERE payload_sha256 = ?)",
        (digest,),
    )


def _collate_anew(writer: Writer, run_id: int) -> None:
    row = writer.connection.execute("SELECT ruleset_id FROM current_ruleset").fetchone()
    if row is not None:
        collation.collate(writer, row[0], run_id, shipped(), anew=True)

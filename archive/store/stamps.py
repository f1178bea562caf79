"""Time-stamps of ledger heads, as stored and as checked."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from archive import clock, open_timestamps, timestamps
from archive.errors import DamagedFileError, UsageError
from archive.open_timestamps import BlockHeader, Pending
from archive.store.ledger import Head
from archive.store.rows import stream
from archive.store.secrets import stored_url
from archive.store.writing import Writer

_STAMPS: Final = """
SELECT NULL AS shard, 0 AS shard_id, time_stamps.id, time_stamps.ledger_seq,
  time_stamps.ledger_hash, server, said_at, answer_base64,
  time_stamps.ledger_hash = ledger.hash AS in_ledger
FROM time_stamps LEFT JOIN ledger ON ledger.seq = time_stamps.ledger_seq
UNION ALL
SELECT shards.name, shards.id, shard_stamps.id, shard_stamps.ledger_seq,
  shard_stamps.ledger_hash, server, said_at, answer_base64,
  shard_stamps.ledger_hash = shard_ledger.hash
FROM shard_stamps JOIN shards ON shards.id = shard_stamps.shard_id
LEFT JOIN shard_ledger ON shard_ledger.shard_id = shards.id
  AND shard_ledger.seq = shard_stamps.ledger_seq
ORDER BY 2, 3
"""

NO_ROOT: Final = "not checked: that needs --tsa-root"
NO_HEADER: Final = "not compared with a block header: that needs --block-header"
PENDING: Final = "pending, which proves no time yet: baogao stamp DB --upgrade asks for the rest"
UNKNOWN_END: Final = "ends in nothing that can be checked here"
NOT_LOOKED_UP: Final = "whether the Bitcoin chain has this block was not checked"


@dataclass(frozen=True, slots=True)
class Trust:
    """What the user trusts: root certificates of authorities, headers of Bitcoin blocks."""

    roots: Path | None = None
    headers: tuple[BlockHeader, ...] = ()


NO_TRUST: Final = Trust()


@dataclass(frozen=True, slots=True)
class CheckedStamp:
    """What a time-stamp proves; `detail` says what is wrong with it, or was not checked.

    `existed_at` is the proven time. `blocks` is what a proof of OpenTimestamps demands of the
    Bitcoin chain.
    """

    result: Literal["ok", "failed", "not checkable"]
    detail: str = ""
    existed_at: str | None = None
    blocks: tuple[open_timestamps.BitcoinBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class UnfinishedProof:
    """A proof of OpenTimestamps that still waits for a block, and the calendars that promised."""

    head: Head
    server: str
    proof: bytes
    pending: tuple[Pending, ...] = ()


def write(
    writer: Writer, run_id: int, head: Head, *, server: str, said_at: str, answer: bytes
) -> None:
    """Store the answer of an authority as it came, or a proof; `said_at` is empty for a proof."""
    row = {
        "run_id": run_id, "ledger_seq": head.seq, "ledger_hash": head.hash,
        "server": stored_url(server), "said_at": said_at, "received_at": clock.now(),
        "answer_base64": base64.b64encode(answer).decode("ascii"),
    }  # fmt: skip
    writer.fact("time_stamps", row)


def stamps(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield the time-stamps, oldest first, and then those of each merged shard's own ledger."""
    return stream(connection, _STAMPS)


def answer_of(stamp: dict[str, Any]) -> bytes:
    """Return the stored answer or proof.

    Raises:
        DamagedFileError: the row is damaged.
    """
    try:
        return base64.b64decode(stamp["answer_base64"], validate=True)
    except binascii.Error as error:
        raise DamagedFileError(str(error)) from error


def unfinished_proofs(connection: sqlite3.Connection) -> list[UnfinishedProof]:
    """Return the newest proof of each head and calendar, if no block completes it.

    Those of a merged shard are completed in the shard.

    Raises:
        UsageError: the library is not installed.
    """
    newest = {}
    for stamp in stamps(connection):
        if stamp["shard"] is None and open_timestamps.is_proof(answer := answer_of(stamp)):
            head = Head(stamp["ledger_seq"], stamp["ledger_hash"], "")
            newest[head, stamp["server"]] = answer
    read = [
        (UnfinishedProof(head, server, answer), open_timestamps.read_proof(answer, head.hash))
        for (head, server), answer in newest.items()
    ]
    return [replace(each, pending=proof.pending) for each, proof in read if not proof.blocks]


def checked(stamp: dict[str, Any], trust: Trust) -> CheckedStamp:
    """Check a time-stamp, offline.

    Raises:
        UsageError: the file of roots has no certificates, or a library is not installed.
    """
    if not stamp["in_ledger"]:
        return CheckedStamp("failed", "the ledger has another entry, or none, at this place")
    try:
        answer = answer_of(stamp)
        if open_timestamps.is_proof(answer):
            return _checked_proof(answer, stamp["ledger_hash"], trust)
        return _checked_answer(answer, stamp, trust)
    except DamagedFileError as error:
        return CheckedStamp("failed", str(error))


def _checked_answer(answer: bytes, stamp: dict[str, Any], trust: Trust) -> CheckedStamp:
    """Check the answer of a time-stamping authority."""
    if trust.roots is None:
        return CheckedStamp("not checkable", NO_ROOT)
    said_at = timestamps.verified(answer, stamp["ledger_hash"], trust.roots)
    if said_at != stamp["said_at"]:
        return CheckedStamp("failed", f"it says {said_at}")
    return CheckedStamp("ok", existed_at=said_at)


def _checked_proof(answer: bytes, ledger_hash: str, trust: Trust) -> CheckedStamp:
    """Check a proof of OpenTimestamps; without block headers, as far as the blocks it names."""
    try:
        proof = open_timestamps.read_proof(answer, ledger_hash)
    except UsageError as error:
        if trust.headers:
            raise
        return CheckedStamp("not checkable", f"not checked: {error}")
    if not proof.blocks:
        return CheckedStamp("not checkable", PENDING if proof.pending else UNKNOWN_END)
    if not trust.headers:
        return CheckedStamp("not checkable", NO_HEADER, blocks=proof.blocks)
    block, header = open_timestamps.proving(proof.blocks, trust.headers)
    detail = f"by block {block.height} ({header.hash}); {NOT_LOOKED_UP}"
    return CheckedStamp("ok", detail, header.time, proof.blocks)

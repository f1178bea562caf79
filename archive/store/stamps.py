"""Time-stamps of ledger heads, as stored and as checked."""

from __future__ import annotations

import base64
import binascii
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from archive import clock, timestamps
from archive.errors import DamagedFileError
from archive.store.ledger import Head
from archive.store.rows import stream
from archive.store.secrets import stored_url
from archive.store.writing import Writer

_STAMPS: Final = """
SELECT time_stamps.id, time_stamps.ledger_seq, time_stamps.ledger_hash, server, said_at,
  answer_base64, time_stamps.ledger_hash = ledger.hash AS in_ledger
FROM time_stamps LEFT JOIN ledger ON ledger.seq = time_stamps.ledger_seq ORDER BY time_stamps.id
"""


def write(
    writer: Writer, run_id: int, head: Head, *, server: str, said_at: str, answer: bytes
) -> None:
    """Store the answer of a time-stamping authority, as it came."""
    row = {
        "run_id": run_id, "ledger_seq": head.seq, "ledger_hash": head.hash,
        "server": stored_url(server), "said_at": said_at, "received_at": clock.now(),
        "answer_base64": base64.b64encode(answer).decode("ascii"),
    }  # fmt: skip
    writer.fact("time_stamps", row)


def stamps(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield the time-stamps, oldest first."""
    return stream(connection, _STAMPS)


def fault(stamp: dict[str, Any], roots: Path) -> str | None:
    """Return what is wrong with a time-stamp, or None; `roots` is a PEM file of trusted roots.

    Raises:
        UsageError: the file has no certificates, or the library is not installed.
    """
    if not stamp["in_ledger"]:
        return "the ledger has another entry, or none, at this place"
    try:
        answer = base64.b64decode(stamp["answer_base64"], validate=True)
        said_at = timestamps.verified(answer, stamp["ledger_hash"], roots)
    except (DamagedFileError, binascii.Error) as error:
        return str(error)
    return None if said_at == stamp["said_at"] else f"it says {said_at}"

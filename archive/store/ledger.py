"""The ledger: a hash chain over what each transaction wrote.

It proves that rows were not altered since they were written, provided that somebody stores the head
elsewhere. It does not prove that they were genuine when written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from archive.model import canonical_json, sha256
from archive.store.rows import row, rows, value

START: Final = "0" * 64
"""The previous hash named by the first entry."""

Written = dict[str, dict[str, str]]
"""What a transaction wrote: table → key of the row → digest of the row."""


def row_digest(stored: Mapping[str, Any]) -> str:
    """Return the digest of a row: its non-null columns by name, as canonical JSON."""
    present = {name: cell for name, cell in stored.items() if cell is not None}
    return sha256(canonical_json(present).encode())


def entry_hash(previous: str, entry_json: str) -> str:
    """Return the sha256 over the previous entry's hash and the entry's own JSON."""
    return sha256((previous + entry_json).encode())


def head(connection: sqlite3.Connection) -> str | None:
    """Return the hash of the newest entry, or None in a new archive."""
    found: str | None = value(connection, "SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1")
    return found


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number, hash and time."""

    seq: int
    hash: str
    at: str


def newest_head(connection: sqlite3.Connection) -> Head | None:
    """Return the newest entry, or None in a new archive."""
    found = row(
        connection,
        "SELECT seq, hash, entry_json ->> 'at' AS at FROM ledger ORDER BY seq DESC LIMIT 1",
    )
    return None if found is None else Head(found["seq"], found["hash"], found["at"])


def last_at(connection: sqlite3.Connection) -> str | None:
    """Return when the newest entry was written, or None."""
    found = newest_head(connection)
    return None if found is None else found.at


def newest(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return the newest entries."""
    return rows(connection, "SELECT * FROM ledger ORDER BY seq DESC LIMIT ?", most)


def append(connection: sqlite3.Connection, written: Written, at: str) -> None:
    """Add the entry for `written` within the caller's transaction."""
    previous = head(connection) or START
    entry_json = canonical_json({"at": at, "rows": written})
    connection.execute(
        "INSERT INTO ledger (entry_json, previous, hash) VALUES (?, ?, ?)",
        (entry_json, previous, entry_hash(previous, entry_json)),
    )

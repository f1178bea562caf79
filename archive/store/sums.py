"""Sums over the tables whose rows may change, kept by triggers, so that `verify` sees every edit.

The sum of a table is that of the digests of its rows. It is not secret and not signed: it detects
damage and edits of the file, not somebody who computes the sums anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

_BYTES: Final = 7
_MODULUS: Final = 1 << 8 * _BYTES
"""Small enough that SQLite adds two digests without leaving its integers."""

_EVENTS: Final = {
    "insert": "rows = rows + 1, sum = (sum + {new})",
    "update": "sum = (sum + {new} - {old})",
    "delete": "rows = rows - 1, sum = (sum - {old})",
}


def register(connection: sqlite3.Connection) -> None:
    """Give a connection `row_digest(column, …)`, which the triggers need."""
    connection.create_function("row_digest", -1, _row_digest, deterministic=True)


def triggers(table: str, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield name and SQL of the triggers that keep the sum of a table."""
    new, old = (_digest_of(columns, f"{row}.") for row in ("NEW", "OLD"))
    for event, change in _EVENTS.items():
        name = f"{table}_sum_{event}"
        to_be = f"{change.format(new=new, old=old)} & {_MODULUS - 1}"
        change_sum = f"UPDATE row_sums SET {to_be} WHERE name = '{table}'"  # noqa: S608  (ours)
        yield (
            name,
            f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} BEGIN {change_sum}; END",
        )


def now(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> tuple[int, int]:
    """Return the number of rows of a table and their sum, as they are."""
    rows = total = 0
    for (digest,) in connection.execute(f"SELECT {_digest_of(columns)} FROM {table}"):  # noqa: S608
        rows, total = rows + 1, total + digest
    return rows, total % _MODULUS


def noted(connection: sqlite3.Connection, table: str) -> tuple[int, int] | None:
    """Return what `now` was after the last write; None if the table was never summed."""
    found = connection.execute("SELECT rows, sum FROM row_sums WHERE name = ?", (table,))
    return found.fetchone()  # type: ignore[no-any-return]


def renew(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> None:
    """Note the sum of a table as it is."""
    row = (table, *now(connection, table, columns))
    connection.execute("INSERT OR REPLACE INTO row_sums VALUES (?, ?, ?)", row)


def _digest_of(columns: Sequence[str], prefix: str = "") -> str:
    return f"row_digest({', '.join(prefix + column for column in columns)})"


def _row_digest(*values: Any) -> int:
    digest = blake2b(repr(values).encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest, "big")

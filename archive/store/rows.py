"""Reads rows by name, through the connection's own row factory if it has one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any


def cursor_of(connection: sqlite3.Connection, select: str, *values: Any) -> sqlite3.Cursor:
    """Return the cursor of `select`, with columns accessible by name.

    Pages set a row factory that limits how much is read; it stays in force.
    """
    cursor = connection.cursor()
    if cursor.row_factory is None:
        cursor.row_factory = sqlite3.Row
    return cursor.execute(select, values)


def rows(connection: sqlite3.Connection, select: str, *values: Any) -> list[sqlite3.Row]:
    """Return all rows."""
    return cursor_of(connection, select, *values).fetchall()


def row(connection: sqlite3.Connection, select: str, *values: Any) -> sqlite3.Row | None:
    """Return the first row, or None."""
    found: sqlite3.Row | None = cursor_of(connection, select, *values).fetchone()
    return found


def value(connection: sqlite3.Connection, select: str, *values: Any) -> Any:
    """Return the first column of the first row, or None."""
    found = row(connection, select, *values)
    return None if found is None else found[0]


def column(connection: sqlite3.Connection, select: str, *values: Any) -> list[Any]:
    """Return the first column of every row."""
    return [found[0] for found in cursor_of(connection, select, *values)]


def stream(connection: sqlite3.Connection, select: str, *values: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows as dictionaries."""
    return (dict(found) for found in cursor_of(connection, select, *values))

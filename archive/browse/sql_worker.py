"""Runs readers' SQL in a separate process.

SQLite cannot be interrupted inside a function, and some take hours for a value of some megabytes.
The only way to stop that is to end its process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import thread_time
from typing import Any, Final

from archive.browse.databases import read_only_uri
from archive.browse.datasette_tables import register
from archive.browse.limits import HEAP_BYTES, limit
from archive.errors import WorkFailedError
from archive.store.connection import limit_heap

TASK: Final = "archive.browse.sql_worker:answer"

DEADLINE_S: Final = 8.0
"""A statement still running after this is stopped with its process."""

_STEPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, the file it reads, and how much of the result is wanted.

    `most_rows` is the most rows to return, None for all; `seconds` is the time limit.
    """

    path: Path
    immutable: bool
    sql: str
    values: Mapping[str, Any] | Sequence[Any]
    most_rows: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a statement; `is_cut` means that there is more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool

    def as_sqlite(self) -> list[sqlite3.Row]:
        """Return the rows as sqlite3 itself returns them."""
        named = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in self.columns)
        with closing(sqlite3.connect(":memory:")) as connection:
            shape = connection.execute(f"SELECT {named}")
            return [sqlite3.Row(shape, values) for values in self.rows]


def answer(statement: Statement) -> Rows | str:
    """Return the rows, or SQLite's error message."""
    with closing(_opened(statement)) as connection:
        stop_at = thread_time() + statement.seconds
        connection.set_progress_handler(lambda: int(thread_time() > stop_at), _STEPS)
        try:
            cursor = connection.execute(statement.sql, statement.values)
            rows = _some(cursor, statement.most_rows)
        except (sqlite3.Error, sqlite3.Warning) as error:
            return str(error)
        is_cut = statement.most_rows is not None and len(rows) > statement.most_rows
        columns = tuple(column[0] for column in cursor.description or ())
        return Rows(columns, tuple(rows[: statement.most_rows]), is_cut)


def stopped(error: WorkFailedError) -> str:
    """Return SQLite's message for a statement that was stopped with its process."""
    return "interrupted" if error.how == "timeout" else f"the statement failed: {error}"


def _some(cursor: sqlite3.Cursor, most: int | None) -> list[tuple[Any, ...]]:
    rows = cursor.fetchall() if most is None else cursor.fetchmany(most + 1)
    return [tuple(row) for row in rows]


def _opened(statement: Statement) -> sqlite3.Connection:
    uri = read_only_uri(statement.path, immutable=statement.immutable)
    connection = sqlite3.connect(uri, uri=True)
    connection.text_factory = lambda words: str(words, "utf-8", "replace")
    register(connection)
    limit(connection)
    limit_heap(connection, HEAP_BYTES)
    return connection

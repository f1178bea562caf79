"""Finds the Datasette database that is an archive."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from archive.store.connection import marks
from archive.store.schema import APPLICATION_ID, version

_found: WeakKeyDictionary[Any, tuple[tuple[str, ...], str | None]] = WeakKeyDictionary()


def read_only_uri(path: str | Path, *, immutable: bool = False) -> str:
    """Return the URI with which SQLite opens `path` without ever writing to it."""
    return f"file:{quote(str(path))}?{'immutable=1' if immutable else 'mode=ro'}"


def marks_of(path: str | Path) -> tuple[int, int] | None:
    """Return `application_id` and `user_version` of the file at `path`; None if not a database."""
    try:
        connection = sqlite3.connect(read_only_uri(path), uri=True)
    except sqlite3.Error:
        return None
    try:
        return marks(connection)
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def our_database(datasette: Any) -> Any:
    """Return the first Datasette database that is an archive of a supported version, or None.

    The result is cached while Datasette has the same databases.
    """
    names = tuple(datasette.databases)
    known = _found.get(datasette)
    if known is None or known[0] != names:
        known = (names, _first(datasette))
        _found[datasette] = known
    return None if known[1] is None else datasette.databases[known[1]]


def _first(datasette: Any) -> str | None:
    return next(
        (
            name
            for name, database in datasette.databases.items()
            if database.path and _readable(marks_of(database.path))
        ),
        None,
    )


def _readable(found: tuple[int, int] | None) -> bool:
    return found is not None and found[0] == APPLICATION_ID and found[1] <= version()

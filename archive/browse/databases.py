"""Finds the Datasette database that is an archive."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from archive.errors import UsageError
from archive.store.connection import check_readable

_found: WeakKeyDictionary[Any, tuple[tuple[str, ...], str | None]] = WeakKeyDictionary()


def read_only_uri(path: str | Path, *, immutable: bool = False) -> str:
    """Return the URI with which SQLite opens `path` without ever writing to it."""
    return f"file:{quote(str(path))}?{'immutable=1' if immutable else 'mode=ro'}"


def is_archive(path: str | Path) -> bool:
    """Whether the file at `path` is an archive that this version can read."""
    try:
        with closing(sqlite3.connect(read_only_uri(path), uri=True)) as connection:
            check_readable(connection, Path(path))
    except (sqlite3.Error, UsageError):
        return False
    return True


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
            if database.path and is_archive(database.path)
        ),
        None,
    )

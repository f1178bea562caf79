"""The plugin for sqlite-utils: its command line and its `Database` read the words of an archive."""

from __future__ import annotations

import sqlite3

import sqlite_utils

from archive.store.functions import register_functions


@sqlite_utils.hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Add the functions of SQL that views and documented queries use."""
    register_functions(conn)

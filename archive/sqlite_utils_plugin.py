"""The plugin for sqlite-utils: its command line and its `Database` read the words of an archive."""

from __future__ import annotations

import sqlite3

import sqlite_utils

from archive.store.packed import register


@sqlite_utils.hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register `sqlar_uncompress`, with which views unpack words."""
    register(conn)

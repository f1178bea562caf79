"""Determines what changed since the last collation: new and removed texts, and decisions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

_MARK: Final = "SELECT grouped_by, indexed_by, text_id, decision_id FROM collated"

_NEW: Final = "SELECT id FROM current_texts WHERE id > ? ORDER BY id"
# CROSS JOIN: the new ones first, whatever SQLite assumes about the size of tables
_GONE: Final = """
SELECT DISTINCT old.id FROM texts AS new
CROSS JOIN texts AS old ON old.payload_sha256 = new.payload_sha256
  AND old.context_sha256 = new.context_sha256
CROSS JOIN sketches ON sketches.text_id = old.id
WHERE new.id > ? AND NOT EXISTS (SELECT 1 FROM current_texts WHERE current_texts.id = old.id)
ORDER BY old.id
"""
_DECIDED: Final = """
SELECT DISTINCT current_texts.id FROM decisions
CROSS JOIN current_texts ON current_texts.payload_sha256 = substr(decisions.subject, 9)
WHERE decisions.id > ?
"""
_EVERYTHING_NEW: Final = """
SELECT id FROM current_texts WHERE id NOT IN (SELECT text_id FROM sketches) ORDER BY id
"""
_EVERYTHING_GONE: Final = """
SELECT text_id FROM sketches
WHERE text_id NOT IN (SELECT id FROM current_texts) ORDER BY text_id
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of texts: `new` ones are in no index yet, `gone` ones still are, `decided` are judged.

    `everything` means that all works must be rebuilt, `indexed` that the index of copies is valid.
    """

    new: tuple[int, ...]
    gone: tuple[int, ...]
    decided: tuple[int, ...] = ()
    everything: bool = False
    indexed: bool = True


def changes_since(
    connection: sqlite3.Connection, grouped_by: str, indexed_by: int, *, anew: bool = False
) -> Changes:
    """Return what a collation must process.

    Args:
        connection: the connection of the archive.
        grouped_by: a digest of everything except the texts that determines works.
        indexed_by: the version of the index of copies.
        anew: process everything in any case.
    """
    mark = connection.execute(_MARK).fetchone()
    if mark is None or mark[1] != indexed_by:
        return _all_of_them(connection)
    if anew or mark[0] != grouped_by:
        gone = _ids(connection, _EVERYTHING_GONE)
        (indexed,) = connection.execute("SELECT count(*) FROM sketches").fetchone()
        if 2 * len(gone) > indexed:
            return _all_of_them(connection)
        return Changes(_ids(connection, _EVERYTHING_NEW), gone, everything=True)
    _, _, text_id, decision_id = mark
    return Changes(
        _ids(connection, _NEW, text_id),
        _ids(connection, _GONE, text_id),
        _ids(connection, _DECIDED, decision_id),
    )


def remember(connection: sqlite3.Connection, grouped_by: str, indexed_by: int) -> None:
    """Record that everything present has been collated."""
    connection.execute(
        "INSERT OR REPLACE INTO collated SELECT 1, ?, ?,"
        " (SELECT coalesce(max(id), 0) FROM texts), (SELECT coalesce(max(id), 0) FROM decisions)",
        (grouped_by, indexed_by),
    )


def _all_of_them(connection: sqlite3.Connection) -> Changes:
    return Changes(_ids(connection, _NEW, 0), (), everything=True, indexed=False)


def _ids(connection: sqlite3.Connection, select: str, *values: int) -> tuple[int, ...]:
    return tuple(text_id for (text_id,) in connection.execute(select, values))

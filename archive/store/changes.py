"""Determines what changed since the last collation: new and removed texts, and decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from archive.store.lists import listed

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
_EVERYTHING_GONE: Final = """
SELECT text_id FROM sketches
WHERE text_id NOT IN (SELECT id FROM current_texts) ORDER BY text_id
"""


_JUDGED: Final = """
UPDATE to_collate SET judge = 0 WHERE text_id IN (SELECT value FROM json_each(?))
"""
_DONE: Final = """
DELETE FROM to_collate WHERE regroup = 0 AND text_id IN (SELECT value FROM json_each(?))
"""
_REGROUPED: Final = "DELETE FROM to_collate WHERE text_id IN (SELECT value FROM json_each(?))"
_ADD: Final = """
INSERT INTO to_collate SELECT value, ?2, ?3 FROM json_each(?1) WHERE true
ON CONFLICT (text_id) DO UPDATE SET judge = max(judge, ?2), regroup = max(regroup, ?3)
"""
_NOTE_EVERYTHING: Final = """
INSERT OR REPLACE INTO to_collate
SELECT id, 1, 1 FROM current_texts UNION SELECT text_id, 1, 1 FROM witness_texts
"""
_REMEMBER: Final = """
INSERT OR REPLACE INTO collated SELECT 1, ?, ?,
  (SELECT coalesce(max(id), 0) FROM texts), (SELECT coalesce(max(id), 0) FROM decisions), ?
"""
_UNLINKED: Final = """
SELECT text_id FROM to_collate WHERE text_id NOT IN (SELECT text_id FROM sketches)
  AND EXISTS (SELECT 1 FROM current_texts WHERE id = text_id) ORDER BY text_id
"""
_TO_JUDGE: Final = """
SELECT text_id FROM to_collate
WHERE judge AND EXISTS (SELECT 1 FROM current_texts WHERE id = text_id) ORDER BY text_id LIMIT ?
"""
_TO_REGROUP: Final = "SELECT text_id FROM to_collate WHERE regroup ORDER BY text_id LIMIT ?"


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of texts: `new` ones are in no index yet, `gone` ones still are, `decided` are judged.

    `everything` means that all works must be rebuilt; then `new` and `decided` are empty, because
    every current text is processed. `indexed` means that the index of copies is valid.
    """

    new: tuple[int, ...]
    gone: tuple[int, ...]
    decided: tuple[int, ...] = ()
    everything: bool = False
    indexed: bool = True


_ALL_OF_THEM: Final = Changes((), (), everything=True, indexed=False)


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
        return _ALL_OF_THEM
    if anew or mark[0] != grouped_by:
        gone = _ids(connection, _EVERYTHING_GONE)
        (indexed,) = connection.execute("SELECT count(*) FROM sketches").fetchone()
        if 2 * len(gone) > indexed:
            return _ALL_OF_THEM
        return Changes((), gone, everything=True)
    _, _, text_id, decision_id = mark
    return Changes(
        _ids(connection, _NEW, text_id),
        _ids(connection, _GONE, text_id),
        _ids(connection, _DECIDED, decision_id),
    )


def note(
    connection: sqlite3.Connection,
    changes: Changes,
    touched: Iterable[int],
    grouped_by: str,
    indexed_by: int,
) -> None:
    """Write to `to_collate` what a collation must process, and to `collated` that this is done.

    Args:
        connection: the connection of the archive, within a transaction.
        changes: the changes since the last collation.
        touched: texts that are affected by removed texts and by decisions.
        grouped_by: as in `changes_since`.
        indexed_by: as in `changes_since`.
    """
    if changes.everything:
        connection.execute(_NOTE_EVERYTHING)
    add(connection, {*changes.new, *changes.gone, *touched}, judge=True, regroup=True)
    connection.execute(_REMEMBER, (grouped_by, indexed_by, changes.everything))


def add(
    connection: sqlite3.Connection, texts: Iterable[int], *, judge: bool, regroup: bool
) -> None:
    """Add texts to `to_collate`, or add work to those that are there."""
    connection.execute(_ADD, (listed(texts), judge, regroup))


def was_everything(connection: sqlite3.Connection) -> bool:
    """Whether the collation that filled `to_collate` processes all texts."""
    row = connection.execute("SELECT everything FROM collated").fetchone()
    return bool(row and row[0])


def to_judge(connection: sqlite3.Connection, most: int) -> list[int]:
    """Return at most `most` current texts to be judged; all if `most` is negative."""
    return list(_ids(connection, _TO_JUDGE, most))


def judged(connection: sqlite3.Connection, texts: Iterable[int], changed: Iterable[int]) -> None:
    """Mark texts as judged; those that changed must be regrouped."""
    add(connection, changed, judge=True, regroup=True)
    these = (listed(texts),)
    connection.execute(_JUDGED, these)
    connection.execute(_DONE, these)


def nothing_to_judge(connection: sqlite3.Connection) -> None:
    """Mark all texts as judged."""
    connection.execute("UPDATE to_collate SET judge = 0")
    connection.execute("DELETE FROM to_collate WHERE regroup = 0")


def to_regroup(connection: sqlite3.Connection, most: int) -> list[int]:
    """Return at most `most` texts to be regrouped, in order."""
    return list(_ids(connection, _TO_REGROUP, most))


def regrouped(connection: sqlite3.Connection, texts: Iterable[int]) -> None:
    """Mark texts as regrouped."""
    connection.execute(_REGROUPED, (listed(texts),))


def unlinked(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the current texts to be collated that are missing from the index of copies."""
    return _ids(connection, _UNLINKED)


def remaining(connection: sqlite3.Connection) -> int:
    """Return the number of texts still to be collated."""
    (count,) = connection.execute("SELECT count(*) FROM to_collate").fetchone()
    return int(count)


def _ids(connection: sqlite3.Connection, select: str, *values: int) -> tuple[int, ...]:
    return tuple(text_id for (text_id,) in connection.execute(select, values))

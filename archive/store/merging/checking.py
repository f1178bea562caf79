"""Checks that the ledger of a merged shard is unaltered, and that our rows are those it names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from archive.store import ledger
from archive.store.lists import listed
from archive.store.merging.ids import ShardIds
from archive.store.merging.rows import LEFT_OUT, PRUNED, Digests, covered, runs_of
from archive.store.merging.shard import Row, ShardEntry
from archive.store.merging.tables import NAMED, ShardTable

_SHARDS: Final = "SELECT id, name, first_hash FROM shards ORDER BY id"
_ENTRIES: Final = """
SELECT seq, entry_json, previous, hash FROM shard_ledger WHERE shard_id = ? ORDER BY seq
"""
_SITES: Final = "SELECT * FROM run_sites WHERE run_id IN (SELECT value FROM json_each(?))"
_HEADS: Final = "SELECT seq, hash FROM shard_heads WHERE shard_id = ?"


class Checked(NamedTuple):
    """A row or an entry of a shard; `wrong` says what does not hold, `excuse` why it cannot."""

    subject: str
    wrong: str = ""
    excuse: str = ""


def checked_shards(connection: sqlite3.Connection) -> Iterator[Checked]:
    """Check every entry of every merged shard's ledger, and every row that it names."""
    for shard_id, name, first_hash in connection.execute(_SHARDS).fetchall():
        subject = f"shard {shard_id} ({name})"
        heads = dict(connection.execute(_HEADS, (shard_id,)).fetchall())
        yield from _chain(connection, shard_id, subject, first_hash, heads)
        for row in connection.execute(_ENTRIES, (shard_id,)):
            yield from _rows(connection, shard_id, subject, ShardEntry(*row))


def _chain(
    connection: sqlite3.Connection,
    shard_id: int,
    subject: str,
    first_hash: str,
    heads: Mapping[int, str],
) -> Iterator[Checked]:
    """Check that its ledger is a chain, and the one whose hashes ours names."""
    previous, expected = ledger.START, 1
    for row in connection.execute(_ENTRIES, (shard_id,)):
        entry = ShardEntry(*row)
        here = f"{subject}: ledger {entry.seq}"
        if entry.seq != expected or entry.previous != previous:
            yield Checked(here, "does not follow the entry before it")
        elif ledger.entry_hash(entry.previous, entry.entry_json) != entry.hash:
            yield Checked(here, "its words do not match its hash")
        elif entry.hash != heads.get(entry.seq, entry.hash) or (
            entry.seq == 1 and entry.hash != first_hash
        ):
            yield Checked(here, "is not the one that was merged")
        else:
            yield Checked(here)
        previous, expected = entry.hash, entry.seq + 1
    if max(heads, default=0) != expected - 1:
        yield Checked(f"{subject}: ledger", "does not end where the last merge ended")


def _rows(
    connection: sqlite3.Connection, shard_id: int, subject: str, entry: ShardEntry
) -> Iterator[Checked]:
    try:
        named = entry.rows()
    except ValueError:  # the chain check says which entry
        return
    rows = _ShardRows(connection, ShardIds(connection, shard_id))
    for table, digests in named.items():
        if table not in NAMED:
            yield Checked(f"{subject}: {table}", "is no table of a shard")
            continue
        found = rows.digests(NAMED[table], dict(digests))
        for key, digest in digests.items():
            here = f"{subject}: {table} {key}"
            if found.get(key) == digest:
                yield Checked(here)
            elif excuse := rows.excuse(NAMED[table], key, is_here=key in found):
                yield Checked(here, excuse=excuse)
            else:
                what = "is missing" if key not in found else "was altered"
                yield Checked(here, f"{what} since ledger entry {entry.seq} of the shard")


class _ShardRows:
    """Rows of the merged archive as they were in a shard."""

    def __init__(self, connection: sqlite3.Connection, ids: ShardIds) -> None:
        self._connection = connection
        self._ids = ids

    def digests(self, table: ShardTable, asked: Digests) -> dict[str, str]:
        """Return the digests of rows with the shard's ids in place of ours, by the shard's key."""
        rows = self._ours(table, asked)
        for column, other in table.refers.items():
            ours = {row[column] for row in rows.values() if row[column] is not None}
            theirs = self._ids.theirs(other, ours)
            for row in rows.values():
                row[column] = theirs.get(row[column])
        for key, values in self._ids.values(table.name, rows).items():
            rows[key].update(values)
        return {key: covered(table, row) for key, row in rows.items()}

    def excuse(self, table: ShardTable, key: str, *, is_here: bool) -> str:
        """Return why a row is not here as the shard has it, or an empty string."""
        if table.name == "dictionaries":
            return "no payload needs it"
        left_out = self._ids.values(table.name, [key]).get(key, {}).get(LEFT_OUT)
        if left_out is not None:
            return f"was {left_out} before it was merged"
        if table.name in {"texts", "pruned_texts"}:
            fate = self._fate(table, *self._ids.ours("texts", [int(key)]).values())
            if fate:
                return fate
        in_another = not is_here and table.of_captures and self._ids.part
        return "is in the archive of another part" if in_another else ""

    def _fate(self, table: ShardTable, text_id: int | None = None) -> str:
        """Return what happened to a text: dropped here, or only there."""
        if text_id is None:
            return ""
        if table.name == "pruned_texts":
            return "is kept here" if self._has("texts", "id", text_id) else ""
        fates = (PRUNED, "pruned_texts"), ("withdrawn", "withdrawn_texts")
        gone = (fate for fate, name in fates if self._has(name, "text_id", text_id))
        return next(gone, "")

    def _has(self, table: str, column: str, text_id: int) -> bool:
        select = f"SELECT 1 FROM {table} WHERE {column} = ?"  # noqa: S608  (names of ours)
        return self._connection.execute(select, (text_id,)).fetchone() is not None

    def _ours(self, table: ShardTable, asked: Digests) -> dict[str, Row]:
        """Return our rows by the shard's key; without those that are not here."""
        if table.name == "run_sites":
            return self._run_sites(asked)
        to_key = self._keys(table, asked)
        columns = ", ".join(table.digested) or "*"
        select = (
            f"SELECT {columns}, {table.key} FROM {table.ours}"  # noqa: S608  (names of ours)
            f" WHERE {table.key} IN (SELECT value FROM json_each(?))"
        )
        left = {} if table.home == "" else {"shard_id"}
        return {
            to_key[row[table.key]]: {name: row[name] for name in row if name not in left}
            for row in self._select(select, json.dumps(list(to_key)))
        }

    def _keys(self, table: ShardTable, asked: Digests) -> dict[int, str] | dict[str, str]:
        """Return the shard's keys by ours."""
        identified = table.name if table.has_ids else table.refers.get(table.key)
        if identified is None:
            return {key: key for key in asked}
        ours = self._ids.ours(identified, map(int, asked))
        return {mine: str(theirs) for theirs, mine in ours.items()}

    def _run_sites(self, asked: Digests) -> dict[str, Row]:
        runs = self._ids.ours("runs", runs_of(asked))
        theirs = {mine: their for their, mine in runs.items()}
        rows = self._select(_SITES, listed(theirs))
        keyed = {f"{theirs[row['run_id']]}/{row['name']}": row for row in rows}
        return {key: row for key, row in keyed.items() if key in asked}

    def _select(self, select: str, *values: str) -> list[Row]:
        cursor = self._connection.execute(select, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

"""Which row here is which row of a shard, as ranges of ids."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from archive.store.lists import listed

_OURS: Final = """
SELECT asked.value, found.ours + asked.value - found.first FROM json_each(?3) AS asked
JOIN shard_rows AS found ON found.shard_id = ?1 AND found.name = ?2 AND found.first = (
  SELECT max(first) FROM shard_rows WHERE shard_id = ?1 AND name = ?2 AND first <= asked.value)
WHERE asked.value <= found.last
"""
_THEIRS: Final = """
SELECT asked.value, found.first + asked.value - found.ours FROM json_each(?3) AS asked
JOIN shard_rows AS found ON found.shard_id = ?1 AND found.name = ?2 AND found.ours = (
  SELECT max(ours) FROM shard_rows WHERE shard_id = ?1 AND name = ?2 AND ours <= asked.value)
WHERE asked.value <= found.ours + found.last - found.first
"""
_PART: Final = """
SELECT json_extract(arguments_json, '$.part') FROM runs
JOIN shards ON shards.run_id = runs.id WHERE shards.id = ?
"""
_VALUES: Final = """
SELECT key, values_json FROM shard_values
WHERE shard_id = ? AND name = ? AND key IN (SELECT value FROM json_each(?))
"""


class ShardIds:
    """The rows of one shard in the merged archive."""

    def __init__(self, connection: sqlite3.Connection, shard_id: int) -> None:
        self._connection = connection
        self.shard_id = shard_id

    @cached_property
    def part(self) -> str | None:
        """The part of the shard that is here; None if all of it is."""
        found = self._connection.execute(_PART, (self.shard_id,)).fetchone()
        return None if found is None else found[0]

    def ours(self, table: str, theirs: Iterable[int]) -> dict[int, int]:
        """Return the id here of each row of the shard that is here."""
        return self._found(_OURS, table, theirs)

    def theirs(self, table: str, ours: Iterable[int]) -> dict[int, int]:
        """Return the id in the shard of each row here that the shard has too."""
        return self._found(_THEIRS, table, ours)

    def add(self, table: str, pairs: Mapping[int, int]) -> None:
        """Remember rows by their id in the shard."""
        self._connection.executemany(
            "INSERT INTO shard_rows VALUES (?, ?, ?, ?, ?)",
            ((self.shard_id, table, *found) for found in _ranges(sorted(pairs.items()))),
        )

    def values(self, table: str, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return what rows of the shard say otherwise than ours, by their key in its ledger."""
        found = self._connection.execute(_VALUES, (self.shard_id, table, listed(keys)))
        return {key: json.loads(values) for key, values in found}

    def add_values(self, table: str, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Remember what rows of the shard say otherwise."""
        self._connection.executemany(
            "INSERT INTO shard_values VALUES (?, ?, ?, ?)",
            ((self.shard_id, table, key, json.dumps(each)) for key, each in values.items()),
        )

    def _found(self, select: str, table: str, ids: Iterable[int]) -> dict[int, int]:
        asked = listed(ids)
        return dict(self._connection.execute(select, (self.shard_id, table, asked)).fetchall())


def _ranges(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield first, last and ours of rows that follow each other both there and here."""
    first = last = ours = -1
    for theirs, mine in pairs:
        if theirs == last + 1 and mine == ours + theirs - first:
            last = theirs
            continue
        if first >= 0:
            yield first, last, ours
        first, last, ours = theirs, theirs, mine
    if first >= 0:
        yield first, last, ours

"""Copies the rows that a shard's ledger names, and checks each against its digest there."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from archive.store import ledger, payloads, texts
from archive.store.lists import listed
from archive.store.merging.ids import ShardIds
from archive.store.merging.shard import Row, Shard, ShardEntry
from archive.store.merging.tables import NAMED, TABLES, TEXT_ORIGIN, ShardTable
from archive.store.writing import Writer

if TYPE_CHECKING:
    from archive.store.merging.routing import ShardPart

Digests = dict[str, str]
"""The rows that the ledger names in one table: key → digest."""

PRUNED, WITHDRAWN = "pruned", "withdrawn"
LEFT_OUT: Final = "left_out"
"""The name in `shard_values` under which it stands why a row was not taken."""

_PARTS: Final = ("partitions", "rule_uses", "identities", "flags")
"""The tables of a text that its digest covers, and its uses of rules."""

_NOT_REFERRED: Final = frozenset({"zstd-reference", *payloads.TOMBSTONES})
"""Codecs of payloads that no other payload can be unpacked with."""


class RowMerger:
    """Copies the rows of one shard, or only those of a selection, within the caller's transactions.

    `counts` counts new rows by table.
    """

    def __init__(
        self, writer: Writer, shard: Shard, ids: ShardIds, selection: ShardPart | None = None
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._writer = writer
        self._connection = writer.connection
        self._shard = shard
        self._ids = ids
        self._selection = selection
        self._special: dict[str, Callable[[ShardTable, Digests], None]] = {
            "payloads": self._take_payloads,
            "texts": self._take_texts,
            "pruned_texts": self._take_dropped,
            "withdrawn_texts": self._take_dropped,
        }

    def take(self, entries: Sequence[ShardEntry], *, again: bool = False) -> None:
        """Copy the rows that these entries name.

        If a part of them was taken before, `again` takes what belongs to the selection by now.
        """
        named = self._named(entries)
        if unknown := sorted(named.keys() - NAMED.keys()):
            raise self._shard.damaged(f"its ledger names an unknown table {unknown[0][:40]!r}")
        for table in TABLES:
            digests = named.get(table.name, {})
            if again and not table.of_captures:
                continue
            if digests and self._selection is not None:
                digests = self._selection.of(table.name, digests)
            if digests:
                self._special.get(table.name, self._take)(table, digests)

    def _named(self, entries: Sequence[ShardEntry]) -> dict[str, Digests]:
        named: dict[str, Digests] = {}
        for entry in entries:
            try:
                for table, digests in entry.rows().items():
                    named.setdefault(table, {}).update(digests)
            except ValueError as error:
                raise self._shard.damaged(f"ledger entry {entry.seq} {error}") from error
        return named

    # ---- rows of any table

    def _take(self, table: ShardTable, digests: Digests) -> None:
        rows = self._rows(table, digests)
        self._check(table, rows, digests)
        self._store(table, rows)

    def _rows(self, table: ShardTable, digests: Digests) -> dict[str, Row]:
        """Return the shard's rows by their key in its ledger."""
        if table.name == "run_sites":
            rows = self._shard.having(
                "run_sites", "run_id", {int(k.split("/")[0]) for k in digests}
            )
            keyed = {f"{row['run_id']}/{row['name']}": row for row in rows}
            return {key: row for key, row in keyed.items() if key in digests}
        if table.key.endswith("id"):
            found = self._shard.having(table.name, table.key, map(int, digests))
        else:
            found = self._shard.having(table.name, table.key, digests)
        return {str(row[table.key]): row for row in sorted(found, key=lambda row: row[table.key])}

    def _check(self, table: ShardTable, rows: Mapping[str, Row], digests: Digests) -> None:
        for key, digest in digests.items():
            row = rows.get(key)
            if row is None and table.name != "dictionaries":  # one that no payload needs is gone
                raise self._shard.damaged(f"{table.name} {key} is missing")
            if row is not None and covered(table, row) != digest:
                raise self._shard.damaged(f"{table.name} {key} was altered")

    def _store(self, table: ShardTable, rows: Mapping[str, Row]) -> dict[int, int]:
        """Copy rows that are not here yet; returns the new ones' ids, there → here."""
        waiting = self._unknown(table, rows)
        if table.same_by:
            translated = self._translated(table, waiting)
            same = self._same(table, translated)
            self._match(table, {key: (waiting[key], translated[key], same[key]) for key in same})
            waiting = {key: row for key, row in waiting.items() if key not in same}
        new = self._allocated(table, waiting)
        for key, row in self._translated(table, waiting).items():
            self._insert(table, row, new.get(int(key)) if table.has_ids else None)
        return new

    def _unknown(self, table: ShardTable, rows: Mapping[str, Row]) -> dict[str, Row]:
        """Return the rows without those of which it is known where they are."""
        if not table.has_ids:
            return dict(rows)
        known = self._ids.ours(table.name, map(int, rows))
        return {key: row for key, row in rows.items() if int(key) not in known}

    def _translated(self, table: ShardTable, rows: Mapping[str, Row]) -> dict[str, Row]:
        """Return the rows with our ids in place of the shard's."""
        made = {key: dict(row) for key, row in rows.items()}
        for column, other in table.refers.items():
            asked = {row[column] for row in rows.values() if row[column] is not None}
            ours = self._ids.ours(other, asked)
            for key, row in made.items():
                if row[column] is not None:
                    if row[column] not in ours:
                        raise self._shard.damaged(f"{table.name} {key} refers to a missing row")
                    row[column] = ours[row[column]]
        return made

    def _same(self, table: ShardTable, rows: Mapping[str, Row]) -> dict[str, Row]:
        """Return the rows here that are the same ones, by the shard's key."""
        first = table.same_by[0]
        columns = [row[1] for row in self._connection.execute(f"PRAGMA table_info({table.ours})")]
        found = self._connection.execute(
            f"SELECT * FROM {table.ours} WHERE {first} IN (SELECT value FROM json_each(?))",  # noqa: S608
            (listed(row[first] for row in rows.values()),),
        )
        here = {}
        for each in found:
            row = dict(zip(columns, each, strict=True))
            here[tuple(row[column] for column in table.same_by)] = row
        keys = {key: tuple(row[c] for c in table.same_by) for key, row in rows.items()}
        return {key: here[same] for key, same in keys.items() if same in here}

    def _match(self, table: ShardTable, found: Mapping[str, tuple[Row, Row, Row]]) -> None:
        """Remember which row here is which of the shard, and what the shard's says otherwise.

        Args:
            table: the table.
            found: the shard's row, the same with our ids, and our row, by the shard's key.
        """
        if table.has_ids:
            self._ids.add(table.name, {int(key): row["id"] for key, (_, _, row) in found.items()})
        names = table.digested
        others = {
            key: {name: theirs[name] for name in names or theirs
                  if name != "id" and translated[name] != ours[name]}
            for key, (theirs, translated, ours) in found.items()
        }  # fmt: skip
        self._ids.add_values(table.name, {key: other for key, other in others.items() if other})

    def _allocated(self, table: ShardTable, rows: Mapping[str, Row]) -> dict[int, int]:
        """Give the rows ids, in their order."""
        if not table.has_ids or not rows:
            return {}
        first = self._next_id(table.ours)
        new = {int(key): first + number for number, key in enumerate(rows)}
        self._ids.add(table.name, new)
        return new

    def _next_id(self, table: str) -> int:
        select = f"SELECT coalesce(max(id), 0) FROM {table}"  # noqa: S608  (a name of ours)
        if table == "texts":
            select = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'texts'"
        (last,) = self._connection.execute(select).fetchone()
        return int(last) + 1

    def _insert(self, table: ShardTable, row: Row, new_id: int | None) -> None:
        """Insert a row and name it in our ledger."""
        if table.home:
            row = {**row, "shard_id": self._ids.shard_id}
        key = row_key(table, row) if new_id is None else str(new_id)
        if new_id is not None:
            row = {**row, "id": new_id}
        self._writer.insert(table.ours, row)
        self._writer.note(table.ours, key, covered(table, row))
        self.counts[table.name] += 1

    # ---- payloads

    def _take_payloads(self, table: ShardTable, digests: Digests) -> None:
        """Copy payloads as they are packed, one in memory."""
        asked = (listed(digests),)
        here = {row[0] for row in self._connection.execute(_PAYLOADS_HERE, asked)}
        for digest in sorted(digests.keys() - here):
            found = self._shard.having("payloads", "sha256", [digest])
            self._check(table, {row["sha256"]: row for row in found}, {digest: digests[digest]})
            self._insert(table, self._packed(found[0]), None)
        sizes = self._shard.rows(_SIZES, *asked)
        rest = {digest: digests[digest] for digest in here}
        self._check(table, {row["sha256"]: row for row in sizes if row["sha256"] in here}, rest)

    def _packed(self, row: Row) -> Row:
        """Return the payload's row, packed again if it refers to one that cannot be used here."""
        stored, reference = row["stored"], row["reference_sha256"]
        if stored is not None and zlib.crc32(stored) != row["stored_crc32"]:
            raise self._shard.damaged(f"payload {row['sha256']} is damaged")
        if row["dictionary_sha256"] is not None:
            self._take_dictionary(row["dictionary_sha256"])
        if reference is None or self._can_refer_to(reference):
            return row
        return payloads.row(row["sha256"], self._shard.payload(row["sha256"]))

    def _can_refer_to(self, digest: str) -> bool:
        found = self._connection.execute(_CODEC, (digest,)).fetchone()
        return found is not None and found[0] not in _NOT_REFERRED

    def _take_dictionary(self, digest: str) -> None:
        """Copy a dictionary: its entry comes later than those of the payloads packed with it."""
        rows = self._shard.having("dictionaries", "sha256", [digest])
        if not rows:
            raise self._shard.damaged(f"dictionary {digest} is missing")
        self._store(NAMED["dictionaries"], {digest: rows[0]})

    # ---- texts

    def _take_texts(self, table: ShardTable, digests: Digests) -> None:
        rows = self._rows(table, digests)
        missing = self._dropped(set(digests) - rows.keys())
        self._check(table, rows, {key: each for key, each in digests.items() if key not in missing})
        gone = self._withdrawn_here(rows)
        left_out = missing | dict.fromkeys(gone, WITHDRAWN)
        self._ids.add_values(table.name, {key: {LEFT_OUT: why} for key, why in left_out.items()})
        taken = {key: row for key, row in rows.items() if key not in gone}
        self._take_visible(row["visible_sha256"] for row in taken.values())
        self._take_parts(self._store(table, taken))

    def _dropped(self, keys: set[str]) -> dict[str, str]:
        """Return why texts that the shard's ledger names are no longer there."""
        found: dict[str, str] = {}
        for reason in (PRUNED, WITHDRAWN):
            rows = self._shard.having(f"{reason}_texts", "text_id", map(int, keys))
            found |= {str(row["text_id"]): reason for row in rows}
        return found

    def _withdrawn_here(self, rows: Mapping[str, Row]) -> set[str]:
        """Return the texts whose payload was withdrawn from our archive."""
        asked = (listed(row["payload_sha256"] for row in rows.values()),)
        gone = {row[0] for row in self._connection.execute(_GONE_HERE, asked)}
        return {key for key, row in rows.items() if row["payload_sha256"] in gone}

    def _take_visible(self, digests: Iterable[str]) -> None:
        asked = listed(digests)
        here = {row[0] for row in self._connection.execute(_VISIBLE_HERE, (asked,))}
        wanted = listed(set(json.loads(asked)) - here)
        for row in self._shard.stream(_VISIBLE, wanted):
            self._connection.execute("INSERT INTO packed_texts VALUES (?, ?, ?, ?)", row)

    def _take_parts(self, new: Mapping[int, int]) -> None:
        """Copy the rows of texts that are new here, checked against the texts' digests."""
        asked = listed(new)
        for name in _PARTS:
            rows = self._shard.rows(_PART.format(table=name), asked)
            for row in rows:
                row["text_id"] = new[row["text_id"]]
            if name == "rule_uses":
                rows = [
                    *self._translated(
                        _RULE_USES, {str(number): row for number, row in enumerate(rows)}
                    ).values()
                ]
            if rows:
                values = [tuple(row.values()) for row in rows]
                self._writer.insert_many(name, ", ".join(rows[0]), values)
        rulesets = self._connection.execute(_RULESETS_OF, (listed(new.values()),)).fetchall()
        self._connection.executemany("INSERT INTO text_rulesets VALUES (?, ?)", rulesets)
        for theirs, ours in new.items():
            if texts.stored_rows(self._connection, ours).digest() != self._derivation(ours):
                raise self._shard.damaged(f"text {theirs} was altered")

    def _derivation(self, text_id: int) -> str:
        found = self._connection.execute(_DERIVATION, (text_id,)).fetchone()
        return str(found[0])

    def _take_dropped(self, table: ShardTable, digests: Digests) -> None:
        """Copy what is left of texts that were dropped there, unless these are here."""
        rows = self._rows(table, digests)
        self._check(table, rows, digests)
        here = self._ids.ours("texts", map(int, rows))
        gone = {key: row for key, row in rows.items() if int(key) not in here}
        if gone:
            first = self._next_id("texts")
            ids = {int(key): first + number for number, key in enumerate(gone)}
            self._ids.add("texts", ids)
            self._store(table, gone)
            texts.number_from(self._connection, max(ids.values()))


_PAYLOADS_HERE: Final = (
    "SELECT sha256 FROM payloads WHERE sha256 IN (SELECT value FROM json_each(?))"
)
_SIZES: Final = """
SELECT sha256, payload_bytes FROM payloads WHERE sha256 IN (SELECT value FROM json_each(?))
"""
_CODEC: Final = "SELECT codec FROM payloads WHERE sha256 = ?"
_GONE_HERE: Final = """
SELECT sha256 FROM payloads
WHERE codec = 'withdrawn' AND sha256 IN (SELECT value FROM json_each(?))
"""
_VISIBLE_HERE: Final = (
    "SELECT sha256 FROM packed_texts WHERE sha256 IN (SELECT value FROM json_each(?))"
)
_VISIBLE: Final = """
SELECT sha256, chars, bytes, packed FROM packed_texts
WHERE sha256 IN (SELECT value FROM json_each(?)) ORDER BY sha256
"""
_PART: Final = "SELECT * FROM {table} WHERE text_id IN (SELECT value FROM json_each(?))"
_RULESETS_OF: Final = (
    "SELECT ruleset_id, id FROM texts WHERE id IN (SELECT value FROM json_each(?))"
)
_DERIVATION: Final = "SELECT derivation_sha256 FROM texts WHERE id = ?"
_RULE_USES: Final = ShardTable("rule_uses", refers={"rule_id": "rules"})


def covered(table: ShardTable, row: Row) -> str:
    """Return the digest of a row for the ledger, with the ids that stand in it."""
    names: Iterable[str] = table.digested or [name for name in row if name != "id"]
    words = {name: row[name] for name in names}
    if table.digested is TEXT_ORIGIN:
        words["rows"] = row["derivation_sha256"]
    return ledger.row_digest(words)


def row_key(table: ShardTable, row: Row) -> str:
    """Return the key of a row in the ledger."""
    if table.name == "run_sites":
        return f"{row['run_id']}/{row['name']}"
    return str(row[table.key])


def runs_of(keys: Iterable[str]) -> set[int]:
    """Return the runs of keys of `run_sites`."""
    return {int(key.partition("/")[0]) for key in keys}

"""Makes an archive of a preservation export, and proves that it is the archive it was made from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from archive.errors import BrokenLawError
from archive.model import sha256
from archive.store import indexing, payloads
from archive.store.compaction import COPIES_NOT_INDEXED
from archive.store.copies import MASKED_INDEX, is_copy, whole_file
from archive.store.packed import pack
from archive.store.preservation import collated
from archive.store.preservation.bag import Bag
from archive.store.preservation.layout import (
    DIGEST,
    KEPT,
    VISIBLE,
    WORKS,
    Row,
    columns_of,
    json_line,
    plain_row,
    states,
    table_file,
)
from archive.store.progress import Progress, plainly

if TYPE_CHECKING:
    from archive.store import Archive

_WORK: Final = """
INSERT INTO works (id, name, plain, place_key, kind, stage) VALUES (?, ?, '', '', '', '')
"""
_LAST_TEXT: Final = (
    "DELETE FROM sqlite_sequence WHERE name = 'texts'",
    "INSERT INTO sqlite_sequence (name, seq) VALUES ('texts', ?)",
)
_REFUSED: Final = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.DataError,
                   sqlite3.ProgrammingError, OverflowError, ValueError, TypeError,
                   LookupError, AttributeError)  # fmt: skip
"""What SQLite and Python say of a value that no archive can have."""


class Imported(NamedTuple):
    """The rows of each table, the ledger head, and how many works came out otherwise.

    Works may only come out otherwise if another version of baogao, or other knowledge, made them,
    or if the archive had texts that were not collated yet.
    """

    rows: dict[str, int]
    head: str | None
    other_works: int


def import_preservation(
    folder: Path, target: Path, *, progress: Progress[Any] = plainly
) -> Imported:
    """Make the archive `target` of an export; it appears whole and checked, or not at all.

    Raises:
        UsageError: `folder` is no such export, or `target` exists.
        DamagedFileError: the export is not as it was written.
        StorageError: the archive cannot be written.
    """
    from archive.store import Archive  # noqa: PLC0415  (which knows of exports)

    bag = Bag(folder)
    with whole_file(target) as made, Archive.open(made, create=True) as archive:
        rows = _Importer(bag, archive, progress).take()
        _check(bag, archive, progress)
        other = _collate(bag, archive)
        return Imported(rows, archive.ledger_head(), other)


class _Importer:
    """Inserts the rows of every table, one transaction a table."""

    def __init__(self, bag: Bag, archive: Archive, progress: Progress[Any]) -> None:
        self._bag = bag
        self._archive = archive
        self._connection = archive.connection
        self._progress = progress
        self._kept = 0

    def take(self) -> dict[str, int]:
        self._connection.execute("PRAGMA foreign_keys = OFF")  # checked when all are there
        rows = {table: self._table(table) for table in self._bag.tables}
        if "works" not in rows:
            rows["works"] = self._works()
        if rows != self._bag.about["rows"] or self._kept != self._bag.payloads:
            raise self._bag.damaged("data", "the numbers of rows are not those of the export")
        with self._archive.transaction():
            self._connection.execute(_LAST_TEXT[0])
            self._connection.execute(_LAST_TEXT[1], (self._last_text(),))
        self._connection.execute("PRAGMA foreign_keys = ON")
        return rows

    def _last_text(self) -> int:
        last = self._bag.about.get("last_text_id")
        if not isinstance(last, int) or not 0 <= last < 1 << 62:
            raise self._bag.damaged("data/archive.json", "has no id of the last text")
        return last

    def _table(self, table: str) -> int:
        special = {VISIBLE: ("packed_texts", self._visible), "payloads": (table, self._payload)}
        stored, made = special.get(table, (table, lambda row: row))
        columns = columns_of(self._connection, stored)
        marks = ", ".join(f":{column}" for column in columns)
        insert = f"INSERT INTO {stored} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608

        def take(row: Row) -> None:
            values = made(plain_row(row))
            if values.keys() != set(columns):
                raise ValueError(f"does not have the columns of {table}")
            self._connection.execute(insert, values)

        return self._rows(table_file(table), table, take)

    def _works(self) -> int:
        """Insert the names of works, so that collating gives them the ids they had."""

        def take(row: Row) -> None:
            self._connection.execute(_WORK, (row.get("id"), row.get("name")))

        return self._rows(WORKS, "works", take)

    def _rows(self, name: str, label: str, take: Callable[[Row], None]) -> int:
        total = self._bag.about["rows"].get(label)
        length = total if isinstance(total, int) else None
        count = 0
        with self._archive.transaction():
            for number, row in self._progress(self._bag.rows(name), label, length):
                try:
                    take(row)
                except _REFUSED as error:
                    raise self._bag.damaged(name, f"line {number}: {error}") from error
                count += 1
        return count

    def _visible(self, row: Row) -> Row:
        words = row["visible"].encode()
        size, stored = pack(words)
        return {
            "sha256": row["sha256"], "chars": row["chars"], "bytes": size, "packed": stored,
        }  # fmt: skip

    def _payload(self, row: Row) -> Row:
        digest, size, state = row["sha256"], row["payload_bytes"], row["state"]
        if not DIGEST.fullmatch(digest) or not isinstance(size, int) or state not in states():
            raise ValueError("is no digest, size and state of a payload")
        if state == KEPT:
            self._kept += 1
            return payloads.row(digest, self._bag.payload(digest, size))
        nothing = dict.fromkeys(("dictionary_sha256", "reference_sha256", "stored_crc32", "stored"))
        return {"sha256": digest, "payload_bytes": size, "codec": state, **nothing}


def _check(bag: Bag, archive: Archive, progress: Progress[Any]) -> None:
    """Check everything that `baogao verify` checks, and the head of the ledger."""
    if is_copy(archive.connection) != (bag.about.get("public") is True):
        raise bag.damaged("data/archive.json", "says wrongly whether this is a public copy")
    if archive.ledger_head() != bag.about.get("ledger_head"):
        raise bag.damaged("data/archive.json", "the ledger has another head")
    for found in archive.verification(progress=progress).findings():
        if found.result == "failed":
            raise bag.damaged("data", f"{found.subject}: {found.detail}")


def _collate(bag: Bag, archive: Archive) -> int:
    """Make the works again, and return how many are not those of the export.

    Those of a public copy are there already; only their index is made.

    Raises:
        DamagedFileError: they had to be equal, and are not.
    """
    was, public = bag.about.get("collated"), "works" in bag.tables
    if not isinstance(was, dict):
        return 0
    try:
        if public:
            _index(archive)
        else:
            archive.collate(anew=True)
    except (BrokenLawError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise bag.damaged("data", f"its texts cannot be collated: {error}") from error
    before = {str(row.get("name")): sha256(json_line(row)) for _, row in bag.rows(WORKS)}
    after = {work["name"]: sha256(json_line(work)) for work in collated.works(archive.connection)}
    other = {name for name, _ in before.items() ^ after.items()}
    if other and (public or _must_be_equal(was, collated.mark(archive.connection) or {})):
        raise bag.damaged(WORKS, f"{min(other)} does not come out of the texts as it stands here")
    return len(other)


def _index(archive: Archive) -> None:
    with archive.transaction():
        indexing.refresh(archive.connection)
        archive.connection.execute(MASKED_INDEX)
        archive.connection.execute(COPIES_NOT_INDEXED)


def _must_be_equal(was: Row, now: Row) -> bool:
    """Whether both collations saw the same texts and decisions by the same rules and version."""
    same = [was.get(name) == now[name] for name in ("grouped_by", "decision_id", "waiting")]
    # the newest texts may have been pruned since
    return all(same) and now["text_id"] <= was.get("text_id", 0)

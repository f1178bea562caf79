"""An archive that is to be merged: opened to read, checked first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from archive import storage
from archive.errors import BrokenLawError, UsageError
from archive.store import ledger, payloads
from archive.store.connection import (
    WAIT_S,
    check_readable,
    connect,
    opening_errors,
    plain_errors,
)
from archive.store.copies import is_copy
from archive.store.lists import Value, listed
from archive.store.similarity import key_of

Row = dict[str, Any]

_ENTRIES: Final = "SELECT seq, entry_json, previous, hash FROM ledger WHERE seq > ? ORDER BY seq"
_PART: Final = """
SELECT json_extract(arguments_json, '$.part') AS part FROM runs
JOIN shards ON shards.run_id = runs.id ORDER BY shards.id LIMIT 1
"""
_HELD: Final = "SELECT payload_sha256, reason FROM withdrawals"


class ShardEntry(NamedTuple):
    """An entry of a shard's ledger."""

    seq: int
    entry_json: str
    previous: str
    hash: str

    def rows(self) -> Mapping[str, Mapping[str, str]]:
        """Return the digests of the rows that it names, by table and key.

        Raises:
            ValueError: it was not written by baogao.
        """
        match json.loads(self.entry_json):
            case {"rows": dict(rows)} if all(isinstance(each, dict) for each in rows.values()):
                return rows
        raise ValueError("names no rows")


class Shard:
    """One archive, of which one state is read, whatever others write to it in the meantime."""

    def __init__(self, connection: sqlite3.Connection, called: str) -> None:
        self.called = called
        """The path or address by which a person named it."""
        self._connection = connection
        with plain_errors(called):
            connection.execute("BEGIN")
            (self.last_seq,) = connection.execute(
                "SELECT coalesce(max(seq), 0) FROM ledger"
            ).fetchone()

    @property
    def name(self) -> str:
        """Its file name."""
        return self.called.replace("\\", "/").rpartition("/")[2]

    @property
    def part(self) -> str | None:
        """The part that it is, if it was made by dividing other archives."""
        found = self.rows(_PART)
        return found[0]["part"] if found else None

    @property
    def first_hash(self) -> str | None:
        """The hash of its first ledger entry, by which it is known; None if it has none."""
        return self.hash_at(1)

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an entry of its ledger, or None."""
        found = self.rows("SELECT hash FROM ledger WHERE seq = ?", seq)
        return found[0]["hash"] if found else None

    def entries(self, after: int) -> Iterator[ShardEntry]:
        """Yield the entries of its ledger after one of them.

        Raises:
            BrokenLawError: the ledger is no chain, or not all of it can be read.
        """
        previous = self.hash_at(after) if after else ledger.START
        with plain_errors(self.called):
            for expected, row in enumerate(self._connection.execute(_ENTRIES, (after,)), after + 1):
                entry = ShardEntry(*row)
                if entry.seq != expected or entry.previous != previous:
                    raise self.damaged(f"ledger entry {entry.seq} does not follow the one before")
                if ledger.entry_hash(entry.previous, entry.entry_json) != entry.hash:
                    raise self.damaged(f"the words of ledger entry {entry.seq} were altered")
                previous = entry.hash
                yield entry

    def rows(self, select: str, *values: Any) -> list[Row]:
        """Return the rows of a query, by column."""
        with plain_errors(self.called):
            cursor = self._connection.execute(select, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def stream(self, select: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, one in memory."""
        with plain_errors(self.called):
            yield from self._connection.execute(select, values)

    def having(self, table: str, column: str, values: Iterable[Value]) -> list[Row]:
        """Return the rows of a table with one of these values in a column."""
        select = f"SELECT * FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
        return self.rows(select, listed(values))

    def allow_temporary_tables(self) -> None:
        """Allow `run`; the file itself stays opened as read-only."""
        with plain_errors(self.called):
            self._connection.execute("PRAGMA query_only = OFF")

    def run(self, statement: str, *values: Any) -> int:
        """Run a statement that writes to temporary tables; returns the number of rows."""
        with plain_errors(self.called):
            return self._connection.execute(statement, values).rowcount

    def key_of(self, text_id: int) -> str:
        """Return the key of a text, by which copies of it are found."""
        with plain_errors(self.called):
            return key_of(self._connection, text_id)

    def payload(self, digest: str) -> bytes:
        """Return a payload, unpacked."""
        with plain_errors(self.called):
            return payloads.read(self._connection, digest)

    def withdrawn(self) -> dict[str, str]:
        """Return the payloads that were withdrawn, with the reasons."""
        return {row["payload_sha256"]: row["reason"] for row in self.rows(_HELD)}

    def damaged(self, what: str) -> BrokenLawError:
        """Return the error that says what is wrong with the file."""
        return BrokenLawError(
            f"{self.called}: {what}; see what is damaged with: baogao verify {self.called}"
        )

    def check(self) -> None:
        """Check that it can be merged.

        Raises:
            UsageError: it is a public copy, or was merged of archives itself.
        """
        if is_copy(self._connection):
            raise UsageError(
                f"{self.called}: is a public copy, without payloads; name the original"
            )
        if self.rows("SELECT 1 FROM shards LIMIT 1"):
            raise UsageError(f"{self.called}: was merged from other archives; name those instead")


@contextmanager
def opened(place: Path | str, target: Path) -> Iterator[Shard]:
    """Open an archive to merge it; what lies at an address is copied beside `target` meanwhile.

    Raises:
        UsageError: no such file, not an archive, or one of another version.
        BrokenLawError: the file is damaged.
        StorageError: the address cannot be reached.
    """
    called = str(place)
    with ExitStack() as stack:
        path = Path(place)
        if storage.is_address(called):
            path = stack.enter_context(storage.brought_here(called, target))
        connection = connect(path, create=False, read_only=True, wait_s=WAIT_S, called=called)
        stack.callback(connection.close)
        with opening_errors(called):
            check_readable(connection, called)
        yield Shard(connection, called)

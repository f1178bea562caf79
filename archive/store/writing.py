"""Transactions: one `BEGIN IMMEDIATE … COMMIT` each, with the ledger entry of what they wrote."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

from archive import clock
from archive.errors import StorageError
from archive.model import sha256
from archive.process import Process, machine_of
from archive.store import ledger
from archive.store.connection import is_busy, plain_errors

_ROWS_A_STATEMENT: Final = (64, 8, 1)
"""Rows in one statement: three statements for each table, which sqlite3 keeps prepared."""


class Writer:
    """Writes to one archive: nested transactions, and facts recorded in the ledger.

    `packed` has rows of payloads compressed in advance, until they are written, and `digests` the
    digests of the same payload objects.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, wait_s: float) -> None:
        self.connection = connection
        self.path = path
        self.wait_s = wait_s
        self.token = secrets.token_hex(8)
        self.packed: dict[str, dict[str, Any]] = {}
        self.digests: dict[int, tuple[bytes, str]] = {}
        self._written: list[tuple[str, str, str]] = []
        self._file = _identity(path)

    def digest_of(self, payload: bytes) -> str:
        """Return the sha256 of a payload, precomputed if it was packed in advance."""
        known = self.digests.get(id(payload))
        return known[1] if known is not None and known[0] is payload else sha256(payload)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a nested one is a savepoint. Must not span an await.

        Raises:
            StorageError: another writer holds the lock too long, or the machine failed; nothing of
                this transaction is kept, everything before it is.
        """
        if self.connection.in_transaction:
            with self._inner():
                yield
            return
        with plain_errors(self.path):
            self._begin()
            try:
                yield
                self._commit()
            except BaseException:
                self._rollback()
                raise

    @contextmanager
    def _inner(self) -> Iterator[None]:
        """A failure inside a batch leaves nothing of its own, and the batch may continue."""
        noted = len(self._written)
        with plain_errors(self.path):
            self.connection.execute("SAVEPOINT inner_one")
            try:
                yield
            except BaseException:
                if self.connection.in_transaction:  # a full disk ends the outer one as well
                    self.connection.execute("ROLLBACK TO inner_one")
                    self.connection.execute("RELEASE inner_one")
                del self._written[noted:]
                raise
            self.connection.execute("RELEASE inner_one")

    def fact(
        self,
        table: str,
        row: Mapping[str, Any],
        *,
        key: str | int | None = None,
        digested: Sequence[str] | None = None,
    ) -> int:
        """Insert one row that never changes and record its digest for the ledger.

        Returns its rowid.

        Args:
            table: a table of facts.
            row: column → value.
            key: how the ledger identifies the row; its rowid if None.
            digested: the columns that the digest covers; all if None.
        """
        row_id = self.insert(table, row)
        named = row_id if key is None else key
        covered = row if digested is None else {name: row[name] for name in digested}
        self.note(table, named, ledger.row_digest(covered))
        return row_id

    def insert(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert one row; returns its rowid."""
        cursor = self.connection.execute(
            _insert_statement(table, ", ".join(row), 1), tuple(row.values())
        )
        return int(cursor.lastrowid or 0)

    def insert_many(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows with these columns ("a, b"), many with each statement.

        A statement for each row costs SQLite nearly twice the time (measured: 7 and 4 µs a span).
        """
        if not rows:
            return
        execute, done = self.connection.execute, 0
        for size in _ROWS_A_STATEMENT:
            statement = _insert_statement(table, columns, size)
            while len(rows) - done >= size:
                execute(statement, tuple(chain.from_iterable(rows[done : done + size])))
                done += size

    def note(self, table: str, key: str | int, digest: str) -> None:
        """Record in the ledger entry of this transaction that `table` got a row of this digest."""
        self._written.append((table, str(key), digest))

    def register(self, doing: str) -> None:
        """Register this process in `writers` as a possible lock holder, for waiting ones."""
        with self.transaction():
            self._forget_the_dead()
            self.connection.execute(
                "INSERT OR REPLACE INTO writers VALUES (?, ?, ?, ?, ?)",
                (self.token, *_columns(Process.here()), doing, clock.now()),
            )

    def unregister(self) -> None:
        """Remove this process from `writers`."""
        with self.transaction():
            self.connection.execute("DELETE FROM writers WHERE token = ?", (self.token,))

    def check_file(self) -> None:
        """Check that the path still names the opened file.

        Raises:
            StorageError: it was removed or replaced; further writes would be lost.
        """
        if _identity(self.path) != self._file:
            raise StorageError(
                f"{self.path}: the file was removed or replaced while it was open;"
                " put it back (or restore a backup) and run again"
            )

    def _begin(self) -> None:
        self.check_file()
        self._written = []
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise StorageError(self._busy()) from error
            raise

    def _commit(self) -> None:
        if self._written:
            self._append_to_ledger(clock.now())
        self.connection.execute("COMMIT")
        self.check_file()

    def _append_to_ledger(self, at: str) -> None:
        """The ledger defines the order, not the clock; a clock that jumps back is reported."""
        before = ledger.last_at(self.connection)
        if before is not None and at < before:
            self.alert("clock", f"the clock went back from {before} to {at}")
        written: ledger.Written = {}
        for table, key, digest in self._written:
            written.setdefault(table, {})[key] = digest
        ledger.append(self.connection, written, at)

    def alert(self, name: str, detail: str, run_id: int | None = None) -> None:
        """Store something for a person, once, with when it was last seen."""
        at = clock.now()
        self.connection.execute(
            "INSERT INTO alerts (name, run_id, first_seen_at, last_seen_at, detail)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " last_seen_at = excluded.last_seen_at, resolved_at = NULL, detail = excluded.detail",
            (name, run_id, at, at, detail),
        )

    def _rollback(self) -> None:
        self._written = []
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def _busy(self) -> str:
        try:
            others = self.connection.execute(
                "SELECT doing, process, machine, since FROM writers WHERE token <> ?",
                (self.token,),
            ).fetchall()
        except sqlite3.OperationalError:  # it is still being created
            others = []
        names = " or ".join(
            f"{doing} (process {process} on {machine_of(machine)} since {since})"
            for doing, process, machine, since in others
        )
        return (
            f"{self.path}: {names or 'another program'} has held the database for over"
            f" {self.wait_s:g} s; wait for it or stop it, then run again"
        )

    def _forget_the_dead(self) -> None:
        rows = self.connection.execute("SELECT token, process, machine FROM writers").fetchall()
        for token, process, machine in rows:
            if _process(process, machine).is_gone():
                self.connection.execute("DELETE FROM writers WHERE token = ?", (token,))


def _columns(process: Process) -> tuple[int, str]:
    """Return number and machine of a process as in `writers`: its start follows its place."""
    number, _, machine = process.written().partition("@")
    return int(number), machine


def _process(number: int, machine: str) -> Process:
    return Process.read(f"{number}@{machine}")


@lru_cache(maxsize=64)
def _insert_statement(table: str, columns: str, rows: int) -> str:
    marks = f"({', '.join('?' * (columns.count(',') + 1))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([marks] * rows)}"  # noqa: S608  (ours)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino

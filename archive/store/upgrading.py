"""Archives of other versions: older ones are backed up and migrated, others show their facts."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from archive import clock
from archive.errors import BaogaoError, BrokenLawError, StorageError, UsageError
from archive.store import copies, run, schema
from archive.store.connection import check_ours, is_current, marks
from archive.store.writing import Writer

_NEEDED: Final = frozenset({"pages", "captures", "payloads"})


def upgrade(writer: Writer) -> Path | None:
    """Take the steps that an archive lacks, in one transaction; returns the backup made before.

    An empty database becomes an archive, without a backup.

    Raises:
        StorageError: no backup could be made; nothing was changed.
        BrokenLawError: a step left rows that refer to missing ones; nothing was changed.
    """
    if is_current(writer.connection):
        return None
    with _foreign_keys_off(writer.connection), writer.transaction():
        _, taken = marks(writer.connection)
        if taken == schema.version():  # another process was faster
            return None
        if not taken:
            schema.migrate(writer.connection)
            return None
        return _migrated(writer, taken)


def show_facts(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether only the facts of an archive can be read, because other tables are missing or other.

    Then temporary views fill in the columns and tables of facts that it does not have.

    Raises:
        UsageError: it has no captures.
    """
    if not check_ours(connection, path) or not schema.table_faults(connection):
        return False
    present = {name for kind, name, _ in schema.schema_rows(connection) if kind == "table"}
    if missing := sorted(_NEEDED - present):
        raise UsageError(f"{path}: has no captures: table {missing[0]} is missing")
    connection.execute("PRAGMA query_only = OFF")
    for table, columns in schema.fact_columns().items():
        _show_table(connection, table, columns, is_there=table in present)
    connection.execute("PRAGMA query_only = ON")
    return True


def _show_table(
    connection: sqlite3.Connection, table: str, columns: list[str], *, is_there: bool
) -> None:
    actual = schema.columns_of(connection, table)
    if is_there and set(actual) >= set(columns):
        return
    shown = ", ".join(name if name in actual else f"NULL AS {name}" for name in columns)
    source = f"FROM main.{table}" if is_there else "WHERE 0"
    connection.execute(f"CREATE TEMP VIEW {table} AS SELECT {shown} {source}")


def _migrated(writer: Writer, taken: int) -> Path:
    made = _backed_up(writer.path, taken)
    try:
        _take_steps(writer)
        what = {"from": taken, "to": schema.version(), "backup": made.name}
        run.start(writer, "upgrade", what, (), None).end()
    except BaseException:
        made.unlink()
        raise
    return made


def _take_steps(writer: Writer) -> None:
    broken = _broken_references(writer.connection)
    schema.migrate(writer.connection)
    if _broken_references(writer.connection) > broken:
        raise BrokenLawError(f"{writer.path}: was not migrated: rows would refer to missing ones")


def _backed_up(path: Path, taken: int) -> Path:
    """Copy the archive as it was before the migration, beside it."""
    stamp = re.sub("[-:.]", "", clock.now())
    made = path.with_name(f"{path.stem}.schema-{taken}.{stamp}{path.suffix}")
    needed, free = path.stat().st_size, shutil.disk_usage(path.absolute().parent).free
    if needed > free:
        raise StorageError(
            f"{path}: was not migrated: a backup of {needed:,} bytes has to be made beside it,"
            f" and {free:,} are free; make room and run again"
        )
    try:
        copies.backup(path, made, as_it_is=True)
    except BaogaoError as error:
        raise StorageError(f"{path}: was not migrated: no backup could be made: {error}") from error
    return made


def _broken_references(connection: sqlite3.Connection) -> int:
    return len(connection.execute("PRAGMA foreign_key_check").fetchall())


@contextmanager
def _foreign_keys_off(connection: sqlite3.Connection) -> Iterator[None]:
    """Let a step replace a table that others refer to; outside transactions only."""
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        connection.execute("PRAGMA foreign_keys = ON")

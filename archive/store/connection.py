"""SQLite connections with the settings of an archive, and errors as plain sentences."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from archive.errors import (
    BaogaoError,
    BrokenLawError,
    NewerDatabaseError,
    NoArchiveYetError,
    NotOurDatabaseError,
    StorageError,
    UnreleasedDatabaseError,
    UsageError,
)
from archive.store import schema, sums
from archive.store.functions import register_functions

WAIT_S: Final = 30.0
"""How long a writer waits for another one, in seconds."""

_MAGIC: Final = b"SQLite format 3\x00"
_MARK_AT: Final = 68
"""Where `application_id` stands in the header of a SQLite file."""

_SENTENCES: Final = {
    "SQLITE_FULL": "the disk is full; make room and run again, what was acknowledged is kept",
    "SQLITE_READONLY": "cannot be written, the file or its disk is read-only",
    "SQLITE_IOERR": "the disk failed while reading or writing; check it, then run: baogao verify",
    "SQLITE_CANTOPEN": "cannot be opened; check that its folder exists and can be written",
    "SQLITE_NOTADB": "is not a SQLite database",
    "SQLITE_PERM": "cannot be opened, the permission is missing",
}


def can_search() -> bool:
    """Whether this SQLite has FTS5, which the search indexes need."""
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE VIRTUAL TABLE tried USING fts5(words)")
    except sqlite3.Error:
        return False
    return True


def connect(
    path: Path, *, create: bool, read_only: bool, wait_s: float, called: str | None = None
) -> sqlite3.Connection:
    """Open `path` with the settings of an archive; errors name it as it is `called`.

    Raises:
        UsageError: no such file (without `create`), a folder, or not a database.
        StorageError: the file cannot be opened.
    """
    named = called or str(path)
    _check_file(path, named, create=create)
    with opening_errors(named):
        connection = sqlite3.connect(
            _uri(path, create=create, read_only=read_only),
            uri=True, isolation_level=None, timeout=wait_s,
        )  # fmt: skip
        try:
            _settle(connection, read_only=read_only)
        except BaseException:
            connection.close()
            raise
    return connection


def check_ours(connection: sqlite3.Connection, path: Path | str) -> bool:
    """Whether the database is an archive; False if it is still empty.

    Raises:
        NotOurDatabaseError: another program's database.
        NewerDatabaseError: an archive of a newer version.
    """
    mark, version = marks(connection)
    if mark == 0 and version == 0 and not schema.schema_rows(connection):
        return False
    if mark != schema.APPLICATION_ID:
        raise NotOurDatabaseError(f"{path}: was not made by baogao; name another file")
    if version > schema.version():
        raise NewerDatabaseError(
            f"{path}: was made by a newer baogao (schema {version}, this one knows"
            f" {schema.version()}); upgrade with: pip install --upgrade baogao"
        )
    return True


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the schema has the version of this code."""
    return marks(connection)[1] == schema.version()


def check_readable(connection: sqlite3.Connection, path: Path | str) -> None:
    """Check that this code can read the archive without writing to it.

    Raises:
        UsageError: it is still empty, older, or of an unreleased version.
    """
    if not check_ours(connection, path):
        raise NoArchiveYetError(f"{path}: is empty, no archive was made in it yet")
    check_known(connection, path)
    if not is_current(connection) or not schema.has_our_views(connection):
        raise UsageError(f"{path}: is of an older version; migrate it with: baogao upgrade {path}")


def check_known(connection: sqlite3.Connection, path: Path | str) -> None:
    """Check that the archive has a schema of a release, or that of this code.

    Raises:
        UnreleasedDatabaseError: it was made by a commit between releases.
    """
    if not schema.is_known(connection):
        raise UnreleasedDatabaseError(
            f"{path}: was made by an unreleased version of baogao, whose tables this one does not"
            f" know; import its captures into a new archive with: baogao export {path} FOLDER"
            " --format warc, then: baogao backfill warc NEW FOLDER/captures-*.warc.gz"
        )


def into_wal(connection: sqlite3.Connection, *, wait_s: float) -> None:
    """Switch to WAL, so that readers and the writer do not block each other; waits if necessary.

    SQLite does not wait by itself here, unlike everywhere else.
    """
    until = time.monotonic() + wait_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def marks(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return `application_id` and `user_version`: the kind of file, and its version."""
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return mark, version


def is_marked(path: Path) -> bool:
    """Whether the header of a file says that it is an archive; it is not opened."""
    with path.open("rb") as file:
        header = file.read(_MARK_AT + 4)
    mark = header[_MARK_AT:]
    return header.startswith(_MAGIC) and int.from_bytes(mark, "big") == schema.APPLICATION_ID


def limit_heap(connection: sqlite3.Connection, size: int) -> None:
    """Limit SQLite's memory to `size` bytes, for all connections of the process."""
    connection.execute(f"PRAGMA hard_heap_limit = {size}")


@contextmanager
def plain_errors(path: Path | str) -> Iterator[None]:
    """Turn SQLite errors into one sentence about `path`."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise BrokenLawError(f"{path}: {error}") from error
    except sqlite3.Error as error:
        raise plain_error(error, path) from error


@contextmanager
def opening_errors(path: Path | str) -> Iterator[None]:
    """Like `plain_errors`, while the schema is read.

    sqlite3 quotes a damaged schema in its message, and then fails to decode that.
    """
    try:
        with plain_errors(path):
            yield
    except UnicodeDecodeError as error:
        raise BrokenLawError(f"{path}: the file is damaged; go back to a backup") from error


def plain_error(error: sqlite3.Error, path: Path | str) -> BaogaoError:
    """Return our error with a message for people."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_CORRUPT"):
        return BrokenLawError(f"{path}: the file is damaged ({error}); go back to a backup")
    if is_busy(error):
        return StorageError(f"{path}: another program holds the database; run again when it ended")
    for prefix, sentence in _SENTENCES.items():
        if name.startswith(prefix):
            kind = NotOurDatabaseError if prefix == "SQLITE_NOTADB" else StorageError
            return kind(f"{path}: {sentence}")
    return StorageError(f"{path}: the database says: {error}")


def is_busy(error: sqlite3.Error) -> bool:
    """Whether `error` says that another connection holds the lock."""
    return (getattr(error, "sqlite_errorname", "") or "").startswith(
        ("SQLITE_BUSY", "SQLITE_LOCKED")
    )


def _check_file(path: Path, named: str, *, create: bool) -> None:
    if path.is_dir():
        raise UsageError(f"{named}: is a folder, name a database file")
    if not path.exists():
        if not create:
            raise UsageError(f"{named}: no such database")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{named}: its folder does not exist")
        return
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except OSError as error:
        raise StorageError(f"{named}: cannot be read: {error.strerror}") from error
    if start and start != _MAGIC:
        raise NotOurDatabaseError(f"{named}: is not a SQLite database")


def _uri(path: Path, *, create: bool, read_only: bool) -> str:
    uri = path.absolute().as_uri()
    if not read_only:
        return f"{uri}?mode={'rwc' if create else 'rw'}"
    # reading a WAL database requires files beside it; on a read-only disk nobody can be
    # writing, so it may be read without them
    frozen = not os.access(path.absolute().parent, os.W_OK) and not _wal(path).exists()
    return f"{uri}?mode=ro{'&immutable=1' if frozen else ''}"


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _settle(connection: sqlite3.Connection, *, read_only: bool) -> None:
    register_functions(connection)
    sums.register(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return
    connection.execute("PRAGMA synchronous = FULL")

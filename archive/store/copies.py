"""New files made from an archive: backup, public copy, compacted copy, copy without a payload.

The archive itself is only read. A copy is made under a temporary name and gets its own name when it
is complete and on disk, so that it exists completely or not at all.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive import clock
from archive.errors import StorageError, UsageError
from archive.store import ledger, schema
from archive.store.connection import WAIT_S, check_readable, connect, is_marked, plain_errors
from archive.store.packed import pack
from archive.store.partitions import spans_of, visible_of
from archive.store.writing import Writer
from archive.unfinished import unfinished

MASK = "█"
"""Replacement for a character that a public copy leaves out; line breaks are kept."""

MASKED_INDEX = "INSERT INTO removed_index (removed_index) VALUES ('delete-all')"
"""Empties the index of removed words, which a public copy has not."""

_PUBLIC = (
    """UPDATE payloads SET codec = 'left-out', stored = NULL, stored_crc32 = NULL,
      dictionary_sha256 = NULL, reference_sha256 = NULL WHERE codec <> 'withdrawn'""",
    "UPDATE dictionaries SET stored = x''",
    "DELETE FROM frontier",
    "DELETE FROM leases",
    "DELETE FROM writers",
    "DELETE FROM alerts",
    "DELETE FROM alert_messages",
    "DELETE FROM alert_events",
    "UPDATE decisions SET who = ''",
    "DELETE FROM identities WHERE field IN ('email', 'editor')",
    "UPDATE runs SET arguments_json = '{}'",
    "UPDATE run_sites SET toml = ''",
    "UPDATE run_ends SET error = NULL",
    "UPDATE captures SET request_headers_json = '[]', url_as_given = NULL",
    "UPDATE pages SET url = 'file:' || id, surt = 'file:' || id WHERE url LIKE 'file:%'",
    "DELETE FROM fixity_findings",
    "DELETE FROM fixity_checks",
    MASKED_INDEX,
)


def backup(source: Path, target: Path, *, as_it_is: bool = False, replace: bool = False) -> None:
    """Make a complete and consistent copy of `source`, even while it is written; one file, no WAL.

    Args:
        source: an archive.
        target: a new file.
        as_it_is: copy an archive of another version, too.
        replace: replace an archive that exists and that nobody has open.

    Raises:
        UsageError: `source` is not an archive, or `target` exists.
        StorageError: the copy cannot be written.
    """
    with _whole_copy(source, target, as_it_is=as_it_is, replace=replace):
        pass


def public_backup(source: Path, target: Path, *, replace: bool = False) -> None:
    """Make a public copy: no payloads, frontier, dropped text, request headers or arguments.

    Clean texts, spans, rules, times and digests are kept. Dropped text is masked character by
    character, so that every offset stays valid. `verify` reports what was left out as not
    checkable.

    Raises:
        UsageError: `source` is not an archive, or `target` exists.
        StorageError: the copy cannot be written.
    """
    with changed_copy(source, target, replace=replace) as writer:
        for statement in _PUBLIC:
            writer.connection.execute(statement)
        _mask_dropped(writer.connection)
        writer.connection.execute(
            "INSERT INTO copy VALUES (1, 'public', ?, ?)",
            (clock.now(), ledger.head(writer.connection)),
        )


def is_copy(connection: sqlite3.Connection) -> bool:
    """Whether the file is, or once was, a public copy: some of its texts are masked."""
    return connection.execute("SELECT 1 FROM copy WHERE kind = 'public'").fetchone() is not None


def is_public(connection: sqlite3.Connection) -> bool:
    """Whether the file is a public copy to which nothing has been written since."""
    (public,) = connection.execute(_IS_PUBLIC).fetchone()
    return bool(public)


_IS_PUBLIC = """
SELECT EXISTS (SELECT 1 FROM copy WHERE kind = 'public')
  AND NOT EXISTS (SELECT 1 FROM payloads WHERE stored IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM captures WHERE request_headers_json <> '[]')
  AND NOT EXISTS (SELECT 1 FROM frontier)
"""


@contextmanager
def changed_copy(source: Path, target: Path, *, replace: bool = False) -> Iterator[Writer]:
    """Open a copy of `source` without guards for changes in one transaction, then make it `target`.

    The guards are restored, and deleted data is wiped from the file.

    Raises:
        UsageError: `source` is not an archive, or `target` exists.
        StorageError: the copy cannot be written.
    """
    with _whole_copy(source, target, replace=replace) as made:
        connection = connect(made, create=False, read_only=False, wait_s=WAIT_S)
        try:
            with plain_errors(made):
                writer = Writer(connection, made, WAIT_S)
                with writer.transaction():
                    schema.drop_guards(connection)
                    yield writer
                    schema.furnish(connection)
                connection.execute("VACUUM")
        finally:
            connection.close()


@contextmanager
def whole_file(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """Create a database under a temporary name that becomes `target` on success.

    Raises:
        UsageError: `target` exists, or its folder does not.
        StorageError: it cannot be written.
    """
    if target.exists() and replace:
        _check_replaceable(target)
    elif target.exists():
        raise UsageError(f"{target}: exists already; name a new file, nothing is overwritten")
    if not target.absolute().parent.is_dir():
        raise UsageError(f"{target}: its folder does not exist")
    try:
        with unfinished(target) as made:
            yield made
            _to_disk(made)
            if replace and target.exists():
                _check_replaceable(target)
                made.replace(target)
            else:
                _name(made, target)
    except FileExistsError as error:
        raise UsageError(f"{target}: exists already; nothing is overwritten") from error
    except OSError as error:
        raise StorageError(f"{target}: cannot be written: {error.strerror}") from error


@contextmanager
def _whole_copy(
    source: Path, target: Path, *, as_it_is: bool = False, replace: bool = False
) -> Iterator[Path]:
    with whole_file(target, replace=replace) as made:
        _vacuum_into(source, made, as_it_is=as_it_is)
        yield made


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_replaceable(target: Path) -> None:
    """Check that a file may be replaced.

    Raises:
        UsageError: it is no archive; or it has a write-ahead log, which would be taken for one of
            the new file.
    """
    if not is_marked(target):
        raise UsageError(f"{target}: was not made by baogao, and is not replaced")
    if target.with_name(target.name + "-wal").exists():
        raise UsageError(f"{target}: is open, or was not closed, and is not replaced")


def _name(made: Path, target: Path) -> None:
    """A link, unlike a rename, never replaces an existing file.

    Not every file system supports it.
    """
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:
        made.replace(target)


def _vacuum_into(source: Path, made: Path, *, as_it_is: bool) -> None:
    connection = connect(source, create=False, read_only=True, wait_s=WAIT_S)
    try:
        with plain_errors(source):
            if not as_it_is:
                check_readable(connection, source)
            connection.execute("PRAGMA query_only = OFF")
        with plain_errors(made):
            connection.execute("VACUUM INTO ?", (str(made),))
    finally:
        connection.close()


def _mask_dropped(connection: sqlite3.Connection) -> None:
    """Mask what no text keeps; a visible text that two texts share is masked where both drop."""
    texts = defaultdict(list)
    for digest, text_id in connection.execute("SELECT visible_sha256, id FROM texts"):
        texts[digest].append(text_id)
    for digest, having in texts.items():
        visible = visible_of(connection, having[0])
        kept = bytearray(len(visible))
        for span in (span for text_id in having for span in spans_of(connection, text_id)):
            if span.action != "drop":
                kept[span.start : span.stop] = b"\x01" * (span.stop - span.start)
        masked = "".join(
            c if keep or c in "\r\n" else MASK for c, keep in zip(visible, kept, strict=True)
        )
        connection.execute(
            "UPDATE packed_texts SET bytes = ?, packed = ? WHERE sha256 = ?",
            (*pack(masked.encode()), digest),
        )
    _mask_flags(connection)


def _mask_flags(connection: sqlite3.Connection) -> None:
    """A flag may quote dropped text: its words are read again from the masked text."""
    connection.execute("""
        UPDATE flags SET evidence = '', proposals_json = '[]', words = (
          SELECT substr(visible, flags.start + 1, flags.stop - flags.start) FROM visible_texts
          JOIN texts ON texts.visible_sha256 = visible_texts.sha256 WHERE texts.id = flags.text_id)
        WHERE EXISTS (
          SELECT 1 FROM spans WHERE spans.text_id = flags.text_id AND spans.action = 'drop'
            AND spans.start < flags.stop AND spans.stop > flags.start)
    """)
    connection.execute("DELETE FROM brand_places WHERE kept = 0")
    connection.execute("DELETE FROM brands")  # the next collation makes them from what is left

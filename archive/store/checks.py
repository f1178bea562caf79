"""The checks of `baogao verify`, one function each.

Every check gives one of three results for each item: ok, failed, not checkable.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from archive.errors import BaogaoError, BrokenLawError, UsageError
from archive.known import Knowledge
from archive.model import sha256
from archive.store import census, ledger, payloads, schema, stamps, sums, texts
from archive.store.derivation_digest import stored_digest
from archive.store.merging.checking import checked_shards
from archive.store.packed import unpack
from archive.store.progress import Progress

LEFT_OUT: Final = payloads.TOMBSTONES["left-out"]
OTHER_RULES: Final = "was made by other rules or another version"
TIME_STAMPS: Final = "time-stamps"
"""The name of their check."""

PAYLOADS_AHEAD: Final = 64
"""Payloads waiting to be hashed: the memory that `verify` needs besides its lists."""

T = TypeVar("T")
Result = Literal["ok", "failed", "not checkable"]


@dataclass(frozen=True, slots=True)
class Looked:
    """The result of a check for one item; `detail` says why it is not ok."""

    subject: str
    result: Result = "ok"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked: everything, or a random sample; `progress` shows the progress.

    `lost_commits` is what `wal.lost_commits` said before the archive was opened; `trust` is what
    time-stamps are checked against; `knowledge` is what texts are derived with again.
    """

    connection: sqlite3.Connection
    sample: int | None
    known_head: str | None
    progress: Progress[Any]
    lost_commits: int = 0
    trust: stamps.Trust = stamps.NO_TRUST
    knowledge: Knowledge | None = None

    def chosen(self, things: Sequence[T]) -> Sequence[T]:
        """Return `things`, or a random sample of them."""
        if self.sample is None or self.sample >= len(things):
            return things
        return random.sample(things, self.sample)


Check = Callable[[Scope], Iterator[Looked]]


def to_the_end(check: Check, scope: Scope) -> Iterator[Looked]:
    """Run a check; if damage stops it, that is a finding too."""
    try:
        yield from check(scope)
    except (sqlite3.DatabaseError, ValueError, TypeError, LookupError, BaogaoError) as error:
        yield Looked("file", "failed", f"the check could not go on: {error}")


def _log(scope: Scope) -> Iterator[Looked]:
    """Check that SQLite did not drop the end of a damaged write-ahead log."""
    if scope.lost_commits > 1:
        words = f"was damaged; {scope.lost_commits} transactions that end behind that are lost"
        yield Looked("write-ahead log", "failed", words)
    elif scope.lost_commits:
        words = "its last transaction was cut short by a crash, or damaged since"
        yield Looked("write-ahead log", "not checkable", words)
    else:
        yield Looked("write-ahead log")


def _structure(scope: Scope) -> Iterator[Looked]:
    """SQLite's own check of its pages and indexes: not fixity, but it detects broken trees."""
    for (words,) in scope.connection.execute("PRAGMA integrity_check"):
        for line in words.splitlines():
            yield Looked("file") if line == "ok" else Looked("file", "failed", line)


def _schema(scope: Scope) -> Iterator[Looked]:
    faults = schema.schema_faults(scope.connection)
    if not faults:
        yield Looked("schema")
    for fault in faults:
        yield Looked("schema", "failed", fault)


def _foreign_keys(scope: Scope) -> Iterator[Looked]:
    broken = False
    for table, row_id, parent, _ in scope.connection.execute("PRAGMA foreign_key_check"):
        broken = True
        yield Looked(f"{table} {row_id}", "failed", f"refers to a row of {parent} that is missing")
    if not broken:
        yield Looked("foreign keys")


def _payloads(scope: Scope) -> Iterator[Looked]:
    """Decompress and hash again; a missing payload that a capture names is damage too."""
    digests: set[str] = set()
    for name in ("sha256 FROM payloads", "payload_sha256 FROM captures"):
        try:
            digests.update(d for (d,) in scope.connection.execute(f"SELECT {name}") if d)
        except sqlite3.DatabaseError as error:
            yield Looked("payloads", "failed", f"cannot all be listed: {error}")
    chosen = scope.chosen(sorted(digests))
    waiting: deque[Future[Looked]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for digest in scope.progress(chosen, "payloads", len(chosen)):
            found = _stored(scope.connection, digest)
            if isinstance(found, Looked):
                yield found
                continue
            waiting.append(pool.submit(_check, found))
            if len(waiting) > PAYLOADS_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _stored(connection: sqlite3.Connection, digest: str) -> payloads.Stored | Looked:
    """Return the payload as stored, or the reason why it cannot be checked."""
    subject = f"payload {digest}"
    try:
        found = payloads.stored(connection, digest)
    except (sqlite3.Error, TypeError, ValueError) as error:
        return Looked(subject, "failed", f"cannot be read: {error}")
    except (BrokenLawError, UsageError) as error:
        return Looked(subject, "failed", str(error))
    if found.codec in payloads.TOMBSTONES:
        return Looked(subject, "not checkable", payloads.TOMBSTONES[found.codec])
    return found


def _check(found: payloads.Stored) -> Looked:
    """Decompress and hash; zlib, zstd and sha256 release the interpreter lock."""
    subject = f"payload {found.sha256}"
    try:
        found.check()
    except BrokenLawError as error:
        return Looked(subject, "failed", str(error))
    except UsageError as error:  # its codec needs a library that is not installed
        return Looked(subject, "not checkable", str(error))
    except (TypeError, ValueError) as error:
        return Looked(subject, "failed", f"cannot be unpacked: {error}")
    return Looked(subject)


def _dictionaries(scope: Scope) -> Iterator[Looked]:
    for digest, stored in scope.connection.execute("SELECT sha256, stored FROM dictionaries"):
        yield _compared(scope.connection, f"dictionary {digest}", same=sha256(stored) == digest)


def _chain(scope: Scope) -> Iterator[Looked]:
    """Check that every entry has the hash of its content, and names the previous one."""
    previous, expected = ledger.START, 1
    heads: set[str] = set()
    rows = "SELECT seq, entry_json, previous, hash FROM ledger ORDER BY seq"
    for seq, entry_json, named, stored in scope.connection.execute(rows):
        subject = f"ledger {seq}"
        if seq != expected or named != previous:
            yield Looked(subject, "failed", "does not follow the entry before it")
        elif ledger.entry_hash(named, entry_json) != stored:
            yield Looked(subject, "failed", "its words do not match its hash")
        else:
            yield Looked(subject)
        previous, expected = stored, seq + 1
        if stored == scope.known_head:
            heads.add(stored)
    if scope.known_head is not None and not heads:
        yield Looked("ledger", "failed", f"does not contain the head {scope.known_head}")


def _rows(scope: Scope) -> Iterator[Looked]:
    """Check that every row in the ledger exists unaltered, and no other row exists."""
    noted: dict[str, int] = {}
    (entries,) = scope.connection.execute("SELECT count(*) FROM ledger").fetchone()
    cursor = scope.connection.execute("SELECT seq, entry_json FROM ledger ORDER BY seq")
    for seq, entry_json in scope.progress(cursor, "ledger", entries):
        for table, rows in _entry_rows(entry_json):
            noted[table] = noted.get(table, 0) + len(rows)
            for key, digest in rows.items():
                yield _row(scope.connection, seq, table, key, digest)
    for table in (*schema.FACT_KEYS, "texts"):
        if table != "ledger":
            yield _count(scope.connection, table, noted.get(table, 0))


def _time_stamps(scope: Scope) -> Iterator[Looked]:
    """Check the time-stamps of ledger heads against what the user trusts."""
    for stamp in stamps.stamps(scope.connection):
        found = stamps.checked(stamp, scope.trust)
        of_shard = "" if stamp["shard"] is None else f" of shard {stamp['shard_id']}"
        yield Looked(f"time-stamp {stamp['id']}{of_shard}", found.result, found.detail)


def _shards(scope: Scope) -> Iterator[Looked]:
    """Check the ledgers of merged archives, and our rows against them."""
    for found in checked_shards(scope.connection):
        if found.wrong and is_public_copy(scope.connection):
            yield Looked(found.subject, "not checkable", LEFT_OUT)
        elif found.wrong:
            yield Looked(found.subject, "failed", found.wrong)
        else:
            result: Result = "not checkable" if found.excuse else "ok"
            yield Looked(found.subject, result, found.excuse)


def _sums(scope: Scope) -> Iterator[Looked]:
    """Check that tables whose rows may change are as they were last written."""
    for table, columns in schema.summed_tables().items():
        try:
            now = sums.now(scope.connection, table, columns)
        except sqlite3.DatabaseError as error:
            yield Looked(table, "failed", f"cannot be read: {error}")
            continue
        same = now == sums.noted(scope.connection, table)
        detail = "" if same else "its rows are not those that were written"
        yield Looked(table, "ok" if same else "failed", detail)
    (last, newest) = scope.connection.execute(_LAST_TEXT).fetchone()
    if last != newest:
        yield Looked("sqlite_sequence", "failed", f"the last text is {newest}, not {last}")


def _census(scope: Scope) -> Iterator[Looked]:
    """Check that the census is what counting the works gives."""
    row = None
    for row in census.differing(scope.connection):
        yield Looked(row, "failed", "is not what counting the works gives")
    if row is None:
        yield Looked("census")


def _entry_rows(entry_json: str) -> Iterable[tuple[str, dict[str, str]]]:
    try:
        rows = json.loads(entry_json)["rows"]
    except (ValueError, KeyError, TypeError):  # the chain check says which entry
        return ()
    return [(table, keys) for table, keys in rows.items() if isinstance(keys, dict)]


def _row(connection: sqlite3.Connection, seq: int, table: str, key: str, digest: str) -> Looked:
    subject = f"{table} {key}"
    try:
        stored = stored_digest(connection, table, key)
    except (sqlite3.Error, UsageError, TypeError, ValueError) as error:
        return Looked(subject, "failed", f"cannot be read: {error}")
    if stored == digest:
        return Looked(subject)
    if reason := _excuse(connection, table, key, missing=stored is None):
        return Looked(subject, "not checkable", reason)
    what = "is missing" if stored is None else "was altered"
    return Looked(subject, "failed", f"{what} since ledger entry {seq} was written")


def _excuse(connection: sqlite3.Connection, table: str, key: str, *, missing: bool) -> str:
    """Return why a row may differ from the ledger, or an empty string."""
    if not missing:
        return LEFT_OUT if is_public_copy(connection) else ""
    if table == "texts":
        for reason in ("withdrawn", "pruned"):
            named = f"SELECT 1 FROM {reason}_texts WHERE text_id = ?"  # noqa: S608  (ours)
            if connection.execute(named, (key,)).fetchone():
                return reason
        return ""
    if table == "dictionaries":
        used = "SELECT 1 FROM payloads WHERE dictionary_sha256 = ?"
        return "" if connection.execute(used, (key,)).fetchone() else "no payload needs it"
    return ""


def is_public_copy(connection: sqlite3.Connection) -> bool:
    """Whether the file was made as a public copy, whatever was written to it since."""
    found = connection.execute("SELECT 1 FROM copy WHERE kind = 'public'")
    return found.fetchone() is not None


def _count(connection: sqlite3.Connection, table: str, noted: int) -> Looked:
    (present,) = connection.execute(
        f"SELECT count(*) FROM {table}"  # noqa: S608  (names of ours)
    ).fetchone()
    if present <= noted:  # a missing one was already reported by name
        return Looked(f"{table}: no row besides")
    detail = f"{present - noted} rows that no ledger entry names"
    return Looked(table, "failed", detail)


def _visible_texts(scope: Scope) -> Iterator[Looked]:
    digests = [d for (d,) in scope.connection.execute("SELECT sha256 FROM packed_texts")]
    chosen = scope.chosen(digests)
    select = "SELECT chars, bytes, packed FROM packed_texts WHERE sha256 = ?"
    for digest in scope.progress(chosen, "texts", len(chosen)):
        chars, size, stored = scope.connection.execute(select, (digest,)).fetchone()
        try:
            words = unpack(stored, size)
            same = sha256(words) == digest and len(words.decode()) == chars
        except (BrokenLawError, UnicodeDecodeError, TypeError):
            same = False
        yield _compared(scope.connection, f"visible text {digest}", same=same)


def _compared(connection: sqlite3.Connection, subject: str, *, same: bool) -> Looked:
    if same:
        return Looked(subject)
    if is_public_copy(connection):
        return Looked(subject, "not checkable", LEFT_OUT)
    return Looked(subject, "failed", "its digest differs")


def _clean_texts(scope: Scope) -> Iterator[Looked]:
    """Check that the clean text assembled from spans has the stored digest."""
    rows = scope.connection.execute("SELECT id, clean_sha256 FROM texts ORDER BY id").fetchall()
    for text_id, digest in scope.chosen(rows):
        same = sha256(texts.clean_text(scope.connection, text_id).encode()) == digest
        yield Looked(
            f"text {text_id}",
            "ok" if same else "failed",
            "" if same else "spans and visible text do not make the clean text",
        )


def _partition(scope: Scope) -> Iterator[Looked]:
    """Check that kept and removed characters together are the whole visible text (law 3)."""
    broken = set()
    rows = "SELECT text_id, seq, what FROM broken_partition"
    for text_id, seq, what in scope.connection.execute(rows):
        broken.add(text_id)
        where = "" if seq is None else f" (span {seq})"
        yield Looked(f"text {text_id}", "failed", what + where)
    (everything,) = scope.connection.execute("SELECT count(*) FROM texts").fetchone()
    for _ in range(everything - len(broken)):
        yield Looked("text")


_LAST_TEXT: Final = """
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'texts'), 0), max(
  (SELECT coalesce(max(id), 0) FROM texts), (SELECT coalesce(max(text_id), 0) FROM pruned_texts),
  (SELECT coalesce(max(text_id), 0) FROM withdrawn_texts))
"""

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("write-ahead log", _log),
    ("structure", _structure),
    ("schema", _schema),
    ("foreign keys", _foreign_keys),
    ("payloads", _payloads),
    ("dictionaries", _dictionaries),
    ("ledger", _chain),
    ("rows", _rows),
    (TIME_STAMPS, _time_stamps),
    ("shards", _shards),
    ("sums", _sums),
    ("census", _census),
    ("visible texts", _visible_texts),
    ("clean texts", _clean_texts),
    ("partition", _partition),
)
"""The checks in execution order, with their stored and printed names."""

"""The further checks of `verify --full`: derive, collate and index again, and compare."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from heapq import merge
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from archive.derivation import ruleset_digest
from archive.derive_many import Outcome, derived
from archive.errors import WorkFailedError
from archive.known import Knowledge, shipped
from archive.model import Capture, Derivation
from archive.store import captures, census, collation, schema
from archive.store.checks import OTHER_RULES, Check, Looked, Scope, is_public_copy
from archive.store.connection import WAIT_S, connect
from archive.store.similarity import INDEXED_BY
from archive.store.texts import rows_of
from archive.store.writing import Writer

Row = tuple[Any, ...]

_LAST: Final = "char(1114111)"
"""In SQL, what sorts after every token."""

_DERIVED: Final = """
SELECT texts.id, texts.derivation_sha256, (
    SELECT min(captures.id) FROM captures WHERE captures.payload_sha256 = texts.payload_sha256
      AND captures.context_sha256 = texts.context_sha256),
  EXISTS (SELECT 1 FROM text_rulesets JOIN rulesets ON rulesets.id = text_rulesets.ruleset_id
    WHERE text_rulesets.text_id = texts.id AND rulesets.sha256 = ?)
FROM texts ORDER BY texts.id
"""

_MARK: Final = """
SELECT current_ruleset.ruleset_id, grouped_by, indexed_by, EXISTS (SELECT 1 FROM to_collate)
  OR EXISTS (SELECT 1 FROM texts WHERE id > collated.text_id)
  OR EXISTS (SELECT 1 FROM decisions WHERE id > collated.decision_id)
FROM collated JOIN current_ruleset
"""

_KEPT: Final = (
    *sorted({*schema.FACT_KEYS} - {"payloads", "dictionaries", "ledger"}), "current_ruleset",
    "packed_texts", "texts", "text_rulesets", "partitions", "identities", "flags",
)  # fmt: skip
"""What works are made of; payloads are not needed. Works keep their names and ids."""

_PAYLOADS: Final = "SELECT sha256, payload_bytes, 'left-out', NULL, NULL, NULL, NULL FROM payloads"
_WORKS: Final = "SELECT id, name, '', '', '', '' FROM works"

_COMPARED: Final[dict[str, tuple[str, int]]] = {
    "works": ("SELECT * FROM works ORDER BY 1", 1),
    "witnesses": (
        ("SELECT work_id, name, host, extent, rank, how, basis_text_id, family, missing_json"
         " FROM witnesses ORDER BY 1, 2"), 2),
    "witness_texts": (
        ("SELECT work_id, name, seq, text_id, first_passage, last_passage FROM witness_texts"
         " JOIN witnesses ON witnesses.id = witness_id ORDER BY 1, 2, 3"), 3),
    "readings": (
        ("SELECT readings.work_id, seq, name, passage_id, kind, words, start, stop, before, after,"
         " brand FROM readings JOIN witnesses ON witnesses.id = witness_id ORDER BY 1, 2, 3"), 3),
    "inherited_identities": ("SELECT * FROM inherited_identities ORDER BY 1, 2, 3", 3),
    "sketches": ("SELECT * FROM sketches ORDER BY 1", 1),
    "links": ("SELECT * FROM links ORDER BY 1, 2", 2),
    "copy_hashes": ("SELECT * FROM copy_hashes ORDER BY 1, 2", 2),
    "brands": ("SELECT * FROM brands ORDER BY 1, 2", 2),
    "brand_places": ("SELECT * FROM brand_places ORDER BY 1, 2", 2),
    "search_documents": ("SELECT * FROM search_documents ORDER BY 1", 1),
    "census_places": ("SELECT * FROM census_places ORDER BY 1", 1),
    "census_provinces": ("SELECT * FROM census_provinces ORDER BY 1, 2", 2),
}  # fmt: skip
"""Table → its rows without ids that each making gives anew, and how many columns are their key."""

_LOST_SEGMENTS: Final = """
SELECT segid FROM {index}_idx EXCEPT SELECT id >> 37 FROM {index}_data WHERE id > 10
"""
"""FTS5 does not check this: a row of `data` begins with the number of its segment."""

_EDITIONS: Final = """
SELECT work_id, text_sha256, gaps, counts_json, sources_json, passages_json FROM editions ORDER BY 1
"""


def _derivations(scope: Scope) -> Iterator[Looked]:
    """Derive again what these rules made; a text has to come out with the same digest."""
    known = scope.knowledge or shipped()
    rows = scope.connection.execute(_DERIVED, (ruleset_digest(known),)).fetchall()
    for text_id, *_ in (row for row in rows if not row[3]):
        yield Looked(f"text {text_id}", "not checkable", OTHER_RULES)
    chosen = scope.chosen([row for row in rows if row[3]])
    asked = (
        (row, captures.read(scope.connection, row[2]))
        for row in scope.progress(chosen, "derivations", len(chosen))
    )
    jobs = os.cpu_count() or 1
    for (text_id, digest, *_), capture, outcome in derived(asked, jobs, knowledge=known.folder):
        yield _derived_again(f"text {text_id}", digest, capture, outcome)


def _derived_again(subject: str, digest: str, capture: Capture, outcome: Outcome) -> Looked:
    if isinstance(outcome, WorkFailedError):
        return Looked(subject, "not checkable", f"could not be derived again: {outcome}")
    if not isinstance(outcome, Derivation):
        return Looked(subject, "not checkable", "its payload is not here")
    if rows_of(outcome).digest() == digest:
        return Looked(subject)
    if ("ocr", "yes") in capture.claims:
        return Looked(subject, "not checkable", "was read by OCR, which may read otherwise")
    return Looked(subject, "failed", "comes out otherwise when it is derived again")


def _collated(scope: Scope) -> Iterator[Looked]:
    """Collate and index again, from the stored texts, in a temporary file; compare every row."""
    mark = scope.connection.execute(_MARK).fetchone()
    if mark is None:
        return
    ruleset_id, grouped_by, indexed_by, waiting = mark
    known = scope.knowledge or shipped()
    if is_public_copy(scope.connection):
        yield Looked("works", "not checkable", "some of what they are made of was left out")
    elif grouped_by != collation.grouped_by(ruleset_id, known):
        yield Looked("works", "not checkable", OTHER_RULES)
    elif waiting:
        yield Looked("works", "not checkable", "texts wait to be collated: baogao rederive does it")
    else:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "again.db"
            with closing(made_again(scope.connection, path, ruleset_id, known)) as again:
                yield from compared(scope.connection, again, indexed=indexed_by == INDEXED_BY)


def made_again(
    stored: sqlite3.Connection, path: Path, ruleset_id: int, knowledge: Knowledge
) -> sqlite3.Connection:
    """Return a new archive whose works and indexes are made of the texts of `stored`."""
    again = connect(path, create=True, read_only=False, wait_s=WAIT_S)
    again.execute("PRAGMA synchronous = OFF")
    again.execute("PRAGMA foreign_keys = OFF")
    writer = Writer(again, path, WAIT_S)
    with writer.transaction():
        schema.migrate(again)
        schema.drop_triggers(again, kept=census.TRIGGERS)
        for table in _KEPT:
            _copy(again, table, stored.execute(f"SELECT * FROM {table}"))  # noqa: S608  (ours)
        _copy(again, "payloads", stored.execute(_PAYLOADS))
        _copy(again, "works (id, name, plain, place_key, kind, stage)", stored.execute(_WORKS))
    again.execute("PRAGMA foreign_keys = ON")
    collation.collate(writer, ruleset_id, None, knowledge, anew=True)
    return again


def _copy(again: sqlite3.Connection, table: str, rows: sqlite3.Cursor) -> None:
    marks = ", ".join("?" * len(rows.description))
    again.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  (ours)


def compared(
    stored: sqlite3.Connection, again: sqlite3.Connection, *, indexed: bool = True
) -> Iterator[Looked]:
    """Compare collated rows and search indexes with those made again.

    Args:
        stored: the archive, in a read transaction.
        again: what `made_again` returned.
        indexed: whether the archive has an index of copies; a compacted one has none.
    """
    for table, (select, keys) in _COMPARED.items():
        if indexed or table != "copy_hashes":
            yield from _same(table, _differing(stored.execute(select), again.execute(select), keys))
    yield from _same("editions", _differing(_editions(stored), _editions(again), 1))
    for index in ("search_index", "removed_index"):
        yield from _same_index(stored, again, index)


def _same_index(
    stored: sqlite3.Connection, again: sqlite3.Connection, index: str
) -> Iterator[Looked]:
    """Compare a search index with the one made again, beside a copy of it."""
    copy = f"stored_{index}"
    (sql,) = again.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
    again.execute(f"DROP TABLE IF EXISTS {copy}")
    again.execute(sql.replace(index, copy))
    for part in ("data", "idx", "docsize", "config"):
        again.execute(f"DELETE FROM {copy}_{part}")  # noqa: S608  (ours)
        _copy(again, f"{copy}_{part}", stored.execute(f"SELECT * FROM {index}_{part}"))  # noqa: S608
    try:
        again.execute(f"INSERT INTO {copy} ({copy}) VALUES ('integrity-check')")  # noqa: S608
        for (segment,) in again.execute(_LOST_SEGMENTS.format(index=copy)):
            yield Looked(index, "failed", f"says that it has a segment {segment}")
        differing = _differing(_terms(again, copy), _terms(again, index), 2)
        yield from _same(index, sorted({(doc,) for _, doc in differing}))
    except sqlite3.DatabaseError as error:
        yield Looked(index, "failed", f"is damaged: {error}")


def _same(table: str, differing: Iterable[Row]) -> Iterator[Looked]:
    key = None
    for key in differing:
        subject = " ".join(map(str, (table, *key)))
        yield Looked(subject, "failed", "is not what collating and indexing again gives")
    if key is None:
        yield Looked(table)


def _differing(stored: Iterable[Row], again: Iterable[Row], keys: int) -> Iterator[Row]:
    """Return the keys of rows that only one side has, or that differ; both sides are in order."""

    def key_of(row: Row) -> Row:
        return row[:keys]

    for key, rows in groupby(merge(stored, again, key=key_of), key=key_of):
        one, *others = rows
        if others != [one]:
            yield key


def _editions(connection: sqlite3.Connection) -> Iterator[Row]:
    """Return the editions, with the names of witnesses in place of their ids."""
    for work_id, *row, sources_json, passages_json in connection.execute(_EDITIONS):
        found = "SELECT id, name FROM witnesses WHERE work_id = ?"
        names = {None: None, **dict(connection.execute(found, (work_id,)).fetchall())}
        sources = json.loads(sources_json)
        for source in sources:
            source[1], source[4] = names.get(source[1]), list(map(names.get, source[4]))
        passages = json.loads(passages_json)
        for change in (change for passage in passages for change in (passage[3:] or [[]])[0]):
            change["witness_id"] = names.get(change["witness_id"])
        yield work_id, *row, sources, passages


def _terms(connection: sqlite3.Connection, index: str) -> Iterator[Row]:
    """Return token and document of an index, in order, then sizes and counts of its documents."""
    connection.execute(
        f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{index}_terms"
        f" USING fts5vocab(main, {index}, instance)"
    )
    yield from connection.execute(f"SELECT term, doc FROM temp.{index}_terms")  # noqa: S608
    for label, value, doc, part in (
        ("config", "k || v", "0", "config"),
        ("size", "hex(sz)", "id", "docsize"),
        ("sum", "hex(block)", "0", "data WHERE id = 1"),
    ):
        yield from connection.execute(
            f"SELECT {_LAST} || '{label} ' || {value}, {doc} FROM {index}_{part} ORDER BY 1, 2"  # noqa: S608
        )


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("collated", _collated),
    ("derivations", _derivations),
)
"""The further checks in execution order."""

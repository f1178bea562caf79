"""Works with their copies and editions as rows that can be read, and compared, by themselves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from archive.store import edition_passages
from archive.store.rows import row, stream

_MARK: Final = "SELECT *, (SELECT count(*) FROM to_collate) AS waiting FROM collated"
_WORKS: Final = "SELECT * FROM works ORDER BY name"
_WITNESSES: Final = "SELECT * FROM witnesses WHERE work_id = ? ORDER BY rank, name"
_TEXTS: Final = """
SELECT text_id, first_passage, last_passage FROM witness_texts WHERE witness_id = ? ORDER BY seq
"""
_EDITION: Final = "SELECT text_sha256, gaps, counts_json FROM editions WHERE work_id = ?"
_READINGS: Final = """
SELECT readings.seq, witnesses.name AS witness, passage_id, kind, words, start, stop, before, after,
  brand
FROM readings JOIN witnesses ON witnesses.id = witness_id
WHERE readings.work_id = ? ORDER BY readings.seq, witnesses.rank, witnesses.name
"""
_INHERITED: Final = """
SELECT text_id, field, value_json, raw, source, confidence FROM inherited_identities
WHERE work_id = ? ORDER BY text_id, field
"""
_NOT_SHOWN: Final = frozenset({"id", "work_id", "run_id"})
"""Columns that differ between two collations of the same texts."""


def mark(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """Return how far, and by what, the archive has been collated; None if never."""
    return next(stream(connection, _MARK), None)


def works(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield each work with its witnesses, its edition and their readings, by name."""
    for work in stream(connection, _WORKS):
        witnesses = list(stream(connection, _WITNESSES, work["id"]))
        yield work | {
            "witnesses": [_witness(connection, witness) for witness in witnesses],
            "edition": _edition(connection, work["id"], {w["id"]: w["name"] for w in witnesses}),
            "readings": list(stream(connection, _READINGS, work["id"])),
            "inherited": list(stream(connection, _INHERITED, work["id"])),
        }


def _witness(connection: sqlite3.Connection, witness: dict[str, Any]) -> dict[str, Any]:
    texts = [list(each) for each in connection.execute(_TEXTS, (witness["id"],))]
    shown = {name: value for name, value in witness.items() if name not in _NOT_SHOWN}
    return shown | {"texts": texts}


def _edition(
    connection: sqlite3.Connection, work_id: int, names: dict[int, str]
) -> dict[str, Any] | None:
    found = row(connection, _EDITION, work_id)
    if found is None:
        return None
    passages = [
        {
            "part": passage.part, "origin": passage.origin, "text": passage.text,
            "text_id": passage.source.text_id, "seq": passage.source.seq,
            "witness": names[passage.witness_id],
            "supporters": [names[each] for each in passage.supporters],
            "changes": [_change(change, names) for change in passage.changes],
        }
        for passage in edition_passages.of_work(connection, work_id)
    ]  # fmt: skip
    counts = json.loads(found["counts_json"])
    return {
        "text_sha256": found["text_sha256"],
        "gaps": found["gaps"],
        "counts": counts,
        "passages": passages,
    }


def _change(change: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    shown = dict(change)
    witness = shown.pop("witness_id")
    return {**shown, "witness": None if witness is None else names[witness]}

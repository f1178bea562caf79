"""Works as rows: witnesses, inherited identities and editions, written if they changed."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from archive.collate.works import Witness, Work
from archive.known.fields import named
from archive.model import canonical_json, sha256
from archive.store.decisions import reading_decisions
from archive.store.editions import write_edition

if TYPE_CHECKING:
    from archive.store.writing import Writer

MADE_BY: Final = 4
"""Increased if the same witnesses would now be collated differently."""

_CONFIRMED_ELSEWHERE: Final = """
SELECT start, stop, proposals_json, kept FROM brand_places WHERE text_id = ? ORDER BY start
"""


def write_work(writer: Writer, work: Work, run_id: int | None, ruleset_id: int) -> int | None:
    """Write the work and everything derived from its witnesses; returns its id.

    An unchanged work is left alone: None.
    """
    connection = writer.connection
    made_of = _made_of(connection, work)
    row = connection.execute("SELECT id, made_of FROM works WHERE name = ?", (work.id,)).fetchone()
    if row and row[1] == made_of:
        return None
    work_id = _upsert(connection, work, made_of)
    for table in ("editions", "readings", "witnesses", "inherited_identities"):
        connection.execute(f"DELETE FROM {table} WHERE work_id = ?", (work_id,))  # noqa: S608
    written = []
    for witness in work.witnesses:
        written.append((_write_witness(writer, work_id, witness, run_id), witness))
        if witness.how == "text":
            _inherit(connection, work_id, work, witness)
    write_edition(writer, work_id, written, ruleset_id, run_id)
    return work_id


def _made_of(connection: sqlite3.Connection, work: Work) -> str:
    """The digest of all that decides what is written for a work."""
    texts = [text_id for witness in work.witnesses for text_id in witness.text_ids]
    digests = [
        [
            _digest_of(connection, text_id),
            connection.execute(_CONFIRMED_ELSEWHERE, (text_id,)).fetchall(),
            [asdict(d) for d in reading_decisions(connection, text_id)],
        ]
        for text_id in texts
    ]
    shown = [
        work.facts,
        [asdict(witness) for witness in work.witnesses],
    ]  # fmt: skip
    return sha256(canonical_json([MADE_BY, digests, shown]).encode())


def _digest_of(connection: sqlite3.Connection, text_id: int) -> str:
    row = connection.execute("SELECT derivation_sha256 FROM texts WHERE id = ?", (text_id,))
    return str(row.fetchone()[0])


def _upsert(connection: sqlite3.Connection, work: Work, made_of: str) -> int:
    columns = {
        "name": work.id, "plain": work.plain, "place_key": work.place_key,
        "report_year": work.report_year, "kind": work.kind, "stage": work.stage,
        **work.facts, "made_of": made_of,
    }  # fmt: skip
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    renewed = ", ".join(f"{name} = excluded.{name}" for name in columns)
    connection.execute(
        f"INSERT INTO works ({names}) VALUES ({marks})"  # noqa: S608  (names of ours)
        f" ON CONFLICT (name) DO UPDATE SET {renewed}",
        tuple(columns.values()),
    )
    (work_id,) = connection.execute("SELECT id FROM works WHERE name = ?", (work.id,)).fetchone()
    return int(work_id)


def _write_witness(writer: Writer, work_id: int, witness: Witness, run_id: int | None) -> int:
    witness_id = writer.insert(
        "witnesses",
        {
            "work_id": work_id,
            "name": _name(witness),
            "host": _host(writer.connection, witness.text_id),
            "extent": witness.extent,
            "rank": witness.rank,
            "how": witness.how,
            "basis_text_id": witness.basis,
            "family": witness.family,
            "missing_json": json.dumps(witness.missing),
            "run_id": run_id,
        },
    )
    writer.connection.executemany(
        "INSERT INTO witness_texts (witness_id, seq, text_id, first_passage, last_passage)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            (witness_id, seq, text_id, *(witness.ranges[seq] if witness.ranges else (None, None)))
            for seq, text_id in enumerate(witness.text_ids)
        ),
    )
    return witness_id


def _name(witness: Witness) -> str:
    """Return its first text, and the start of a part: one text may contain a report twice."""
    first = f"-{witness.ranges[0][0]}" if witness.ranges else ""
    return f"text-{witness.text_id}{first}"


def _inherit(connection: sqlite3.Connection, work_id: int, work: Work, witness: Witness) -> None:
    """Store what a copy with a header says of a text without one; its derivation is unchanged."""
    row = connection.execute(
        "SELECT payload_sha256 FROM texts WHERE id = ?", (witness.basis,)
    ).fetchone()
    known = {"report_year": work.report_year, "kind": work.kind, **work.facts}
    connection.executemany(
        "INSERT INTO inherited_identities VALUES (?, ?, ?, ?, ?, ?, 'witness', ?)",
        (
            (text_id, work_id, name, canonical_json(value), str(value), f"witness:{row[0]}", 0.99)
            for text_id in witness.text_ids
            for name in named(lambda field: field.inherited)
            if (value := known.get(name)) is not None
        ),
    )


def _host(connection: sqlite3.Connection, text_id: int) -> str | None:
    row = connection.execute(
        "SELECT host FROM text_captures WHERE text_id = ? ORDER BY capture_id LIMIT 1", (text_id,)
    ).fetchone()
    return None if row is None else row[0]

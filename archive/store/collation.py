"""Works, witnesses and editions of the current texts, written to the tables and read again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from archive.collate.articles import Article, Described
from archive.collate.sections import Place, split
from archive.collate.works import Witness, Work, group
from archive.known import Knowledge
from archive.model import Capture, canonical_json, sha256
from archive.store.decisions import identity_decisions, reading_decisions
from archive.store.editions import write_edition
from archive.store.likenesses import Likenesses
from archive.store.texts import clean_text

if TYPE_CHECKING:
    from archive.store.writing import Writer

MADE_BY: Final = 1
"""Raised when the same witnesses would now be collated to something else."""

_SURE: Final = 0.8
"""An inferred value of less confidence gives way to what a copy of the text says."""

_INHERITED: Final = ("place", "level", "title", "session", "speaker", "office", "delivered_on")

_CURRENT = """
SELECT current_texts.id, current_texts.verdict, current_texts.shape, current_texts.clean_chars,
  current_texts.clean_sha256, pages.url, coalesce(site_facts.kind, 'unknown'),
  min(captures.id)
FROM current_texts
JOIN captures ON captures.payload_sha256 = current_texts.payload_sha256
  AND captures.context_sha256 = current_texts.context_sha256
JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
GROUP BY current_texts.id ORDER BY current_texts.id
"""

_WORKS: Final = """
SELECT works.name AS work, works.place, works.report_year, works.title, works.kind, works.stage,
  count(witnesses.id) AS witnesses
FROM works LEFT JOIN witnesses ON witnesses.work_id = works.id
GROUP BY works.id ORDER BY works.place_code, works.report_year, works.name
"""

_WITNESSES: Final = """
SELECT witnesses.rank, witnesses.extent, witnesses.how, witnesses.host, text_captures.url,
  texts.id AS text_id,
  texts.payload_sha256, texts.verdict, texts.page_verdict, texts.clean_chars AS chars,
  min(text_captures.captured_at) AS captured_at
FROM witnesses
JOIN works ON works.id = witnesses.work_id
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
JOIN texts ON texts.id = witness_texts.text_id
LEFT JOIN text_captures ON text_captures.text_id = texts.id
WHERE works.name = ?
GROUP BY witnesses.id, witness_texts.seq ORDER BY witnesses.rank, witness_texts.seq
"""


def collate(
    writer: Writer,
    ruleset_id: int,
    run_id: int | None,
    knowledge: Knowledge,
) -> dict[str, int]:
    """Link the new texts, group the current ones into works, remake the works that changed.

    A work that is still there keeps its id.
    """
    likenesses = Likenesses(writer)
    linked, pairs = likenesses.refresh()
    grouping = group(
        _described(writer.connection),
        likenesses.links(),
        lambda article: _split(writer.connection, article, knowledge),
    )
    remade = sum(_write(writer, work, run_id, ruleset_id) for work in grouping.works)
    _remove_others(writer.connection, {work.id for work in grouping.works})
    _note(writer.connection, grouping.notes)
    return {"works": len(grouping.works), "remade": remade, "linked": linked, "pairs": pairs}


def works(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """The works with the number of their witnesses, by place and year."""
    return _rows(connection, _WORKS)


def witnesses(connection: sqlite3.Connection, work: str) -> Iterator[dict[str, Any]]:
    """The copies of a work, the best first, each with its clean text; none if unknown."""
    for row in _rows(connection, _WITNESSES, (work,)):
        yield {**row, "text": clean_text(connection, row["text_id"])}


def _rows(
    connection: sqlite3.Connection, select: str, values: tuple[Any, ...] = ()
) -> Iterator[dict[str, Any]]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return (dict(row) for row in cursor.execute(select, values))


def _described(connection: sqlite3.Connection) -> Iterator[Described]:
    for text_id, verdict, shape, chars, clean, url, site_kind, _ in connection.execute(_CURRENT):
        identity, weak = _identity(connection, text_id)
        yield Described(
            text_id=text_id,
            identity=identity,
            url=url,
            site_kind=site_kind,
            verdict=verdict,
            shape=shape,
            chars=chars,
            clean=clean,
            weak=weak,
        )


def _split(
    connection: sqlite3.Connection, article: Article, knowledge: Knowledge
) -> tuple[Article, ...]:
    select = "SELECT seq, text FROM passages WHERE text_id = ? ORDER BY seq"
    places = [
        Place(index, seq, words)
        for index, text in enumerate(article.texts)
        for seq, words in connection.execute(select, (text.text_id,))
    ]
    return split(article, places, lambda words: _read_head(words, knowledge))


def _read_head(words: str, knowledge: Knowledge) -> dict[str, Any]:
    """What the head of one report among many says it is; how much of it there is it cannot say."""
    from archive.derivation import derive  # noqa: PLC0415  (loads lxml and the stages)

    identity = derive(Capture.from_bytes(words.encode()), knowledge).identity
    return {
        name: value.value
        for name, value in identity.items()
        if value is not None and name != "completeness"
    }


def _identity(
    connection: sqlite3.Connection, text_id: int
) -> tuple[dict[str, Any], frozenset[str]]:
    rows = connection.execute(
        "SELECT field, value_json, method, confidence FROM identities WHERE text_id = ?", (text_id,)
    ).fetchall()
    weak = {name for name, _, method, trust in rows if method == "inferred" and trust < _SURE}
    decided = identity_decisions(connection, text_id)
    found = {name: json.loads(value) for name, value, *_ in rows} | decided
    return found, frozenset(weak - decided.keys())


def _write(writer: Writer, work: Work, run_id: int | None, ruleset_id: int) -> bool:
    """Write the work and all that is made of its witnesses, unless it is there as it is."""
    connection = writer.connection
    made_of = _made_of(connection, work, ruleset_id)
    row = connection.execute("SELECT id, made_of FROM works WHERE name = ?", (work.id,)).fetchone()
    if row and row[1] == made_of:
        return False
    work_id = _upsert(connection, work, made_of)
    for table in ("editions", "readings", "witnesses", "inherited_identities"):
        connection.execute(f"DELETE FROM {table} WHERE work_id = ?", (work_id,))  # noqa: S608
    written = []
    for witness in work.witnesses:
        written.append((_write_witness(writer, work_id, witness, run_id), witness))
        if witness.how == "text":
            _inherit(connection, work_id, work, witness)
    write_edition(writer, work_id, written, ruleset_id, run_id)
    return True


def _made_of(connection: sqlite3.Connection, work: Work, ruleset_id: int) -> str:
    """The digest of all that decides what is written for a work."""
    texts = [text_id for witness in work.witnesses for text_id in witness.text_ids]
    digests = [
        [
            _digest_of(connection, text_id),
            [asdict(d) for d in reading_decisions(connection, text_id)],
        ]
        for text_id in texts
    ]
    shown = [
        work.facts, work.title,
        [asdict(witness) for witness in work.witnesses],
    ]  # fmt: skip
    return sha256(canonical_json([MADE_BY, ruleset_id, digests, shown]).encode())


def _digest_of(connection: sqlite3.Connection, text_id: int) -> str:
    row = connection.execute("SELECT derivation_sha256 FROM texts WHERE id = ?", (text_id,))
    return str(row.fetchone()[0])


def _upsert(connection: sqlite3.Connection, work: Work, made_of: str) -> int:
    columns = {
        "name": work.id, "place_code": work.place_code, "place": work.place,
        "level": work.level, "report_year": work.report_year, "kind": work.kind,
        "stage": work.stage, "title": work.title,
        **{name: work.facts.get(name) for name in ("session", "speaker", "office", "delivered_on")},
        "made_of": made_of,
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
            "name": f"text-{witness.text_id}",
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


def _inherit(connection: sqlite3.Connection, work_id: int, work: Work, witness: Witness) -> None:
    """What a headed copy says of a text that says nothing of itself; its derivation stays."""
    row = connection.execute(
        "SELECT payload_sha256 FROM texts WHERE id = ?", (witness.basis,)
    ).fetchone()
    values = {
        "place_code": work.place_code, "report_year": work.report_year, "kind": work.kind,
        **{name: work.facts.get(name) for name in _INHERITED},
    }  # fmt: skip
    connection.executemany(
        "INSERT INTO inherited_identities VALUES (?, ?, ?, ?, ?, ?, 'witness', ?)",
        (
            (text_id, work_id, name, canonical_json(value), str(value), f"witness:{row[0]}", 0.99)
            for text_id in witness.text_ids
            for name, value in values.items()
            if value is not None
        ),
    )


def _remove_others(connection: sqlite3.Connection, names: set[str]) -> None:
    gone = [
        (work_id,)
        for work_id, name in connection.execute("SELECT id, name FROM works").fetchall()
        if name not in names
    ]
    connection.executemany("DELETE FROM works WHERE id = ?", gone)


def _note(connection: sqlite3.Connection, notes: Mapping[int, str]) -> None:
    connection.execute("UPDATE sketches SET doubt = NULL WHERE doubt IS NOT NULL")
    connection.executemany(
        "UPDATE sketches SET doubt = ? WHERE text_id = ?",
        ((note, text_id) for text_id, note in notes.items()),
    )


def _host(connection: sqlite3.Connection, text_id: int) -> str | None:
    row = connection.execute(
        "SELECT host FROM text_captures WHERE text_id = ? ORDER BY capture_id LIMIT 1", (text_id,)
    ).fetchone()
    return None if row is None else row[0]

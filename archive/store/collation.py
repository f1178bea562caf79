"""Works and witnesses of the current texts: grouping by identity, written to the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from archive.collate.works import Described, Work, group
from archive.known import Knowledge
from archive.store.texts import clean_text, identity_of

if TYPE_CHECKING:
    from archive.store.writing import Writer

_CURRENT = """
SELECT current_texts.id, current_texts.verdict, current_texts.shape, current_texts.clean_chars,
  pages.url, coalesce(site_facts.kind, 'unknown'), min(captures.id)
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
SELECT witnesses.rank, witnesses.extent, witnesses.host, text_captures.url, texts.id AS text_id,
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
    ruleset_id: int,  # noqa: ARG001  (the views know the current one)
    run_id: int | None,
    knowledge: Knowledge,  # noqa: ARG001  (grouping by identity needs none)
) -> dict[str, int]:
    """Group the current texts into works, in place of what was grouped before.

    A work that is still there keeps its id.
    """
    works = group(_described(writer.connection))
    writer.connection.execute("DELETE FROM witnesses")
    for work in works:
        _write(writer, work, run_id)
    writer.connection.execute("DELETE FROM works WHERE id NOT IN (SELECT work_id FROM witnesses)")
    return {"works": len(works)}


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
    for text_id, verdict, shape, chars, url, site_kind, _ in connection.execute(_CURRENT):
        yield Described(
            text_id=text_id,
            identity=identity_of(connection, text_id),
            url=url,
            site_kind=site_kind,
            verdict=verdict,
            shape=shape,
            chars=chars,
        )


def _write(writer: Writer, work: Work, run_id: int | None) -> None:
    writer.connection.execute(
        "INSERT INTO works (name, place_code, place, level, report_year, kind, stage, title)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " place = excluded.place, level = excluded.level, title = excluded.title",
        (work.id, work.place_code, work.place, work.level, work.report_year, work.kind,
         work.stage, work.title),
    )  # fmt: skip
    (work_id,) = writer.connection.execute(
        "SELECT id FROM works WHERE name = ?", (work.id,)
    ).fetchone()
    for witness in work.witnesses:
        witness_id = writer.insert(
            "witnesses",
            {
                "work_id": work_id,
                "name": f"text-{witness.text_id}",
                "host": _host(writer.connection, witness.text_id),
                "extent": witness.extent,
                "rank": witness.rank,
                "how": "identity",
                "run_id": run_id,
            },
        )
        writer.connection.execute(
            "INSERT INTO witness_texts (witness_id, seq, text_id) VALUES (?, 0, ?)",
            (witness_id, witness.text_id),
        )


def _host(connection: sqlite3.Connection, text_id: int) -> str | None:
    row = connection.execute(
        "SELECT host FROM text_captures WHERE text_id = ? ORDER BY capture_id LIMIT 1", (text_id,)
    ).fetchone()
    return None if row is None else row[0]

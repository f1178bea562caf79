"""Works and witnesses of the current texts: grouping by identity, written to the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive.collate.works import Described, Work, group
from archive.store.texts import identity_of

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


def collate(writer: Writer, run_id: int | None = None) -> int:
    """Group the current texts into works, in place of what was grouped before; give their number.

    A work that is still there keeps its id.
    """
    works = group(_described(writer.connection))
    writer.connection.execute("DELETE FROM witnesses")
    for work in works:
        _write(writer, work, run_id)
    writer.connection.execute("DELETE FROM works WHERE id NOT IN (SELECT work_id FROM witnesses)")
    return len(works)


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

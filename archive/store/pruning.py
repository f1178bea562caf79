"""Drops derivations that newer ones replaced, and records their digests.

Captures, payloads, runs and decisions are not changed. The code of its time could derive every
dropped text again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from archive.store.lists import listed

if TYPE_CHECKING:
    from archive.store.writing import Writer

TEXTS_A_BATCH: Final = 500
"""Texts dropped in one transaction; an interruption leaves complete batches."""

_SUPERSEDED: Final = """
SELECT texts.id, texts.derivation_sha256, texts.payload_sha256 FROM texts
WHERE texts.id NOT IN (SELECT id FROM current_texts)
  AND NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = texts.id)
  AND NOT EXISTS (SELECT 1 FROM witnesses WHERE witnesses.basis_text_id = texts.id)
  AND NOT EXISTS (SELECT 1 FROM sketches WHERE sketches.text_id = texts.id)
  AND NOT EXISTS (SELECT 1 FROM brands WHERE brands.first_text_id = texts.id)
  AND NOT EXISTS (SELECT 1 FROM brand_places WHERE brand_places.basis_text_id = texts.id)
  AND NOT EXISTS (SELECT 1 FROM exported_texts WHERE exported_texts.text_id = texts.id)
  AND NOT EXISTS (
    SELECT 1 FROM decisions WHERE decisions.subject = 'payload:' || texts.payload_sha256)
ORDER BY texts.id
"""
_KEEP_CURRENT: Final = "INSERT INTO exported_texts SELECT ?, text_id FROM up_to_date"
_KEEP_WORKS: Final = """
INSERT INTO exported_texts SELECT DISTINCT ?, source.value ->> 0
FROM works JOIN editions ON editions.work_id = works.id
JOIN json_each(editions.sources_json) AS source
WHERE works.name IN (SELECT value FROM json_each(?))
"""
_COUNTS: Final = """
SELECT count(*), (SELECT count(*) FROM texts WHERE id NOT IN (SELECT id FROM current_texts))
FROM texts
"""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A text that is no longer needed."""

    id: int
    derivation_sha256: str
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The `texts` that can be dropped, and how many are `superseded` and `stored` in all."""

    texts: tuple[Superseded, ...]
    superseded: int
    stored: int


def plan(connection: sqlite3.Connection) -> Plan:
    """Return the texts that newer ones replaced and that nothing refers to.

    A text is kept if it is current or the newest of its capture, if an edition is made of it, if an
    export used it, or if there is a decision about its payload.
    """
    stored, superseded = connection.execute(_COUNTS).fetchone()
    texts = tuple(Superseded(*row) for row in connection.execute(_SUPERSEDED))
    return Plan(texts, superseded, stored)


def keep(connection: sqlite3.Connection, run_id: int, works: Collection[str] | None) -> int:
    """Name the texts that an export took; returns their number.

    Args:
        connection: the connection of the archive, within a transaction.
        run_id: the run of the export.
        works: the names of the reports taken; all current texts when None.
    """
    if works is None:
        return connection.execute(_KEEP_CURRENT, (run_id,)).rowcount
    return connection.execute(_KEEP_WORKS, (run_id, listed(works))).rowcount


def prune(writer: Writer, run_id: int, texts: Sequence[Superseded]) -> None:
    """Drop one batch of texts, in a transaction; each leaves a row with its digest."""
    connection = writer.connection
    with writer.transaction():
        for text in texts:
            row = {
                "text_id": text.id, "run_id": run_id, "payload_sha256": text.payload_sha256,
                "derivation_sha256": text.derivation_sha256,
            }  # fmt: skip
            writer.fact("pruned_texts", row, key=text.id)
        ids = listed(text.id for text in texts)
        connection.execute("DELETE FROM texts WHERE id IN (SELECT value FROM json_each(?))", (ids,))


def drop_unused(writer: Writer) -> None:
    """Drop visible texts that no text uses any more."""
    with writer.transaction():
        writer.connection.execute(
            "DELETE FROM packed_texts WHERE sha256 NOT IN (SELECT visible_sha256 FROM texts)"
        )

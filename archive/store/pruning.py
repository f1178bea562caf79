"""Dropping derivations that newer ones have taken the place of, and remembering which they were.

Facts stay: captures, payloads, runs and decisions are not touched, and every text that goes could
be made again by the code of its time.
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
"""Texts that go in one transaction; a stop leaves whole batches."""

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
    """A text that nothing needs any more."""

    id: int
    derivation_sha256: str
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What can go: `texts` of all that are superseded; the others are named by something."""

    texts: tuple[Superseded, ...]
    superseded: int
    stored: int


def plan(connection: sqlite3.Connection) -> Plan:
    """The texts that newer ones have taken the place of, and that nothing names.

    A text stays that is current, or the newest of its capture; that an edition is made of; whose
    payload a person decided something about; or that an export took.
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
    """Drop texts, one batch; each leaves a row that names it by its digest."""
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
    """Drop visible texts that no text has any more."""
    with writer.transaction():
        writer.connection.execute(
            "DELETE FROM packed_texts WHERE sha256 NOT IN (SELECT visible_sha256 FROM texts)"
        )

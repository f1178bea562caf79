"""Decides the condition of each edition from its copies, and writes it to its work."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from archive.collate.condition import Condition, Held, condition
from archive.collate.edition import EditionPassage
from archive.collate.works import Witness
from archive.store.lists import listed

_COPY: Final = """
SELECT texts.id, verdicts.verdict, texts.replaced_chars, identities.value_json FROM texts
JOIN verdicts ON verdicts.text_id = texts.id
LEFT JOIN identities ON identities.text_id = texts.id AND field = 'completeness'
WHERE texts.id IN (SELECT value FROM json_each(?))
"""
_WRITE: Final = """
UPDATE works SET quality = ?, completeness = ?, completeness_ratio = ?, state = ?, unfit = ?,
  hijacked_copies = ?, body_chars = ?, body_han = ?
WHERE id = ?
"""


def write_condition(
    connection: sqlite3.Connection,
    work_id: int,
    held: Sequence[Held],
    passages: Sequence[EditionPassage],
) -> None:
    """Decide the condition of a work's edition, and write it to its row.

    Args:
        connection: the connection of the archive, within a transaction.
        work_id: the work.
        held: what is known of all its copies, the best first.
        passages: those of its edition.
    """
    found = condition(passages, held)
    connection.execute(_WRITE, (*_row(found), work_id))


def _row(found: Condition) -> tuple[str | float | int | None, ...]:
    return (
        found.quality, found.completeness, found.ratio, found.state, found.unfit,
        found.hijacked_copies, found.body_chars, found.body_han,
    )  # fmt: skip


def held_by(connection: sqlite3.Connection, witness: Witness) -> Held:
    """What is known of the texts of a copy."""
    rows = {row[0]: row[1:] for row in connection.execute(_COPY, (listed(witness.text_ids),))}
    known = [rows[text_id] for text_id in witness.text_ids]
    values: list[dict[str, Any]] = [
        json.loads(value) if value else {"state": "unknown"} for *_, value in known
    ]
    return Held(
        verdicts=tuple(verdict for verdict, *_ in known),
        states=tuple(value["state"] for value in values),
        ratio=values[0].get("ratio") if len(values) == 1 else None,
        extent=witness.extent,
        replaced_chars=sum(replaced for _, replaced, _ in known),
        missing=bool(witness.missing),
        shared=witness.of_many or bool(witness.ranges),
    )

"""People's decisions: stored permanently, applied when works are made, never written into a text.

A decision is about a payload, not about a derivation, so that it outlives every ruleset.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.errors import UsageError
from archive.known.fields import fields
from archive.model import canonical_json

if TYPE_CHECKING:
    from archive.store.writing import Writer

READING: Final = "reading"
_IDENTITY: Final = "identity:"

_NEWEST: Final = """
SELECT id, field, value_json, who, why, decided_at FROM decisions
WHERE subject = ? ORDER BY decided_at, id
"""


@dataclass(frozen=True, slots=True)
class DecidedReading:
    """`reading` replaces the `nth` occurrence (from 1) of the flagged `words` of a text."""

    id: int
    words: str
    nth: int
    reading: str


def decide_identity(
    writer: Writer, run_id: int, text_id: int, field: str, value: Any, *, who: str, why: str
) -> int:
    """Decide a field of the identity of a text; returns the decision's id.

    Raises:
        UsageError: there is no such text or field, or no reason is given.
    """
    if field not in fields():
        raise UsageError(f'there is no field "{field}"; choose from {", ".join(fields())}')
    return _decide(writer, run_id, text_id, _IDENTITY + field, value, who=who, why=why)


def decide_reading(
    writer: Writer, run_id: int, text_id: int, decided: DecidedReading, *, who: str, why: str
) -> int:
    """Decide the original reading of flagged words of a text; returns the decision's id.

    Raises:
        UsageError: there is no such text, these words are not flagged so often, or no reason is
            given.
    """
    (flagged,) = writer.connection.execute(
        "SELECT count(*) FROM doubts WHERE text_id = ? AND words = ?", (text_id, decided.words)
    ).fetchone()
    if not 1 <= decided.nth <= flagged:
        raise UsageError(
            f"text {text_id}: {decided.words} is flagged {flagged} times, there is no"
            f" number {decided.nth}"
        )
    value = {"words": decided.words, "nth": decided.nth, "reading": decided.reading}
    return _decide(writer, run_id, text_id, READING, value, who=who, why=why)


def identity_decisions(connection: sqlite3.Connection, text_id: int) -> dict[str, Any]:
    """Return the decided fields of a text's identity; the newest decision on a field applies."""
    return {
        row[1].removeprefix(_IDENTITY): json.loads(row[2])
        for row in _of(connection, text_id)
        if row[1].startswith(_IDENTITY)
    }


def reading_decisions(connection: sqlite3.Connection, text_id: int) -> tuple[DecidedReading, ...]:
    """Return the decided readings of a text; the newest decision on a place applies."""
    newest = {}
    for row in _of(connection, text_id):
        if row[1] == READING:
            value = json.loads(row[2])
            found = DecidedReading(row[0], value["words"], value["nth"], value["reading"])
            newest[found.words, found.nth] = found
    return tuple(newest.values())


def decisions(connection: sqlite3.Connection, text_id: int) -> Iterator[dict[str, Any]]:
    """Return all decisions on a text, oldest first."""
    names = ("id", "field", "value", "who", "why", "decided_at")
    for row in _of(connection, text_id):
        yield dict(zip(names, (row[0], row[1], json.loads(row[2]), *row[3:]), strict=True))


def _of(connection: sqlite3.Connection, text_id: int) -> list[tuple[Any, ...]]:
    payload = _payload(connection, text_id)
    return [] if payload is None else connection.execute(_NEWEST, (payload,)).fetchall()


def _decide(
    writer: Writer, run_id: int, text_id: int, field: str, value: Any, *, who: str, why: str
) -> int:
    subject = _payload(writer.connection, text_id)
    if subject is None:
        raise UsageError(f"there is no text {text_id}")
    if not why.strip() or not who.strip():
        raise UsageError("a decision needs a reason and a name: --why and --who")
    return writer.fact(
        "decisions",
        {
            "run_id": run_id,
            "decided_at": clock.now(),
            "who": who,
            "subject": subject,
            "field": field,
            "value_json": canonical_json(value),
            "why": why,
        },
    )


def _payload(connection: sqlite3.Connection, text_id: int) -> str | None:
    row = connection.execute("SELECT payload_sha256 FROM texts WHERE id = ?", (text_id,)).fetchone()
    return None if row is None else f"payload:{row[0]}"

"""People's decisions: stored permanently, applied when works are made, never written into a text.

A decision is about a payload, not about a derivation, so that it outlives every ruleset. It can be
undone: that is a decision too, which names the moment of the one that no longer applies. Ids are
local to an archive; subject and moment are the same in every archive that has the decision.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.errors import UsageError
from archive.known.fields import fields
from archive.model import canonical_json
from archive.store.rows import column, row, stream, value

if TYPE_CHECKING:
    from archive.store.writing import Writer

READING: Final = "reading"
UNDONE: Final = "undone"
TAKEN: Final = "taken"
ALREADY_THERE: Final = "already there"

_IDENTITY: Final = "identity:"
_SUBJECT: Final = "payload:"

_APPLYING: Final = """
SELECT id, field, value_json, who, why, decided_at FROM decisions AS one
WHERE subject = ?1 AND field <> 'undone' AND NOT EXISTS (
  SELECT 1 FROM decisions AS other WHERE other.subject = ?1 AND other.field = 'undone'
    AND other.value_json = json_quote(one.decided_at))
ORDER BY decided_at, id
"""
_ALL: Final = """
SELECT decisions.*, substr(decisions.subject, 9) AS payload_sha256,
  EXISTS (SELECT 1 FROM decisions AS undoing WHERE undoing.subject = decisions.subject
    AND undoing.field = 'undone' AND undoing.value_json = json_quote(decisions.decided_at)
  ) AS is_undone,
  (SELECT max(id) FROM texts WHERE payload_sha256 = substr(decisions.subject, 9)) AS text_id,
  (SELECT pages.url FROM captures JOIN pages ON pages.id = captures.page_id
   WHERE captures.payload_sha256 = substr(decisions.subject, 9) ORDER BY captures.id LIMIT 1) AS url
FROM decisions WHERE {} ORDER BY decided_at, id
"""
_MADE_AT: Final = """
SELECT id FROM decisions WHERE subject = ? AND decided_at = ? AND field <> 'undone' ORDER BY id
"""
_AT: Final = "SELECT 1 FROM decisions WHERE subject = ? AND decided_at = ?"
_IS_UNDONE: Final = """
SELECT 1 FROM decisions WHERE subject = ? AND field = 'undone' AND value_json = json_quote(?)
"""
_SAME: Final = """
SELECT 1 FROM decisions WHERE subject = ? AND field = ? AND value_json = ?
  AND who = ? AND decided_at = ?
"""


@dataclass(frozen=True, slots=True)
class DecidedReading:
    """`reading` replaces the `nth` occurrence (from 1) of the flagged `words` of a text."""

    id: int
    words: str
    nth: int
    reading: str


@dataclass(frozen=True, slots=True)
class Portable:
    """A decision as it is written to a file, to be taken into another archive.

    `field` is a field of the identity, or `reading`; `url` is for people.
    """

    payload_sha256: str
    url: str | None
    field: str
    value: Any
    who: str
    why: str
    decided_at: str

    def as_json(self) -> dict[str, Any]:
        """Return it for a line of the file."""
        return asdict(self)


_KEYS: Final = {"payload_sha256", "field", "value", "who", "why", "decided_at"}
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def parse(line: Any) -> Portable:
    """Return the decision in one line of a file.

    Raises:
        ValueError: it is none; the message says why.
    """
    if not isinstance(line, dict) or not line.keys() >= _KEYS:
        raise ValueError(f"it needs {', '.join(sorted(_KEYS))}")
    words = [line[name] for name in sorted(_KEYS - {"value"})]
    if not all(isinstance(each, str) for each in words):
        raise ValueError("a value is not text")
    if not _DIGEST.fullmatch(line["payload_sha256"]):
        raise ValueError("payload_sha256 is not a digest")
    if not line["who"].strip() or not line["why"].strip():
        raise ValueError("who and why must not be empty")
    datetime.fromisoformat(line["decided_at"])
    if line["field"] == READING:
        _check_reading(line["value"])
    elif line["field"] not in fields():
        raise ValueError(f"there is no field {line['field']}")
    elif isinstance(line["value"], float | list):
        raise ValueError("value is neither text nor a whole number")
    return Portable(url=line.get("url"), **{name: line[name] for name in _KEYS})


def _check_reading(value: Any) -> None:
    if not isinstance(value, dict) or value.keys() != {"words", "nth", "reading"}:
        raise ValueError("value needs words, nth, reading")
    texts = isinstance(value["words"], str) and isinstance(value["reading"], str)
    if not texts or type(value["nth"]) is not int or value["nth"] < 1:
        raise ValueError("words and reading are text, nth is a number from 1")


def decide_identity(
    writer: Writer,
    run_id: int,
    text_id: int,
    values: Mapping[str, Any],
    *,
    who: str,
    why: str,
) -> list[int]:
    """Decide fields of the identity of a text; returns the ids of the decisions.

    They are undone together.

    Raises:
        UsageError: there is no such text or field, or no reason is given.
    """
    for field in values:
        _check_field(field)
    moment = _moment(writer.connection, text_id)
    return [
        _decide(writer, run_id, text_id, _IDENTITY + field, value, who=who, why=why, at=moment)
        for field, value in values.items()
    ]


def decide_readings(
    writer: Writer,
    run_id: int,
    text_id: int,
    several: tuple[DecidedReading, ...],
    *,
    who: str,
    why: str,
) -> list[int]:
    """Decide the original readings of flagged words of a text; returns the decisions' ids.

    They are undone together.

    Raises:
        UsageError: there is no such text, these words are not flagged so often, or no reason is
            given.
    """
    moment = _moment(writer.connection, text_id)
    for decided in several:
        flagged = _times_flagged(writer.connection, text_id, decided.words)
        if not 1 <= decided.nth <= flagged:
            raise UsageError(
                f"text {text_id}: {decided.words} is flagged {flagged} times, there is no"
                f" number {decided.nth}"
            )
    return [
        _decide(
            writer, run_id, text_id, READING,
            {"words": decided.words, "nth": decided.nth, "reading": decided.reading},
            who=who, why=why, at=moment,
        )
        for decided in several
    ]  # fmt: skip


def undo(writer: Writer, run_id: int, decision_id: int, *, who: str, why: str) -> list[int]:
    """Undo a decision, and those made with it; returns the ids of what no longer applies.

    Raises:
        UsageError: there is no such decision, it was undone, or no reason is given.
    """
    connection = writer.connection
    found = row(connection, "SELECT * FROM decisions WHERE id = ?", decision_id)
    if found is None:
        raise UsageError(f"there is no decision {decision_id}; see: baogao decisions DB")
    subject, moment = found["subject"], found["decided_at"]
    if found["field"] == UNDONE or value(connection, _IS_UNDONE, subject, moment) is not None:
        raise UsageError(f"decision {decision_id} is undone already, or is itself an undoing")
    _write(writer, run_id, subject, UNDONE, moment, who=who, why=why, at=clock.now())
    return column(connection, _MADE_AT, subject, moment)


def take(writer: Writer, run_id: int, decision: Portable) -> str:
    """Store a decision of another archive.

    Returns `TAKEN`, `ALREADY_THERE`, or why it does not apply here.
    """
    subject = _SUBJECT + decision.payload_sha256
    connection = writer.connection
    text_id = value(
        connection, "SELECT max(id) FROM texts WHERE payload_sha256 = ?", decision.payload_sha256
    )
    if text_id is None:
        return "no text was made of these bytes here"
    field = decision.field
    if field == READING:
        words, nth = decision.value["words"], decision.value["nth"]
        if nth > _times_flagged(connection, text_id, words):
            return f"{words} is not flagged {nth} times here"
    else:
        _check_field(field)
        field = _IDENTITY + field
    stored = canonical_json(decision.value)
    key = (subject, field, stored, decision.who, decision.decided_at)
    if value(connection, _SAME, *key) is not None:
        return ALREADY_THERE
    _write(
        writer, run_id, subject, field, decision.value,
        who=decision.who, why=decision.why, at=decision.decided_at,
    )  # fmt: skip
    return TAKEN


def identity_decisions(connection: sqlite3.Connection, text_id: int) -> dict[str, Any]:
    """Return the decided fields of a text's identity; the newest decision on a field applies."""
    return {
        found[1].removeprefix(_IDENTITY): json.loads(found[2])
        for found in _of(connection, text_id)
        if found[1].startswith(_IDENTITY)
    }


def reading_decisions(connection: sqlite3.Connection, text_id: int) -> tuple[DecidedReading, ...]:
    """Return the decided readings of a text; the newest decision on a place applies."""
    newest = {}
    for each in _of(connection, text_id):
        if each[1] == READING:
            said = json.loads(each[2])
            found = DecidedReading(each[0], said["words"], said["nth"], said["reading"])
            newest[found.words, found.nth] = found
    return tuple(newest.values())


def anything_decided(connection: sqlite3.Connection) -> bool:
    """Whether there is any decision."""
    return value(connection, "SELECT 1 FROM decisions LIMIT 1") is not None


def decisions(
    connection: sqlite3.Connection, text_id: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield all decisions, or those on a text, oldest first.

    `state` is `applies`, `replaced` (by a newer one), `undone`, or `undoing`.
    """
    subject = None if text_id is None else _payload(connection, text_id)
    which = "1" if text_id is None else "decisions.subject = ?"
    found = list(stream(connection, _ALL.format(which), *([] if text_id is None else [subject])))
    newest = {_place_of(each): each["id"] for each in found if not each["is_undone"]}
    for each in found:
        shown = ("id", "text_id", "url", "field", "who", "why", "decided_at", "payload_sha256")
        yield {name: each[name] for name in shown} | {
            "value": json.loads(each["value_json"]), "state": _state(each, newest),
        }  # fmt: skip


def portable(connection: sqlite3.Connection) -> Iterator[Portable]:
    """Yield the decisions that apply, oldest first."""
    for each in decisions(connection):
        if each["state"] == "applies":
            yield Portable(
                each["payload_sha256"], each["url"], each["field"].removeprefix(_IDENTITY),
                each["value"], each["who"], each["why"], each["decided_at"],
            )  # fmt: skip


def _place_of(decision: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what a decision is about: a newer one on the same replaces it."""
    if decision["field"] == UNDONE:
        return (UNDONE, decision["id"])
    if decision["field"] != READING:
        return (decision["subject"], decision["field"])
    said = json.loads(decision["value_json"])
    return (decision["subject"], READING, said["words"], said["nth"])


def _state(decision: Mapping[str, Any], newest: Mapping[tuple[Any, ...], int]) -> str:
    if decision["field"] == UNDONE:
        return "undoing"
    if decision["is_undone"]:
        return "undone"
    return "applies" if newest[_place_of(decision)] == decision["id"] else "replaced"


def _of(connection: sqlite3.Connection, text_id: int) -> list[tuple[Any, ...]]:
    payload = _payload(connection, text_id)
    return [] if payload is None else connection.execute(_APPLYING, (payload,)).fetchall()


def _moment(connection: sqlite3.Connection, text_id: int) -> str:
    """Return the present time, which no other decision on the text has: undoing refers to it."""
    subject = _payload(connection, text_id)
    while value(connection, _AT, subject, moment := clock.now()) is not None:
        sleep(0.001)
    return moment


def _check_field(field: str) -> None:
    if field not in fields():
        raise UsageError(f'there is no field "{field}"; choose from {", ".join(fields())}')


def _decide(
    writer: Writer, run_id: int, text_id: int, field: str, value: Any, *, who: str, why: str,
    at: str,
) -> int:  # fmt: skip
    subject = _payload(writer.connection, text_id)
    if subject is None:
        raise UsageError(f"there is no text {text_id}")
    return _write(writer, run_id, subject, field, value, who=who, why=why, at=at)


def _write(
    writer: Writer, run_id: int, subject: str, field: str, value: Any, *, who: str, why: str,
    at: str,
) -> int:  # fmt: skip
    if not why.strip() or not who.strip():
        raise UsageError("a decision needs a reason and a name: --why and --who")
    return writer.fact(
        "decisions",
        {
            "run_id": run_id,
            "decided_at": at,
            "who": who,
            "subject": subject,
            "field": field,
            "value_json": canonical_json(value),
            "why": why,
        },
    )


def _times_flagged(connection: sqlite3.Connection, text_id: int, words: str) -> int:
    counted = "SELECT count(*) FROM doubts WHERE text_id = ? AND words = ?"
    return int(value(connection, counted, text_id, words))


def _payload(connection: sqlite3.Connection, text_id: int) -> str | None:
    found = value(connection, "SELECT payload_sha256 FROM texts WHERE id = ?", text_id)
    return None if found is None else _SUBJECT + found

"""Texts that belong to no report, each with the reason."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from archive.collate.names import AREA_MARK
from archive.known.kinds import kinds_with_works
from archive.model import SHAPES_WITHOUT_TEXT
from archive.store.decisions import anything_decided, identity_decisions
from archive.store.lists import listed
from archive.store.rows import rows, value

REASONS: Final = {
    "no_text": "the page holds no report: a list, an error, a challenge",
    "other_kind": "another kind of document",
    "no_kind": "not known to be a report",
    "no_place": "the place is not known",
    "no_year": "the year is not known",
    "doubted": "its copies contradict what it says",
    "not_collated": "not collated yet",
}
"""Why a text belongs to no report: code → words."""


_COUNTED: Final = """
SELECT count(*) FROM up_to_date
WHERE NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = up_to_date.text_id)
"""

_UNASSIGNED: Final = """
WITH loose AS (
  SELECT texts.id, texts.shape, texts.clean_chars, texts.payload_sha256, texts.context_sha256
  FROM texts
  WHERE EXISTS (SELECT 1 FROM up_to_date WHERE up_to_date.text_id = texts.id)
    AND NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = texts.id)
    AND {}
  ORDER BY texts.id DESC LIMIT ?
)
SELECT loose.id, loose.shape, loose.clean_chars, verdicts.page_verdict, sketches.doubt,
  sketches.text_id IS NOT NULL AS collated,
  max(value_json) FILTER (WHERE field = 'title') AS title,
  max(value_json) FILTER (WHERE field = 'kind') AS kind,
  max(value_json) FILTER (WHERE field = 'place') AS place,
  max(value_json) FILTER (WHERE field = 'place_code') AS place_code,
  max(value_json) FILTER (WHERE field = 'within') AS within,
  max(value_json) FILTER (WHERE field = 'report_year') AS report_year,
  (SELECT pages.url FROM captures JOIN pages ON pages.id = captures.page_id
   WHERE captures.payload_sha256 = loose.payload_sha256
     AND captures.context_sha256 = loose.context_sha256 ORDER BY captures.id LIMIT 1) AS url
FROM loose
JOIN verdicts ON verdicts.text_id = loose.id
LEFT JOIN sketches ON sketches.text_id = loose.id
LEFT JOIN identities ON identities.text_id = loose.id
GROUP BY loose.id ORDER BY loose.id DESC
"""
_BEFORE: Final = "texts.id < ?"
_OF_RUN: Final = """
texts.id IN (
  SELECT mine.id FROM captures JOIN texts AS mine ON mine.payload_sha256 = captures.payload_sha256
    AND mine.context_sha256 = captures.context_sha256
  WHERE captures.run_id = ?)
"""
_OF_PLACES: Final = """
texts.id IN (
  SELECT text_id FROM identities WHERE (field = 'place_code' OR field = 'within')
    AND value_json IN (SELECT value FROM json_each(?)))
"""


_FIELDS: Final = ("title", "kind", "place", "place_code", "within", "report_year")


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A text that belongs to no report.

    `reason` is one of `REASONS`, `detail` adds what is known. `place_key` is its place as in names
    of works, None if unknown.
    """

    text_id: int
    url: str | None
    title: str | None
    kind: str | None
    place_key: str | None
    report_year: int | None
    shape: str
    chars: int
    page_verdict: str
    reason: str
    detail: str | None = None


def unassigned(
    connection: sqlite3.Connection,
    run_id: int | None = None,
    most: int = -1,
    *,
    places: Collection[str] | None = None,
    before: int | None = None,
) -> Iterator[Unassigned]:
    """Return the texts that belong to no report, the newest first, as people decided.

    Args:
        connection: the connection of the archive.
        run_id: only those captured by a run; all if None.
        most: the most rows; -1 for all.
        places: only those of places with these keys; all if None.
        before: only texts with a smaller id, where a list goes on.
    """
    which, values = "1", tuple[int | str, ...]()
    if run_id is not None:
        which, values = _OF_RUN, (run_id,)
    elif places is not None:
        which, values = _OF_PLACES, (_codes(places),)
    elif before is not None:
        which, values = _BEFORE, (before,)
    decided_at_all = anything_decided(connection)
    for row in rows(connection, _UNASSIGNED.format(which), *values, most):
        said = {name: _value(row[name]) for name in _FIELDS}
        if decided_at_all:
            said |= identity_decisions(connection, row["id"])
        kind, year, place_key = said["kind"], said["report_year"], _place_key(said)
        if places is not None and place_key not in places:
            continue
        yield Unassigned(
            text_id=row["id"],
            url=row["url"],
            title=said["title"],
            kind=kind,
            place_key=place_key,
            report_year=year,
            shape=row["shape"],
            chars=row["clean_chars"],
            page_verdict=row["page_verdict"],
            reason=_reason(row, kind, place_key, year),
            detail=row["doubt"],
        )


def number_of_unassigned(connection: sqlite3.Connection) -> int:
    """Return the number of texts that `unassigned` yields."""
    return int(value(connection, _COUNTED))


def by_reason(connection: sqlite3.Connection, run_id: int) -> dict[str, int]:
    """Count the texts of a run that belong to no report by reason, most frequent first."""
    return dict(Counter(each.reason for each in unassigned(connection, run_id)).most_common())


def in_words(counts: Mapping[str, int]) -> str | None:
    """Return one line for people: `3 texts belong to no report: 2 …; 1 …`; None for no texts."""
    total = sum(counts.values())
    if not total:
        return None
    texts = "1 text belongs" if total == 1 else f"{total} texts belong"
    reasons = "; ".join(f"{count} {REASONS[reason]}" for reason, count in counts.items())
    return f"{texts} to no report: {reasons}"


def _codes(places: Collection[str]) -> str:
    """Return the codes in keys of places as they are stored, as a list for SQL."""
    return listed(json.dumps(place.partition(AREA_MARK)[0]) for place in places)


def _place_key(said: Mapping[str, Any]) -> str | None:
    code, within, place = (said[name] for name in ("place_code", "within", "place"))
    if code is not None:
        return str(code)
    return f"{within}{AREA_MARK}{place}" if within and place else None


def _reason(row: sqlite3.Row, kind: str | None, place: str | None, year: int | None) -> str:
    if row["shape"] in SHAPES_WITHOUT_TEXT or not row["clean_chars"]:
        return "no_text"
    if kind is not None and kind not in kinds_with_works():
        return "other_kind"
    if not row["collated"]:
        return "not_collated"
    if row["doubt"]:
        return "doubted"
    known = {"no_kind": kind, "no_place": place, "no_year": year}
    return next((reason for reason, value in known.items() if value is None), "doubted")


def _value(stored: str | None) -> Any:
    return None if stored is None else json.loads(stored)

"""What a person could decide, as rows: unsure fields, doubted texts, weak links, injected words."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from archive.store.decisions import anything_decided, identity_decisions, reading_decisions
from archive.store.edition_passages import StoredEditionPassage, of_work
from archive.store.lists import listed
from archive.store.rows import rows

# Only texts whose identity makes them copies of a report; not those that hold several reports.
_UNSURE: Final = """
WITH asked AS MATERIALIZED (
  SELECT text_id, field FROM identities
  WHERE confidence < :sure AND field IN (SELECT value FROM json_each(:fields))
  UNION
  SELECT text_id, CASE kind WHEN 'contradicted-place' THEN 'place_code'
      ELSE replace(kind, 'contradicted-', '') END AS field
  FROM flags WHERE kind = 'contradicted-place'
    OR kind IN (SELECT 'contradicted-' || value FROM json_each(:fields))
)
SELECT asked.text_id, asked.field, identities.value_json, identities.method,
  identities.confidence, identities.candidates_json,
  works.name AS work, works.id AS work_id,
  (SELECT count(*) FROM witnesses AS one WHERE one.work_id = works.id) AS copies,
  (SELECT count(*) FROM witnesses AS one
   JOIN witness_texts AS its ON its.witness_id = one.id AND its.seq = 0
   JOIN identities AS said ON said.text_id = its.text_id AND said.field = asked.field
   WHERE one.work_id = works.id AND one.how = 'identity' AND said.text_id <> asked.text_id
     AND said.confidence >= :sure) AS surer,
  (SELECT evidence FROM flags WHERE flags.text_id = asked.text_id AND +kind IN (
     'contradicted-' || asked.field, 'contradicted-' || replace(asked.field, '_code', ''))
   LIMIT 1) AS against
FROM asked
JOIN up_to_date ON up_to_date.text_id = asked.text_id
JOIN texts ON texts.id = asked.text_id
JOIN witness_texts ON witness_texts.text_id = asked.text_id AND witness_texts.seq = 0
  AND witness_texts.first_passage IS NULL
JOIN witnesses ON witnesses.id = witness_texts.witness_id AND witnesses.how = 'identity'
JOIN works ON works.id = witnesses.work_id
LEFT JOIN identities ON identities.text_id = asked.text_id AND identities.field = asked.field
ORDER BY asked.text_id, asked.field
"""
_SAID: Final = """
SELECT text_id, field, value_json, method, confidence, candidates_json FROM identities
WHERE text_id IN (SELECT value FROM json_each(?))
  AND field IN (SELECT value FROM json_each(?))
"""
_DOUBTED: Final = """
SELECT sketches.text_id, doubt, texts.payload_sha256, works.name AS work
FROM sketches
JOIN up_to_date ON up_to_date.text_id = sketches.text_id
JOIN texts ON texts.id = sketches.text_id
JOIN witness_texts ON witness_texts.text_id = texts.id
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id
WHERE doubt IS NOT NULL GROUP BY sketches.text_id ORDER BY sketches.text_id
"""
_WEAK: Final = """
SELECT witness_texts.text_id, texts.payload_sha256, works.name AS work, links.share, basis_text_id
FROM witnesses
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
JOIN texts ON texts.id = witness_texts.text_id
JOIN links ON links.one = min(witness_texts.text_id, basis_text_id)
  AND links.other = max(witness_texts.text_id, basis_text_id)
JOIN works ON works.id = witnesses.work_id
WHERE witnesses.how = 'text' AND links.share < ? AND first_passage IS NULL
ORDER BY witness_texts.text_id
"""
_WITH_GAPS: Final = """
SELECT works.id, works.name FROM editions JOIN works ON works.id = editions.work_id
WHERE gaps > 0 ORDER BY works.name
"""
_DOUBTS: Final = """
SELECT start, stop, words, evidence, proposals_json FROM doubts
WHERE text_id = ? AND kind IN ('hijack', 'brand') AND words <> '' ORDER BY start, stop
"""
_WORKS: Final = "SELECT * FROM works WHERE name IN (SELECT value FROM json_each(?))"
_AT_PLACES: Final = """
SELECT place_key, report_year, kind, stage, name FROM works
WHERE place_key IN (SELECT value FROM json_each(?))
"""
_SOURCES: Final = """
SELECT texts.id, texts.payload_sha256, (
    SELECT pages.url FROM captures JOIN pages ON pages.id = captures.page_id
    WHERE captures.payload_sha256 = texts.payload_sha256
      AND captures.context_sha256 = texts.context_sha256 ORDER BY captures.id LIMIT 1) AS url,
  (SELECT value_json ->> '$' FROM identities WHERE text_id = texts.id AND field = 'title') AS title
FROM texts WHERE texts.id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class SaidField:
    """What a text says in a field, with the candidates; `value` is None if it is unknown."""

    text_id: int
    field: str
    value: Any
    method: str | None
    confidence: float
    candidates: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class UnsureField:
    """A field that makes a text a copy of `work`; `surer` other copies say it for sure.

    `copies` is the number of copies of the work, `against` the words of a flag that contradict the
    field.
    """

    said: SaidField
    work: str
    work_id: int
    copies: int
    surer: int
    against: str | None


@dataclass(frozen=True, slots=True)
class DoubtedText:
    """A copy that collation was unsure of: `note` says why, `share` how much of it is a copy's."""

    text_id: int
    work: str
    note: str | None
    share: float | None = None
    basis: int | None = None


@dataclass(frozen=True, slots=True)
class OpenWords:
    """Injected words in the edition of `work` that no copy replaces, with equal proposals.

    `places` are their numbers among the flagged `words` of the text, `around` the paragraphs they
    stand in.
    """

    text_id: int
    work: str
    words: str
    proposals: tuple[str, ...]
    evidence: str
    places: tuple[int, ...]
    around: tuple[str, ...]


def unsure_fields(
    connection: sqlite3.Connection, sure: float, names: Collection[str]
) -> Iterator[UnsureField]:
    """Yield the undecided fields that were found with less confidence, or are contradicted."""
    cursor = connection.cursor()
    if cursor.row_factory is None:
        cursor.row_factory = sqlite3.Row
    found = cursor.execute(_UNSURE, {"sure": sure, "fields": listed(names)}).fetchall()
    any_decided = anything_decided(connection)
    for row in found:
        if any_decided and row["field"] in identity_decisions(connection, row["text_id"]):
            continue
        yield UnsureField(
            _said(row), row["work"], row["work_id"], row["copies"], row["surer"], row["against"]
        )


def said_of(
    connection: sqlite3.Connection, texts: Iterable[int], names: Collection[str]
) -> dict[tuple[int, str], SaidField]:
    """Return what texts say in some fields, by text and field."""
    found = map(_said, rows(connection, _SAID, listed(texts), listed(names)))
    return {(said.text_id, said.field): said for said in found}


def doubted_copies(connection: sqlite3.Connection, least_share: float) -> Iterator[DoubtedText]:
    """Yield copies that contradict others, and those recognised by less than `least_share`."""
    decided = _are_decided(connection)
    for row in rows(connection, _DOUBTED):
        if not decided(row["text_id"]):
            yield DoubtedText(row["text_id"], row["work"], row["doubt"])
    for row in rows(connection, _WEAK, least_share):
        if not decided(row["text_id"]):
            yield DoubtedText(row["text_id"], row["work"], None, row["share"], row["basis_text_id"])


def open_words(connection: sqlite3.Connection) -> Iterator[OpenWords]:
    """Yield the injected words that no copy replaces, work by work."""
    for work_id, name in rows(connection, _WITH_GAPS):
        yield from _open_words(connection, work_id, name)


def works_by_name(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, sqlite3.Row]:
    """Return the rows of works by their names."""
    return {row["name"]: row for row in rows(connection, _WORKS, listed(names))}


def works_at(
    connection: sqlite3.Connection, places: Iterable[str]
) -> dict[tuple[str, int | None, str, str], str]:
    """Return the names of the works of places, by place, year, kind and stage."""
    found = rows(connection, _AT_PLACES, listed(places))
    return {(row[0], row[1], row[2], row[3]): row[4] for row in found}


def sources(connection: sqlite3.Connection, texts: Iterable[int]) -> dict[int, sqlite3.Row]:
    """Return address, title and payload digest of texts."""
    return {row["id"]: row for row in rows(connection, _SOURCES, listed(texts))}


def _said(row: sqlite3.Row) -> SaidField:
    return SaidField(
        row["text_id"],
        row["field"],
        None if row["value_json"] is None else json.loads(row["value_json"]),
        row["method"],
        row["confidence"] or 0.0,
        tuple(json.loads(row["candidates_json"] or "[]")),
    )


def _are_decided(connection: sqlite3.Connection) -> Any:
    """Return a function that says whether a person decided which report a text is."""
    if not anything_decided(connection):
        return lambda _: False
    return lambda text_id: bool(
        {"place_code", "within", "report_year"} & identity_decisions(connection, text_id).keys()
    )


def _open_words(connection: sqlite3.Connection, work_id: int, name: str) -> Iterator[OpenWords]:
    grouped: dict[tuple[int, str, tuple[str, ...]], tuple[list[int], list[str], str]] = {}
    doubts: dict[int, list[_Doubt]] = {}
    for passage in of_work(connection, work_id):
        if not any(change["kind"] == "gap" for change in passage.changes):
            continue
        text_id = passage.source.text_id
        if text_id not in doubts:
            doubts[text_id] = _doubts(connection, text_id)
        for doubt in _left_open(passage, doubts[text_id]):
            key = (text_id, doubt.words, doubt.proposals)
            places, around, _ = grouped.setdefault(key, ([], [], doubt.evidence))
            places.append(doubt.nth)
            around.append(passage.source.text)
    for (text_id, words, proposals), (places, around, evidence) in grouped.items():
        yield OpenWords(
            text_id, name, words, proposals, evidence, tuple(places), tuple(dict.fromkeys(around))
        )


@dataclass(frozen=True, slots=True)
class _Doubt:
    start: int
    words: str
    nth: int
    proposals: tuple[str, ...]
    evidence: str


def _doubts(connection: sqlite3.Connection, text_id: int) -> list[_Doubt]:
    """Return the flagged words of a text on which no person decided."""
    decided = {(each.words, each.nth) for each in reading_decisions(connection, text_id)}
    seen: Counter[str] = Counter()
    found = []
    for row in rows(connection, _DOUBTS, text_id):
        words = row["words"]
        seen[words] += 1
        if (words, seen[words]) not in decided:
            proposals = tuple(json.loads(row["proposals_json"]))
            found.append(_Doubt(row["start"], words, seen[words], proposals, row["evidence"]))
    return found


def _left_open(passage: StoredEditionPassage, doubts: Iterable[_Doubt]) -> Iterator[_Doubt]:
    """Yield the doubts of a passage for which its edition has a gap.

    Equal words are replaced or left open in their order.
    """
    source = passage.source
    inside = [doubt for doubt in doubts if source.start <= doubt.start < source.stop]
    for words in dict.fromkeys(doubt.words for doubt in inside):
        kinds = [change["kind"] for change in passage.changes if change["was"] == words]
        same = (doubt for doubt in inside if doubt.words == words)
        yield from (doubt for doubt, kind in zip(same, kinds, strict=False) if kind == "gap")

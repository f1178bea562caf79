"""Results of the search indexes, as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

from archive.store.bodies import Narrowed
from archive.store.indexing import TEXT_DOCUMENTS
from archive.store.rows import rows, value

ORDERS: Final = {
    "relevance": "works.report_year DESC, works.place_key",
    "newest": "works.report_year DESC, works.place_key",
    "oldest": "works.report_year, works.place_key",
    "place": "works.place_key, works.report_year",
}
"""The sort orders of documents; equal ones are sorted by id. The caller sorts by relevance."""


def order_key(order: str) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return what documents of several archives are sorted by: as in `ORDERS`, then by name."""

    def key(document: Mapping[str, Any]) -> tuple[Any, ...]:
        year, place = document["report_year"], document["place_key"]
        newest_first = (year is None, -(year or 0))
        oldest_first = (year is not None, year or 0)
        by_place = (place is not None, place or "")
        parts = {
            "oldest": (*oldest_first, *by_place), "place": (*by_place, *oldest_first),
        }.get(order, (*newest_first, *by_place))  # fmt: skip
        return *parts, document["name"] or ""

    return key


_MATCHES: Final = """
FROM search_index LEFT JOIN works ON works.id = search_index.rowid WHERE search_index MATCH ?
"""
"""A document that is a report has the id of its work."""

_TITLE: Final = """
  (SELECT value_json FROM identities
   WHERE identities.text_id = texts.id AND field = 'title') AS text_title
"""

# the page's documents first, and only then what is shown of them
_HITS: Final = f"""
SELECT search_documents.id AS document, search_documents.text_id, works.name, works.place,
  works.place_key, works.place_code, works.report_year, works.kind, works.stage, works.title,
  works.state,
  (SELECT count(*) FROM witnesses WHERE work_id = works.id) AS witnesses,
  verdicts.verdict, {_TITLE}
FROM search_documents JOIN texts ON texts.id = search_documents.text_id
JOIN verdicts ON verdicts.text_id = texts.id
LEFT JOIN works ON works.id = search_documents.work_id
WHERE search_documents.id IN (
  SELECT search_index.rowid {_MATCHES} {{where}}
  ORDER BY {{order}}, search_index.rowid LIMIT ? OFFSET ?)
ORDER BY {{order}}, search_documents.id
"""  # noqa: S608  (ours; what was typed is bound)

_REMOVED: Final = f"""
SELECT texts.id AS text_id, verdicts.verdict, NULL AS name, NULL AS state, {_TITLE}
FROM texts JOIN verdicts ON verdicts.text_id = texts.id
WHERE texts.id IN (
  SELECT rowid FROM removed_index WHERE removed_index MATCH ?
  ORDER BY rowid DESC LIMIT ? OFFSET ?)
ORDER BY texts.id DESC
"""  # noqa: S608  (ours; what was typed is bound)


def has_index(connection: sqlite3.Connection) -> bool:
    """Whether the archive has a search index."""
    return bool(value(connection, "SELECT EXISTS (SELECT 1 FROM search_documents)"))


def count(
    connection: sqlite3.Connection, match: str, narrowed: Narrowed, *, reports_only: bool
) -> int:
    """Return the number of documents that `match` finds, before they are checked."""
    where, values = _where(narrowed, reports_only=reports_only)
    return int(value(connection, f"SELECT count(*) {_MATCHES} {where}", match, *values))


def documents(
    connection: sqlite3.Connection,
    match: str,
    narrowed: Narrowed,
    *,
    reports_only: bool,
    order: str,
    most: int,
    skipped: int = 0,
) -> list[sqlite3.Row]:
    """Return documents that `match` finds.

    Args:
        connection: the connection of the archive.
        match: an FTS5 expression.
        narrowed: which works to search.
        reports_only: leave out texts that belong to no report.
        order: one of `ORDERS`.
        most: the most results.
        skipped: the number of results to skip.
    """
    where, values = _where(narrowed, reports_only=reports_only)
    select = _HITS.format(where=where, order=ORDERS[order])
    return rows(connection, select, match, *values, most, skipped)


def count_removed(connection: sqlite3.Connection, match: str) -> int:
    """Return the number of texts in whose removed words `match` has a hit, before the check."""
    counted = "SELECT count(*) FROM removed_index WHERE removed_index MATCH ?"
    return int(value(connection, counted, match))


def removed(
    connection: sqlite3.Connection, match: str, most: int, skipped: int
) -> list[sqlite3.Row]:
    """Return the texts in whose removed words `match` has a hit, the newest first."""
    return rows(connection, _REMOVED, match, most, skipped)


def _where(narrowed: Narrowed, *, reports_only: bool) -> tuple[str, tuple[str | int, ...]]:
    """Return conditions to add to `_MATCHES`; texts of no report have no quality."""
    reports = f" AND search_index.rowid < {TEXT_DOCUMENTS}" if reports_only else ""
    return reports + narrowed.where, narrowed.values

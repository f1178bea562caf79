"""Recent events as rows: new texts, removed pages, hosts that failed."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.bodies import Narrowed
from archive.store.indexing import words_of
from archive.store.rows import rows
from archive.store.search import Query

_TEXTS: Final = """
SELECT texts.id, texts.created_at AS at, texts.derivation_sha256 AS digest, verdicts.page_verdict,
  verdicts.verdict, works.id AS work_id, works.name, works.place, works.place_code,
  works.report_year, works.kind, works.stage, works.state,
  EXISTS (
    SELECT 1 FROM captures AS mine
    JOIN captures AS earlier ON earlier.page_id = mine.page_id AND earlier.id < mine.id
    JOIN texts AS older ON older.payload_sha256 = earlier.payload_sha256
      AND older.context_sha256 = earlier.context_sha256
      AND older.clean_sha256 <> texts.clean_sha256
    WHERE mine.payload_sha256 = texts.payload_sha256
      AND mine.context_sha256 = texts.context_sha256) AS changed
FROM texts
JOIN verdicts ON verdicts.text_id = texts.id
JOIN witness_texts ON witness_texts.text_id = texts.id
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id
WHERE texts.id IN (
  SELECT DISTINCT newest.text_id FROM witness_texts AS newest
  JOIN witnesses ON witnesses.id = newest.witness_id
  WHERE {0} ORDER BY newest.text_id DESC LIMIT ?)
{1} GROUP BY texts.id ORDER BY texts.id DESC
"""
_OF_WORKS: Final = "witnesses.work_id IN (SELECT works.id FROM works WHERE 1 {})"
_FOUND: Final = "SELECT rowid FROM search_index WHERE search_index MATCH"

# the plus: by page, and not through all captures of an outcome
_GONE: Final = """
SELECT captures.id, captures.recorded_at AS at, captures.outcome, captures.status, pages.url
FROM captures JOIN pages ON pages.id = captures.page_id
WHERE captures.id IN (
    SELECT id FROM captures INDEXED BY captures_gone WHERE outcome = 'gone' OR status IN (404, 410))
  AND EXISTS (SELECT 1 FROM captures AS earlier WHERE earlier.page_id = captures.page_id
              AND earlier.id < captures.id AND +earlier.outcome = 'ok')
ORDER BY captures.id DESC LIMIT ?
"""

_FAILED: Final = """
SELECT runs.id AS run_id, runs.started_at, pages.host, count(DISTINCT captures.page_id) AS pages,
  max(captures.recorded_at) AS at, group_concat(DISTINCT captures.outcome) AS outcomes
FROM captures
JOIN pages ON pages.id = captures.page_id
JOIN runs ON runs.id = captures.run_id
WHERE captures.run_id > (SELECT max(id) FROM runs) - ?1 AND captures.origin = 'live'
  AND captures.outcome IN ('blocked', 'http', 'truncated', 'bad_encoding', 'too_large', 'timeout',
    'dns', 'refused', 'connection', 'tls', 'error', 'robots_unreadable')
  AND pages.url NOT LIKE '%/robots.txt'
  AND NOT EXISTS (
    SELECT 1 FROM captures AS later
    WHERE later.page_id = captures.page_id AND later.run_id = captures.run_id
      AND later.id > captures.id AND later.outcome IN ('ok', 'unchanged', 'redirect'))
GROUP BY runs.id, pages.host ORDER BY runs.id DESC LIMIT ?1
"""


def texts(
    connection: sqlite3.Connection, query: Query, narrowed: Narrowed, most: int
) -> list[sqlite3.Row]:
    """The newest texts of the reports in `narrowed` that have the words of `query`, if it has any.

    `changed` means that an earlier capture of the page gave another text.
    """
    matching = (query.match,) if query.match else ()
    of_words = f"AND works.id IN ({_FOUND} ?)" if matching else ""
    these = f"{of_words}{narrowed.where}"
    values = (*matching, *narrowed.values)
    newest = _OF_WORKS.format(these) if these else "1"
    found = rows(connection, _TEXTS.format(newest, these), *values, most, *values)
    if query.is_exact or not matching:
        return found
    works = {row["work_id"] for row in found}
    having = {work for work in works if query.accepts(words_of(connection, work))}
    return [row for row in found if row["work_id"] in having]


def gone(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return the newest captures that show that a page no longer exists."""
    return rows(connection, _GONE, most)


def failed(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return URLs that the newest runs finally failed to read, one entry for each host."""
    return rows(connection, _FAILED, most)

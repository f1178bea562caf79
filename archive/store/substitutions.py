"""What copies say in place of other words: by host, words and number of places."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.rows import rows

# true_words are those of a copy that is not hijacked, of the edition's base if possible. The kinds
# are those of the index readings_substituted.
_DIFFERING: Final = """
WITH differing AS (
  SELECT readings.*, (
    SELECT other.words FROM readings AS other
    WHERE other.work_id = readings.work_id AND other.seq = readings.seq AND other.brand IS NULL
    ORDER BY other.before IS NULL, other.id LIMIT 1
  ) AS true_words
  FROM readings WHERE kind IN ('brand', 'number')
)
"""
_SUBSTITUTED: Final = "true_words IS NOT words AND (kind = 'number' OR brand IS NOT NULL)"

_LISTED: Final = f"""
{_DIFFERING}, listed AS (
  SELECT witnesses.host, differing.kind, coalesce(true_words, '') AS true_words,
    differing.words AS words, count(*) AS places, count(DISTINCT differing.work_id) AS works,
    min(differing.id) AS example
  FROM differing JOIN witnesses ON witnesses.id = differing.witness_id
  WHERE {_SUBSTITUTED}
  GROUP BY witnesses.host, differing.kind, true_words, differing.words
  ORDER BY places DESC, host, true_words, words LIMIT ?
)
SELECT listed.*, works.name AS work, works.place, works.report_year,
  readings.passage_id / 10000000 AS text_id, readings.passage_id % 10000000 AS passage
FROM listed JOIN readings ON readings.id = listed.example
JOIN works ON works.id = readings.work_id
ORDER BY listed.places DESC, listed.host, listed.true_words, listed.words
"""  # noqa: S608  (ours)

_COUNTED: Final = f"""
{_DIFFERING} SELECT count(*) AS places, count(DISTINCT work_id) AS works FROM differing
WHERE {_SUBSTITUTED}
"""  # noqa: S608  (ours)


def substitutions(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return what the copies of each host say in place of other words, the most frequent first.

    Only injected names and changed numbers count. Each row has `host`, `kind`, `true_words` (of a
    copy that is not hijacked), `words`, `places`, `works`, and one example: its `work`, `place`,
    `report_year`, `text_id` and `passage`.
    """
    return rows(connection, _LISTED, most)


def number_of_substitutions(connection: sqlite3.Connection) -> sqlite3.Row:
    """Return how many `places` of how many `works` have injected names or changed numbers."""
    return rows(connection, _COUNTED)[0]

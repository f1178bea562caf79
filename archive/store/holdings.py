"""What the archive holds, as rows: reports, and what came of asking the sites of places."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from archive.store.lists import listed

_HOLDINGS: Final = """
SELECT works.*, sum(texts.clean_chars) AS chars,
  (SELECT count(*) FROM witnesses WHERE witnesses.work_id = works.id) AS witnesses
FROM works
JOIN witnesses AS best ON best.id = (
  SELECT id FROM witnesses WHERE witnesses.work_id = works.id ORDER BY rank, id LIMIT 1)
JOIN witness_texts ON witness_texts.witness_id = best.id
JOIN texts ON texts.id = witness_texts.text_id
WHERE {} GROUP BY works.id
ORDER BY works.place_key, works.report_year, works.kind, works.stage, works.name
"""

_OUTCOMES: Final = """
SELECT site_facts.place_code, captures.outcome, count(*) AS captures
FROM captures JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE site_facts.place_code IS NOT NULL GROUP BY site_facts.place_code, captures.outcome
"""

_SITES: Final = """
SELECT DISTINCT name, title FROM site_facts WHERE place_code IN (SELECT value FROM json_each(?))
"""


def holdings(
    connection: sqlite3.Connection, places: Sequence[str] | None = None
) -> list[sqlite3.Row]:
    """The works with the number of their copies and the length of the best one, by place and year.

    Args:
        connection: the archive's.
        places: keys of places; all when None.
    """
    if places is None:
        return _rows(connection, _HOLDINGS.format("1"))
    where = "works.place_key IN (SELECT value FROM json_each(?))"
    return _rows(connection, _HOLDINGS.format(where), listed(places))


def outcomes(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """How many captures of the sites of each place ended how: place_code, outcome, captures."""
    return _rows(connection, _OUTCOMES)


def sites_of(connection: sqlite3.Connection, places: Sequence[str]) -> list[sqlite3.Row]:
    """The sites of some places, by name and title."""
    return _rows(connection, _SITES, listed(places))


def _rows(connection: sqlite3.Connection, select: str, *values: object) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(select, values).fetchall()

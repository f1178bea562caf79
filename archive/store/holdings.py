"""The contents of the archive as rows: works, and their numbers by place and year."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from archive.known.fields import named
from archive.store.lists import listed
from archive.store.rows import row, rows, stream

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

_FACTS: Final = ", ".join(f"works.{name}" for name in named(lambda field: field.of_work))

_WORKS: Final = f"""
SELECT works.name AS work, works.report_year, works.kind, works.stage, {_FACTS},
  works.state, works.quality, works.completeness, works.hijacked_copies, works.unfit,
  (SELECT count(*) FROM witnesses WHERE work_id = works.id) AS witnesses
FROM works WHERE {{}} ORDER BY works.place_key, works.report_year, works.name
"""  # noqa: S608  (names of ours)

_SOME_WORKS: Final = f"""
SELECT works.name, works.plain, works.report_year, works.kind, works.stage, {_FACTS}, works.state,
  works.quality, works.completeness, works.hijacked_copies, works.unfit,
  (SELECT count(*) FROM witnesses WHERE work_id = works.id) AS witnesses
FROM works ORDER BY works.place_key, works.report_year, works.name LIMIT ? OFFSET ?
"""  # noqa: S608  (names of ours)

_CENSUS: Final = """
SELECT place_key, report_year, count(*) FROM works
WHERE report_year NOT NULL AND (? OR place_key LIKE '__0000' OR substr(place_key, 1, 2) = ?)
GROUP BY place_key, report_year
"""

_FOLDED: Final = """
SELECT substr(place_key, 1, 2) || '0000', report_year, count(*) FROM works
WHERE report_year NOT NULL AND place_key NOT LIKE '__0000' AND substr(place_key, 1, 2) <> ?
GROUP BY 1, 2
"""

_TOTALS: Final = """
SELECT count(*) AS works, count(DISTINCT place_key) AS places,
  (SELECT count(*) FROM (SELECT DISTINCT place_key, report_year FROM works)) AS cells FROM works
"""

_NEWEST: Final = """
SELECT works.*, max(texts.id) AS newest, max(texts.created_at) AS at
FROM (SELECT id, created_at FROM texts ORDER BY id DESC LIMIT 200) AS texts
JOIN witness_texts ON witness_texts.text_id = texts.id
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id
GROUP BY works.id ORDER BY newest DESC LIMIT ?
"""

Census = tuple[str, int, int]
"""Place key, report year, number of works."""


def holdings(
    connection: sqlite3.Connection, places: Sequence[str] | None = None
) -> list[sqlite3.Row]:
    """Return the works with the number of copies and the length of the best one, by place and year.

    Args:
        connection: the connection of the archive.
        places: keys of places; all if None.
    """
    if places is None:
        return rows(connection, _HOLDINGS.format("1"))
    where = "works.place_key IN (SELECT value FROM json_each(?))"
    return rows(connection, _HOLDINGS.format(where), listed(places))


def works(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield the works with the number of their witnesses, by place and year."""
    return stream(connection, _WORKS.format("1"))


def work(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return one existing work, as `works` yields it."""
    return next(stream(connection, _WORKS.format("works.name = ?"), name))


def some_works(connection: sqlite3.Connection, most: int, skipped: int) -> list[sqlite3.Row]:
    """Return some of the works by place and year, with names and condition."""
    return rows(connection, _SOME_WORKS, most, skipped)


def work_row(connection: sqlite3.Connection, work_id: int) -> sqlite3.Row:
    """Return the whole row of an existing work."""
    return rows(connection, "SELECT * FROM works WHERE id = ?", work_id)[0]


def first_work(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """Return any work as an example; None if there are none."""
    return row(connection, "SELECT * FROM works ORDER BY id LIMIT 1")


def undated(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return works of unknown year."""
    return rows(connection, "SELECT * FROM works WHERE report_year IS NULL LIMIT ?", most)


def newest(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return the works of the newest texts."""
    return rows(connection, _NEWEST, most)


def totals(connection: sqlite3.Connection) -> sqlite3.Row:
    """Return the number of works, of places, and of places with a year (`cells`)."""
    return rows(connection, _TOTALS)[0]


def census(connection: sqlite3.Connection, province: str | None) -> list[Census]:
    """Return the number of works of each place and year.

    Args:
        connection: the connection of the archive.
        province: two digits: only its places, and provinces; all places if None.
    """
    return _census(rows(connection, _CENSUS, province is None, province))


def census_of_provinces(connection: sqlite3.Connection, without: str) -> list[Census]:
    """Return the number of works by year below each province, except the given one."""
    return _census(rows(connection, _FOLDED, without))


def _census(found: Sequence[sqlite3.Row]) -> list[Census]:
    return [(str(code), int(year), int(works)) for code, year, works in found]

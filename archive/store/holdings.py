"""The contents of the archive as rows: works, and their numbers by place and year."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from archive.known.fields import named
from archive.known.kinds import REPORT
from archive.store.bodies import Narrowed
from archive.store.lists import listed
from archive.store.rows import column, row, rows, stream

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

_IN_PLACES: Final = "works.place_key IN (SELECT value FROM json_each(?))"

_FACTS: Final = ", ".join(f"works.{name}" for name in named(lambda field: field.of_work))

_WORKS: Final = f"""
SELECT works.name AS work, works.report_year, works.kind, works.stage, {_FACTS},
  works.state, works.quality, works.completeness, works.hijacked_copies, works.unfit,
  (SELECT count(*) FROM witnesses WHERE work_id = works.id) AS witnesses
FROM works WHERE {{}} ORDER BY works.place_key, works.report_year, works.name
"""  # noqa: S608  (names of ours)

_LISTED: Final = f"""
SELECT works.name, works.plain, works.report_year, works.kind, works.stage, {_FACTS}, works.state,
  works.quality, works.completeness, works.hijacked_copies, works.unfit, works.body_chars,
  (SELECT count(*) FROM witnesses WHERE work_id = works.id) AS witnesses
FROM works WHERE works.id IN (
  SELECT id FROM works WHERE 1 {{0}} ORDER BY place_key, report_year, name LIMIT ? OFFSET ?)
ORDER BY works.place_key, works.report_year, works.name
"""  # noqa: S608  (names of ours; values are bound)

_PLACES: Final = "SELECT DISTINCT place_key FROM works WHERE 1 {} ORDER BY 1"

_STAGES: Final = """
SELECT DISTINCT place_key, report_year, stage FROM works WHERE kind = ? AND {}
"""

# two statements in one: SQLite then looks at both ends of the index, and reads nothing between
_YEARS: Final = """
SELECT (SELECT min(report_year) FROM works WHERE {0}),
  (SELECT max(report_year) FROM works WHERE {0})
"""

_CENSUS: Final = """
SELECT place_key, report_year, count(*) FROM works
WHERE report_year NOT NULL AND {} GROUP BY place_key, report_year
"""

_OF_PROVINCE: Final = """
(place_key IN (SELECT place_key FROM census_places WHERE place_key LIKE '__0000')
  OR (length(?1) = 2 AND place_key >= ?1 AND place_key < ?1 || ':'))
"""  # a colon follows the digits

_FOLDED: Final = """
SELECT province || '0000', report_year, works FROM census_provinces WHERE province <> ?
"""

_STATES: Final = f"""
SELECT place_key, place, report_year, state, unfit, hijacked_copies FROM works
WHERE kind = '{REPORT}' AND stage = 'final' AND report_year NOT NULL AND {_IN_PLACES}
ORDER BY place_key, report_year, name
"""  # noqa: S608  (ours)

_STATE_OF_COLLATION: Final = """
SELECT (SELECT group_concat(rows || ' ' || sum) FROM (
    SELECT rows, sum FROM row_sums WHERE name IN ('readings', 'witnesses', 'works') ORDER BY name)),
  (SELECT max(id) FROM texts), (SELECT count(*) FROM text_rulesets),
  (SELECT ruleset_id FROM current_ruleset)
"""

_TOTALS: Final = """
SELECT coalesce(sum(works), 0) AS works, count(*) AS places, coalesce(sum(cells), 0) AS cells
FROM census_places
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


class PlaceTally(NamedTuple):
    """What a place has: works, and years with a final work report."""

    place_key: str
    works: int
    reported: int


class ReportState(NamedTuple):
    """The condition of a final report of a known year."""

    place_key: str
    place: str
    report_year: int
    state: str
    unfit: str
    hijacked_copies: int


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
    return rows(connection, _HOLDINGS.format(_IN_PLACES), listed(places))


def works(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield the works with the number of their witnesses, by place and year."""
    return stream(connection, _WORKS.format("1"))


def work(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return one existing work, as `works` yields it."""
    return next(stream(connection, _WORKS.format("works.name = ?"), name))


def listed_works(
    connection: sqlite3.Connection, narrowed: Narrowed, most: int, skipped: int
) -> list[sqlite3.Row]:
    """Return some of the works that a filter accepts, by place and year."""
    select = _LISTED.format(narrowed.where)
    return rows(connection, select, *narrowed.values, most, skipped)


def places(connection: sqlite3.Connection, narrowed: Narrowed) -> list[str]:
    """Return the keys of the places whose works a filter accepts, in order."""
    if narrowed == Narrowed():
        return [tally.place_key for tally in tallies(connection)]
    return column(connection, _PLACES.format(narrowed.where), *narrowed.values)


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


def states(connection: sqlite3.Connection, places: Sequence[str]) -> list[ReportState]:
    """Return the condition of the final reports of some places, by place and year."""
    return [ReportState(*found) for found in rows(connection, _STATES, listed(places))]


def state_of_collation(connection: sqlite3.Connection) -> tuple[Any, ...]:
    """Return what changes whenever texts, works, copies or their differences do."""
    return tuple(rows(connection, _STATE_OF_COLLATION)[0])


def totals(connection: sqlite3.Connection) -> sqlite3.Row:
    """Return the number of works, of places, and of places with a year (`cells`)."""
    return rows(connection, _TOTALS)[0]


def stages(
    connection: sqlite3.Connection, kind: str, places: Sequence[str] | None
) -> list[tuple[str, int | None, str]]:
    """Return the stages of the works of a kind by place and year; of all places if None."""
    if places is None:
        found = rows(connection, _STAGES.format("1"), kind)
    else:
        found = rows(connection, _STAGES.format(_IN_PLACES), kind, listed(places))
    return [(row["place_key"], row["report_year"], row["stage"]) for row in found]


def years(connection: sqlite3.Connection, kind: str | None = None) -> range:
    """Return the years from the first to the last with a work, optionally of one kind."""
    if kind is None:
        first, last = rows(connection, _YEARS.format("1"))[0]
    else:
        first, last = rows(connection, _YEARS.format("kind = ?1"), kind)[0]
    return range(0) if first is None else range(first, last + 1)


def tallies(connection: sqlite3.Connection) -> list[PlaceTally]:
    """Return what each place has, in order."""
    found = rows(connection, "SELECT place_key, works, reported FROM census_places ORDER BY 1")
    return [PlaceTally(*row) for row in found]


def census(connection: sqlite3.Connection, province: str | None) -> list[Census]:
    """Return the number of works of each place and year.

    Args:
        connection: the connection of the archive.
        province: two digits: only its places, and provinces; all places if None.
    """
    if province is None:
        return _census(rows(connection, _CENSUS.format("1")))
    return _census(rows(connection, _CENSUS.format(_OF_PROVINCE), province))


def census_of_provinces(connection: sqlite3.Connection, without: str) -> list[Census]:
    """Return the number of works by year below each province, except the given one."""
    return _census(rows(connection, _FOLDED, without))


def _census(found: Sequence[sqlite3.Row]) -> list[Census]:
    return [(str(code), int(year), int(works)) for code, year, works in found]

"""The census: works counted by place and by province, so that pages need not read all works.

Triggers on `works` keep it, in the transaction that changes a work, whatever changes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from archive.known.kinds import REPORT

_IS_REPORT: Final = f"{{0}}.kind = '{REPORT}' AND {{0}}.stage = 'final'"
_IS_BELOW: Final = "{0}.report_year IS NOT NULL AND {0}.place_key NOT LIKE '__0000'"
"""Whether a work is dated and of a place that is no province."""

_COUNTED: Final = {
    "census_places": """
SELECT place_key, count(*), count(DISTINCT coalesce(report_year, 0)),
  count(DISTINCT report_year) FILTER (WHERE {})
FROM works GROUP BY place_key
""".format(_IS_REPORT.format("works")),
    "census_provinces": """
SELECT substr(place_key, 1, 2), report_year, count(*) FROM works WHERE {} GROUP BY 1, 2
""".format(_IS_BELOW.format("works")),
}
"""Table → the rows that it must have."""

TABLES: Final = tuple(_COUNTED)

_DIFFERING: Final = """
SELECT * FROM (SELECT * FROM {0} EXCEPT {1})
UNION ALL SELECT * FROM ({1} EXCEPT SELECT * FROM {0}) ORDER BY 1, 2
"""

_ALONE: Final = """
NOT EXISTS (SELECT 1 FROM works AS other WHERE other.place_key = {0}.place_key
  AND other.report_year IS {0}.report_year AND other.id <> {0}.id{1})
"""

_COUNT_PLACE: Final = """
INSERT INTO census_places VALUES ({row}.place_key, {by}, {by} * ({first}), {by} * ({counted}))
ON CONFLICT (place_key) DO UPDATE SET works = works + excluded.works,
  cells = cells + excluded.cells, reported = reported + excluded.reported;
"""
_COUNT_PROVINCE: Final = """
INSERT INTO census_provinces SELECT substr({row}.place_key, 1, 2), {row}.report_year, {by}
WHERE {is_below}
ON CONFLICT (province, report_year) DO UPDATE SET works = works + excluded.works;
"""
_FORGET: Final = """
DELETE FROM census_places WHERE place_key = {row}.place_key AND works = 0;
DELETE FROM census_provinces WHERE province = substr({row}.place_key, 1, 2)
  AND report_year = {row}.report_year AND works = 0;
"""

_MOVED: Final = " OR ".join(
    f"OLD.{column} IS NOT NEW.{column}" for column in ("place_key", "report_year", "kind", "stage")
)
_EVENTS: Final = {
    "INSERT": ("", {"NEW": 1}),
    "DELETE": ("", {"OLD": -1}),
    "UPDATE": (f" WHEN {_MOVED}", {"OLD": -1, "NEW": 1}),
}


def triggers() -> Iterator[tuple[str, str]]:
    """Yield name and SQL of the triggers that keep the census."""
    for event, (when, rows) in _EVENTS.items():
        name = f"works_census_{event.lower()}"
        body = "".join(_change(row, by) for row, by in rows.items())
        yield name, f"CREATE TRIGGER {name} AFTER {event} ON works{when} BEGIN {body} END"


def _change(row: str, by: int) -> str:
    """Return the statements that add a work to the census, or take it away (`by` is 1 or -1).

    They run after the work was changed: the other works decide whether it is the first of its year.
    """
    is_report = _IS_REPORT.format(row)
    first_report = _ALONE.format(row, f" AND {_IS_REPORT.format('other')}")
    values = {
        "row": row, "by": by, "first": _ALONE.format(row, ""), "is_below": _IS_BELOW.format(row),
        "counted": f"{row}.report_year IS NOT NULL AND {is_report} AND {first_report}",
    }  # fmt: skip
    change = _COUNT_PLACE + _COUNT_PROVINCE + (_FORGET if by < 0 else "")
    return change.format(**values)


TRIGGERS: Final = frozenset(name for name, _ in triggers())
"""The names of the triggers."""


def renew(connection: sqlite3.Connection) -> None:
    """Count all works again, within the caller's transaction."""
    for table, counted in _COUNTED.items():
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  (ours)
        connection.execute(f"INSERT INTO {table} {counted}")


def differing(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield table and row where the census and a new count of the works differ."""
    for table, counted in _COUNTED.items():
        for row in connection.execute(_DIFFERING.format(table, counted)):
            yield " ".join(map(str, (table, *row)))

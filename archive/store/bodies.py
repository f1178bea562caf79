"""The bodies of reports whose words are counted (the view `countable`), and their lengths."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from archive.known.characters import written_forms
from archive.known.kinds import REPORT
from archive.store import edition_passages
from archive.store.indexing import TEXT_DOCUMENTS
from archive.store.lists import listed
from archive.store.rows import column, rows
from archive.store.search import Query

_COUNTABLE: Final = "SELECT id, report_year, body_han FROM countable AS works WHERE 1 {}"

_UNCOUNTED: Final = """
SELECT report_year, CASE WHEN unfit <> '' THEN unfit WHEN ? THEN 'quality' ELSE 'several' END,
  count(*)
FROM json_each(?) AS empty CROSS JOIN works ON works.report_year = empty.value
WHERE kind = ? AND stage = 'final' {} GROUP BY 1, 2 ORDER BY 1, 3 DESC
"""
_PLACES: Final = """
SELECT DISTINCT place_key FROM works WHERE id IN (SELECT value FROM json_each(?))
"""

_CANDIDATES: Final = f"""
SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid < {TEXT_DOCUMENTS}
"""  # noqa: S608  (a number of ours)

_CORPUS: Final = """
SELECT name, rows, sum FROM row_sums WHERE name = 'editions' OR name = 'works' ORDER BY name
"""

_MOST_FORMS: Final = 6
"""The most spellings of a term searched in each passage; with more, all passages are read."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A filter over works; empty fields accept everything.

    `place` is a part of a name, or the first digits of a code. `quality` is `clean` (or repaired),
    or `complete`, which is whole as well.
    """

    level: str = ""
    place: str = ""
    first_year: int | None = None
    last_year: int | None = None
    quality: str = ""

    @property
    def where(self) -> str:
        """The conditions on columns of `works`, each after an AND."""
        conditions = [condition for _, condition in self._given()]
        if self.quality:
            conditions.append("works.quality IN ('clean', 'repaired')")
        if self.quality == "complete":
            conditions.append("works.completeness = 'complete'")
        return "".join(f" AND {condition}" for condition in conditions)

    @property
    def values(self) -> tuple[str | int, ...]:
        """The values of the conditions."""
        return tuple(value for value, _ in self._given())

    def _given(self) -> list[tuple[str | int, str]]:
        place, of_place = self.place, "instr(works.place, ?)"
        if place.isdecimal():
            place, of_place = place.rstrip("0") or place, "works.place_key LIKE ? || '%'"
        asked: tuple[tuple[str | int | None, str], ...] = (
            (self.level or None, "works.level = ?"),
            (place or None, of_place),
            (self.first_year, "works.report_year >= ?"),
            (self.last_year, "works.report_year <= ?"),
        )
        return [(value, condition) for value, condition in asked if value is not None]


def corpus(connection: sqlite3.Connection) -> tuple[Any, ...]:
    """Return what is another whenever the words or the condition of any report are others."""
    return tuple(map(tuple, rows(connection, _CORPUS)))


def countable(connection: sqlite3.Connection, narrowed: Narrowed) -> Iterator[tuple[int, int, int]]:
    """Yield id, report year and Han characters of the counted reports."""
    cursor = connection.cursor()
    cursor.row_factory = None
    yield from cursor.execute(_COUNTABLE.format(narrowed.where), narrowed.values)


def uncounted(
    connection: sqlite3.Connection, narrowed: Narrowed, years: Sequence[int]
) -> list[tuple[int, str, int]]:
    """Return year, reason and number of the reports of years in which none is counted.

    The reason is `works.unfit`, `quality` (refused by the filter), or `several` of a
    place and year.
    """
    anything = replace(narrowed, quality="")
    values = (bool(narrowed.quality), listed(years), REPORT, *anything.values)
    found = rows(connection, _UNCOUNTED.format(anything.where), *values)
    return [(year, reason, works) for year, reason, works in found]


def places_of(connection: sqlite3.Connection, works: Collection[int]) -> list[str]:
    """Return the keys of the places of some works."""
    return column(connection, _PLACES, listed(works))


def candidates(connection: sqlite3.Connection, term: str) -> list[int]:
    """Return the ids of the works that may contain a term, in order."""
    return column(connection, _CANDIDATES, Query((term,)).match)


def passages_with(connection: sqlite3.Connection, term: str, work_id: int) -> Iterator[str]:
    """Yield the words of the body passages of a work that may contain a term."""
    having = _having(term)
    for passage in edition_passages.of_work(connection, work_id):
        if passage.part == "body" and having.search(passage.text):
            yield passage.text


@lru_cache(maxsize=64)
def _having(term: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, written_forms(term, _MOST_FORMS))), re.IGNORECASE)

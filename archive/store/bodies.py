"""The bodies of reports whose words are counted (the view `countable`), and their lengths."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.known.characters import written_forms
from archive.store import edition_passages
from archive.store.search import Query

_LENGTHS: Final = """
SELECT report_year, count(*), sum(body_han) FROM countable AS works
WHERE 1 {} GROUP BY report_year ORDER BY report_year
"""

_CANDIDATES: Final = """
SELECT works.report_year, works.id FROM search_index
JOIN countable AS works ON works.id = search_index.rowid
WHERE search_index MATCH ? {} ORDER BY works.id
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


def lengths(connection: sqlite3.Connection, narrowed: Narrowed) -> list[tuple[int, int, int]]:
    """Return the number of counted reports and their Han characters by report year."""
    rows = connection.cursor()
    rows.row_factory = None
    return rows.execute(_LENGTHS.format(narrowed.where), narrowed.values).fetchall()


def passages_with(
    connection: sqlite3.Connection, term: str, narrowed: Narrowed
) -> Iterator[tuple[int, int, str]]:
    """Report year, work and words of every body passage that may hold a term."""
    rows = connection.cursor()
    rows.row_factory = None
    values = (Query((term,)).match, *narrowed.values)
    having = re.compile("|".join(map(re.escape, written_forms(term, _MOST_FORMS))), re.IGNORECASE)
    for year, work_id in rows.execute(_CANDIDATES.format(narrowed.where), values).fetchall():
        for passage in edition_passages.of_work(connection, work_id):
            if passage.part == "body" and having.search(passage.text):
                yield year, work_id, passage.text

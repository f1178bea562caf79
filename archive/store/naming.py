"""Resolves names of works: to one, or to all of a place and year that it does not distinguish.

A valid name stays valid: `440303-2021` matches every report of that place and year,
`440303-2021/10-17` the one of that day, even while it is the only one and is called `440303-2021`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from archive.collate.names import Signs
from archive.store.lists import listed
from archive.store.rows import column, rows

_COLUMNS: Final = "id, name, plain, delivered_on, session, title FROM works"
_NAMED: Final = f"SELECT {_COLUMNS} WHERE name = ?"
_PLAIN: Final = f"SELECT {_COLUMNS} WHERE plain = ? ORDER BY name"
_DIGESTS: Final = """
SELECT DISTINCT texts.clean_sha256 FROM witnesses
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
JOIN texts ON texts.id = witness_texts.text_id WHERE witnesses.work_id = ?
"""

_OF_PLACES: Final = """
SELECT name, plain, place_key, place, report_year, kind, stage FROM works
WHERE place_key IN (SELECT value FROM json_each(?)) ORDER BY place_key, report_year, name
"""
_PLACES: Final = """
SELECT place_key, (SELECT place FROM works WHERE works.place_key = census_places.place_key
  ORDER BY report_year DESC LIMIT 1)
FROM census_places ORDER BY place_key
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A work that matches a name, and what distinguishes it from others of its place and year."""

    id: int
    name: str
    plain: str
    delivered_on: str | None
    session: str | None
    title: str | None

    def __str__(self) -> str:
        """Return the name, with the day or session if the report prints one."""
        about = self.delivered_on or self.session
        return f"{self.name} ({about})" if about else self.name


def works_asked(connection: sqlite3.Connection, asked: str) -> list[Named]:
    """Return the works that match a name, ordered by name; may be empty."""
    found = _named(connection, _NAMED, asked) or _named(connection, _PLAIN, asked)
    if found:
        return found
    plain, _, suffix = asked.rpartition("/")
    several = _named(connection, _PLAIN, plain)
    return [work for work in several if _answers(connection, work, suffix)]


def shared_names(connection: sqlite3.Connection) -> list[str]:
    """Return the names that match more than one work."""
    return column(connection, "SELECT plain FROM works GROUP BY plain HAVING count(*) > 1")


def _named(connection: sqlite3.Connection, select: str, name: str) -> list[Named]:
    return [Named(*row) for row in connection.cursor().execute(select, (name,))]


def _answers(connection: sqlite3.Connection, work: Named, suffix: str) -> bool:
    return any(signs.answer_to(suffix) for signs in _signs(connection, work))


def _signs(connection: sqlite3.Connection, work: Named) -> Iterator[Signs]:
    """Return what distinguishes the work, for each of its texts, any of which may have named it."""
    found: Any = connection.execute(_DIGESTS, (work.id,))
    for (digest,) in found:
        yield Signs(work.delivered_on, work.session, digest, work.title)


def work_address(name: str) -> str:
    """Return the path of a work's page: `210300-2023/draft` is at `r/210300/2023/draft`."""
    return "r/" + quote(name.replace("-", "/", 1))


class ListedWork(NamedTuple):
    """A work with what people call it by."""

    name: str
    plain: str
    place_key: str
    place: str
    report_year: int | None
    kind: str
    stage: str


def works_of_places(connection: sqlite3.Connection, places: Iterable[str]) -> list[ListedWork]:
    """Return the works of places with these keys, by place and year."""
    return [ListedWork(*row) for row in rows(connection, _OF_PLACES, listed(places))]


def places_with_works(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the key and the newest name of every place that has a work."""
    return [(key, place or key) for key, place in rows(connection, _PLACES)]

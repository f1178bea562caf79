"""Lists: reports, gaps, and texts without a report; as a page, as JSON and as CSV.

All three read the same rows with the same filters. Each part of a list says where the next begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from archive.browse.api import ROWS_A_PAGE as ROWS_OF_API
from archive.browse.api import json_answer, listing_answer, page_of
from archive.browse.datasette_tables import work_address
from archive.browse.finding import LARGEST, QUALITIES, Filters, number
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked
from archive.catalogue.coverage import COLUMNS, GAP, REASONS, coverage_of, some_coverage
from archive.model import LEVELS
from archive.store import holdings
from archive.store.unassigned import REASONS as UNASSIGNED
from archive.store.unassigned import unassigned

ROWS_A_PAGE: Final = 100
ROWS_A_PIECE: Final = 2_000
"""Rows of CSV made at a time."""

PLACES_AT_ONCE: Final = 25
ROWS_A_PLACE: Final = 20
"""The least rows to expect of a place in a large archive."""

PLACES_AT_MOST: Final = 120
"""Places looked at for one part of a list, even if none of their gaps has the chosen reason."""

TEXTS_AT_ONCE: Final = 500
TEXTS_AT_MOST: Final = 2_000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListPart:
    """Some rows of a list, and where the next part begins; None if there is none."""

    rows: list[Row]
    following: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list.

    Args:
        name: its name in URLs and labels.
        columns: the columns of its CSV.
        shown: the columns of its page.
        filters: the filters it has, besides level, place and years.
        read: returns the rows from a place in the list on, about so many.
    """

    name: str
    columns: tuple[str, ...]
    shown: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    read: Callable[[Asked, int, int], ListPart]
    by_place: bool = True

    def page(self, asked: Asked) -> Answer:
        """Return the list as a page."""
        part = self.read(asked, _from(asked), ROWS_A_PAGE)
        return asked.page(
            "list.html",
            listing=self,
            filters=Filters.of(asked.arguments),
            levels=LEVELS,
            part=part,
            address=work_address,
            data={k: v for k, v in asked.arguments.items() if k not in ("after", "lang")},
        )

    def json(self, asked: Asked) -> Answer:
        """Return a part of the list as JSON, with the URL of the next."""
        part = self.read(asked, _from(asked), ROWS_A_PAGE)
        more = part.following is not None
        following = asked.origin + asked.here(after=part.following) if more else None
        return json_answer({self.name: [self._cells(row) for row in part.rows], "next": following})

    def csv(self, asked: Asked) -> Answer:
        """Return a piece of the list as CSV."""
        part = self.read(asked, asked.begins or 0, ROWS_A_PIECE)
        rows = (list(self._cells(row).values()) for row in part.rows)
        return csv_file(
            f"{self.name}.csv", self.columns, rows, is_first=asked.begins is None,
            following=part.following,
        )  # fmt: skip

    def _cells(self, row: Row) -> dict[str, Any]:
        return {name: row[name] for name in self.columns}


def _from(asked: Asked) -> int:
    return number(asked.arguments.get("after")) or 0


def _works(asked: Asked, begins: int, most: int) -> ListPart:
    narrowed = Filters.of(asked.arguments).of_works()
    found = holdings.listed_works(asked.connection, narrowed, most + 1, begins)
    following = begins + most if len(found) > most else None
    return ListPart([dict(row) for row in found[:most]], following)


def _coverage(asked: Asked, begins: int, most: int) -> ListPart:
    return _by_place(asked, begins, most, only_gaps=False)


def _gaps(asked: Asked, begins: int, most: int) -> ListPart:
    return _by_place(asked, begins, most, only_gaps=True)


def _by_place(asked: Asked, begins: int, most: int, *, only_gaps: bool) -> ListPart:
    """Read coverage place by place; `begins` counts places."""
    connection, filters = asked.connection, Filters.of(asked.arguments)
    reason = asked.arguments.get("reason")
    every = holdings.years(connection)
    first = max(every.start, filters.first_year or every.start)
    years = range(first, min(every.stop, (filters.last_year or every.stop) + 1))
    places = holdings.places(connection, filters.of_places())
    at, stop, rows = begins, min(len(places), begins + PLACES_AT_MOST), list[Row]()
    while at < stop and len(rows) < most:
        some = places[at : min(stop, at + max(PLACES_AT_ONCE, most // ROWS_A_PLACE))]
        rows += [
            cell.as_json()
            for cell in coverage_of(connection, some, years)
            if (not only_gaps or cell.state == GAP) and reason in (None, "", cell.reason)
        ]
        at += len(some)
    return ListPart(rows, at if at < len(places) else None)


def _unassigned(asked: Asked, begins: int, most: int) -> ListPart:
    """Read texts, the newest first; `begins` is the number of the last text that was read."""
    reason, before = asked.arguments.get("reason"), begins or LARGEST
    rows = list[Row]()
    for looked, text in enumerate(_texts(asked, before), 1):
        if reason in (None, "", text["reason"]):
            rows.append(text)
        before = text["text_id"]
        if len(rows) >= most or looked >= TEXTS_AT_MOST:
            return ListPart(rows, before)
    return ListPart(rows)


def _texts(asked: Asked, before: int) -> Iterator[Row]:
    while True:
        found = list(unassigned(asked.connection, most=TEXTS_AT_ONCE, before=before))
        yield from map(asdict, found)
        if len(found) < TEXTS_AT_ONCE:
            return
        before = found[-1].text_id


WORKS: Final = Listing(
    name="works",
    columns=(
        "name", "place", "place_code", "level", "report_year", "kind", "stage", "title", "state",
        "quality", "completeness", "witnesses", "hijacked_copies", "body_chars", "unfit",
    ),
    shown=("work", "kind", "state", "witnesses", "hijacked_copies", "body_chars"),
    filters={"quality": QUALITIES},
    read=_works,
)  # fmt: skip
COVERAGE: Final = Listing(
    name="coverage", columns=COLUMNS, shown=(), filters={}, read=_coverage
)  # fmt: skip
GAPS: Final = Listing(
    name="gaps",
    columns=("place_code", "place", "level", "report_year", "reason", "detail", "within"),
    shown=("gap", "reason"),
    filters={"reason": tuple(REASONS)},
    read=_gaps,
)
LOOSE: Final = Listing(
    name="unassigned",
    columns=(
        "text_id", "title", "url", "kind", "place_key", "report_year", "shape", "chars",
        "page_verdict", "reason", "detail",
    ),
    shown=("text", "kind", "report_year", "chars", "reason"),
    filters={"reason": tuple(UNASSIGNED)},
    read=_unassigned,
    by_place=False,
)  # fmt: skip


def coverage_json(asked: Asked) -> Answer:
    """`/api/coverage?page=N`: every report that is present or missing, with its reason.

    With a filter it goes on by place (`after`): the pages of a choice cannot be counted at once.
    """
    if not {"level", "place", "from", "to", "reason", "after"}.isdisjoint(asked.arguments):
        return COVERAGE.json(asked)
    page = page_of(asked)
    cells = some_coverage(asked.connection, ROWS_OF_API + 1, (page - 1) * ROWS_OF_API)
    return listing_answer(asked, "coverage", [cell.as_json() for cell in cells], page)

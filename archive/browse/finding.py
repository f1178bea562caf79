"""The search page: filters, order, hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from archive.browse.datasette_tables import work_address
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked
from archive.catalogue.finding import Found, Hit, find_documents, find_removed
from archive.model import LEVELS
from archive.store.bodies import Narrowed
from archive.store.hits import ORDERS, has_index
from archive.store.search import Query

RESULTS_A_PAGE: Final = 20
RESULTS_A_PIECE: Final = 100
"""Results of the CSV that are read at a time."""

COLUMNS: Final = (
    "name", "place", "place_code", "report_year", "kind", "stage", "state", "text_id", "hits",
    "chars", "per_10000", "words_around",
)  # fmt: skip

LONGEST_QUERY: Final = 200
"""The most characters of a query; longer input is a text."""

LARGEST: Final = 10**12
"""The largest accepted number of a page, year or text; SQLite counts to about ten million times
it."""

SCOPES: Final = ("reports", "all", "removed")
QUALITIES: Final = ("clean", "complete")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a search; every value comes from the URL and is checked here."""

    query: Query
    typed: str
    scope: str
    order: str
    level: str
    quality: str
    place: str
    first_year: int | None
    last_year: int | None
    page: int

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Filters:
        """Return the filters of a URL; invalid ones are ignored."""
        typed = arguments.get("q", "").strip()[:LONGEST_QUERY]
        return cls(
            query=Query.parse(typed),
            typed=typed,
            scope=_one_of(SCOPES, arguments.get("scope")),
            order=_one_of(tuple(ORDERS), arguments.get("sort")),
            level=_one_of(("", *LEVELS), arguments.get("level")),
            quality=_one_of(("", *QUALITIES), arguments.get("quality")),
            place=arguments.get("place", "").strip()[:40],
            first_year=number(arguments.get("from")),
            last_year=number(arguments.get("to")),
            page=max(1, number(arguments.get("page")) or 1),
        )

    @property
    def feed(self) -> dict[str, Any]:
        """The arguments of the feed of new reports that this search would find."""
        return {
            "q": self.typed, "level": self.level, "place": self.place, "from": self.first_year,
            "to": self.last_year, "quality": self.quality,
        }  # fmt: skip

    def of_works(self) -> Narrowed:
        """Return which works are searched."""
        return Narrowed(self.level, self.place, self.first_year, self.last_year, self.quality)

    def of_places(self) -> Narrowed:
        """Return which places are listed: those with any report of this level, here."""
        return Narrowed(level=self.level, place=self.place)


def find_page(asked: Asked) -> Answer:
    """`/find?q=…`."""
    filters = Filters.of(asked.arguments)
    found = hits_of(asked, filters)
    return asked.page(
        "find.html",
        filters=filters,
        hits=found.hits,
        address_of=address_of,
        total=found.total,
        is_exact=found.is_exact,
        pages=-(-found.total // RESULTS_A_PAGE),
        choices={
            "scope": SCOPES, "sort": tuple(ORDERS), "level": LEVELS, "quality": QUALITIES,
        },
        has_index=any(map(has_index, asked.connections.values())),
    )  # fmt: skip


def number(words: str | None) -> int | None:
    """Parse a whole number from a URL, at most `LARGEST`; None if it is invalid."""
    if not words or not words.isascii() or not words.isdecimal():
        return None
    return int(words) if len(words) < len(str(LARGEST)) else LARGEST


def find_csv(asked: Asked) -> Answer:
    """`/find.csv?q=…`: the results, one on each line, with the words around the first hit."""
    filters, begins = Filters.of(asked.arguments), asked.begins or 0
    found = hits_of(asked, filters, most=RESULTS_A_PIECE, skipped=begins)
    end = begins + RESULTS_A_PIECE
    also = ("archive",) if asked.of_folder else ()
    return csv_file(
        "find.csv",
        (*COLUMNS, *also),
        (
            [*map(hit.row.get, COLUMNS[:8]), *_measured(hit), *map(hit.row.get, also)]
            for hit in found.hits
        ),
        is_first=asked.begins is None,
        following=end if end < found.total else None,
    )


def _measured(hit: Hit) -> list[Any]:
    return [hit.hits, hit.chars, f"{hit.per_10_000:.4f}", hit.around]


def hits_of(
    asked: Asked, filters: Filters, *, most: int = RESULTS_A_PAGE, skipped: int | None = None
) -> Found:
    """Return some hits: those of the page that the filters name, unless told which."""
    begins = (filters.page - 1) * most if skipped is None else skipped
    if filters.scope == "removed":
        return find_removed(asked.readable, filters.query, most=most, skipped=begins)
    return find_documents(
        asked.readable, filters.query, filters.of_works(),
        reports_only=filters.scope == "reports", order=filters.order, most=most, skipped=begins,
    )  # fmt: skip


def _one_of(allowed: Sequence[str], given: str | None) -> str:
    return given if given in allowed and given is not None else allowed[0]


def address_of(row: Mapping[str, Any]) -> str:
    """Return the path of a result, without the base URL: of its work or its text.

    If it is from a folder of archives, the path begins with the archive's name.
    """
    path = work_address(row["name"]) if row["name"] else f"text/{row['text_id']}"
    return f"{quote(row['archive'])}/{path}" if row.get("archive") else path

"""The search page: filters, order, hits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.browse.datasette_tables import work_address
from archive.browse.web import Answer, Asked
from archive.catalogue.finding import Found, find_documents, find_removed
from archive.model import LEVELS
from archive.store.bodies import Narrowed
from archive.store.hits import ORDERS, has_index
from archive.store.search import Query

RESULTS_A_PAGE: Final = 20
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


def find_page(asked: Asked) -> Answer:
    """`/find?q=…`."""
    filters = Filters.of(asked.arguments)
    found = _removed(asked, filters) if filters.scope == "removed" else found_hits(asked, filters)
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
        has_index=has_index(asked.connection),
    )  # fmt: skip


def number(words: str | None) -> int | None:
    """Parse a whole number from a URL, at most `LARGEST`; None if it is invalid."""
    if not words or not words.isascii() or not words.isdecimal():
        return None
    return int(words) if len(words) < len(str(LARGEST)) else LARGEST


def found_hits(asked: Asked, filters: Filters) -> Found:
    """One page of hits in reports and texts."""
    return find_documents(
        asked.connection, filters.query, filters.of_works(),
        reports_only=filters.scope == "reports", order=filters.order, most=RESULTS_A_PAGE,
        skipped=(filters.page - 1) * RESULTS_A_PAGE,
    )  # fmt: skip


def _removed(asked: Asked, filters: Filters) -> Found:
    """The same in what was removed."""
    skipped = (filters.page - 1) * RESULTS_A_PAGE
    return find_removed(asked.connection, filters.query, most=RESULTS_A_PAGE, skipped=skipped)


def _one_of(allowed: Sequence[str], given: str | None) -> str:
    return given if given in allowed and given is not None else allowed[0]


def address_of(row: Mapping[str, Any]) -> str:
    """Return the path of a result, without Datasette's base URL: of its work or its text."""
    return work_address(row["name"]) if row["name"] else f"text/{row['text_id']}"

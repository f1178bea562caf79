"""Search: exact Chinese, snippets from the original words, filters and order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.browse.datasette_tables import work_address
from archive.browse.web import Answer, Asked
from archive.known.characters import to_simplified
from archive.model import LEVELS
from archive.store.bodies import Narrowed
from archive.store.indexing import PASSAGE_END, TEXT_DOCUMENTS, passages_in, removed_words
from archive.store.search import Query

RESULTS_A_PAGE: Final = 20
SNIPPETS: Final = 3
CONTEXT_CHARS: Final = 28
LONGEST_QUERY: Final = 200
"""Characters; what is longer is no search but a text."""

LARGEST: Final = 10**12
"""Beyond it no page, year or number of a text lies; SQLite counts to about ten million times it."""

ORDERS: Final = {
    "relevance": "search_index.rank",
    "newest": "works.report_year DESC, works.place_key",
    "oldest": "works.report_year, works.place_key",
    "place": "works.place_key, works.report_year",
}
SCOPES: Final = ("reports", "all", "removed")
QUALITIES: Final = ("clean", "complete")

_FROM: Final = """
FROM search_index JOIN search_documents ON search_documents.id = search_index.rowid
JOIN texts ON texts.id = search_documents.text_id
JOIN verdicts ON verdicts.text_id = texts.id
LEFT JOIN works ON works.id = search_documents.work_id
WHERE search_index MATCH ?
"""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Words around a hit: pieces that alternate between plain and marked, and where they stand."""

    anchor: int
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: a row of the index with its hits counted in the original words."""

    row: Mapping[str, Any]
    hits: int
    chars: int
    snippets: tuple[Snippet, ...]

    @property
    def per_10_000(self) -> float:
        """Hits per 10,000 characters."""
        return 10_000 * self.hits / self.chars if self.chars else 0.0


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; every value comes from the address and is checked here."""

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
        """The filters of an address; what makes no sense there is left out."""
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

    def of_works(self) -> Narrowed:
        """The conditions on the columns of `works`."""
        place, of_place = self.place, "instr(works.place, ?)"
        if place.isdecimal():
            place, of_place = place.rstrip("0") or place, "works.place_key LIKE ? || '%'"
        asked: tuple[tuple[str | int | None, str], ...] = (
            (self.level or None, "works.level = ?"),
            (place or None, of_place),
            (self.first_year, "works.report_year >= ?"),
            (self.last_year, "works.report_year <= ?"),
        )
        given = [(value, condition) for value, condition in asked if value is not None]
        conditions = [condition for _, condition in given]
        if self.quality:
            conditions.append("works.quality IN ('clean', 'repaired')")
        if self.quality == "complete":
            conditions.append("works.completeness = 'complete'")
        return Narrowed(
            "".join(f" AND {condition}" for condition in conditions),
            tuple(value for value, _ in given),
        )

    def where(self) -> tuple[str, Sequence[Any]]:
        """Further conditions on `_FROM` and their values; texts of no report have no quality."""
        narrowed = self.of_works()
        reports = f" AND search_index.rowid < {TEXT_DOCUMENTS}" if self.scope == "reports" else ""
        return reports + narrowed.where, narrowed.values


def find_page(asked: Asked) -> Answer:
    """`/find?q=…`."""
    filters = Filters.of(asked.arguments)
    hits: Sequence[Hit] = ()
    total = 0
    if filters.query.match and filters.scope == "removed":
        hits, total = _removed(asked, filters)
    elif filters.query.match:
        hits, total = documents(asked, filters)
    return asked.page(
        "find.html",
        filters=filters,
        hits=hits,
        address_of=address_of,
        total=total,
        pages=-(-total // RESULTS_A_PAGE),
        choices={
            "scope": SCOPES, "sort": tuple(ORDERS), "level": LEVELS, "quality": QUALITIES,
        },
        has_index=bool(asked.value("SELECT EXISTS (SELECT 1 FROM search_documents)")),
    )  # fmt: skip


def passages_of(asked: Asked, document_id: int) -> list[str]:
    """The passages of a document of the index, in order."""
    return passages_in(asked.connection, document_id)


def number(words: str | None) -> int | None:
    """A whole number from an address, `LARGEST` at most; None where it is none."""
    if not words or not words.isascii() or not words.isdecimal():
        return None
    return int(words) if len(words) < len(str(LARGEST)) else LARGEST


def documents(asked: Asked, filters: Filters) -> tuple[list[Hit], int]:
    """One page of hits in reports and texts, and how many there are in all."""
    where, values = filters.where()
    match = filters.query.match
    total = asked.value(f"SELECT count(*) {_FROM} {where}", match, *values)
    rows = asked.rows(
        "SELECT search_documents.id AS document,"  # noqa: S608  (ours; what was typed is bound)
        " search_documents.text_id, works.name,"
        " works.place, works.place_code, works.report_year, works.kind, works.stage, works.title,"
        " works.state, verdicts.verdict,"
        " (SELECT value_json FROM identities WHERE identities.text_id = texts.id"
        " AND field = 'title') AS text_title"
        f" {_FROM} {where} ORDER BY {ORDERS[filters.order]}, search_index.rowid"
        " LIMIT ? OFFSET ?",
        match, *values, RESULTS_A_PAGE, (filters.page - 1) * RESULTS_A_PAGE,
    )  # fmt: skip
    return [
        _hit(dict(row), passages_of(asked, row["document"]), filters.query) for row in rows
    ], total


def _removed(asked: Asked, filters: Filters) -> tuple[list[Hit], int]:
    match = filters.query.match
    total = asked.value("SELECT count(*) FROM removed_index WHERE removed_index MATCH ?", match)
    rows = asked.rows(
        "SELECT removed_index.rowid AS text_id, verdicts.verdict, NULL AS name, NULL AS state,"
        " (SELECT value_json FROM identities WHERE identities.text_id = texts.id"
        " AND field = 'title') AS text_title"
        " FROM removed_index JOIN texts ON texts.id = removed_index.rowid"
        " JOIN verdicts ON verdicts.text_id = texts.id"
        " WHERE removed_index MATCH ? ORDER BY removed_index.rank, texts.id LIMIT ? OFFSET ?",
        match, RESULTS_A_PAGE, (filters.page - 1) * RESULTS_A_PAGE,
    )  # fmt: skip
    return [
        _hit(dict(row), removed_words(asked.connection, row["text_id"]).splitlines(), filters.query)
        for row in rows
    ], total


def _hit(row: Mapping[str, Any], passages: Sequence[str], query: Query) -> Hit:
    pattern = query.pattern
    assert pattern is not None  # noqa: S101  (a query that matched has a term)
    return Hit(
        row=row,
        hits=sum(sum(1 for _ in pattern.finditer(to_simplified(words))) for words in passages),
        chars=sum(map(len, passages)) + len(PASSAGE_END) * max(0, len(passages) - 1),
        snippets=tuple(_snippets(passages, pattern)),
    )


def _snippets(passages: Sequence[str], pattern: re.Pattern[str]) -> Iterator[Snippet]:
    """The first hits, each from another passage."""
    shown = 0
    for anchor, words in enumerate(passages, 1):
        found = pattern.search(to_simplified(words))
        if found is None:
            continue
        yield Snippet(anchor, tuple(marked(words, pattern, found)))
        shown += 1
        if shown == SNIPPETS:
            return


def marked(
    words: str, pattern: re.Pattern[str], around: re.Match[str]
) -> Iterator[tuple[str, bool]]:
    """The words around a hit, cut into pieces that are marked or not."""
    start = max(0, around.start() - CONTEXT_CHARS)
    stop = min(len(words), around.end() + 2 * CONTEXT_CHARS)
    if start:
        yield "…", False
    at = start
    for hit in pattern.finditer(to_simplified(words), start, stop):
        if hit.start() > at:
            yield words[at : hit.start()], False
        yield words[hit.start() : hit.end()], True
        at = hit.end()
    if at < stop:
        yield words[at:stop], False
    if stop < len(words):
        yield "…", False


def _one_of(allowed: Sequence[str], given: str | None) -> str:
    return given if given in allowed and given is not None else allowed[0]


def address_of(row: Mapping[str, Any]) -> str:
    """The page of a result, without Datasette's base: of its work, else of its text."""
    return work_address(row["name"]) if row["name"] else f"text/{row['text_id']}"

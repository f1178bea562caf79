"""Exact search in Chinese; each hit comes with the original words around it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from archive.known.characters import to_simplified
from archive.store.bodies import Narrowed
from archive.store.hits import count, count_removed, documents, order_key, removed
from archive.store.indexing import PASSAGE_END, passages_in, removed_words
from archive.store.search import Query
from archive.store.together import Connections, Readable, chosen, several

Row = Mapping[str, Any]

MOST_CHECKED: Final = 200
"""The most documents that are checked for one page, at about 1 ms each."""

SNIPPETS: Final = 3
CONTEXT_CHARS: Final = 28
LINE_CHARS: Final = 16
"""Characters before a hit in a list of hits; twice as many after."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Words around a hit: alternating plain and marked pieces, and their position."""

    anchor: int
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Hit:
    """One result: a row of the index with its passages, and the hits in the original words."""

    row: Mapping[str, Any]
    passages: Sequence[str]
    pattern: re.Pattern[str]

    @cached_property
    def words(self) -> str:
        """The words as in the index, one passage on each line."""
        return PASSAGE_END.join(self.passages)

    @cached_property
    def hits(self) -> int:
        """The number of occurrences of any of the terms."""
        return sum(1 for _ in self.pattern.finditer(to_simplified(self.words)))

    @property
    def chars(self) -> int:
        """The number of characters."""
        return len(self.words)

    @property
    def per_10_000(self) -> float:
        """Hits per 10,000 characters."""
        return 10_000 * self.hits / self.chars if self.chars else 0.0

    @property
    def around(self) -> str:
        """The words around the first hit, on one line."""
        first = self.pattern.search(to_simplified(self.words))
        if first is None:
            return ""
        start = max(0, first.start() - LINE_CHARS)
        return " ".join(self.words[start : first.start() + 2 * LINE_CHARS].split())

    @cached_property
    def snippets(self) -> tuple[Snippet, ...]:
        """The words around the first hits."""
        return tuple(_snippets(self.passages, self.pattern))


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits and their `total` number, which is an upper bound if not `is_exact`."""

    hits: Sequence[Hit]
    total: int
    is_exact: bool = True


def find_documents(
    archives: Readable,
    query: Query,
    narrowed: Narrowed | None = None,
    *,
    reports_only: bool = False,
    order: str = "relevance",
    most: int,
    skipped: int = 0,
) -> Found:
    """Return the reports, and texts of no report, that contain the words of a query.

    If there are more than `MOST_CHECKED` candidates, only those of the requested page are checked,
    and they are sorted with the newest first instead of by relevance.

    Args:
        archives: the archive, or several that are read as one.
        query: the query; without terms nothing is found.
        narrowed: which works to search; all if None.
        reports_only: leave out texts of no report.
        order: one of `archive.store.hits.ORDERS`.
        most: the most results to return.
        skipped: the number of results to skip.
    """
    match, which = query.match, narrowed or Narrowed()
    if not match:
        return Found((), 0)
    connections = several(archives)
    total = sum(
        count(connection, match, which, reports_only=reports_only)
        for connection in connections.values()
    )

    def of_one(connection: sqlite3.Connection, most: int, skipped: int) -> list[sqlite3.Row]:
        return documents(
            connection, match, which, reports_only=reports_only, order=order, most=most,
            skipped=skipped,
        )  # fmt: skip

    def read(most: int, skipped: int) -> list[Hit]:
        rows = _of_all(connections, of_one, order, most, skipped)
        words = (passages_in(connections[row["archive"]], row["document"]) for row in rows)
        return _checked(query, zip(rows, words, strict=True))

    by_relevance = order == "relevance"
    return _page(query, read, total, most=most, skipped=skipped, by_relevance=by_relevance)


def _of_all(
    connections: Connections,
    of_one: Callable[[sqlite3.Connection, int, int], list[sqlite3.Row]],
    order: str,
    most: int,
    skipped: int,
) -> list[dict[str, Any]]:
    """Return documents of all archives in order, each with the name of its `archive`."""
    if len(connections) == 1:
        ((name, connection),) = connections.items()
        return [{**row, "archive": name} for row in of_one(connection, most, skipped)]
    key = order_key(order)
    found = [
        sorted(({**row, "archive": name} for row in of_one(connection, most + skipped, 0)), key=key)
        for name, connection in connections.items()
    ]
    together = chosen(found, key, itemgetter("name", "archive", "place_key", "witnesses"))
    return list(islice(together, skipped, skipped + most))


def find_removed(archives: Readable, query: Query, *, most: int, skipped: int = 0) -> Found:
    """Return the texts from which words of a query were removed; those of one archive together."""
    match, connections = query.match, several(archives)
    if not match:
        return Found((), 0)
    total = sum(count_removed(connection, match) for connection in connections.values())

    def read(most: int, skipped: int) -> list[Hit]:
        first, rest = (skipped, most) if len(connections) == 1 else (0, most + skipped)
        rows = [
            {**row, "archive": name}
            for name, connection in connections.items()
            for row in removed(connection, match, rest, first)
        ]
        some = rows if len(connections) == 1 else rows[skipped : skipped + most]
        words = (removed_words(connections[row["archive"]], row["text_id"]) for row in some)
        return _checked(query, zip(some, map(str.splitlines, words), strict=True))

    return _page(query, read, total, most=most, skipped=skipped)


def _page(
    query: Query,
    read: Callable[[int, int], list[Hit]],
    total: int,
    *,
    most: int,
    skipped: int,
    by_relevance: bool = False,
) -> Found:
    """Return one page of `total` candidates, of which `read(most, skipped)` gives the hits.

    All candidates are read where their number allows it and the index alone does not decide.
    """
    if total > MOST_CHECKED or (query.is_exact and not by_relevance):
        return Found(read(most, skipped), total, query.is_exact)
    hits = read(total, 0)
    if by_relevance:
        hits.sort(key=lambda hit: -hit.per_10_000)
    return Found(hits[skipped : skipped + most], len(hits))


def _checked(query: Query, found: Iterable[tuple[Row, Sequence[str]]]) -> list[Hit]:
    """Return the hits that contain the words exactly as in the query."""
    hits = (_hit(row, passages, query) for row, passages in found)
    return [hit for hit in hits if query.is_exact or query.accepts(hit.words)]


def _hit(row: Row, passages: Sequence[str], query: Query) -> Hit:
    pattern = query.pattern
    assert pattern is not None  # noqa: S101  (a query that matched has a term)
    return Hit(row, passages, pattern)


def _snippets(passages: Sequence[str], pattern: re.Pattern[str]) -> Iterator[Snippet]:
    """Yield the first hits, each from another passage."""
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
    """Yield the words around a hit in pieces, each with whether it is marked."""
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

"""Search: exact Chinese, each hit with the original words around it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from archive.known.characters import to_simplified
from archive.store.bodies import Narrowed
from archive.store.hits import documents, removed
from archive.store.indexing import PASSAGE_END, passages_of, removed_words
from archive.store.search import Query

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
        """Its words as in the index, one passage a line."""
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


def found_documents(
    connection: sqlite3.Connection,
    query: Query,
    narrowed: Narrowed | None = None,
    *,
    reports_only: bool = False,
    order: str = "relevance",
    most: int,
    skipped: int = 0,
) -> Iterator[Hit]:
    """Return reports, and texts of no report, that contain the words of a query.

    Args:
        connection: the connection of the archive.
        query: a query with at least one term.
        narrowed: which works to search; all if None.
        reports_only: leave out texts of no report.
        order: one of `archive.store.hits.ORDERS`.
        most: the most results.
        skipped: the number of results to skip.
    """
    rows = documents(
        connection, query.match, narrowed or Narrowed(), reports_only=reports_only, order=order,
        most=most, skipped=skipped,
    )  # fmt: skip
    for row in rows:
        yield _hit(row, passages_of(connection, row["document"]), query)


def found_removed(
    connection: sqlite3.Connection, query: Query, most: int, skipped: int
) -> Iterator[Hit]:
    """Return texts from which words of a query were removed."""
    for row in removed(connection, query.match, most, skipped):
        yield _hit(row, removed_words(connection, row["text_id"]).splitlines(), query)


def _hit(row: sqlite3.Row, passages: Sequence[str], query: Query) -> Hit:
    pattern = query.pattern
    assert pattern is not None  # noqa: S101  (a query that matched has a term)
    return Hit(dict(row), passages, pattern)


def _snippets(passages: Sequence[str], pattern: re.Pattern[str]) -> Iterator[Snippet]:
    """Return the first hits, each from another passage."""
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
    """Split the words around a hit into pieces that are marked or not."""
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

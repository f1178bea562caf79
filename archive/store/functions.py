"""The functions of SQL with which an archive is read: words unpacked, searched and quoted."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.known.characters import to_simplified
from archive.store import packed
from archive.store.search import Query, match

SNIPPET_CHARS: Final = 30


def register_functions(connection: sqlite3.Connection) -> None:
    """Add the functions that docs/sql.md describes to a connection.

    `sqlar_uncompress` unpacks words, as in the sqlite3 shell; `zh_query`, `zh_contains` and
    `zh_snippet` search them. They are for reading: writing to tables whose rows may change needs
    `row_digest` of `archive.store.sums`, so that `verify` sees what another program wrote.
    """
    add = connection.create_function
    add("sqlar_uncompress", 2, packed.sqlar_uncompress, deterministic=True)
    add("zh_query", 1, lambda words: match(words or ""), deterministic=True)
    add("zh_contains", 2, contains, deterministic=True)
    add("zh_snippet", 2, snippet, deterministic=True)


def contains(text: str | None, words: str | None) -> bool:
    """Whether `words`, as they are typed into the search box, stand in `text`."""
    query = Query.parse(words or "")
    return bool(query.terms) and query.accepts(text or "")


def snippet(text: str | None, words: str | None) -> str:
    """Return the words around the first hit in `text`, in 【】; empty without a hit."""
    pattern = Query.parse(words or "").pattern
    hit = pattern.search(to_simplified(text)) if pattern and text else None
    if hit is None or text is None:
        return ""
    before = text[max(0, hit.start() - SNIPPET_CHARS) : hit.start()]
    return (
        f"{before}【{text[hit.start() : hit.end()]}】{text[hit.end() : hit.end() + SNIPPET_CHARS]}"
    )

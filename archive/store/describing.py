"""Stored texts as collation sees them."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from archive.collate.articles import Article, Described
from archive.collate.sections import Place, Read, split
from archive.known import Knowledge
from archive.model import Capture
from archive.store.decisions import identity_decisions
from archive.store.lists import listed

_SURE: Final = 0.8
"""An inferred value of less confidence gives way to what a copy of the text says."""

_AT_ONCE: Final = 500

_CURRENT: Final = """
SELECT current_texts.id, current_texts.verdict, current_texts.shape, current_texts.clean_chars,
  current_texts.clean_sha256, pages.url, coalesce(site_facts.kind, 'unknown'),
  EXISTS (SELECT 1 FROM flags WHERE text_id = current_texts.id AND kind = 'repeated'),
  min(captures.id)
FROM current_texts
JOIN captures ON captures.payload_sha256 = current_texts.payload_sha256
  AND captures.context_sha256 = current_texts.context_sha256
JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE current_texts.id IN (SELECT value FROM json_each(?))
GROUP BY current_texts.id ORDER BY current_texts.id
"""
_IDENTITIES: Final = """
SELECT text_id, field, value_json, method = 'inferred' AND confidence < ? FROM identities
WHERE text_id IN (SELECT value FROM json_each(?))
"""
_PASSAGES: Final = "SELECT seq, text FROM passages WHERE text_id = ? ORDER BY seq"

Identity = tuple[dict[str, Any], frozenset[str]]
"""Values by the names of their fields, and the names of those that are only inferred."""


def current_texts(connection: sqlite3.Connection) -> set[int]:
    """The ids of all texts that count."""
    return {text_id for (text_id,) in connection.execute("SELECT id FROM current_texts")}


def described(connection: sqlite3.Connection, texts: Iterable[int]) -> Iterator[Described]:
    """Those of `texts` that count, with their identity as people decided it."""
    ordered = iter(sorted(texts))
    while some := list(islice(ordered, _AT_ONCE)):
        identities = _identities(connection, some)
        rows = connection.execute(_CURRENT, (listed(some),)).fetchall()
        for text_id, verdict, shape, chars, clean, url, site_kind, repeats, _ in rows:
            identity, weak = identities[text_id]
            yield Described(
                text_id=text_id,
                identity=identity,
                url=url,
                site_kind=site_kind,
                verdict=verdict,
                shape=shape,
                chars=chars,
                clean=clean,
                weak=weak,
                repeats=bool(repeats),
            )


def reports_in(
    connection: sqlite3.Connection, article: Article, knowledge: Knowledge
) -> tuple[Article, ...]:
    """The reports that an article of many reports holds."""
    places = [
        Place(index, seq, words)
        for index, text in enumerate(article.texts)
        for seq, words in connection.execute(_PASSAGES, (text.text_id,))
    ]
    return split(article, places, lambda words: _read(words, knowledge))


def _read(words: str, knowledge: Knowledge) -> Read:
    """What one document among many says it is, read as if it were a text of its own."""
    from archive.derivation import derive  # noqa: PLC0415  (loads lxml and the stages)

    derivation = derive(Capture.from_bytes(words.encode(), filename="section.txt"), knowledge)
    said = {name: value for name, value in derivation.identity.items() if value is not None}
    return Read(
        {name: value.value for name, value in said.items()},
        frozenset(
            name
            for name, value in said.items()
            if value.method == "inferred" and value.confidence < _SURE
        ),
        derivation.verdict,
    )


def _identities(connection: sqlite3.Connection, texts: Collection[int]) -> dict[int, Identity]:
    found: dict[int, dict[str, Any]] = {text_id: {} for text_id in texts}
    weak: dict[int, set[str]] = defaultdict(set)
    for text_id, field, value, is_weak in connection.execute(_IDENTITIES, (_SURE, listed(texts))):
        found[text_id][field] = json.loads(value)
        if is_weak:
            weak[text_id].add(field)
    if _anything_decided(connection):
        for text_id in texts:
            decided = identity_decisions(connection, text_id)
            found[text_id] |= decided
            weak[text_id] -= decided.keys()
    return {text_id: (found[text_id], frozenset(weak[text_id])) for text_id in texts}


def _anything_decided(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM decisions LIMIT 1").fetchone() is not None

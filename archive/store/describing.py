"""Loads stored texts for collation."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from archive.collate.articles import Article, Described
from archive.collate.pieces import leads
from archive.collate.sections import PassagePlace, Read, split
from archive.known import Gazetteer, Knowledge
from archive.model import Capture
from archive.store.decisions import anything_decided, identity_decisions
from archive.store.lists import listed
from archive.store.partitions import passages_of

_SURE: Final = 0.8
"""An inferred value with less confidence is a guess."""

_UNREAD: Final = ("inferred", "weighed")

_AT_ONCE: Final = 500

_CURRENT: Final = """
SELECT current_texts.id, verdicts.verdict, current_texts.shape, current_texts.clean_chars,
  current_texts.clean_sha256, pages.url, coalesce(site_facts.kind, 'unknown'),
  EXISTS (SELECT 1 FROM flags WHERE text_id = current_texts.id AND kind = 'repeated'),
  min(captures.id)
FROM current_texts
JOIN verdicts ON verdicts.text_id = current_texts.id
JOIN captures ON captures.payload_sha256 = current_texts.payload_sha256
  AND captures.context_sha256 = current_texts.context_sha256
JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE current_texts.id IN (SELECT value FROM json_each(?))
GROUP BY current_texts.id ORDER BY current_texts.id
"""
_IDENTITIES: Final = """
SELECT text_id, field, value_json, method, confidence,
  CASE WHEN field IN ('title', 'report_year') THEN raw ELSE '' END
FROM identities WHERE text_id IN (SELECT value FROM json_each(?))
"""
_LEADS: Final = """
SELECT text_id, words FROM flags
WHERE text_id IN (SELECT value FROM json_each(?)) AND +kind = 'print-jump'
"""
_CONTRADICTED: Final = """
SELECT text_id, substr(kind, length('contradicted-') + 1) FROM flags
WHERE text_id IN (SELECT value FROM json_each(?)) AND +kind LIKE 'contradicted-%'
"""


class _How(NamedTuple):
    """How a value was found; for year and title also the words that it was read from."""

    method: str
    confidence: float
    words: str = ""


class _Identity(NamedTuple):
    """Values by field name, and the names of fields that were not read."""

    values: dict[str, Any]
    weak: frozenset[str]
    guessed: frozenset[str]


def described(
    connection: sqlite3.Connection, texts: Iterable[int], gazetteer: Gazetteer
) -> Iterator[Described]:
    """Return the current ones of `texts`, with identities as decided by people."""
    ordered = iter(sorted(texts))
    while some := list(islice(ordered, _AT_ONCE)):
        identities = _identities(connection, some)
        onward = _leads(connection, some)
        against = _contradicted(connection, some)
        rows = connection.execute(_CURRENT, (listed(some),)).fetchall()
        for text_id, verdict, shape, chars, clean, url, site_kind, repeats, _ in rows:
            values, weak, guessed = identities[text_id]
            yield Described(
                text_id=text_id,
                identity=values | _area(values, gazetteer),
                url=url,
                site_kind=site_kind,
                verdict=verdict,
                shape=shape,
                chars=chars,
                clean=clean,
                weak=weak,
                guessed=guessed,
                leads=onward.get(text_id, frozenset()),
                repeats=bool(repeats),
                contradicted=against.get(text_id, frozenset()),
            )


def reports_in(
    connection: sqlite3.Connection, article: Article, knowledge: Knowledge
) -> tuple[Article, ...]:
    """Return the reports contained in an article of many reports."""
    places = [
        PassagePlace(index, passage.seq, passage.text)
        for index, text in enumerate(article.texts)
        for passage in passages_of(connection, text.text_id)
    ]
    return split(article, places, lambda words: _read(words, knowledge))


def _read(words: str, knowledge: Knowledge) -> Read:
    """Identify one document among many as if it were a text of its own."""
    from archive.derivation import derive  # noqa: PLC0415  (loads lxml and the stages)

    derivation = derive(Capture.from_bytes(words.encode(), filename="section.txt"), knowledge)
    said = {name: value for name, value in derivation.identity.items() if value is not None}
    values = {name: value.value for name, value in said.items()}
    how = {name: _How(value.method, value.confidence, value.raw) for name, value in said.items()}
    values |= _area(values, knowledge.gazetteer)
    return Read(values, *_unread(how), derivation.verdict)


def _leads(connection: sqlite3.Connection, texts: Collection[int]) -> dict[int, frozenset[str]]:
    """Return which texts a newspaper leads on from, or back from."""
    found: dict[int, frozenset[str]] = {}
    for text_id, words in connection.execute(_LEADS, (listed(texts),)):
        found[text_id] = found.get(text_id, frozenset()) | leads(words)
    return found


def _contradicted(
    connection: sqlite3.Connection, texts: Collection[int]
) -> dict[int, frozenset[str]]:
    """Return the fields of each text that flags contradict."""
    found: dict[int, frozenset[str]] = {}
    for text_id, field in connection.execute(_CONTRADICTED, (listed(texts),)):
        found[text_id] = found.get(text_id, frozenset()) | {field}
    return found


def _area(values: Mapping[str, Any], gazetteer: Gazetteer) -> dict[str, str]:
    """Return the name of an area without its division, as used in names of works."""
    within, place = values.get("within"), values.get("place")
    if values.get("place_code") is not None or within is None or place is None:
        return {}
    name = str(place)
    for year in (values.get("report_year"), None):
        name = name.removeprefix(gazetteer.full_name(str(within), year)) or name
    return {"area": name}


def _identities(connection: sqlite3.Connection, texts: Collection[int]) -> dict[int, _Identity]:
    found: dict[int, dict[str, Any]] = {text_id: {} for text_id in texts}
    methods: dict[int, dict[str, _How]] = {text_id: {} for text_id in texts}
    for text_id, field, value, *how in connection.execute(_IDENTITIES, (listed(texts),)):
        found[text_id][field] = json.loads(value)
        methods[text_id][field] = _How(*how)
    if anything_decided(connection):
        for text_id in texts:
            decided = identity_decisions(connection, text_id)
            found[text_id] |= decided
            methods[text_id] |= dict.fromkeys(decided, _How("decision", 1.0))
    return {text_id: _Identity(found[text_id], *_unread(methods[text_id])) for text_id in texts}


def _unread(known: Mapping[str, _How]) -> tuple[frozenset[str], frozenset[str]]:
    """Return fields that give way to a copy that read them, and those with hardly any evidence.

    The first include weighed values of any weight, an inferred kind, and a year found neither in a
    day of delivery nor in the title: later headings mention other years.
    """
    guessed = {f for f, how in known.items() if how.method in _UNREAD and how.confidence < _SURE}
    weak = guessed | {field for field, how in known.items() if how.method == "weighed"}
    if "kind" in known and known["kind"].method == "inferred":
        weak.add("kind")
    if "report_year" in known and not _is_printed_above(known):
        weak.add("report_year")
    return frozenset(weak), frozenset(guessed)


def _is_printed_above(known: Mapping[str, _How]) -> bool:
    """Whether the year is in the day of delivery or the title, or was decided by a person."""
    year, title = known["report_year"], known.get("title")
    if "delivered_on" in known or year.method == "decision":
        return True
    return title is not None and bool(year.words) and year.words in title.words

"""Injected names confirmed by the archive: found on one page, they are searched on related pages.

A derivation judges one page. Here a name for which a page was flagged is searched in the pages of
the same site, in copies of the page, and, once two sites have it, everywhere. The result is stored
beside the flags (`brand_places`) and does not depend on the order of texts.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from archive.judge import found_elsewhere
from archive.known import Knowledge
from archive.model import Flag, Value
from archive.store import changes
from archive.store.lists import listed
from archive.store.partitions import spans_of, visible_of
from archive.urls import host_of

if TYPE_CHECKING:
    from archive.store.writing import Writer

EVERYWHERE: Final = ""
TEXTS_A_BATCH: Final = 200
"""Texts judged in one transaction."""
_SITES: Final = 2
"""The number of sites with a name from which it is searched everywhere."""

_SECOND_LEVEL: Final = frozenset({"com", "net", "org", "gov", "edu", "ac", "mil"})
_PROVINCE_LETTERS: Final = 2
_FOR_READINGS: Final = ("place_code", "site_id")

# █ masks words in a public copy
_ALL_INJECTED: Final = """
SELECT DISTINCT flags.words, flags.text_id FROM flags
JOIN current_texts ON current_texts.id = flags.text_id
WHERE flags.kind = 'hijack'
  AND flags.words <> '' AND instr(flags.words, '█') = 0
"""
_INJECTED: Final = """
SELECT DISTINCT flags.words, flags.text_id FROM flags
JOIN current_texts ON current_texts.id = flags.text_id
WHERE flags.kind = 'hijack' AND flags.words IN (SELECT value FROM json_each(?))
"""
_WORDS_OF: Final = """
SELECT DISTINCT words FROM flags
WHERE kind = 'hijack' AND words <> '' AND instr(words, '█') = 0
  AND text_id IN (SELECT value FROM json_each(?))
"""
_WORDS_TO_JUDGE: Final = """
SELECT DISTINCT words FROM flags
WHERE kind = 'hijack' AND words <> '' AND instr(words, '█') = 0
  AND text_id IN (SELECT text_id FROM to_collate WHERE judge)
"""
_ADDRESSES: Final = """
SELECT DISTINCT texts.id, pages.url, pages.host FROM texts
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
JOIN pages ON pages.id = captures.page_id
WHERE texts.id IN (SELECT value FROM json_each(?))
"""
_LINKED: Final = """
SELECT other FROM links WHERE one IN (SELECT value FROM json_each(?1))
UNION SELECT one FROM links WHERE other IN (SELECT value FROM json_each(?1))
"""
_COPIES_SAY: Final = """
SELECT flags.words, min(flags.text_id) FROM links
JOIN flags ON flags.text_id = links.other AND flags.kind = 'hijack'
  AND flags.words <> '' AND instr(flags.words, '█') = 0
JOIN current_texts ON current_texts.id = flags.text_id
WHERE links.one = ?1 GROUP BY flags.words
UNION ALL
SELECT flags.words, min(flags.text_id) FROM links
JOIN flags ON flags.text_id = links.one AND flags.kind = 'hijack'
  AND flags.words <> '' AND instr(flags.words, '█') = 0
JOIN current_texts ON current_texts.id = flags.text_id
WHERE links.other = ?1 GROUP BY flags.words
"""
_HAVING: Final = """
SELECT current_texts.id FROM current_texts
JOIN visible_texts ON visible_texts.sha256 = current_texts.visible_sha256
WHERE instr(lower(visible_texts.visible), lower(?)) > 0
"""
_ON_SITE: Final = """ AND current_texts.id IN (
SELECT texts.id FROM pages
JOIN captures ON captures.page_id = pages.id
JOIN texts ON texts.payload_sha256 = captures.payload_sha256
  AND texts.context_sha256 = captures.context_sha256
WHERE pages.host = ?2 OR pages.host LIKE '%.' || ?2
  OR (pages.host = '' AND pages.url LIKE ?2 || '%'))
"""
_BRANDS: Final = "SELECT words, scope, first_text_id FROM brands"
_BRANDS_NAMED: Final = """
SELECT words, scope, first_text_id FROM brands WHERE words IN (SELECT value FROM json_each(?))
"""
_PLACES: Final = """
SELECT start, stop, words, evidence, proposals_json, basis_text_id, kept FROM brand_places
WHERE text_id = ? ORDER BY start
"""


class _Confirmed(NamedTuple):
    """Where a name was found injected, in words, and the first text with it."""

    where: str
    text_id: int


def scope_of(url: str, host: str) -> str:
    """Return what a single publisher controls: the registered domain, or the folder of a file.

    >>> scope_of("", "jyt.baogao.com.cn"), scope_of("", "www.baogao.net")
    ('baogao.com.cn', 'baogao.net')
    >>> scope_of("file:///a/b.txt", "")
    'file:///a/'
    """
    if not host:
        return url.rpartition("/")[0] + "/"
    labels = host.split(".")
    if _is_address(host) or len(labels) <= 2:  # noqa: PLR2004
        return host
    second = labels[-2]
    public = labels[-1] == "cn" and (second in _SECOND_LEVEL or len(second) == _PROVINCE_LETTERS)
    return ".".join(labels[-3:] if public else labels[-2:])


def judge_together(writer: Writer, knowledge: Knowledge) -> None:
    """Search the texts to be collated for names found on other pages, in batches.

    Texts that changed are marked to be regrouped.
    """
    connection = writer.connection
    known = _Known(connection)
    with writer.transaction():
        new, everything = changes.to_judge(connection, -1), changes.was_everything(connection)
        if not everything and not known.anything(new):
            changes.nothing_to_judge(connection)
            return
        moved = known.renew(None if everything else _words_of(connection))
        changes.add(connection, _linked(connection, new) | moved, judge=True, regroup=False)
    while batch := changes.to_judge(connection, TEXTS_A_BATCH):
        with writer.transaction():
            changed = [i for i in batch if _judge(writer, i, known, knowledge)]
            changes.judged(connection, batch, changed)
    with writer.transaction():
        changes.nothing_to_judge(connection)


def _words_of(connection: sqlite3.Connection) -> set[str]:
    """Return the names injected in new and removed texts."""
    return {words for (words,) in connection.execute(_WORDS_TO_JUDGE)}


class _Known:
    """The table `brands`: updated, and queried for a text."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def anything(self, new: Iterable[int]) -> bool:
        """Whether any name is known, or comes with new texts."""
        known = self._connection.execute("SELECT 1 FROM brands LIMIT 1").fetchone()
        return known is not None or bool(
            self._connection.execute(_WORDS_OF + " LIMIT 1", (listed(new),)).fetchone()
        )

    def renew(self, words: Collection[str] | None) -> set[int]:
        """Rebuild the rows of `words`, or of all names if None.

        Returns the texts that contain them.
        """
        before = self._rows(words)
        now = self._found(words)
        if before == now:
            return set()
        remove, add = self._connection.executemany, self._connection.executemany
        remove("DELETE FROM brands WHERE words = ? AND scope = ?", before.keys() - now.keys())
        add(
            "INSERT OR REPLACE INTO brands (words, scope, first_text_id) VALUES (?, ?, ?)",
            ((*key, now[key]) for key in sorted(now)),
        )
        if words is None:
            return set()
        changed = {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}
        return {text_id for key in changed for text_id in self._having(*key)}

    def of(self, text_id: int) -> Mapping[str, _Confirmed]:
        """Return the names to search in a text: of its copies, then its site, then all."""
        found: dict[str, _Confirmed] = {}
        for scope in (EVERYWHERE, *_scopes(self._connection, [text_id])[text_id]):
            rows = self._connection.execute(
                "SELECT words, first_text_id FROM brands WHERE scope = ? ORDER BY words", (scope,)
            )
            where = scope or "pages of several sites"
            found |= {words: _Confirmed(f"{where}, text {first}", first) for words, first in rows}
        for words, first in self._connection.execute(_COPIES_SAY, (text_id,)):
            found[words] = _Confirmed(f"a copy, text {first}", first)
        return found

    def _rows(self, words: Collection[str] | None) -> dict[tuple[str, str], int]:
        if words is None:
            rows = self._connection.execute(_BRANDS)
        else:
            rows = self._connection.execute(_BRANDS_NAMED, (listed(words),))
        return {(each, scope): first for each, scope, first in rows}

    def _found(self, words: Collection[str] | None) -> dict[tuple[str, str], int]:
        """Return the content of `brands`: each name with its scopes and the first text in each."""
        if words is None:
            rows = self._connection.execute(_ALL_INJECTED).fetchall()
        else:
            rows = self._connection.execute(_INJECTED, (listed(words),)).fetchall()
        scopes = _scopes(self._connection, {text_id for _, text_id in rows})
        first: dict[tuple[str, str], int] = {}
        sites: dict[str, set[str]] = defaultdict(set)
        for each, text_id in sorted(rows, key=lambda row: row[1]):
            for scope in scopes[text_id]:
                first.setdefault((each, scope), text_id)
                sites[each].add(scope)
        for each, several in sites.items():
            if len(several) >= _SITES:
                first[each, EVERYWHERE] = min(first[each, scope] for scope in several)
        return first

    def _having(self, words: str, scope: str) -> Iterator[int]:
        """Return the texts of a scope that contain the words."""
        if scope == EVERYWHERE:
            rows = self._connection.execute(_HAVING, (words,))
        else:
            rows = self._connection.execute(_HAVING + _ON_SITE, (words, scope))
        return (text_id for (text_id,) in rows)


def _judge(writer: Writer, text_id: int, known: _Known, knowledge: Knowledge) -> bool:
    """Store where names of other pages occur in a text; returns whether that changed."""
    connection = writer.connection
    before = connection.execute(_PLACES, (text_id,)).fetchall()
    confirmed = known.of(text_id)
    now = list(_places(connection, text_id, confirmed, knowledge)) if confirmed else []
    if before == now:
        return False
    connection.execute("DELETE FROM brand_places WHERE text_id = ?", (text_id,))
    connection.executemany(
        "INSERT INTO brand_places VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((text_id, *row) for row in now),
    )
    return True


def _places(
    connection: sqlite3.Connection,
    text_id: int,
    confirmed: Mapping[str, _Confirmed],
    knowledge: Knowledge,
) -> Iterator[tuple[Any, ...]]:
    visible = visible_of(connection, text_id)
    low = visible.lower()
    here = {words: place.where for words, place in confirmed.items() if words.lower() in low}
    if not here:
        return
    flagged = connection.execute(
        "SELECT start, stop FROM flags WHERE text_id = ? AND kind = 'hijack'", (text_id,)
    ).fetchall()
    kept = [(s.start, s.stop) for s in spans_of(connection, text_id) if s.action != "drop"]
    identity = _identity(connection, text_id)
    basis = {words.lower(): place.text_id for words, place in confirmed.items()}
    for flag in found_elsewhere(visible, here, flagged, identity, knowledge):
        yield (
            flag.start, flag.stop, flag.words, flag.evidence,
            json.dumps(flag.proposals, ensure_ascii=False), basis[flag.words.lower()],
            int(_meets(flag, kept)),
        )  # fmt: skip


def _identity(connection: sqlite3.Connection, text_id: int) -> dict[str, Value | None]:
    """Return the fields that determine the original words of a place."""
    rows = connection.execute(
        "SELECT field, value_json FROM identities WHERE text_id = ?", (text_id,)
    )
    return {
        field: Value(json.loads(value), "", "visible", "read", 1.0)
        for field, value in rows
        if field in _FOR_READINGS
    }


def _meets(flag: Flag, places: Iterable[tuple[int, int]]) -> bool:
    return any(flag.start < stop and start < flag.stop for start, stop in places)


def _linked(connection: sqlite3.Connection, texts: Iterable[int]) -> set[int]:
    return {text_id for (text_id,) in connection.execute(_LINKED, (listed(texts),))}


def _scopes(connection: sqlite3.Connection, texts: Iterable[int]) -> dict[int, list[str]]:
    """Return the scopes of each text, in order."""
    found: dict[int, set[str]] = defaultdict(set)
    for text_id, url, host in connection.execute(_ADDRESSES, (listed(texts),)):
        found[text_id].add(scope_of(url, host or host_of(url)))
    return defaultdict(list, {text_id: sorted(scopes) for text_id, scopes in found.items()})


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host.strip("[]")))
    except ValueError:
        return False

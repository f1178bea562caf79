"""Finds texts that must be grouped together: those that can change each other's work.

Texts are connected by links, by a common work, and by URLs that differ in a page number; pieces of
an article with the texts at adjacent URLs, and pages of a newspaper with those they lead to.
Grouping everything connected gives the same result as grouping everything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from archive.collate.articles import bases, is_page_of, starts_of_pages
from archive.collate.pieces import folder, neighbours
from archive.store.lists import Value, listed

_LINKED: Final = """
SELECT other FROM links WHERE one IN (SELECT value FROM json_each(?1))
UNION SELECT one FROM links WHERE other IN (SELECT value FROM json_each(?1))
"""
_WORKS: Final = """
SELECT DISTINCT works.id FROM witness_texts
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works AS own ON own.id = witnesses.work_id
JOIN works ON works.plain = own.plain
WHERE witness_texts.text_id IN (SELECT value FROM json_each(?))
"""
_WITNESSES: Final = """
SELECT DISTINCT witness_texts.text_id FROM witnesses
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
WHERE witnesses.work_id IN (SELECT value FROM json_each(?))
"""
_NAMED: Final = "SELECT id FROM works WHERE name IN (SELECT value FROM json_each(?))"
_PLAIN: Final = "SELECT id FROM works WHERE plain IN (SELECT value FROM json_each(?))"
_ADDRESSES: Final = """
SELECT DISTINCT pages.url FROM texts
JOIN captures ON captures.payload_sha256 = texts.payload_sha256
  AND captures.context_sha256 = texts.context_sha256
JOIN pages ON pages.id = captures.page_id
WHERE texts.id IN (SELECT value FROM json_each(?))
"""
_AT: Final = """
SELECT DISTINCT texts.id FROM pages
JOIN captures ON captures.page_id = pages.id
JOIN texts ON texts.payload_sha256 = captures.payload_sha256
  AND texts.context_sha256 = captures.context_sha256
WHERE pages.url IN (SELECT value FROM json_each(?))
"""
_PIECES: Final = """
SELECT text_id FROM identities WHERE text_id IN (SELECT value FROM json_each(?))
  AND ((field = 'completeness' AND json_extract(value_json, '$.state') <> 'complete')
    OR field = 'page_no')
"""
_LEADING: Final = """
SELECT DISTINCT text_id FROM flags
WHERE text_id IN (SELECT value FROM json_each(?)) AND +kind = 'print-jump'
"""
_IN_FOLDER: Final = "SELECT url FROM pages WHERE url > ? AND url < ?"
_PAGES: Final = "SELECT url FROM pages WHERE url > ? AND url < ? AND length(url) <= ?"


def connected(connection: sqlite3.Connection, texts: Iterable[int]) -> set[int]:
    """Return `texts` and everything connected with them, directly or not."""
    found: set[int] = set()
    fresh = set(texts)
    works: set[int] = set()
    while fresh:
        found |= fresh
        unseen = works_of(connection, fresh) - works
        works |= unseen
        near = _ids(connection, _LINKED, fresh) | witnesses_of(connection, unseen)
        fresh = (near | _neighbours(connection, fresh)) - found
    return found


def works_of(connection: sqlite3.Connection, texts: Iterable[int]) -> set[int]:
    """Return the ids of the works of `texts`, and of works of the same plain name.

    Of two reports of one place and year, each is named because of the other.
    """
    return _ids(connection, _WORKS, texts)


def witnesses_of(connection: sqlite3.Connection, works: Iterable[int]) -> set[int]:
    """Return the texts that are witnesses of works, given by id."""
    return _ids(connection, _WITNESSES, works)


def works_named(connection: sqlite3.Connection, names: Iterable[str]) -> set[int]:
    """Return the ids of the existing works of these names."""
    return _ids(connection, _NAMED, names)


def works_called(connection: sqlite3.Connection, plain: Iterable[str]) -> set[int]:
    """Return the ids of the works of these plain names."""
    return _ids(connection, _PLAIN, plain)


def _neighbours(connection: sqlite3.Connection, texts: Iterable[int]) -> set[int]:
    """Return the texts of the same URLs, and of URLs that may be pages of one article."""
    ids = list(texts)
    articles = {base for url in _addresses(connection, ids) for base in bases(url)}
    pages = {url for base in articles for url in _pages(connection, base)}
    beside = {
        url
        for piece in _addresses(connection, _ids(connection, _PIECES, ids))
        for url in neighbours(piece)
    }
    return _ids(connection, _AT, articles | pages | beside) | _led(connection, ids)


def _led(connection: sqlite3.Connection, texts: Iterable[int]) -> set[int]:
    """Return texts of the same folder that a newspaper leads to from some texts, or back."""
    leading = _ids(connection, _LEADING, texts)
    issues = {folder(url) for url in _addresses(connection, leading)}
    urls = {
        url
        for issue in issues
        for (url,) in connection.execute(_IN_FOLDER, (issue, f"{issue[:-1]}0"))
        if folder(url) == issue
    }
    return _ids(connection, _LEADING, _ids(connection, _AT, urls)) if urls else set()


def _addresses(connection: sqlite3.Connection, texts: Iterable[int]) -> set[str]:
    return {url for (url,) in connection.execute(_ADDRESSES, (listed(texts),))}


def _pages(connection: sqlite3.Connection, base: str) -> set[str]:
    found = set()
    for start, longest in starts_of_pages(base):
        after = start[:-1] + chr(ord(start[-1]) + 1)
        rows = connection.execute(_PAGES, (start, after, longest))
        found |= {url for (url,) in rows if is_page_of(url, base)}
    return found


def _ids(connection: sqlite3.Connection, select: str, values: Iterable[Value]) -> set[int]:
    return {number for (number,) in connection.execute(select, (listed(values),))}

"""jieba's counts of words in texts, remembered between panels in a file of the user's cache folder.

An archive is not changed by being read, and may be on a read-only disk, so its file does not hold
them. They are keyed by the digests of the text and of jieba's dictionary, so they apply to every
archive that has the text. The file can be deleted at any time. If it cannot be used, nothing is
remembered.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from archive.configuration import cache_folder
from archive.model import canonical_json, sha256

LARGEST_BYTES: Final = 1 << 28
"""A larger file is made anew."""

_VERSION: Final = 1
"""Raised when the same digests would give other counts."""

_BATCH: Final = 200
_WAIT_S: Final = 1.0
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS counts (
  dictionary_sha256 BLOB NOT NULL,
  text_sha256 BLOB NOT NULL,
  counts_json TEXT NOT NULL,
  PRIMARY KEY (dictionary_sha256, text_sha256)
) STRICT, WITHOUT ROWID
"""
_FIND: Final = "SELECT counts_json FROM counts WHERE dictionary_sha256 = ? AND text_sha256 = ?"
_KEEP: Final = "INSERT OR REPLACE INTO counts VALUES (?, ?, ?)"

Key = tuple[bytes, bytes]


class TokenCache:
    """Remembers counts; close it, or use it in a `with` statement, to store the last ones."""

    def __init__(self, path: Path, *, largest: int = LARGEST_BYTES) -> None:
        self._new: dict[Key, str] = {}
        self._connection = _opened(path, largest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def counts(
        self,
        dictionary_sha256: str,
        terms: Sequence[str],
        text: str,
        count: Callable[[str], Mapping[str, int]],
    ) -> Mapping[str, int]:
        """Return how often each term is a token of `text`: remembered, or new from `count`.

        `dictionary_sha256` identifies the dictionary with these `terms` added, in this order.
        """
        if self._connection is None:
            return count(text)
        key = bytes.fromhex(dictionary_sha256), bytes.fromhex(sha256(text.encode()))
        known = self._known(key, len(terms))
        if known is None:
            found = count(text)
            known = [found.get(term, 0) for term in terms]
            self._new[key] = canonical_json(known)
            if len(self._new) >= _BATCH:
                self._store()
        return dict(zip(terms, known, strict=True))

    def close(self) -> None:
        """Store what is new, and close the file."""
        self._store()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _known(self, key: Key, terms: int) -> list[int] | None:
        try:
            row = self._connection and self._connection.execute(_FIND, key).fetchone()
        except sqlite3.Error:
            self._give_up()
            return None
        return _checked(row[0], terms) if row else None

    def _store(self) -> None:
        if self._connection is None or not self._new:
            return
        try:
            with self._connection:
                self._connection.executemany(
                    _KEEP, ((*key, counts) for key, counts in self._new.items())
                )
        except sqlite3.Error:
            self._give_up()
        self._new.clear()

    def _give_up(self) -> None:
        """Remember nothing more: the file is damaged, full, or held by another program."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def user_cache() -> TokenCache:
    """Return the cache of this user."""
    return TokenCache(cache_folder() / f"tokens-{_VERSION}.db")


def _opened(path: Path, largest: int) -> sqlite3.Connection | None:
    """Open the file, made anew if it is damaged or too large; None if that is impossible."""
    with suppress(OSError, sqlite3.Error, RuntimeError):  # RuntimeError: there is no home
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > largest:
            path.unlink()
        try:
            return _connected(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise  # held by another program, or not writable
            path.unlink()
            return _connected(path)
    return None


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_S)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _checked(counts_json: str, terms: int) -> list[int] | None:
    """Return the counts of so many terms, or None if these are none."""
    try:
        found = json.loads(counts_json)
    except ValueError:
        return None
    good = isinstance(found, list) and [type(n) for n in found] == [int] * terms
    return found if good else None

"""The spans and passages of a text, packed in one row.

A text has about two hundred spans of ten kinds, and its passages are ranges of its visible text.
Stored as separate rows they took a tenth of the file, and half of it with their words.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from archive.errors import BrokenLawError, UsageError
from archive.model import PARTS, Part, Passage, Span, canonical_json
from archive.store.packed import unpack

PASSAGES_A_TEXT: Final = 10_000_000
"""The id of a passage is the id of its text times this number, plus its number in the text."""

_VISIBLE: Final = """
SELECT packed, bytes FROM packed_texts
JOIN texts ON texts.visible_sha256 = packed_texts.sha256 WHERE texts.id = ?
"""
_PACKED: Final = "SELECT kinds_json, spans_json FROM partitions WHERE text_id = ?"
_PASSAGES: Final = """
SELECT passages_json, packed, bytes FROM partitions
JOIN texts ON texts.id = partitions.text_id
JOIN packed_texts ON packed_texts.sha256 = texts.visible_sha256 WHERE texts.id = ?
"""
_REMEMBERED: Final = 128
"""The number of texts kept unpacked: a batch of collation reads each several times."""

_LARGE: Final = 400_000
"""The size in bytes from which a text is not kept unpacked."""


class StoredPassage(NamedTuple):
    """A passage with its position: offsets into the visible text, in characters."""

    text_id: int
    seq: int
    part: Part
    start: int
    stop: int
    text: str

    @property
    def id(self) -> int:
        """The id of the passage, unique in the archive."""
        return passage_id(self.text_id, self.seq)


@dataclass(frozen=True, slots=True)
class Partition:
    """A row of `partitions` without its text id: three lists in JSON."""

    kinds_json: str
    spans_json: str
    passages_json: str


def passage_id(text_id: int, seq: int) -> int:
    """Return the id of passage `seq` (from 0) of a text."""
    return text_id * PASSAGES_A_TEXT + seq


def place_of(passage: int) -> tuple[int, int]:
    """Return the text id of a passage and the passage's number in that text."""
    return divmod(passage, PASSAGES_A_TEXT)


def packed(visible: str, spans: Sequence[Span], passages: Sequence[Passage]) -> Partition:
    """Return spans and passages as they are stored.

    Raises:
        BrokenLawError: there are more passages than ids for them.
    """
    if len(passages) > PASSAGES_A_TEXT:
        raise BrokenLawError(f"the text has more than {PASSAGES_A_TEXT} passages")
    kinds: dict[tuple[Any, ...], int] = {}
    cuts = [
        (s.start, s.stop - s.start,
         kinds.setdefault((s.action, s.rule, s.part, s.replacement, s.basis), len(kinds)))
        for s in spans
    ]  # fmt: skip
    kept = [
        (PARTS.index(p.part), p.start, p.stop - p.start)
        if visible[p.start : p.stop].rstrip("\n") == p.text
        else (PARTS.index(p.part), p.start, p.stop - p.start, p.text)
        for p in passages
    ]
    return Partition(*map(canonical_json, (list(kinds), cuts, kept)))


def visible_of(connection: sqlite3.Connection, text_id: int) -> str:
    """Return the visible text of a text.

    Raises:
        UsageError: there is no such text.
        BrokenLawError: the stored text is damaged.
    """
    row = connection.execute(_VISIBLE, (text_id,)).fetchone()
    if row is None:
        raise UsageError(f"no text {text_id}")
    return _visible(*row)


def spans_of(connection: sqlite3.Connection, text_id: int) -> tuple[Span, ...]:
    """Return the spans of a text, in order; none if there is no such text."""
    row = connection.execute(_PACKED, (text_id,)).fetchone()
    return () if row is None else tuple(_spans(*row))


def dropped_ranges(connection: sqlite3.Connection, text_id: int) -> Iterator[tuple[int, int]]:
    """Yield start and stop of each dropped span of a text, in order; faster than `spans_of`."""
    row = connection.execute(_PACKED, (text_id,)).fetchone()
    kinds, spans = map(json.loads, row) if row else ((), ())
    dropped = {number for number, (action, *_) in enumerate(kinds) if action == "drop"}
    return ((start, start + length) for start, length, number in spans if number in dropped)


def passages_of(
    connection: sqlite3.Connection, text_id: int, first: int = 0, last: int | None = None
) -> list[StoredPassage]:
    """Return passages `first` to `last` (inclusive; None: to the end) of a text, in order."""
    row = connection.execute(_PASSAGES, (text_id,)).fetchone()
    if row is None:
        return []
    chosen = slice(max(0, first), None if last is None else last + 1)
    unpacked = _remembered_passages if row[2] < _LARGE else _passages
    return list(unpacked(text_id, *row)[chosen])


def words_of_text(connection: sqlite3.Connection, text_id: int) -> list[str]:
    """Return the words of all passages of a text, in order; none if there is no such text.

    Faster than `passages_of` if the text is not kept unpacked, and does not keep it.
    """
    row = connection.execute(_PASSAGES, (text_id,)).fetchone()
    if row is None:
        return []
    passages_json, stored, size = row
    visible = _words(stored, size)
    return [_words_at(visible, passage) for passage in json.loads(passages_json)]


def _spans(kinds_json: str, spans_json: str) -> Iterator[Span]:
    kinds = json.loads(kinds_json)
    for start, length, number in json.loads(spans_json):
        yield Span(start, start + length, *kinds[number])


def _passages(
    text_id: int, passages_json: str, stored: bytes, size: int
) -> tuple[StoredPassage, ...]:
    """Return all passages of a text."""
    visible = _visible(stored, size)
    return tuple(
        _passage(text_id, seq, visible, row) for seq, row in enumerate(json.loads(passages_json))
    )


def _visible(stored: bytes, size: int) -> str:
    """Return a visible text, kept unpacked unless it is large."""
    return (_remembered_words if size < _LARGE else _words)(stored, size)


def _words(stored: bytes, size: int) -> str:
    return unpack(stored, size).decode()


_remembered_passages = lru_cache(maxsize=_REMEMBERED)(_passages)
_remembered_words = lru_cache(maxsize=_REMEMBERED)(_words)


def _passage(text_id: int, seq: int, visible: str, row: Sequence[Any]) -> StoredPassage:
    part, start, length = row[:3]
    return StoredPassage(text_id, seq, PARTS[part], start, start + length, _words_at(visible, row))


def _words_at(visible: str, row: Sequence[Any]) -> str:
    """Return the words of a row of `passages_json`: its own, or those of the visible text."""
    _, start, length, *words = row
    return words[0] if words else visible[start : start + length].rstrip("\n")

"""The index of copies: hashes of what texts say, and which texts were found alike.

A new text looks up its own hashes, so that the cost of linking it does not grow with the
archive: words that everybody has are looked up no further than `MOST_OF_ONE` texts.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from archive.collate.likeness import Comparable, likeness
from archive.collate.sentences import fingerprints, sentences
from archive.collate.works import Link

if TYPE_CHECKING:
    from archive.store.writing import Writer

MOST_OF_ONE: Final = 64
"""Texts that are looked at for one hash; words of more texts are a formula or a flood."""

MOST_CANDIDATES: Final = 64
FEWEST_HASHES: Final = 2
FEW: Final = 60
"""Hashes of a text so short that one of them, if `RARE`, is reason enough to look."""

RARE: Final = 4
"""Texts that have a hash, up to which it speaks for one of them."""

LEAST_PART: Final = 0.18
"""Of the smaller text's hashes: at 6 % wrong characters a copy still keeps two fifths."""

LONGEST: Final = 400_000
"""Characters of a text that are hashed; a longer one is noted as compared in part."""

_STALE: Final = """
SELECT text_id FROM sketches
WHERE text_id NOT IN (SELECT id FROM current_texts) ORDER BY text_id
"""
_NEW: Final = """
SELECT id FROM current_texts WHERE id NOT IN (SELECT text_id FROM sketches) ORDER BY id
"""


class Likenesses:
    """Writes and reads the index of copies of one archive."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._connection = writer.connection
        self._made: OrderedDict[int, Comparable] = OrderedDict()

    def refresh(self) -> tuple[int, int]:
        """Index and link the texts that are new, forget those that are no longer current.

        Gives the number of texts linked anew and of pairs found.
        """
        self._forget([text_id for (text_id,) in self._connection.execute(_STALE)])
        new = [text_id for (text_id,) in self._connection.execute(_NEW).fetchall()]
        return len(new), sum(self._add(text_id) for text_id in new)

    def links(self) -> Iterable[Link]:
        """Every pair of texts that are copies, whole or in part, of one another."""
        rows = self._connection.execute("SELECT one, other, shared FROM links")
        return (Link(*row) for row in rows)

    def _add(self, text_id: int) -> int:
        hashes, comparable, note = self._sketch(text_id)
        candidates = self._candidates(hashes)
        found = [pair for other in candidates if (pair := self._link(text_id, other, comparable))]
        self._connection.executemany("INSERT INTO links VALUES (?, ?, ?, ?)", found)
        self._connection.executemany(
            "INSERT INTO copy_hashes VALUES (?, ?)",
            ((each, text_id) for each in sorted(hashes)),
        )
        self._connection.execute(
            "INSERT INTO sketches VALUES (?, ?, ?, ?, NULL)",
            (text_id, len(hashes), len(comparable.key), note),
        )
        return len(found)

    def _sketch(self, text_id: int) -> tuple[frozenset[int], Comparable, str | None]:
        keys, note = sentence_keys(self._connection, text_id)
        comparable = Comparable("".join(keys))
        self._keep(text_id, comparable)
        return fingerprints(keys), comparable, note

    def _candidates(self, hashes: frozenset[int]) -> list[int]:
        """Texts that share rare hashes, those that share most of the smaller one first."""
        rarest: set[int] = set()
        rare: Counter[int] = Counter()
        flood: Counter[int] = Counter()
        common = 0
        for each in hashes:
            texts = self._texts_with(each)
            if len(texts) > MOST_OF_ONE:
                common += 1
                flood.update(texts[:MOST_OF_ONE])
            else:
                rare.update(texts)
                rarest.update(texts if len(texts) <= RARE else ())
        # where most hashes are everybody's there are copies without end, or formulas only
        counts = rare + flood if 2 * common > len(hashes) else rare
        parts = {
            text_id: part
            for text_id, count in counts.items()
            if (
                part := _part(
                    count, min(len(hashes), self._size(text_id)), is_rare=text_id in rarest
                )
            )
        }
        return sorted(parts, key=lambda text_id: (-parts[text_id], text_id))[:MOST_CANDIDATES]

    def _texts_with(self, each: int) -> list[int]:
        rows = self._connection.execute(
            "SELECT text_id FROM copy_hashes WHERE hash = ? LIMIT ?", (each, MOST_OF_ONE + 1)
        )
        return [text_id for (text_id,) in rows]

    def _size(self, text_id: int) -> int:
        row = self._connection.execute(
            "SELECT hashes FROM sketches WHERE text_id = ?", (text_id,)
        ).fetchone()
        return int(row[0]) if row else 0

    def _link(
        self, one: int, other: int, comparable: Comparable
    ) -> tuple[int, int, int, float] | None:
        found = likeness(comparable, self._comparable(other))
        if not found.copies:
            return None
        return min(one, other), max(one, other), found.shared, found.share

    def _comparable(self, text_id: int) -> Comparable:
        if text_id not in self._made:
            self._keep(text_id, Comparable("".join(sentence_keys(self._connection, text_id)[0])))
        self._made.move_to_end(text_id)
        return self._made[text_id]

    def _keep(self, text_id: int, comparable: Comparable) -> None:
        self._made[text_id] = comparable
        while len(self._made) > 2 * MOST_CANDIDATES:
            self._made.popitem(last=False)

    def _forget(self, stale: Sequence[int]) -> None:
        if not stale:
            return
        (all_of_them,) = self._connection.execute("SELECT count(*) FROM sketches").fetchone()
        if 2 * len(stale) > all_of_them:
            for table in ("copy_hashes", "sketches", "links"):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  (names of ours)
            return
        for text_id in stale:
            hashes = fingerprints(sentence_keys(self._connection, text_id)[0])
            self._connection.executemany(
                "DELETE FROM copy_hashes WHERE hash = ? AND text_id = ?",
                ((each, text_id) for each in hashes),
            )
            self._connection.execute("DELETE FROM links WHERE ? IN (one, other)", (text_id,))
            self._connection.execute("DELETE FROM sketches WHERE text_id = ?", (text_id,))


def _part(count: int, smaller: int, *, is_rare: bool) -> float:
    """The part of the smaller text's hashes that is shared; 0 where it is too little."""
    part = count / max(1, smaller)
    enough = count >= FEWEST_HASHES and part >= LEAST_PART
    return part if enough or (is_rare and smaller < FEW) else 0.0


def sentence_keys(connection: sqlite3.Connection, text_id: int) -> tuple[list[str], str | None]:
    """The keys of the sentences of a text's passages, and a note where not all were taken."""
    passages = connection.execute(
        "SELECT text FROM passages WHERE text_id = ? ORDER BY seq", (text_id,)
    )
    text = "\n".join(words for (words,) in passages)
    note = None
    if len(text) > LONGEST:
        note = f"compared by its first {LONGEST} of {len(text)} characters only"
    keys = [found for each in sentences(text[:LONGEST]) if (found := each.key)]
    return keys, note or (None if keys else "nothing to compare")

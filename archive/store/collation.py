"""Writes the works, witnesses and editions of the current texts to the tables."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from archive.collate.works import Grouping, group
from archive.known import Knowledge
from archive.model import canonical_json, sha256
from archive.progress_line import Work
from archive.store import indexing
from archive.store.branding import judge_together
from archive.store.changes import (
    changes_since,
    note,
    regrouped,
    remaining,
    to_regroup,
    unlinked,
    was_everything,
)
from archive.store.connected import connected, witnesses_of, works_called, works_named, works_of
from archive.store.describing import described, reports_in
from archive.store.progress import Progress, plainly
from archive.store.similarity import INDEXED_BY, SimilarityIndex
from archive.store.works import MADE_BY, write_work

if TYPE_CHECKING:
    from archive.store.writing import Writer


SEEDS_A_BATCH: Final = 64
"""The number of texts whose works, and those connected with them, are made in a transaction."""


def collate(
    writer: Writer,
    ruleset_id: int,
    run_id: int | None,
    knowledge: Knowledge,
    *,
    anew: bool = False,
    progress: Progress[Any] = plainly,
) -> dict[str, int]:
    """Link the new texts, group what they affect into works, and rebuild the works that changed.

    Texts that are not affected are not processed; the result equals that of processing everything,
    as `anew` does. A work that still exists keeps its id. The work to do is stored first, then done
    in batches, each in its own transaction; after an interruption the next collation continues.
    """
    connection = writer.connection
    similarities = SimilarityIndex(writer)
    _note_changes(writer, similarities, ruleset_id, knowledge, anew=anew)
    linking = unlinked(connection)
    pairs = similarities.add(progress(linking, "texts to link", len(linking)))
    judge_together(writer, knowledge)
    gatherer = _WorkGatherer(connection, similarities, knowledge)
    counts = Counter({"linked": len(linking), "pairs": pairs, "remade": 0, **indexing.NOTHING_DONE})
    grouping = _texts_left(connection)
    for batch in progress(_batches(connection), "batches of texts", grouping):
        found = gatherer.around(set(batch))
        with writer.transaction():
            counts.update(_write(writer, found, run_id, ruleset_id))
            regrouped(connection, {*batch, *found.texts})
    if was_everything(connection):  # it reads the whole list of what is indexed
        with writer.transaction():
            counts.update(indexing.drop_orphans(connection))
    (works,) = connection.execute("SELECT count(*) FROM works").fetchone()
    return {"works": works, **counts}


def grouped_by(ruleset_id: int, knowledge: Knowledge) -> str:
    """Return the digest of everything except the texts that determines works."""
    return sha256(canonical_json([MADE_BY, ruleset_id, knowledge.digest]).encode())


def _note_changes(
    writer: Writer,
    similarities: SimilarityIndex,
    ruleset_id: int,
    knowledge: Knowledge,
    *,
    anew: bool,
) -> None:
    """Store the changes since the last collation; remove dropped texts from the index of copies."""
    connection = writer.connection
    made_by = grouped_by(ruleset_id, knowledge)
    with writer.transaction():
        came = changes_since(connection, made_by, INDEXED_BY, anew=anew)
        # connected by links that are about to be removed
        touched = connected(connection, () if came.everything else (*came.gone, *came.decided))
        if not came.indexed:
            similarities.forget_all()
        similarities.forget(came.gone)
        note(connection, came, touched, made_by, INDEXED_BY)


def _texts_left(connection: sqlite3.Connection) -> Work:
    """Return a function that says how many texts are grouped: more than a batch has, if related."""
    total = remaining(connection)
    return lambda: (total - remaining(connection), total)


def _batches(connection: sqlite3.Connection) -> Iterator[list[int]]:
    while batch := to_regroup(connection, SEEDS_A_BATCH):
        yield batch


class _Gathered(NamedTuple):
    """The processed texts, their works, and the ids of the works they belonged to before."""

    texts: Collection[int]
    grouping: Grouping
    works: set[int]


class _WorkGatherer:
    """Groups texts into works: all of them, or those connected with some."""

    def __init__(
        self, connection: sqlite3.Connection, similarities: SimilarityIndex, knowledge: Knowledge
    ) -> None:
        self._connection = connection
        self._similarities = similarities
        self._knowledge = knowledge

    def around(self, touched: set[int]) -> _Gathered:
        """Group the texts connected with the changed ones.

        Its identity may make a text a witness of a work that it was not connected with; the texts
        of that work are then grouped with it.
        """
        texts: set[int] = set()
        grouping = Grouping(())
        while fresh := touched - texts:
            texts |= connected(self._connection, fresh)
            grouping = self._group(texts)
            named = works_called(self._connection, {work.plain for work in grouping.works})
            touched = witnesses_of(self._connection, named)
        return _Gathered(texts, grouping, works_of(self._connection, texts))

    def _group(self, texts: Collection[int]) -> Grouping:
        return group(
            described(self._connection, texts, self._knowledge.gazetteer),
            self._similarities.links(texts),
            lambda article: reports_in(self._connection, article, self._knowledge),
            self._similarities.alike,
        )


def _write(writer: Writer, found: _Gathered, run_id: int | None, ruleset_id: int) -> dict[str, int]:
    """Write what changed, update the search indexes, and return counts by name."""
    connection = writer.connection
    made = (write_work(writer, work, run_id, ruleset_id) for work in found.grouping.works)
    remade = {work_id for work_id in made if work_id is not None}
    gone = _remove_others(connection, found)
    _note(connection, found.texts, found.grouping.notes)
    changed = indexing.Changed(remade | gone, found.texts)
    return {"remade": len(remade), **indexing.refresh(connection, changed)}


def _remove_others(connection: sqlite3.Connection, found: _Gathered) -> set[int]:
    """Remove previous works without any witness."""
    still = works_named(connection, (work.id for work in found.grouping.works))
    gone = found.works - still
    connection.executemany("DELETE FROM works WHERE id = ?", ((work_id,) for work_id in gone))
    return gone


def _note(connection: sqlite3.Connection, texts: Iterable[int], notes: Mapping[int, str]) -> None:
    many = connection.executemany
    many(
        "UPDATE sketches SET doubt = NULL WHERE text_id = ? AND doubt IS NOT NULL",
        ((text_id,) for text_id in texts),
    )
    many(
        "UPDATE sketches SET doubt = ? WHERE text_id = ?",
        ((note, text_id) for text_id, note in notes.items()),
    )

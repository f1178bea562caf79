"""Works, witnesses and editions of the current texts, written to the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from archive.collate.works import Grouping, group
from archive.known import Knowledge
from archive.model import canonical_json, sha256
from archive.store import indexing
from archive.store.branding import judge_together
from archive.store.changes import changes_since, remember
from archive.store.connected import connected, witnesses_of, works_called, works_named, works_of
from archive.store.describing import current_texts, described, reports_in
from archive.store.similarity import INDEXED_BY, SimilarityIndex
from archive.store.works import MADE_BY, write_work

if TYPE_CHECKING:
    from archive.store.writing import Writer


def collate(
    writer: Writer,
    ruleset_id: int,
    run_id: int | None,
    knowledge: Knowledge,
    *,
    anew: bool = False,
) -> dict[str, int]:
    """Link the new texts, group what they affect into works, and rebuild the works that changed.

    What is not affected is not processed; the result equals that of processing everything, as
    `anew` does. A work that still exists keeps its id.
    """
    connection = writer.connection
    grouped_by = sha256(canonical_json([MADE_BY, ruleset_id, knowledge.digest]).encode())
    came = changes_since(connection, grouped_by, INDEXED_BY, anew=anew)
    similarities = SimilarityIndex(writer)
    # by links that are about to be removed
    touched = connected(connection, () if came.everything else (*came.gone, *came.decided))
    if not came.indexed:
        similarities.forget_all()
    similarities.forget(came.gone)
    pairs = similarities.add(came.new)
    touched |= judge_together(writer, came, touched, knowledge)
    gather = _WorkGatherer(connection, similarities, knowledge)
    found = gather.everything() if came.everything else gather.around(touched.union(came.new))
    counts = _write(writer, found, run_id, ruleset_id)
    remember(connection, grouped_by, INDEXED_BY)
    return {"linked": len(came.new), "pairs": pairs, **counts}


class _Gathered(NamedTuple):
    """The processed texts, their works, and the works they belonged to before.

    `works` are ids; `is_all` means that there are no other texts or works.
    """

    texts: Collection[int]
    grouping: Grouping
    works: set[int]
    is_all: bool


class _WorkGatherer:
    """Groups texts into works: all of them, or those connected with some."""

    def __init__(
        self, connection: sqlite3.Connection, similarities: SimilarityIndex, knowledge: Knowledge
    ) -> None:
        self._connection = connection
        self._similarities = similarities
        self._knowledge = knowledge

    def everything(self) -> _Gathered:
        """All texts and all works."""
        texts = current_texts(self._connection)
        works = {work_id for (work_id,) in self._connection.execute("SELECT id FROM works")}
        return _Gathered(texts, self._group(texts), works, is_all=True)

    def around(self, touched: set[int]) -> _Gathered:
        """Group the texts connected with the changed ones.

        The identity of a text may make it a witness of a work that it was not connected with: then
        the texts of that work are grouped with it.
        """
        texts: set[int] = set()
        grouping = Grouping(())
        while fresh := touched - texts:
            texts |= connected(self._connection, fresh)
            grouping = self._group(texts)
            named = works_called(self._connection, {work.plain for work in grouping.works})
            touched = witnesses_of(self._connection, named)
        return _Gathered(texts, grouping, works_of(self._connection, texts), is_all=False)

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
    (works,) = connection.execute("SELECT count(*) FROM works").fetchone()
    changed = None if found.is_all else indexing.Changed(remade | gone, found.texts)
    return {"works": works, "remade": len(remade), **indexing.refresh(connection, changed)}


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

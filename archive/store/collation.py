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
    """Link the new texts, group what they touch into works, remake the works that changed.

    What nothing new touches is not looked at; what comes of it is what comes of looking at
    everything, as `anew` asks for. A work that is still there keeps its id.
    """
    connection = writer.connection
    grouped_by = sha256(canonical_json([MADE_BY, ruleset_id, knowledge.digest]).encode())
    came = changes_since(connection, grouped_by, INDEXED_BY, anew=anew)
    likenesses = SimilarityIndex(writer)
    # by links that are about to go
    touched = connected(connection, () if came.everything else (*came.gone, *came.decided))
    if not came.indexed:
        likenesses.forget_all()
    likenesses.forget(came.gone)
    pairs = likenesses.add(came.new)
    touched |= judge_together(writer, came, touched, knowledge)
    gather = _WorkGatherer(connection, likenesses, knowledge)
    found = gather.everything() if came.everything else gather.around(touched.union(came.new))
    counts = _write(writer, found, run_id, ruleset_id)
    remember(connection, grouped_by, INDEXED_BY)
    return {"linked": len(came.new), "pairs": pairs, **counts}


class _Gathered(NamedTuple):
    """The texts that were looked at, their works, and the works that they belonged to before.

    `works` are ids; `is_all` says that there are no other texts and no other works.
    """

    texts: Collection[int]
    grouping: Grouping
    works: set[int]
    is_all: bool


class _WorkGatherer:
    """Gathers texts into works: all of them, or those that hang together with some."""

    def __init__(
        self, connection: sqlite3.Connection, likenesses: SimilarityIndex, knowledge: Knowledge
    ) -> None:
        self._connection = connection
        self._likenesses = likenesses
        self._knowledge = knowledge

    def everything(self) -> _Gathered:
        """All texts and all works."""
        texts = current_texts(self._connection)
        works = {work_id for (work_id,) in self._connection.execute("SELECT id FROM works")}
        return _Gathered(texts, self._group(texts), works, is_all=True)

    def around(self, touched: set[int]) -> _Gathered:
        """The texts that hang together with those that are touched.

        What a text says may make it a witness of a work that it did not hang together with:
        then the texts of that work are grouped with it.
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
            self._likenesses.links(texts),
            lambda article: reports_in(self._connection, article, self._knowledge),
            self._likenesses.alike,
        )


def _write(writer: Writer, found: _Gathered, run_id: int | None, ruleset_id: int) -> dict[str, int]:
    """Write what changed, bring the search indexes along, and give counts by name."""
    connection = writer.connection
    made = (write_work(writer, work, run_id, ruleset_id) for work in found.grouping.works)
    remade = {work_id for work_id in made if work_id is not None}
    gone = _remove_others(connection, found)
    _note(connection, found.texts, found.grouping.notes)
    (works,) = connection.execute("SELECT count(*) FROM works").fetchone()
    changed = None if found.is_all else indexing.Changed(remade | gone, found.texts)
    return {"works": works, "remade": len(remade), **indexing.refresh(connection, changed)}


def _remove_others(connection: sqlite3.Connection, found: _Gathered) -> set[int]:
    """Remove the works of before that no text is a witness of any more."""
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

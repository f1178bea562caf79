"""Keeping the search indexes true: one row a report, one row a text for what was removed.

Both indexes are contentless, and SQLite before 3.43 takes a row out of such an index only when
it is given the same tokens again. They are made from passages and spans, which never change as
long as their text is there; where one has gone, the index is made anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from archive.model import canonical_json, sha256
from archive.store.lists import listed
from archive.store.rows import column
from archive.store.search import tokens

TEXT_DOCUMENTS: Final = 1_000_000_000
"""A document that is a report has the id of its work; a text that belongs to no work has this
much added to its own, so that the ids of works can be looked up in the index as they are."""

PASSAGE_END: Final = "\n"

_EDITIONS: Final = """
SELECT editions.work_id, passages.text_id, passages.id, edition_passages.text FROM editions
JOIN edition_passages ON edition_passages.edition_id = editions.id
JOIN passages ON passages.id = edition_passages.passage_id
WHERE editions.work_id IN (SELECT value FROM json_each(?))
ORDER BY editions.work_id, edition_passages.seq
"""

_LOOSE_TEXTS: Final = f"""
SELECT texts.id + {TEXT_DOCUMENTS}, texts.id, passages.id, NULL FROM texts
JOIN passages ON passages.text_id = texts.id
WHERE texts.id IN (SELECT value FROM json_each(?))
  AND texts.ruleset_id = (SELECT ruleset_id FROM current_ruleset)
  AND NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = texts.id)
ORDER BY texts.id, passages.seq
"""  # noqa: S608  (a number of ours)

_PRESENT: Final = f"""
SELECT id, passages_sha256 FROM search_documents WHERE id IN (
  SELECT value FROM json_each(?)
  UNION ALL SELECT value + {TEXT_DOCUMENTS} FROM json_each(?))
"""  # noqa: S608  (a number of ours)

_VISIBLE: Final = """
SELECT visible FROM visible_texts JOIN texts ON texts.visible_sha256 = visible_texts.sha256
WHERE texts.id = ?
"""
_REMOVED: Final = """
SELECT start, stop FROM spans WHERE text_id = ? AND action = 'drop' ORDER BY seq
"""
_ALL_CURRENT: Final = (
    "SELECT id FROM texts WHERE ruleset_id = (SELECT ruleset_id FROM current_ruleset)"
)
_OF_THESE: Final = "IN (SELECT value FROM json_each(?))"
_CURRENT: Final = f"{_ALL_CURRENT} AND id {_OF_THESE}"
_STORED: Final = f"SELECT id FROM texts WHERE id {_OF_THESE}"  # noqa: S608  (words of ours)
_INDEXED_REMOVALS: Final = f"SELECT id FROM removed_index_docsize WHERE id {_OF_THESE}"  # noqa: S608  (words of ours)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What one row of the index holds: some passages in order, with their words where mended."""

    id: int
    text_id: int
    passages: tuple[tuple[int, str | None], ...]

    @property
    def work_id(self) -> int | None:
        """The work that this document is, or None for a text that belongs to none."""
        return self.id if self.id < TEXT_DOCUMENTS else None

    @property
    def digest(self) -> str:
        """What says whether the document is still the same: passages never change."""
        return sha256(canonical_json(self.passages).encode("utf-8", "surrogatepass"))


class Changed(NamedTuple):
    """Ids of the works that were made anew or have gone, and of texts that may have changed."""

    works: Collection[int]
    texts: Collection[int]


def refresh(connection: sqlite3.Connection, changed: Changed | None = None) -> dict[str, int]:
    """Make the indexes say what works, editions and texts say now; give what was added and taken.

    The caller has opened a transaction; it holds the whole change or nothing of it. Only what
    `changed` names is looked at; everything, when None.
    """
    about = changed or _everything(connection)
    wanted = {document.id: document for document in _documents(connection, about)}
    present = dict(
        connection.execute(_PRESENT, (listed(about.works), listed(about.texts))).fetchall()
    )
    digests = {i: document.digest for i, document in wanted.items()}
    stale = {i for i, digest in present.items() if digests.get(i) != digest}
    if stale and not _take_out(connection, stale):
        return _made_anew(connection)
    new = [i for i in wanted if i not in present or i in stale]
    for document_id in new:
        _list(connection, wanted[document_id], digests[document_id])
    for document_id in new:
        _index(connection, document_id)
    removed = _refresh_removed(connection, about.texts)
    return {"indexed": len(new), "taken out": len(stale), "removed indexed": removed}


def _everything(connection: sqlite3.Connection) -> Changed:
    """All that is there and all that was: what has gone is still in the indexes."""
    works = connection.execute(
        "SELECT id FROM works UNION SELECT work_id FROM search_documents WHERE work_id IS NOT NULL"
    )
    texts = connection.execute(
        "SELECT id FROM texts UNION SELECT text_id FROM search_documents WHERE work_id IS NULL"
        " UNION SELECT id FROM removed_index_docsize"
    )
    return Changed([i for (i,) in works], [i for (i,) in texts])


def _made_anew(connection: sqlite3.Connection) -> dict[str, int]:
    (gone,) = connection.execute("SELECT count(*) FROM search_documents").fetchone()
    _empty(connection, "search_index")
    connection.execute("DELETE FROM search_passages")
    connection.execute("DELETE FROM search_documents")
    return {**refresh(connection), "taken out": gone}


def passages_of(connection: sqlite3.Connection, document_id: int) -> list[str]:
    """The words of the passages of a document, in order."""
    return column(
        connection,
        "SELECT coalesce(search_passages.text, passages.text) FROM search_passages"
        " JOIN passages ON passages.id = search_passages.passage_id"
        " WHERE document_id = ? ORDER BY search_passages.seq",
        document_id,
    )


def words_of(connection: sqlite3.Connection, document_id: int) -> str:
    """The words of a document: its passages, one a line."""
    return PASSAGE_END.join(passages_of(connection, document_id))


def removed_words(connection: sqlite3.Connection, text_id: int) -> str:
    """What was removed from a text; pieces that did not touch each other on lines of their own."""
    row = connection.execute(_VISIBLE, (text_id,)).fetchone()
    visible = row[0] if row else ""
    words: list[str] = []
    reached = 0
    for start, stop in connection.execute(_REMOVED, (text_id,)):
        if start != reached and words:
            words.append(PASSAGE_END)
        words.append(visible[start:stop])
        reached = stop
    return "".join(words)


def _documents(connection: sqlite3.Connection, about: Changed) -> Iterator[IndexRow]:
    works, texts = listed(about.works), listed(about.texts)
    for select, ids in ((_EDITIONS, works), (_LOOSE_TEXTS, texts)):
        rows = connection.execute(select, (ids,)).fetchall()
        for document_id, members in groupby(rows, key=lambda row: row[0]):
            found = list(members)
            yield IndexRow(document_id, found[0][1], tuple((row[2], row[3]) for row in found))


def _list(connection: sqlite3.Connection, document: IndexRow, digest: str) -> None:
    """Write which passages a document has.

    A statement that writes many rows makes FTS5 write what it holds in memory: all documents are
    listed before the first is indexed.
    """
    connection.execute(
        "INSERT INTO search_documents (id, work_id, text_id, chars, passages_sha256)"
        " VALUES (?, ?, ?, 0, ?)",
        (document.id, document.work_id, document.text_id, digest),
    )
    connection.execute(
        "INSERT INTO search_passages (document_id, seq, passage_id)"
        " SELECT ?, key, value FROM json_each(?)",
        (document.id, json.dumps([passage_id for passage_id, _ in document.passages])),
    )
    connection.executemany(
        "UPDATE search_passages SET text = ? WHERE document_id = ? AND seq = ?",
        [
            (text, document.id, seq)
            for seq, (_, text) in enumerate(document.passages)
            if text is not None
        ],
    )


def _index(connection: sqlite3.Connection, document_id: int) -> None:
    words = words_of(connection, document_id)
    connection.execute(
        "UPDATE search_documents SET chars = ? WHERE id = ?", (len(words), document_id)
    )
    connection.execute(
        "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", (document_id, tokens(words))
    )


def _take_out(connection: sqlite3.Connection, document_ids: Iterable[int]) -> bool:
    """Take rows out by their own tokens; False when a passage has gone and they are not known."""
    ids = list(document_ids)
    for document_id in ids:
        if _passages_gone(connection, document_id):
            return False
    for document_id in ids:
        connection.execute(
            "INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', ?, ?)",
            (document_id, tokens(words_of(connection, document_id))),
        )
    gone = (listed(ids),)
    for key, table in (("document_id", "search_passages"), ("id", "search_documents")):
        connection.execute(f"DELETE FROM {table} WHERE {key} {_OF_THESE}", gone)  # noqa: S608
    return True


def _passages_gone(connection: sqlite3.Connection, document_id: int) -> bool:
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM search_passages LEFT JOIN passages"
        " ON passages.id = search_passages.passage_id"
        " WHERE document_id = ? AND passages.id IS NULL)",
        (document_id,),
    ).fetchone()
    return bool(found[0])


def _refresh_removed(connection: sqlite3.Connection, texts: Collection[int]) -> int:
    """Bring the index of removed words along; give how many texts were added."""
    these = (listed(texts),)
    present = {i for (i,) in connection.execute(_INDEXED_REMOVALS, these)}
    stored = {i for (i,) in connection.execute(_STORED, these)}
    wanted = {i for (i,) in connection.execute(_CURRENT, these)}
    if present - stored:
        _empty(connection, "removed_index")
        present, wanted = set(), {i for (i,) in connection.execute(_ALL_CURRENT)}
    for text_id in sorted(present - wanted):
        connection.execute(
            "INSERT INTO removed_index (removed_index, rowid, tokens) VALUES ('delete', ?, ?)",
            (text_id, tokens(removed_words(connection, text_id))),
        )
    for text_id in sorted(wanted - present):
        connection.execute(
            "INSERT INTO removed_index (rowid, tokens) VALUES (?, ?)",
            (text_id, tokens(removed_words(connection, text_id))),
        )
    return len(wanted - present)


def _empty(connection: sqlite3.Connection, index: str) -> None:
    connection.execute(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")  # noqa: S608  (ours)

"""Maintains the search indexes: one row for each report, and one for the removed words of a text.

Both indexes are contentless, and SQLite before 3.43 deletes a row of such an index only if it gets
the same tokens again. They are made from passages and spans, which never change while their text
exists; if one has been removed, the index is rebuilt.
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
"""A document that is a report has the id of its work. A text of no work has this added to its own
id, so that the ids of works can be looked up in the index directly."""

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
    """The content of one index row: passages in order, with replaced words where repaired."""

    id: int
    text_id: int
    passages: tuple[tuple[int, str | None], ...]

    @property
    def work_id(self) -> int | None:
        """The work of this document, or None for a text of no work."""
        return self.id if self.id < TEXT_DOCUMENTS else None

    @property
    def digest(self) -> str:
        """The digest that tells whether the document is unchanged: passages never change."""
        return sha256(canonical_json(self.passages).encode("utf-8", "surrogatepass"))


class Changed(NamedTuple):
    """Ids of works that were rebuilt or removed, and of texts that may have changed."""

    works: Collection[int]
    texts: Collection[int]


def refresh(connection: sqlite3.Connection, changed: Changed | None = None) -> dict[str, int]:
    """Update the indexes to the current works, editions and texts; returns how many changed.

    The caller has opened a transaction, which contains all of the change or none. Only `changed` is
    processed; everything if None.
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
    """Return everything present or indexed: removed documents are still in the indexes."""
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
    """Return the words of the passages of a document, in order."""
    return column(
        connection,
        "SELECT coalesce(search_passages.text, passages.text) FROM search_passages"
        " JOIN passages ON passages.id = search_passages.passage_id"
        " WHERE document_id = ? ORDER BY search_passages.seq",
        document_id,
    )


def words_of(connection: sqlite3.Connection, document_id: int) -> str:
    """Return the words of a document, one passage a line."""
    return PASSAGE_END.join(passages_of(connection, document_id))


def removed_words(connection: sqlite3.Connection, text_id: int) -> str:
    """Return the words removed from a text; pieces that are not adjacent go on separate lines."""
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
    """Store which passages a document has.

    A statement that writes many rows makes FTS5 flush its memory, so all documents are listed
    before the first one is indexed.
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
    """Delete rows by their own tokens; False if a passage was removed and they are unknown."""
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
    """Update the index of removed words; returns how many texts were added."""
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

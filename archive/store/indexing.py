"""Maintains the search indexes: one row for each report, and one for the removed words of a text.

Both indexes are contentless, and SQLite before 3.43 deletes a row of such an index only if it gets
the same tokens again. They are made from passages and spans, which never change while their text
exists; if one has been removed, the index is rebuilt.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from archive.model import canonical_json
from archive.store import edition_passages
from archive.store.edition_passages import StoredEditionPassage
from archive.store.lists import listed
from archive.store.partitions import dropped_ranges, passages_of, visible_of, words_of_text
from archive.store.search import tokens

TEXT_DOCUMENTS: Final = 1_000_000_000
"""A document that is a report has the id of its work. The id of a text without a work is increased
by this number, so that the ids of works can be looked up in the index directly."""

PASSAGE_END: Final = "\n"

_LOOSE_TEXTS: Final = """
SELECT text_id FROM up_to_date WHERE text_id IN (SELECT value FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = up_to_date.text_id)
ORDER BY text_id
"""

_PRESENT: Final = f"""
SELECT id, passages_json FROM search_documents WHERE id IN (
  SELECT value FROM json_each(?)
  UNION ALL SELECT value + {TEXT_DOCUMENTS} FROM json_each(?))
"""  # noqa: S608  (a number of ours)

_ORPHANED_WORKS: Final = """
SELECT work_id FROM search_documents
WHERE work_id IS NOT NULL AND work_id NOT IN (SELECT id FROM works)
"""
_ORPHANED_TEXTS: Final = """
SELECT text_id FROM search_documents
WHERE work_id IS NULL AND text_id NOT IN (SELECT id FROM texts)
UNION SELECT id FROM removed_index_docsize WHERE id NOT IN (SELECT id FROM texts)
"""
_ALL_CURRENT: Final = "SELECT text_id FROM up_to_date"
_OF_THESE: Final = "IN (SELECT value FROM json_each(?))"
_CURRENT: Final = f"{_ALL_CURRENT} WHERE text_id {_OF_THESE}"
_STORED: Final = f"SELECT id FROM texts WHERE id {_OF_THESE}"  # noqa: S608  (words of ours)
_INDEXED_REMOVALS: Final = f"SELECT id FROM removed_index_docsize WHERE id {_OF_THESE}"  # noqa: S608  (words of ours)


_WordsOfText = Callable[[sqlite3.Connection, int], list[str]]


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One row of the index.

    `passages` is a JSON list in order: `[text, first, last]` for passages of a text, or the words
    of a passage that the edition changed.
    """

    id: int
    text_id: int
    passages: str

    @property
    def work_id(self) -> int | None:
        """The work of this document, or None for a text without a work."""
        return self.id if self.id < TEXT_DOCUMENTS else None


NOTHING_DONE: Final = {"indexed": 0, "taken out": 0, "removed indexed": 0}


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
    stale = {i for i, held in present.items() if i not in wanted or wanted[i].passages != held}
    if stale and not _take_out(connection, stale):
        return _made_anew(connection)
    new = [i for i in wanted if i not in present or i in stale]
    for document_id in new:
        _index(connection, wanted[document_id])
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


def drop_orphans(connection: sqlite3.Connection) -> dict[str, int]:
    """Remove documents whose work or text no longer exists; return counts by name."""
    works = [i for (i,) in connection.execute(_ORPHANED_WORKS)]
    texts = [i for (i,) in connection.execute(_ORPHANED_TEXTS)]
    return refresh(connection, Changed(works, texts)) if works or texts else {}


def _made_anew(connection: sqlite3.Connection) -> dict[str, int]:
    (gone,) = connection.execute("SELECT count(*) FROM search_documents").fetchone()
    _empty(connection, "search_index")
    connection.execute("DELETE FROM search_documents")
    return {**refresh(connection), "taken out": gone}


def passages_in(connection: sqlite3.Connection, document_id: int) -> list[str]:
    """Return the passages of a document, in order; [] if there is no such document.

    Raises:
        LookupError: a text that it was made of was removed.
    """
    row = connection.execute(
        "SELECT passages_json FROM search_documents WHERE id = ?", (document_id,)
    ).fetchone()
    return [] if row is None else list(_words(connection, row[0]))


def words_of(connection: sqlite3.Connection, document_id: int) -> str:
    """Return the words of a document: its passages, one on each line."""
    return PASSAGE_END.join(passages_in(connection, document_id))


def removed_words(connection: sqlite3.Connection, text_id: int) -> str:
    """Return what was removed from a text; ranges that are not adjacent are on separate lines."""
    visible = visible_of(connection, text_id)
    words: list[str] = []
    reached = 0
    for start, stop in dropped_ranges(connection, text_id):
        if start != reached and words:
            words.append(PASSAGE_END)
        words.append(visible[start:stop])
        reached = stop
    return "".join(words)


def _words(
    connection: sqlite3.Connection, passages: str, words_of_text: _WordsOfText = words_of_text
) -> Iterator[str]:
    texts: dict[int, list[str]] = {}
    for piece in json.loads(passages):
        if isinstance(piece, str):
            yield piece
            continue
        text_id, first, last = piece
        if text_id not in texts:
            texts[text_id] = words_of_text(connection, text_id)
        if last >= len(texts[text_id]):
            raise LookupError(f"text {text_id} has gone")
        yield from texts[text_id][first : last + 1]


def _documents(connection: sqlite3.Connection, about: Changed) -> Iterator[IndexRow]:
    for work_id in sorted(set(about.works)):
        passages = list(edition_passages.of_work(connection, work_id))
        if passages:
            yield IndexRow(work_id, passages[0].source.text_id, _listed(passages))
    loose = connection.execute(_LOOSE_TEXTS, (listed(about.texts),)).fetchall()
    for (text_id,) in loose:
        if passages_of_text := len(passages_of(connection, text_id)):
            pieces = canonical_json([[text_id, 0, passages_of_text - 1]])
            yield IndexRow(text_id + TEXT_DOCUMENTS, text_id, pieces)


def _listed(passages: Iterable[StoredEditionPassage]) -> str:
    """Return the passages of an edition as JSON; consecutive passages of a text are one range."""
    pieces: list[Any] = []
    for passage in passages:
        text_id, seq = passage.source.text_id, passage.source.seq
        if passage.text != passage.source.text:
            pieces.append(passage.text)
        elif pieces and not isinstance(pieces[-1], str) and pieces[-1][::2] == [text_id, seq - 1]:
            pieces[-1][2] = seq
        else:
            pieces.append([text_id, seq, seq])
    return canonical_json(pieces)


def _remembered_words(connection: sqlite3.Connection, text_id: int) -> list[str]:
    """Return the words of all passages of a text that has just been collated."""
    return [passage.text for passage in passages_of(connection, text_id)]


def _index(connection: sqlite3.Connection, document: IndexRow) -> None:
    words = PASSAGE_END.join(_words(connection, document.passages, _remembered_words))
    connection.execute(
        "INSERT INTO search_documents (id, work_id, text_id, chars, passages_json)"
        " VALUES (?, ?, ?, ?, ?)",
        (document.id, document.work_id, document.text_id, len(words), document.passages),
    )
    connection.execute(
        "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", (document.id, tokens(words))
    )


def _take_out(connection: sqlite3.Connection, document_ids: Iterable[int]) -> bool:
    """Delete rows by their own tokens; False if a passage was removed and they are unknown."""
    ids = list(document_ids)
    try:
        words = {document_id: words_of(connection, document_id) for document_id in ids}
    except LookupError:
        return False
    for document_id in ids:
        connection.execute(
            "INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', ?, ?)",
            (document_id, tokens(words[document_id])),
        )
    connection.execute(f"DELETE FROM search_documents WHERE id {_OF_THESE}", (listed(ids),))  # noqa: S608
    return True


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

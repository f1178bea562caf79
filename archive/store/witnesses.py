"""The copies of a work, as rows: their texts and passages."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from archive.store.rows import rows, stream, value
from archive.store.texts import clean_text

_COPIES: Final = """
SELECT witnesses.rank, witnesses.extent, witnesses.how, witnesses.host, text_captures.url,
  texts.id AS text_id,
  texts.payload_sha256, verdicts.verdict, verdicts.page_verdict, texts.clean_chars AS chars,
  min(text_captures.captured_at) AS captured_at
FROM witnesses
JOIN works ON works.id = witnesses.work_id
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
JOIN texts ON texts.id = witness_texts.text_id
JOIN verdicts ON verdicts.text_id = texts.id
LEFT JOIN text_captures ON text_captures.text_id = texts.id
WHERE works.name = ?
GROUP BY witnesses.id, witness_texts.seq ORDER BY witnesses.rank, witness_texts.seq
"""

_DOUBTS: Final = """
SELECT kind, words, evidence FROM doubts
WHERE text_id = ? AND kind IN ('suspect', 'hijack') ORDER BY start
"""

_WITH_TEXTS: Final = """
SELECT witnesses.*, texts.id AS text_id, verdicts.verdict, verdicts.page_verdict, texts.clean_chars,
  (SELECT coalesce(site_facts.kind, 'unknown') FROM captures
   LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
   WHERE captures.payload_sha256 = texts.payload_sha256
     AND captures.context_sha256 = texts.context_sha256 LIMIT 1) AS site_kind,
  (SELECT pages.host FROM captures JOIN pages ON pages.id = captures.page_id
   WHERE captures.payload_sha256 = texts.payload_sha256
     AND captures.context_sha256 = texts.context_sha256 LIMIT 1) AS text_host,
  (SELECT count(*) FROM witness_texts AS all_texts
   WHERE all_texts.witness_id = witnesses.id) AS texts
FROM witnesses
JOIN witness_texts ON witness_texts.witness_id = witnesses.id AND witness_texts.seq =
  (SELECT min(seq) FROM witness_texts AS first WHERE first.witness_id = witnesses.id)
JOIN texts ON texts.id = witness_texts.text_id
JOIN verdicts ON verdicts.text_id = texts.id
WHERE witnesses.work_id = ? ORDER BY witnesses.rank, witnesses.id
"""

_OF_BEST: Final = """
SELECT * FROM witness_texts WHERE witness_id = (
  SELECT id FROM witnesses WHERE work_id = ? ORDER BY rank, id LIMIT 1)
ORDER BY seq
"""

_PASSAGES: Final = """
SELECT passages.text, passages.part, passages.text_id, verdicts.verdict FROM witness_texts
JOIN passages ON passages.text_id = witness_texts.text_id
  AND passages.seq >= coalesce(first_passage, 0)
  AND passages.seq <= coalesce(last_passage, passages.seq)
JOIN verdicts ON verdicts.text_id = passages.text_id
WHERE witness_id = ? ORDER BY witness_texts.seq, passages.seq
"""

_COUNTS: Final = """
SELECT works.name, count(*) FROM works JOIN witnesses ON work_id = works.id GROUP BY works.id
"""


def copies(connection: sqlite3.Connection, work: str) -> Iterator[dict[str, Any]]:
    """Yield the copies of a work, the best first, each with its clean text; none if unknown.

    `why` says why a copy is suspect, or which names were injected into its page.
    """
    for row in stream(connection, _COPIES, work):
        text_id = row["text_id"]
        yield {**row, "why": _why(connection, text_id), "text": clean_text(connection, text_id)}


def _why(connection: sqlite3.Connection, text_id: int) -> str:
    found = rows(connection, _DOUBTS, text_id)
    reasons = [evidence for kind, _, evidence in found if kind == "suspect"]
    injected = Counter(words for kind, words, _ in found if kind == "hijack")
    reasons += [f"injected ×{count}: {words}" for words, count in injected.items()]
    return "; ".join(reasons)


def witnesses(connection: sqlite3.Connection, work_id: int) -> list[sqlite3.Row]:
    """Return the witnesses of a work, the best first."""
    return rows(connection, "SELECT * FROM witnesses WHERE work_id = ? ORDER BY rank, id", work_id)


def with_texts(connection: sqlite3.Connection, work_id: int) -> list[sqlite3.Row]:
    """Return the witnesses of a work, the best first, each with its first text and its source."""
    return rows(connection, _WITH_TEXTS, work_id)


def texts_of_best(connection: sqlite3.Connection, work_id: int) -> list[sqlite3.Row]:
    """Return the texts of the best witness of a work, with their own passages."""
    return rows(connection, _OF_BEST, work_id)


def passages(connection: sqlite3.Connection, witness_id: int) -> list[sqlite3.Row]:
    """Return the passages of a witness, each with its part and verdict."""
    return rows(connection, _PASSAGES, witness_id)


def counts(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return the name of every work and the number of its witnesses."""
    return [(name, count) for name, count in rows(connection, _COUNTS)]


def number(connection: sqlite3.Connection) -> int:
    """Return the number of copies of all reports."""
    return int(value(connection, "SELECT count(*) FROM witnesses"))

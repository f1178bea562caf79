"""Details of one text as rows: identity, rules, passages."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.partitions import StoredPassage, passages_of
from archive.store.rows import column, rows, value

_IDENTITY: Final = """
SELECT field, value_json, raw, source, method, confidence, candidates_json
FROM identities WHERE text_id = ?1
UNION ALL
SELECT field, value_json, raw, source, method, confidence, '[]' FROM inherited_identities
WHERE text_id = ?1 AND field NOT IN (SELECT field FROM identities WHERE text_id = ?1)
GROUP BY field
"""
"""The text's own identity, then what a copy with a header adds."""

_RULES: Final = """
SELECT rules.name, rules.kind, rules.why, action, spans, chars
FROM rule_uses JOIN rules ON rules.id = rule_uses.rule_id
WHERE text_id = ? AND action <> 'keep' ORDER BY chars DESC
"""

_SPANS_OVER: Final = """
SELECT spans.*, rules.why,
  substr(visible_texts.visible, start + 1, stop - start) AS words
FROM spans JOIN texts ON texts.id = spans.text_id
JOIN rules ON rules.ruleset_id = texts.ruleset_id AND rules.name = spans.rule
JOIN visible_texts ON visible_texts.sha256 = texts.visible_sha256
WHERE text_id = ? AND start < ? AND stop > ? ORDER BY spans.seq
"""

_WORKS: Final = """
SELECT DISTINCT works.* FROM works JOIN witnesses ON witnesses.work_id = works.id
JOIN witness_texts ON witness_texts.witness_id = witnesses.id WHERE text_id = ?
"""

_INJECTED: Final = """
SELECT words FROM flags WHERE text_id = ?1 AND kind = 'hijack' AND start < stop
UNION SELECT words FROM brand_places WHERE text_id = ?1
"""

_EXEMPLARY: Final = """
SELECT min(texts.id) FROM current_texts AS texts
JOIN identities AS whose ON whose.text_id = texts.id AND whose.field = 'officialness'
JOIN identities AS kind ON kind.text_id = texts.id AND kind.field = 'kind'
JOIN verdicts ON verdicts.text_id = texts.id
WHERE verdicts.verdict = 'clean' AND verdicts.page_verdict = 'clean'
  AND texts.shape = 'report' AND whose.value_json = '"official"' AND kind.value_json = json_quote(?)
GROUP BY texts.clean_sha256 ORDER BY 1
"""


def identity(connection: sqlite3.Connection, text_id: int) -> list[sqlite3.Row]:
    """Return the fields of a text's identity, its own and those from copies."""
    return rows(connection, _IDENTITY, text_id)


def rules(connection: sqlite3.Connection, text_id: int) -> list[sqlite3.Row]:
    """Return the rules that removed or replaced something, most characters first."""
    return rows(connection, _RULES, text_id)


def passage(connection: sqlite3.Connection, text_id: int, seq: int) -> StoredPassage | None:
    """One passage, or None."""
    found = passages_of(connection, text_id, seq, seq)
    return found[0] if found else None


def spans_over(
    connection: sqlite3.Connection, text_id: int, start: int, stop: int
) -> list[sqlite3.Row]:
    """Return the spans that overlap `start` to `stop`, with their rules and words."""
    return rows(connection, _SPANS_OVER, text_id, stop, start)


def works(connection: sqlite3.Connection, text_id: int) -> list[sqlite3.Row]:
    """Return the works that a text is a copy of."""
    return rows(connection, _WORKS, text_id)


def doubt(connection: sqlite3.Connection, text_id: int) -> str | None:
    """Return how copies contradict the identity of a text, or None."""
    found: str | None = value(connection, "SELECT doubt FROM sketches WHERE text_id = ?", text_id)
    return found


def injected(connection: sqlite3.Connection, text_id: int) -> list[str]:
    """Return the words in the text that were injected into it, each once."""
    return column(connection, _INJECTED, text_id)


def exemplary(connection: sqlite3.Connection, kind: str) -> list[int]:
    """Yield whole texts of a kind on official sites without doubts, without duplicates."""
    return column(connection, _EXEMPLARY, kind)


def newest(connection: sqlite3.Connection) -> int | None:
    """Return the id of the newest text, or None."""
    found: int | None = value(connection, "SELECT max(id) FROM texts")
    return found


def current(connection: sqlite3.Connection) -> list[int]:
    """The texts of the current ruleset."""
    return column(connection, "SELECT text_id FROM up_to_date ORDER BY text_id")

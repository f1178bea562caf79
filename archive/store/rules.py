"""Rules and what they removed, as rows."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.rows import column, row, rows

_RULE: Final = """
SELECT * FROM rules WHERE name = ?
ORDER BY ruleset_id = (SELECT ruleset_id FROM current_ruleset) DESC, id DESC LIMIT 1
"""

_HOSTS: Final = """
SELECT host, count(*) AS spans, sum(stop - start) AS chars FROM (
  SELECT spans.start, spans.stop, (
    SELECT pages.host FROM texts JOIN captures ON captures.payload_sha256 = texts.payload_sha256
      AND captures.context_sha256 = texts.context_sha256
    JOIN pages ON pages.id = captures.page_id WHERE texts.id = spans.text_id LIMIT 1) AS host
  FROM spans WHERE rule_id = ? LIMIT 50000
) GROUP BY host ORDER BY spans DESC LIMIT 20
"""

_SAMPLES: Final = """
SELECT spans.text_id, spans.action, spans.replacement, spans.stop - spans.start AS chars,
  substr(visible_texts.visible, spans.start + 1, min(spans.stop - spans.start, ?)) AS words
FROM spans JOIN texts ON texts.id = spans.text_id
JOIN visible_texts ON visible_texts.sha256 = texts.visible_sha256
WHERE spans.rule_id = ? ORDER BY spans.text_id DESC, spans.seq LIMIT ?
"""


def rule(connection: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """Return the rule of this name, preferably of the current ruleset; None if there is none."""
    return row(connection, _RULE, name)


def names(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all rules."""
    return column(connection, "SELECT DISTINCT name FROM rules")


def hosts(connection: sqlite3.Connection, rule_id: int) -> list[sqlite3.Row]:
    """Return the hosts on whose pages a rule took most, with spans and characters."""
    return rows(connection, _HOSTS, rule_id)


def samples(
    connection: sqlite3.Connection, rule_id: int, most: int, chars: int
) -> list[sqlite3.Row]:
    """Return the newest words that a rule took, each cut after this many characters."""
    return rows(connection, _SAMPLES, chars, rule_id, most)

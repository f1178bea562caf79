"""Rules and what they removed, as rows."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from archive.store.partitions import spans_of, visible_of
from archive.store.rows import column, row, rows

_RULE: Final = """
SELECT * FROM rules WHERE name = ?
ORDER BY ruleset_id = (SELECT ruleset_id FROM current_ruleset) DESC, id DESC LIMIT 1
"""

_HOSTS: Final = """
SELECT host, sum(spans) AS spans, sum(chars) AS chars FROM (
  SELECT rule_uses.spans, rule_uses.chars, (
    SELECT pages.host FROM texts JOIN captures ON captures.payload_sha256 = texts.payload_sha256
      AND captures.context_sha256 = texts.context_sha256
    JOIN pages ON pages.id = captures.page_id WHERE texts.id = rule_uses.text_id LIMIT 1) AS host
  FROM rule_uses WHERE rule_id = ? LIMIT 30000
) GROUP BY host ORDER BY spans DESC LIMIT 20
"""

_SAMPLES: Final = """
SELECT text_id, action FROM rule_uses WHERE rule_id = ? ORDER BY text_id DESC LIMIT ?
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
    connection: sqlite3.Connection, rule: sqlite3.Row, most: int, chars: int
) -> list[dict[str, Any]]:
    """The newest words that a rule took, each cut after so many characters."""
    found: list[dict[str, Any]] = []
    for text_id, action in rows(connection, _SAMPLES, rule["id"], most):
        visible = visible_of(connection, text_id)
        found.extend(
            {
                "text_id": text_id, "action": action, "replacement": span.replacement,
                "chars": span.stop - span.start,
                "words": visible[span.start : min(span.stop, span.start + chars)],
            }
            for span in spans_of(connection, text_id)
            if (span.rule, span.action) == (rule["name"], action)
        )  # fmt: skip
        if len(found) >= most:
            break
    return found[:most]

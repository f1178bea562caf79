"""Sources of texts as rows: their captures, and hosts with injected words."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.rows import row, rows, value

_TEXT: Final = """
SELECT verdicts.verdict, verdicts.page_verdict,  -- before texts.*: the first of a name counts
  texts.*, rulesets.sha256 AS ruleset_sha256, payloads.payload_bytes, payloads.codec,
  EXISTS (SELECT 1 FROM up_to_date WHERE text_id = texts.id) AS is_current
FROM texts JOIN rulesets ON rulesets.id = texts.ruleset_id
JOIN verdicts ON verdicts.text_id = texts.id
JOIN payloads ON payloads.sha256 = texts.payload_sha256
WHERE texts.id = ?
"""

_CAPTURES: Final = """
SELECT captures.*, pages.url, pages.host, site_facts.name AS site, site_facts.title AS site_title,
  coalesce(site_facts.kind, 'unknown') AS site_kind
FROM captures JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE captures.payload_sha256 = ? AND captures.context_sha256 = ?
ORDER BY captures.id LIMIT ?
"""

_HIJACKED_HOST: Final = """
SELECT EXISTS (
  SELECT 1 FROM texts
  CROSS JOIN captures ON captures.payload_sha256 = texts.payload_sha256
    AND captures.context_sha256 = texts.context_sha256
  JOIN pages ON pages.id = captures.page_id
  WHERE texts.page_verdict = 'hijacked' AND pages.host = ?1
) OR EXISTS (
  SELECT 1 FROM brand_places
  CROSS JOIN texts ON texts.id = brand_places.text_id
  CROSS JOIN captures ON captures.payload_sha256 = texts.payload_sha256
    AND captures.context_sha256 = texts.context_sha256
  JOIN pages ON pages.id = captures.page_id
  WHERE pages.host = ?1
)
"""


def text(connection: sqlite3.Connection, text_id: int) -> sqlite3.Row | None:
    """Return the row of a text with its verdicts, ruleset and payload, or None."""
    return row(connection, _TEXT, text_id)


def captures_of(connection: sqlite3.Connection, found: sqlite3.Row, most: int) -> list[sqlite3.Row]:
    """Return the first captures of a text, with page and site.

    Args:
        connection: the connection of the archive.
        found: the row of the text.
        most: the most captures.
    """
    return rows(connection, _CAPTURES, found["payload_sha256"], found["context_sha256"], most)


def is_hijacked(connection: sqlite3.Connection, host: str) -> bool:
    """Whether injected words were ever found on a page of `host`."""
    return bool(value(connection, _HIJACKED_HOST, host))

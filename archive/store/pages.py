"""Pages, their captures and payloads, as rows."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.rows import column, row, rows, value

_CAPTURE: Final = """
SELECT captures.*, pages.url, pages.host, pages.surt, site_facts.name AS site,
  site_facts.title AS site_title, coalesce(site_facts.kind, 'unknown') AS site_kind,
  target.url AS redirect_to
FROM captures JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
LEFT JOIN redirects ON redirects.capture_id = captures.id
LEFT JOIN pages AS target ON target.id = redirects.page_id
WHERE captures.id = ?
"""

_VERSIONS: Final = """
SELECT captures.id, captures.outcome, captures.status, captures.payload_sha256, captures.run_id,
  coalesce(captures.captured_at, captures.recorded_at) AS at, captures.revisit_of,
  (SELECT max(texts.id) FROM texts WHERE texts.payload_sha256 = captures.payload_sha256
   AND texts.context_sha256 = captures.context_sha256) AS text_id,
  (SELECT texts.clean_sha256 FROM texts WHERE texts.payload_sha256 = captures.payload_sha256
   AND texts.context_sha256 = captures.context_sha256 ORDER BY texts.id DESC LIMIT 1) AS clean
FROM captures WHERE page_id = ? ORDER BY captures.id DESC LIMIT ?
"""

_PAYLOAD: Final = """
SELECT sha256, payload_bytes, codec, length(stored) AS stored_bytes FROM payloads WHERE sha256 = ?
"""

_TEXTS_OF: Final = """
SELECT texts.id, texts.shape, verdicts.verdict, texts.clean_chars, texts.created_at,
  EXISTS (SELECT 1 FROM up_to_date WHERE text_id = texts.id) AS is_current
FROM texts JOIN verdicts ON verdicts.text_id = texts.id
WHERE payload_sha256 = ? ORDER BY texts.id DESC LIMIT ?
"""

_CAPTURES_OF: Final = """
SELECT captures.id, pages.url, coalesce(captured_at, recorded_at) AS at FROM captures
JOIN pages ON pages.id = captures.page_id WHERE payload_sha256 = ?
ORDER BY captures.id LIMIT ?
"""


def capture(connection: sqlite3.Connection, capture_id: int) -> sqlite3.Row | None:
    """Return a capture with its page, site and redirect, or None."""
    return row(connection, _CAPTURE, capture_id)


def captures(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of all captures."""
    return column(connection, "SELECT id FROM captures")


def outcomes(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the number of captures of each outcome."""
    found = rows(connection, "SELECT outcome, count(*) FROM captures GROUP BY outcome")
    return {str(outcome): int(count) for outcome, count in found}


def last_recorded_at(connection: sqlite3.Connection) -> str | None:
    """Return when the newest capture was stored, or None."""
    found: str | None = value(
        connection, "SELECT recorded_at FROM captures ORDER BY id DESC LIMIT 1"
    )
    return found


def page(connection: sqlite3.Connection, page_id: int) -> sqlite3.Row | None:
    """Return a page, or None."""
    return row(connection, "SELECT * FROM pages WHERE id = ?", page_id)


def versions(connection: sqlite3.Connection, page_id: int, most: int) -> list[sqlite3.Row]:
    """Return the captures of a page with their texts, the newest first."""
    return rows(connection, _VERSIONS, page_id, most)


def count_versions(connection: sqlite3.Connection, page_id: int) -> int:
    """Return the number of captures of a page."""
    return int(value(connection, "SELECT count(*) FROM captures WHERE page_id = ?", page_id))


def payload(connection: sqlite3.Connection, sha256: str) -> sqlite3.Row | None:
    """Return the metadata of a payload without decompressing it, or None."""
    return row(connection, _PAYLOAD, sha256)


def captures_of(connection: sqlite3.Connection, sha256: str, most: int) -> list[sqlite3.Row]:
    """Return the captures of a payload."""
    return rows(connection, _CAPTURES_OF, sha256, most)


def texts_of(connection: sqlite3.Connection, sha256: str | None, most: int) -> list[sqlite3.Row]:
    """Return the texts derived from a payload, the newest first."""
    return rows(connection, _TEXTS_OF, sha256, most)


def encoding_of(connection: sqlite3.Connection, sha256: str) -> str | None:
    """Return the encoding with which the newest text of a payload was read, or None."""
    found: str | None = value(
        connection,
        "SELECT encoding FROM texts WHERE payload_sha256 = ? ORDER BY id DESC LIMIT 1",
        sha256,
    )
    return found

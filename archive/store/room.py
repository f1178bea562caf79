"""How much of an archive's file each site and year needs, and how fast the file grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from archive import clock
from archive.store.rows import row, rows, value

_YEAR_DAYS: Final = 365.0

# a payload, and the texts of it, count for the site and year that brought it first
_SHARES: Final = """
WITH first AS (
  SELECT payload_sha256, min(id) AS id, count(*) AS captures FROM captures
  WHERE payload_sha256 IS NOT NULL GROUP BY payload_sha256),
words AS (
  SELECT texts.payload_sha256, sum(length(packed_texts.packed)) AS bytes
  FROM texts JOIN packed_texts ON packed_texts.sha256 = texts.visible_sha256
  GROUP BY texts.payload_sha256)
SELECT coalesce(site_facts.name, '') AS site, substr(captures.recorded_at, 1, 4) AS year,
  sum(first.captures) AS captures, count(*) AS payloads,
  sum(coalesce(length(payloads.stored), 0)) AS payload_bytes,
  sum(coalesce(words.bytes, 0)) AS text_bytes
FROM first
JOIN captures ON captures.id = first.id
JOIN payloads ON payloads.sha256 = first.payload_sha256
LEFT JOIN words ON words.payload_sha256 = first.payload_sha256
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE captures.recorded_at >= ?
GROUP BY site, year ORDER BY site, year
"""
_SPAN: Final = "SELECT min(recorded_at) AS first, max(recorded_at) AS last FROM captures"


@dataclass(frozen=True, slots=True)
class Growth:
    """The size of the file, and by how much it grows in a year, at the pace since a time."""

    file_bytes: int
    year_bytes: int
    since: str


def shares(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield captures, payloads and bytes of each site and year; `bytes` add up to the file.

    Indexes, headers and judgements are counted in proportion to payloads and texts. Files that were
    imported have no site: "".
    """
    found = [dict(each) for each in rows(connection, _SHARES, "")]
    total = sum(map(_content, found))
    size = file_bytes(connection)
    reached = before = 0
    for each in found:
        reached += _content(each)
        until = round(size * reached / total) if total else 0
        yield each | {"bytes": until - before}
        before = until


def growth(connection: sqlite3.Connection) -> Growth | None:
    """Return how fast the file grows: as in the last year, or since the first capture."""
    span = row(connection, _SPAN)
    if span is None or span["first"] is None:
        return None
    now = datetime.now(UTC)
    since = max(span["first"], clock.stamp(now - timedelta(days=_YEAR_DAYS)))
    total = sum(map(_content, rows(connection, _SHARES, "")))
    new = sum(map(_content, rows(connection, _SHARES, since)))
    days = max((now - datetime.fromisoformat(since)) / timedelta(days=1), 1.0)
    size = file_bytes(connection)
    year = size * (new / total if total else 0) * _YEAR_DAYS / days
    return Growth(size, round(year), since)


def file_bytes(connection: sqlite3.Connection) -> int:
    """Return the size of the database file."""
    pages = int(value(connection, "SELECT page_count FROM pragma_page_count"))
    return pages * int(value(connection, "SELECT page_size FROM pragma_page_size"))


def _content(share: sqlite3.Row | dict[str, Any]) -> int:
    return int(share["payload_bytes"]) + int(share["text_bytes"])

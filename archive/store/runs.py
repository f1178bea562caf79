"""Runs as rows: what was done, with what, and the result."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store.rows import column, row, rows, value

_NEWEST: Final = """
SELECT runs.id, runs.kind, runs.started_at, run_ends.ended_at, run_ends.reason,
  (SELECT count(*) FROM captures WHERE captures.run_id = runs.id) AS captures
FROM runs LEFT JOIN run_ends ON run_ends.run_id = runs.id ORDER BY runs.id DESC LIMIT ?
"""

_RUN: Final = """
SELECT runs.*, run_ends.ended_at, run_ends.reason, run_ends.error, run_ends.counts_json,
  run_ends.ledger_head FROM runs LEFT JOIN run_ends ON run_ends.run_id = runs.id
WHERE runs.id = ?
"""

_OUTCOMES: Final = """
SELECT outcome, count(*) AS captures FROM captures WHERE run_id = ?
GROUP BY outcome ORDER BY captures DESC, outcome
"""

_FINISHED: Final = """
SELECT max(ended_at) FROM run_ends JOIN run_sites USING (run_id)
WHERE run_sites.name = ? AND json_extract(counts_json, ?) IS NOT NULL
"""

_SEEN: Final = """
SELECT json_extract(counts_json, ?) FROM run_ends JOIN run_sites USING (run_id)
WHERE run_sites.name = ? AND run_id < ? AND json_extract(counts_json, ?) IS NOT NULL
  AND json_extract(counts_json, ?) IS NOT NULL
ORDER BY run_id DESC LIMIT 1
"""


def newest(connection: sqlite3.Connection, most: int) -> list[sqlite3.Row]:
    """Return the newest runs with the number of their captures."""
    return rows(connection, _NEWEST, most)


def ids(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of all runs."""
    return column(connection, "SELECT id FROM runs")


def unfinished(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the runs without an end: those that were killed, and those that still run."""
    return rows(connection, "SELECT id, kind, started_at FROM unfinished_runs ORDER BY id")


def run(connection: sqlite3.Connection, run_id: int) -> sqlite3.Row | None:
    """Return a run with its end, or None."""
    return row(connection, _RUN, run_id)


def sites(connection: sqlite3.Connection, run_id: int) -> list[sqlite3.Row]:
    """Return the site files that a run used."""
    return rows(connection, "SELECT name, sha256, toml FROM run_sites WHERE run_id = ?", run_id)


def outcomes(connection: sqlite3.Connection, run_id: int) -> list[sqlite3.Row]:
    """Return the number of captures of a run by outcome, most frequent first."""
    return rows(connection, _OUTCOMES, run_id)


def checks(connection: sqlite3.Connection, run_id: int) -> list[sqlite3.Row]:
    """Return the counts of a run of `verify`."""
    return rows(connection, "SELECT * FROM fixity_checks WHERE run_id = ?", run_id)


def finished_at(connection: sqlite3.Connection, site: str) -> str | None:
    """Return when the last crawl that finished a site ended, or None."""
    found: str | None = value(connection, _FINISHED, site, f'$."finished:{site}"')
    return found


def seen_before(connection: sqlite3.Connection, site: str, run_id: int) -> int | None:
    """Return how many articles the lists showed in the last finished crawl before `run_id`."""
    seen, finished = f'$."seen:{site}"', f'$."finished:{site}"'
    found: int | None = value(connection, _SEEN, seen, site, run_id, finished, seen)
    return found

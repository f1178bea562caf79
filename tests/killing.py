"""SIGKILL for imports, and what two archives that hold the same have in common.

`bench/bench_backfill_killed.py` kills at many moments, the tests at a few.
"""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from commands import Started

HOLDINGS = {
    "payloads": "SELECT sha256, payload_bytes FROM payloads",
    "pages": "SELECT url FROM pages",
    "captures": """SELECT pages.url, origin, outcome, error, status, payload_sha256, context_sha256,
        filename, member, container_sha256, claims_json, content_type, last_modified
        FROM captures JOIN pages ON pages.id = page_id""",
    "texts": "SELECT payload_sha256, context_sha256, derivation_sha256 FROM texts",
    "works": "SELECT name, place, title, session, speaker FROM works",
    "witnesses": """SELECT works.name, extent, rank, texts.derivation_sha256, seq
        FROM witness_texts JOIN witnesses ON witnesses.id = witness_id
        JOIN works ON works.id = work_id JOIN texts ON texts.id = text_id""",
}
"""The rows of each table without ids and without times of recording, as SELECTs."""

LATEST_S = 120


def holdings(db: Path) -> dict[str, list[tuple[object, ...]]]:
    """What an archive holds, the rows of each table sorted."""
    with sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True, timeout=30) as reader:
        found = {
            table: sorted(reader.execute(select).fetchall(), key=repr)
            for table, select in HOLDINGS.items()
        }
    reader.close()
    return found


def count(db: Path, table: str = "captures") -> int:
    """How many rows of a table a reader sees; 0 as long as there is none."""
    if not db.exists():
        return 0
    reader = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        (rows,) = reader.execute(f"SELECT count(*) FROM {table}").fetchone()
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        reader.close()
    return int(rows)


def run_until(running: Started | subprocess.Popen[bytes], moment: Callable[[], bool]) -> int | None:
    """Kill a command when `moment()` comes; its exit code where it ended before."""
    due = time.monotonic() + LATEST_S
    while running.poll() is None and not moment():
        assert time.monotonic() < due, "the command did not end"
        time.sleep(0.002)
    ended = running.poll()
    if ended is None:
        running.kill()
    running.wait(LATEST_S)
    return ended

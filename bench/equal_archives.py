"""What two archives must have in common if one was merged and the other made in one go."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

CAPTURES = """
SELECT pages.url, outcome, payload_sha256, context_sha256
FROM captures JOIN pages ON pages.id = page_id
"""
TEXTS = "SELECT derivation_sha256 FROM texts"
WITNESSES = """
SELECT works.name, (
  SELECT json_group_array(derivation_sha256) FROM (
    SELECT derivation_sha256 FROM witness_texts
    JOIN witnesses ON witnesses.id = witness_id JOIN texts ON texts.id = text_id
    WHERE witnesses.work_id = works.id ORDER BY derivation_sha256))
FROM works
"""
EDITIONS = "SELECT name, text_sha256 FROM works LEFT JOIN editions ON work_id = works.id"
SETS = {"captures": CAPTURES, "texts": TEXTS, "works": WITNESSES, "editions": EDITIONS}


def held(db: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Each set of an archive; ids, times and runs are not in them."""
    with closing(sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)) as reader:
        return {name: set(reader.execute(select).fetchall()) for name, select in SETS.items()}


def differing(one: Path, other: Path) -> dict[str, int]:
    """How many members of each set only one of two archives has; {} if they are equal."""
    first, second = held(one), held(other)
    counts = {name: len(first[name] ^ second[name]) for name in SETS}
    return {name: count for name, count in counts.items() if count}

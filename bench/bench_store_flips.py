"""Edited columns and flipped bits in a full archive: what do `verify` and `verify --full` find?

    python bench/bench_store_flips.py [--flips 1000] [--seed 1]

The archive has rows in every table (`full_archives.py`). One value of every column that has one is
edited past the triggers; then bits are flipped, one at a random place of the file each time. A
change that no row of any table shows is counted apart. `--full` is asked about what `verify` has
missed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from full_archives import columns, edit, full_archive

from archive.errors import BaogaoError
from archive.store import Archive

COUNTS = ("tried", "change a row", "found by verify", "found by verify --full", "missed by both")


def main() -> int:
    """Edit, flip, look, and print the counts; 1 when both have missed something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    survived = 0
    with tempfile.TemporaryDirectory() as name:
        sound = full_archive(Path(name) / "full.db")
        size = sound.stat().st_size
        print(f"an archive of {size:,} bytes, SQLite {sqlite3.sqlite_version}")
        for kind, changes in (("edits", edits(sound)), ("flips", flips(size, options))):
            counts = Counter[str]()
            survivors = [
                f"{what}: {', '.join(tables)}"
                for what, change in changes
                if (tables := unseen(sound, change, counts))
            ]
            print(kind, ", ".join(f"{name} {counts[name]}" for name in COUNTS))
            for survivor in survivors:
                print(f"  missed: {survivor}")
            survived += len(survivors)
    return int(survived > 0)


Change = Callable[[Path], None]


def edits(sound: Path) -> Iterator[tuple[str, Change]]:
    """Yield an edit of each column that has a value."""
    with closing(sqlite3.connect(sound)) as connection:
        having = columns(connection)
    for table, column in having:

        def change(path: Path, table: str = table, column: str = column) -> None:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("PRAGMA ignore_check_constraints = ON")
                edit(connection, table, column)

        yield f"{table}.{column}", change


def flips(size: int, options: argparse.Namespace) -> Iterator[tuple[str, Change]]:
    """Yield flips of single bits."""
    chance = random.Random(options.seed)
    for _ in range(options.flips):
        bit = chance.randrange(size * 8)

        def change(path: Path, bit: int = bit) -> None:
            content = bytearray(path.read_bytes())
            content[bit // 8] ^= 1 << bit % 8
            path.write_bytes(content)

        yield f"bit {bit % 8} of byte {bit // 8}", change


def unseen(sound: Path, change: Change, counts: Counter[str]) -> list[str]:
    """Count one change of a copy; return the tables that it changes if no check sees it."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "copy.db"
        shutil.copyfile(sound, copy)
        change(copy)
        counts["tried"] += 1
        before, after = everything(sound), everything(copy)
        if before == after:
            return []
        counts["change a row"] += 1
        quick = finds(copy, full=False)
        counts["found by verify"] += quick
        found = quick or finds(copy, full=True)
        counts["found by verify --full"] += found
        counts["missed by both"] += not found
        return [] if found else [table for table in before if before[table] != after.get(table)]


def finds(path: Path, *, full: bool) -> bool:
    """Whether a verification finds anything that failed."""
    try:
        with (
            Archive.open(path, repair=False) as archive,
            closing(archive.verification(full=full).findings()) as findings,
        ):
            return any(finding.result == "failed" for finding in findings)
    except BaogaoError:
        return True


def everything(path: Path) -> dict[str, object]:
    """Return every row of every table, as SQLite gives it, or what it says instead."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as plain:
        plain.text_factory = bytes
        try:
            tables = plain.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
                " AND sql NOT LIKE 'CREATE VIRTUAL%'"
            ).fetchall()
            names = ["sqlite_master", *(name.decode() for (name,) in tables)]
            return {name: plain.execute(f"SELECT * FROM {name}").fetchall() for name in names}
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return {"unreadable": str(error)}


if __name__ == "__main__":
    sys.exit(main())

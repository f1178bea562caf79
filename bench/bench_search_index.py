"""What a page costs in the search index: as it is, with each token once, and with other settings.

    python bench/bench_search_index.py [--pages 256] [--rounds 4]

The texts are the reports of bench_full_archive.py. CPU of this process, the best of all rounds,
which are interleaved: cutting into tokens, and inserting into FTS5.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from bench_full_archive import reports

from archive.store.search import tokens

BATCH = 64
TABLE = "CREATE VIRTUAL TABLE i USING fts5(tokens, content='', tokenize='ascii', detail=none)"


def once(text: str) -> str:
    """Each token once, in the order of its first place."""
    return " ".join(dict.fromkeys(tokens(text).split(" ")))


def in_order(text: str) -> str:
    """Each token once, sorted."""
    return " ".join(sorted(set(tokens(text).split(" "))))


VARIANTS: dict[str, tuple[Callable[[str], str], Mapping[str, int]]] = {
    "as it is": (tokens, {}),
    "each token once": (once, {}),
    "in order": (in_order, {}),
    "hash table of 128 kB": (tokens, {"hashsize": 1 << 17}),
    "hash table of 16 MB": (tokens, {"hashsize": 1 << 24}),
    "segments merged by 8": (tokens, {"automerge": 8}),
    "segments not merged": (tokens, {"automerge": 0}),
}


def inserted(path: Path, rows: Sequence[str], options: Mapping[str, int]) -> tuple[float, int]:
    """CPU seconds of inserting, and the bytes of the file."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(TABLE)
    connection.executemany("INSERT INTO i (i, rank) VALUES (?, ?)", options.items())
    numbered = enumerate(rows, 1)
    started = time.process_time()
    while batch := list(islice(numbered, BATCH)):
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO i (rowid, tokens) VALUES (?, ?)", batch)
        connection.execute("COMMIT")
    took = time.process_time() - started
    connection.close()
    return took, path.stat().st_size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    texts = ["\n".join(lines) for lines in islice(reports(), options.pages)]
    best: dict[str, tuple[float, float, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for name, (cut, settings) in VARIANTS.items():
                started = time.process_time()
                rows = list(map(cut, texts))
                cutting = time.process_time() - started
                inserting, size = inserted(Path(folder) / "i.db", rows, settings)
                known = best.get(name, (cutting, inserting, size))
                best[name] = min(cutting, known[0]), min(inserting, known[1]), size
    for name, (cutting, inserting, size) in best.items():
        a_page = (1000 * seconds / len(texts) for seconds in (cutting, inserting))
        print("{:22} cutting {:5.2f} ms  FTS5 {:5.2f} ms ".format(name, *a_page), end=" ")
        print(f"{size / len(texts):,.0f} bytes a page")


if __name__ == "__main__":
    main()

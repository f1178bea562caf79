"""CPU, peak of memory and size of a panel's table in each format: 135,000 rows, 50 words.

    python bench/bench_tables.py [--rows 135000]

Each format is written by a process of its own. The figures are in docs/exports.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.export.tables import TABLE_FORMATS, Column, DataTable

WORDS = [f"词{number}" for number in range(1, 51)]
FACTS = [
    Column("place", "Place."), Column("level", "Level.", values=("province", "county")),
    Column("text_sha256", "Digest."), Column("url", "Address."),
]  # fmt: skip
COUNTS = [
    Column(f"{word}_{way}", "Count.", "float" if way == "per_10k" else "int")
    for word in WORDS
    for way in ("exact", "jieba", "per_10k")
]
TABLE = DataTable([*FACTS, *COUNTS], "Bench", {word: f"w{n}" for n, word in enumerate(WORDS, 1)})


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Rows of a panel, a third of them missing."""
    chance = random.Random(1)
    values = [chance.randint(0, 300) for _ in range(997)]
    for number in range(count):
        row: dict[str, Any] = {
            "place": f"地方{number % 3000}", "level": "county",
            "text_sha256": "a" * 64, "url": f"http://x.test/{number}" + "y" * (number % 150),
        }  # fmt: skip
        for at, word in enumerate(WORDS):
            value = values[(number + at) % len(values)]
            row |= {f"{word}_exact": value, f"{word}_jieba": value, f"{word}_per_10k": value / 7}
        yield row if number % 3 else row | dict.fromkeys((each.name for each in COUNTS), "NA")


def write(ending: str, count: int) -> None:
    """Write one table and print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{ending}"
        began = time.process_time()
        TABLE_FORMATS[ending].write(path, TABLE, rows(count))
        took = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        size = path.stat().st_size // 1_000_000
        print(f"{ending:9} {took:6.1f} s CPU  {peak:5} MB peak  {size:5} MB", flush=True)


def main() -> None:
    """Write each format."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=135_000)
    count = arguments.parse_args().rows
    context = multiprocessing.get_context("spawn")
    for ending in TABLE_FORMATS:
        process = context.Process(target=write, args=(ending, count))
        process.start()
        process.join()


if __name__ == "__main__":
    main()

"""Learn the figures that are shipped: pairs of characters and slots, from clean reports.

    python bench/build_ngrams.py ../shared/reports archive/known/figures

What is written are counts; no sentence of a report is kept. `provinces-2026/*.csv` and
`state-council.jsonl` are cleaned by the shipped line rules first.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from archive.derivation import derive
from archive.known import shipped
from archive.known.figures import save_figures
from archive.known.learning import count_grams, learn_slots, place_names
from archive.model import Capture

_SHORTEST = 3000
_TRADITIONAL = "們"


def reports(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and clean text of each report in `folder`."""
    csv.field_size_limit(10**9)
    for path in sorted((folder / "provinces-2026").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield row["province"], clean_text(row["full_text"])
    with (folder / "state-council.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if len(row["content"]) >= _SHORTEST and row["content"].count(_TRADITIONAL) < 5:
                yield row["title"], clean_text(row["content"])


def clean_text(words: str) -> str:
    """The clean text of a report."""
    return derive(Capture.from_bytes(words.encode(), filename="report.txt")).text


def main(source: str, target: str) -> None:
    """Write the figures and say how large they are."""
    known = shipped()
    texts = [text for _, text in reports(Path(source))]
    pairs = count_grams(texts, 2, 2)
    slots = learn_slots(texts, known.lexicon("slots")["words"], place_names(known.gazetteer))
    save_figures(Path(target), pairs, slots)
    size = sum(path.stat().st_size for path in Path(target).iterdir())
    print(f"{len(texts)} texts, {len(pairs)} pairs, {len(slots)} slots, {size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])

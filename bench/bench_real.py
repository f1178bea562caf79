"""Judge the real reports of ../shared/corpus: the table of docs/identify.md.

    python bench/bench_real.py [--wrong]

Each text is derived twice: as it is, and bare (no front matter, comment, mark or title, under a
name that says nothing). `--wrong` lists the texts whose field is wrong.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from real_texts import CORPUS, Real, Score, real_texts, score, score_headers

FIELDS = ("kind", "place", "year", "verdict", "complete")
AT_ONCE = 64


def main() -> None:
    """Print the share right, wrong and null of each field, as they are and bare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="list the texts that are wrong")
    asked = parser.parse_args()
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS} is absent: the real texts are not part of the project")
    texts = real_texts()
    for title, bare in (("as they are", False), ("bare", True)):
        show(f"{len(texts)} texts, {title}", scored(texts, bare=bare), FIELDS, asked.wrong)
    show("headers read by hand", score_headers(texts), ("delivered_on", "speaker"), asked.wrong)


def scored(texts: list[Real], *, bare: bool) -> Score:
    """The score of all texts, counted by as many processes as there are cores."""
    total = Score()
    parts = [texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE)]
    with ProcessPoolExecutor() as pool:
        for part in pool.map(_score, parts, repeat(bare)):
            for what, counted in part.counts.items():
                total.counts[what] += counted
                total.wrong[what] += part.wrong[what]
    return total


def _score(texts: list[Real], bare: bool) -> Score:  # noqa: FBT001  (called by map)
    return score(texts, bare=bare)


def show(title: str, found: Score, fields: tuple[str, ...], wrong: bool) -> None:  # noqa: FBT001
    """A line for each field."""
    print(title)
    for what in fields:
        counted = found.counts[what]
        print(
            f"  {what:14} right {counted['right']:5} ({found.share(what):.4f})"
            f"  wrong {counted['wrong']:4}  null {counted['null']:4}"
        )
        for name in found.wrong[what] if wrong else ():
            print("      ", name)


if __name__ == "__main__":
    main()

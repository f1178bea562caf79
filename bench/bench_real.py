"""Judge the real reports of ../shared/corpus: the tables of docs/identify.md and collation.md.

    python bench/bench_real.py [--wrong] [--quick]

Each text is derived twice: unchanged, and bare (no front matter, comment, mark or title, under a
name without information). `--wrong` lists the texts whose field is wrong. Then come works and
copies, planted brands, and reports that were cut, each by its own script; `--quick` leaves them
out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from real_texts import CORPUS, Real, Score, real_texts, score

FIELDS = ("kind", "place", "year", "verdict", "complete", "delivered_on", "speaker")
OTHERS = (
    ("bench_collate_works.py",),
    ("bench_hijack_planted.py", "--brands", "held"),
    ("bench_completeness.py",),
)
"""The scripts that measure the rest of the table."""

AT_ONCE = 64


def main() -> None:
    """Print the share right, wrong and null of each field, as they are and bare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="list the texts that are wrong")
    parser.add_argument("--quick", action="store_true", help="only what texts say of themselves")
    asked = parser.parse_args()
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS} is absent: the real texts are not part of the project")
    texts = real_texts()
    for title, bare in (("as they are", False), ("bare", True)):
        show(f"{len(texts)} texts, {title}", scored(texts, bare=bare), FIELDS, asked.wrong)
    for name, *options in () if asked.quick else OTHERS:
        print(" ".join((name, *options)), flush=True)
        subprocess.run([sys.executable, Path(__file__).with_name(name), *options], check=True)


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
    for what in (each for each in fields if each in found.counts):
        counted = found.counts[what]
        print(
            f"  {what:14} right {counted['right']:5} ({found.share(what):.4f})"
            f"  wrong {counted['wrong']:4}  null {counted['null']:4}"
        )
        for name in found.wrong[what] if wrong else ():
            print("      ", name)


if __name__ == "__main__":
    main()

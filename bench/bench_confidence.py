"""The confidence of reading in its wrong choices and in its right ones.

    python bench/bench_confidence.py [../shared] [--every 8]

The pages are the development pages, the practice web, made pages, and real skeletons with an
article of 3, 4 or 7 paragraphs, which is often too little to be distinguished from its
surroundings.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from bench_reading import practice_pages  # noqa: E402  (the paths must be set first)
from corpora import SHARED  # noqa: E402
from extraction import GoldPage, development_pages, score  # noqa: E402
from made_pages import made_pages  # noqa: E402
from transplants import transplanted  # noqa: E402

from archive.known import shipped  # noqa: E402
from archive.model import Capture  # noqa: E402
from archive.read import read  # noqa: E402

WRONG, RIGHT = 0.8, 0.95
SURE = 0.5


def sets(shared: Path, every: int) -> Iterator[tuple[str, Sequence[GoldPage]]]:
    """The name and the pages of each set."""
    saved = development_pages(shared / "pages")
    yield "development", saved
    yield "practice", practice_pages()
    yield "made", list(made_pages((1,)))[::3]
    for paragraphs in (3, 4, 7):
        pages = list(transplanted(saved, paragraphs))
        yield f"{paragraphs} paragraphs", pages[paragraphs % every :: every]


def scored(page: GoldPage) -> tuple[float, float]:
    """Return the F1 of the main part of `page`, and its confidence."""
    found = read(Capture.from_bytes(page.source), shipped())
    lines = [found.words(block) for block in found.blocks if block.main]
    return score(lines, page).text, found.confidence


def main() -> None:
    """Read all pages and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--every", type=int, default=8)
    chosen = parser.parse_args()
    print(f"pages, wrong (F1 < {WRONG}) and of them under {SURE}, right (F1 >= {RIGHT}) and so on")
    for name, pages in sets(chosen.shared, chosen.every):
        found = [scored(page) for page in pages]
        wrong = [confidence for f1, confidence in found if f1 < WRONG]
        right = [confidence for f1, confidence in found if f1 >= RIGHT]
        warned = [sum(each < SURE for each in some) for some in (wrong, right)]
        print(f"{name:14}{len(found):5}{len(wrong):6}{warned[0]:5}{len(right):7}{warned[1]:5}")


if __name__ == "__main__":
    main()

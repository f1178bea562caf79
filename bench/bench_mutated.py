"""Ten thousand damaged pages: each must give a page that keeps the laws, and soon.

python bench/bench_mutated.py [COUNT]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from extraction import development_pages  # noqa: E402
from made_pages import made_pages  # noqa: E402
from mutations import mutated  # noqa: E402

from archive.known import shipped  # noqa: E402  (the paths must be set first)
from archive.model import Capture, Page  # noqa: E402
from archive.read import read  # noqa: E402

PAGES = Path(__file__).parents[2] / "shared" / "pages"


def broken_laws(page: Page) -> list[str]:
    """What is wrong with `page` as a page: its blocks must be the lines of its text."""
    found = []
    at = 0
    for number, block in enumerate(page.blocks):
        if block.start < at or block.stop < block.start:
            found.append(f"block {number} overlaps")
        if "\n" in page.words(block) or "\r" in page.words(block):
            found.append(f"block {number} holds two lines")
        at = block.stop
    between = "".join(
        page.visible[block.stop : page.line_stop(number)]
        for number, block in enumerate(page.blocks)
    )
    if between.strip("\r\n") or (page.blocks and page.blocks[0].start):
        found.append("characters stand between the blocks")
    if "\x00" in page.visible or any("\ud800" <= char <= "\udfff" for char in page.visible):
        found.append("NUL or surrogate")
    return found if 0 <= page.confidence <= 1 else [*found, "confidence"]


def _main(count: int) -> int:
    dice = Random(20240131)
    pages = [page.source for page in development_pages(PAGES)] if PAGES.exists() else []
    pages += [page.source for page in made_pages()]
    flags: Counter[str] = Counter()
    slowest = 0.0
    wrong = 0
    for _ in range(count):
        damaged = mutated(dice.choice(pages), dice)
        began = time.process_time()
        page = read(Capture.from_bytes(damaged), shipped())
        slowest = max(slowest, time.process_time() - began)
        flags.update({page.medium, page.method, *(flag.kind for flag in page.flags)})
        wrong += bool(broken_laws(page))
    print(f"{count} pages, {wrong} broke a law, slowest {slowest:.2f} s of CPU")
    print("\n".join(f"  {kind}: {number}" for kind, number in flags.most_common()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))

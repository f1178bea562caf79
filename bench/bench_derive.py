"""How long a derivation takes, as a ratio to readability-lxml on the same pages.

    python bench/bench_derive.py [--rounds 5] [--mutated 3000]

Three sets: real saved pages (if available), reports in the furniture of a site (91 kB), and bare
reports (25 kB). Each page is derived and given to readability in turn, in CPU time; a ratio is the
median of the rounds. Then the slowest pages: of the saved ones, and of damaged copies of them.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from crawl_pages import KINDS, SAVED  # noqa: E402  (the paths must be set first)
from measuring import row  # noqa: E402
from mutations import mutated  # noqa: E402
from readability import Document  # noqa: E402

from archive import Capture, SiteFacts, derivation, derive  # noqa: E402
from archive.read.decoding import decode  # noqa: E402

STAGES = ("read", "cleaned", "identified", "judge")
SITE = SiteFacts("bench", "bench", "official", None, ())
HTML = {"Content-Type": "text/html"}
SPENT: Counter[str] = Counter()
"""Nanoseconds of CPU in each stage since it was cleared."""


def readability(payload: bytes) -> None:
    """What a spider without provenance does: decode the page and take its main part."""
    with suppress(Exception):  # a failure takes time too
        Document(decode(payload)[0]).summary(html_partial=True)


def derived(payload: bytes) -> None:
    """All four stages, with an address and a site as a crawl gives them."""
    url = "http://www.bench.test/202301/t20230131_1.html"
    derive(Capture.from_bytes(payload, url=url, headers=HTML, site=SITE))


def spent(work: Callable[[bytes], None], payload: bytes) -> int:
    """Nanoseconds of CPU that `work` takes for a page."""
    began = time.process_time_ns()
    work(payload)
    return max(time.process_time_ns() - began, 1)


def timed(name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
    """Return `stage`, counting its time."""

    @wraps(stage)
    def counted(*args: Any) -> Any:
        began = time.process_time_ns()
        try:
            return stage(*args)
        finally:
            SPENT[name] += time.process_time_ns() - began

    return counted


def measured(kind: str, pages: Sequence[bytes], rounds: int) -> str:
    """Return the cells of a row: readability, derive, read (ms a page), and both ratios."""
    found = []
    for page in pages[:3]:
        derived(page)
    for _ in range(rounds):
        SPENT.clear()
        theirs = ours = 0
        for page in pages:
            theirs += spent(readability, page)
            ours += spent(derived, page)
        found.append((theirs / ours, theirs, ours, theirs / SPENT["read"], dict(SPENT)))
    whole, theirs, ours, _read, stages = sorted(found)[len(found) // 2]
    each = len(pages) * 1e6
    shares = ", ".join(f"{stages[name] / each:.1f}" for name in STAGES)
    read = median(one[3] for one in found)
    row(f"derive, {kind}", whole)
    row(f"read, {kind}", read)
    return f"{theirs / each:.1f} | {ours / each:.1f} ({shares}) | {read:.2f} | {whole:.2f}"


def slowest(pages: Iterable[tuple[str, bytes]], most: int = 5) -> list[tuple[float, str]]:
    """Return the pages on which deriving takes longest beside readability."""
    ratios = ((_ratio(page), name) for name, page in pages)
    return sorted(ratios, reverse=True)[:most]


def _ratio(page: bytes) -> float:
    """The faster of two derivations counts: the first may load knowledge not needed before."""
    return min(spent(derived, page) for _ in range(2)) / spent(readability, page)


def _saved() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(SAVED.glob("*.html"))]


def _mutated(count: int) -> Iterable[tuple[str, bytes]]:
    pages, dice = _saved(), Random(1)
    for number in range(count if pages else 0):
        name, page = pages[number % len(pages)]
        yield f"{name}/{number}", mutated(page, dice)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mutated", type=int, default=3000)
    chosen = parser.parse_args()
    logging.getLogger("readability.readability").setLevel(logging.CRITICAL)
    for name in STAGES:
        setattr(derivation, name, timed(name, getattr(derivation, name)))
    print(
        "| pages | readability, ms | derive, ms (its stages) | read, × | derive, × |\n|"
        + "---|" * 5
    )
    counts = {"saved": len(_saved()), "furnished": 20, "bare": 40}
    for kind, count in counts.items():
        if pages := list(KINDS[kind](count)):
            print(f"| {kind} ({count}) | {measured(kind, pages, chosen.rounds)} |", flush=True)
    for name, pages in (("saved", _saved()), ("mutated", _mutated(chosen.mutated))):
        found = slowest(pages)
        if found:
            row(f"slowest, {name}", found[0][0])
        for ratio, page in found:
            print(f"slowest of the {name}: {page} takes {ratio:.1f} × readability's time")


if __name__ == "__main__":
    _main()

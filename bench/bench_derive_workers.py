"""What two workers derive on two cores, against one process.

    python bench/bench_derive_workers.py [--pages 400] [--rounds 3]

The pages are those of bench_full_archive.py. A round derives all of them in this process, then with
one worker and with two. By the clock the ratio holds on a quiet machine only. Processor time says
what it can be at most on two cores: twice that of one process, divided by that of all processes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

from bench_full_archive import pages

from archive import Capture, derive
from archive.derive_many import derived


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and processor seconds of this process and its ended children."""
    before, began = os.times(), time.perf_counter()
    work()
    took, after = time.perf_counter() - began, os.times()
    return took, sum(after[:4]) - sum(before[:4])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    captures: list[Capture] = list(pages(options.pages))
    derive(captures[0])  # loads the stages and the knowledge
    ways: dict[str, Callable[[], object]] = {
        "one process": lambda: [derive(capture) for capture in captures],
        "1 worker": lambda: [*derived(enumerate(captures), 1)],
        "2 workers": lambda: [*derived(enumerate(captures), 2)],
    }
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, work in ways.items():
            rounds[name].append(measured(work))
    middle = {
        name: tuple(statistics.median(column) for column in zip(*found, strict=True))
        for name, found in rounds.items()
    }
    clock, cpu = middle["one process"]
    print("| | ms a page by the clock | ratio | CPU ms a page | ratio on 2 free cores, at most |")
    print("|---|---|---|---|---|")
    for name, (took, used) in middle.items():
        most = cpu / used * (2 if name == "2 workers" else 1)
        each = 1000 / options.pages
        print(
            f"| {name} | {took * each:.1f} | {clock / took:.2f} | {used * each:.1f} | {most:.2f} |"
        )


if __name__ == "__main__":
    main()

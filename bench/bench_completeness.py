"""The completeness of whole reports and of reports that were cut, with 95 % intervals.

    python bench/bench_completeness.py [--texts 300] [--seed 1] [--show]

Whole reports come from `real_texts.py`; a few of them lack an end in the collection, and
`TRULY_CUT` names them, after they were read. Each is cut at the end of a random paragraph,
within a sentence, before a random paragraph, on both sides, and to a piece of 2,500 characters.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from measuring import interval
from real_texts import CORPUS, TRULY_CUT, Real, real_texts

from archive.derivation import derive
from archive.model import Capture

PIECE = 2500
ADDRESSED = re.compile(r"^\s*(?:各位代表|同志们|让我们)")


def cuts(text: Real, rng: random.Random) -> Iterator[tuple[str, str]]:
    """A change to a report, and the changed words."""
    lines = [line for line in text.words.split("\n") if line.strip()]
    end = max((i for i, line in enumerate(lines) if ADDRESSED.search(line)), default=len(lines) - 1)
    at = rng.randrange(end // 5, end)  # what stands behind the last address is no loss of a tail
    before = rng.randrange(end // 10 + 6, max(end // 10 + 7, end * 8 // 10))
    yield "whole", text.words
    yield "tail cut at a paragraph", "\n".join(lines[:at])
    long = next((line for line in lines[at:] if len(line) > 80), lines[at])
    yield "tail cut in a sentence", "\n".join([*lines[:at], long[: len(long) // 2].rstrip("。")])
    yield "head cut", "\n".join(lines[before:])
    yield "both cut", "\n".join(lines[min(before, at) : max(before, at) + 1])
    start = rng.randrange(
        len(text.words) // 4, max(len(text.words) // 4 + 1, len(text.words) * 3 // 4)
    )
    yield "piece", text.words[start : start + PIECE]


def states(text: Real, seed: int) -> list[tuple[str, str]]:
    """The change and the resulting state."""
    rng = random.Random(f"{seed} {text.name}")
    found = []
    for cut, words in cuts(text, rng):
        capture = Capture.from_bytes(words.encode(), filename="text.txt")
        value = derive(capture).identity["completeness"]
        found.append((cut, value.value["state"] if value else "no report"))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    chosen = [
        text for text in real_texts(options.corpus) if text.is_report and text.name not in TRULY_CUT
    ]
    random.Random(options.seed).shuffle(chosen)
    chosen = chosen[: options.texts]
    counts: Counter[tuple[str, str]] = Counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        for text, found in zip(
            chosen, pool.map(partial(states, seed=options.seed), chosen, chunksize=8), strict=True
        ):
            counts.update(found)
            for cut, state in found:
                if options.show and (state == "complete") != (cut == "whole"):
                    print("  ", text.name, cut, state)
    for cut in dict.fromkeys(cut for cut, _ in counts):
        of = {state: n for (c, state), n in counts.items() if c == cut}
        print(f"{cut}: {dict(sorted(of.items(), key=lambda item: -item[1]))}")
        wrong = ("tail_missing", "fragment") if cut == "whole" else ("complete",)
        print(
            f"  called {' or '.join(wrong)}:",
            interval(sum(of.get(w, 0) for w in wrong), len(chosen)),
        )


if __name__ == "__main__":
    main()

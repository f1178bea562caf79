"""Reports with page furniture pasted around them: is it dropped, and is the report kept?

    python bench/bench_pasted.py [../shared] [--texts 300] [--seed 1] [--show 40]

Each text is a real report of the corpora between furniture of a saved page: all of what stands
above and below the page's article, a stretch of it, or some lines of it. A line is recognised by
its text alone, as in what people paste: there are no links and no elements.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from bench_removals import labels, removals, removals_alone  # noqa: E402
from corpora import SHARED, texts  # noqa: E402
from extraction import GoldPage, development_pages, squeezed  # noqa: E402
from measuring import interval  # noqa: E402  (the paths must be set first)

from archive.clean import clean  # noqa: E402
from archive.known import Knowledge, shipped  # noqa: E402
from archive.model import Decoding, Page  # noqa: E402
from archive.read.containers import known_names  # noqa: E402
from archive.read.decoding import decode  # noqa: E402
from archive.read.parsing import parse  # noqa: E402
from archive.read.plain import lines  # noqa: E402

MOST_ABOVE, MOST_BELOW = 60, 150
SHORTEST_GOLD = 8


@dataclass(frozen=True)
class Pasted:
    """A text, and the fate that each of its lines should have: `keep`, `junk` or `open`."""

    name: str
    lines: tuple[str, ...]
    fates: tuple[str, ...]


def furniture(page: GoldPage, known: Knowledge) -> tuple[list[str], list[str]]:
    """The lines that a page shows above its article, and those below it."""
    made = parse(decode(page.source)[0], known_names(known)).outline
    article = {squeezed(cell) for line in (*page.gold, *page.optional) for cell in line.split("\t")}
    whole = "".join(map(squeezed, (*page.gold, *page.optional)))
    inside = [
        number
        for number, line in enumerate(made.lines)
        if line.solid > SHORTEST_GOLD and not line.hidden and squeezed(line.text) in article
    ]
    if not inside:
        return [], []
    shown = [
        (number, line.text)
        for number, line in enumerate(made.lines)
        if not line.hidden and squeezed(line.text) not in whole
    ]
    above = [text for number, text in shown if number < inside[0]]
    return above[-MOST_ABOVE:], [text for number, text in shown if number > inside[-1]][:MOST_BELOW]


def some(found: Sequence[str], way: int, dice: random.Random) -> list[str]:
    """All of the lines, a stretch of them, or some of them in their order."""
    if way == 0 or not found:
        return list(found)
    size = min(len(found), dice.randint(5, 30))
    if way == 1:
        start = dice.randint(0, len(found) - size)
        return list(found[start : start + size])
    return [found[place] for place in sorted(dice.sample(range(len(found)), size))]


def pasted(shared: Path, count: int, seed: int, known: Knowledge) -> Iterator[Pasted]:
    """The texts; a line of a report that is furniture itself is `open`."""
    dice = random.Random(seed)
    labelled = labels()
    around = [furniture(page, known) for page in development_pages(shared / "pages")]
    around = [pair for pair in around if any(pair)]
    reports = list(texts(shared))
    for number in range(count):
        name, text = dice.choice(reports)
        above, below = (some(part, number % 3, dice) for part in dice.choice(around))
        own = {
            one.line
            for one in (*removals(name, text, known), *removals_alone(name, text, known))
            if labelled.get(one.digest) == "furniture" and one.words.strip() == one.line
        }
        body = [line for line in text.split("\n") if line.strip()]
        keep = {squeezed(line) for line in body}
        rows = [(line, "open" if squeezed(line) in keep else "junk") for line in above]
        rows += [(line, "open" if line.strip() in own else "keep") for line in body]
        rows += [(line, "open" if squeezed(line) in keep else "junk") for line in below]
        yield Pasted(name, *zip(*rows, strict=True))


def kept(one: Pasted, known: Knowledge) -> list[bool]:
    """Which lines are kept, whole or in part."""
    text = "\n".join(one.lines)
    page = Page(text, lines(text), Decoding("utf-8", "bench"), "text")
    starts = sorted(span.start for span in clean(page, known).spans if span.action != "drop")
    found, place = [], 0
    for number, block in enumerate(page.blocks):
        while place < len(starts) and starts[place] < block.start:
            place += 1
        found.append(place < len(starts) and starts[place] < page.line_stop(number))
    return found


def main() -> None:
    """Make, clean, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
    chosen = parser.parse_args()
    known = shipped()
    counts: Counter[str] = Counter()
    for one in pasted(chosen.shared, chosen.texts, chosen.seed, known):
        for line, fate, stays in zip(one.lines, one.fates, kept(one, known), strict=True):
            counts[fate] += 1
            counts[f"{fate} {'in' if stays else 'out'}"] += 1
            if (fate, stays) in {("junk", True), ("keep", False)} and chosen.show > 0:
                print(f"{fate} {'in' if stays else 'out'}\t{one.name}\t{line[:90]}")
                chosen.show -= 1
    print(f"{chosen.texts} texts of {counts['keep'] + counts['junk'] + counts['open']} lines")
    print("junk lines out:", interval(counts["junk out"], counts["junk"]))
    print("report lines in:", interval(counts["keep in"], counts["keep"]))


if __name__ == "__main__":
    main()

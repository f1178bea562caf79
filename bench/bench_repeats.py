"""Repeats and borders inside texts measured, on real reports that were pasted twice or glued.

    python bench/bench_repeats.py [../shared/corpus] [--each 40]

Doubled: every maker of `pasted.py` on so many reports. A character of the report is lost where the
clean text has none of the words that it stands in; what it has beyond the report is left over.
Glued: every maker of gluings; a border is exact where a document begins at the very character.
False: every text of the corpus as it is, and each with the next year of its place behind it.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pasted

from archive import Capture, Derivation, derive
from archive.clean import cleaned
from archive.clean.repeated import RULE
from archive.known import shipped
from archive.read import read

KEY = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")
WORDS = 6
"""Characters in a row by which words are compared."""

SENTENCES = 40
"""Full stops that a report has at least; what has fewer is a page of links."""

HALF = str.maketrans("０１２３４５６７８９", "0123456789")


@dataclass(frozen=True)
class Doubled:
    """The result for a doubled text: characters dropped, lost, and left over beside the report."""

    maker: str
    name: str
    dropped: int
    lost: int
    left: int


def reports(corpus: Path) -> dict[str, str]:
    """The texts of the corpus that are pasted only once, without front matter and marks."""
    found = {}
    for path in sorted(corpus.rglob("*")):
        if path.suffix in {".md", ".txt"} and path.name != "README.md":
            found[path.relative_to(corpus).as_posix()] = _plain(path)
    return found


def _plain(path: Path) -> str:
    body = path.read_bytes()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("gb18030")
    if path.suffix == ".md":
        text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).replace("**", "")
    return text.strip("\n")


def key(text: str) -> str:
    """The characters that carry words."""
    return KEY.sub("", text.translate(HALF))


def derived(text: str, name: str = "text.txt") -> Derivation:
    """The derivation of a text."""
    return derive(Capture.from_bytes(text.encode(), filename=name))


def lost_characters(own: str, words: str) -> int:
    """How many characters of `own` stand in no words that `words` has."""
    there = {words[at : at + WORDS] for at in range(len(words) - WORDS + 1)}
    covered = bytearray(len(own))
    for at in range(len(own) - WORDS + 1):
        if own[at : at + WORDS] in there:
            covered[at : at + WORDS] = b"\x01" * WORDS
    return covered.count(0)


def doubled(job: tuple[str, str, str, float]) -> Doubled:
    """Return the result for a report that one maker doubled."""
    maker, name, text, seed = job
    made = getattr(pasted, maker)(text, random.Random(seed))
    once = derived(text)
    found = derived(made, "text.html" if made.startswith("<html") else "text.txt")
    words, own = key(found.text), key(once.text)
    lost = lost_characters(own, words)
    dropped = sum(span.stop - span.start for span in found.spans if span.rule == RULE)
    return Doubled(maker, name, dropped, lost, len(words) - len(own))


def glued(job: tuple[str, list[str]]) -> tuple[str, Counter[str]]:
    """How many borders of a glued text were wanted, exact, missed, too many, or not sure."""
    maker, texts = job
    text, starts = pasted.glued(getattr(pasted, maker)(texts))
    page = read(Capture.from_bytes(text.encode(), filename="text.txt"), shipped())
    sections = cleaned(page, shipped()).sections[1:]
    sure = {section.start for section in sections if section.sure}
    wanted = set(starts[1:])
    counts = Counter(
        wanted=len(wanted), exact=len(wanted & sure), missed=len(wanted - sure),
        extra=len(sure - wanted), unsure=len(sections) - len(sure),
    )  # fmt: skip
    return maker, counts


def found_in(job: tuple[str, str]) -> tuple[str, list[str]]:
    """Return the false repeats and false borders in a text that is a single document."""
    name, text = job
    page = read(Capture.from_bytes(text.encode(), filename="text.txt"), shipped())
    made = cleaned(page, shipped())
    told = [flag for flag in made.cleaning.flags if flag.kind == RULE]
    borders = [f"{s.start}: {s.evidence}" for s in made.sections[1:]]
    return name, [f"repeated at {flag.start}: {flag.evidence}" for flag in told] + borders


def neighbours(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each text with the next one of its folder behind it."""
    names = sorted(texts)
    for one, other in pairwise(names):
        if Path(one).parent == Path(other).parent:
            yield f"{one} + {other}", f"{texts[one]}\n{texts[other]}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--each", type=int, default=40)
    given = parser.parse_args()
    texts = reports(given.corpus)
    with ProcessPoolExecutor() as pool:
        alone = dict(pool.map(found_in, texts.items(), chunksize=8))
        once = {n: t for n, t in texts.items() if not alone[n] and t.count("。") > SENTENCES}
        print(f"{len(texts)} texts as they are:")
        print("\n".join(f"  {name}: {'; '.join(told)}" for name, told in alone.items() if told))
        _print_neighbours(pool, once)
        _print_doubled(pool, once, given.each)
        _print_glued(pool, once, given.each)


def _print_neighbours(pool: ProcessPoolExecutor, texts: dict[str, str]) -> None:
    pairs = list(pool.map(found_in, neighbours(texts), chunksize=8))
    wrong = [name for name, told in pairs if any(each.startswith("repeated") for each in told)]
    print(f"{len(pairs)} pairs of neighbours, {len(wrong)} said to repeat: {wrong}")


def _print_doubled(pool: ProcessPoolExecutor, texts: dict[str, str], each: int) -> None:
    makers = [(maker.__name__, True) for maker in pasted.DOUBLINGS]
    makers += [(maker.__name__, False) for maker in pasted.NOT_DOUBLED]
    for number, (maker, is_doubled) in enumerate(makers):
        chance = random.Random(number)
        names = chance.sample(sorted(texts), each)
        jobs = [(maker, name, texts[name], chance.random()) for name in names]
        rows = list(pool.map(doubled, jobs, chunksize=4))
        dropped = sum(row.dropped > 0 for row in rows)
        lost, left = sum(row.lost for row in rows), [row.left for row in rows]
        what = f"{dropped}/{each} found" if is_doubled else f"{dropped}/{each} called repeated"
        over = f"left over at most {max(left)}" if is_doubled else ""
        print(f"{maker:18} {what}, lost {lost} characters; {over}")


def _print_glued(pool: ProcessPoolExecutor, texts: dict[str, str], each: int) -> None:
    with_headers = [name for name in sorted(texts) if "工作报告" in name or "prefectures" in name]
    for number, maker in enumerate(pasted.GLUINGS):
        chance = random.Random(number)
        jobs = [
            (maker.__name__, [texts[name] for name in chance.sample(with_headers, 10)])
            for _ in range(each)
        ]
        total: Counter[str] = Counter()
        for _, counts in pool.map(glued, jobs, chunksize=4):
            total += counts
        told = ", ".join(
            f"{name} {total[name]}" for name in ("wanted", "exact", "missed", "extra", "unsure")
        )
        print(f"{maker.__name__:18} {told}")


if __name__ == "__main__":
    main()

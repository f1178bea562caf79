"""How extraction is measured: F1 of character 4-grams and F1 of whole lines.

White space never counts. Optional lines are neither rewarded nor punished. A table row is
compared cell by cell, because gold files list a cell a line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

GRAM = 4


@dataclass(frozen=True)
class GoldPage:
    """A page with the lines of its article."""

    name: str
    group: str
    source: bytes
    gold: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """F1 of a page, 0 to 1: `text` by character 4-grams, `line` by whole lines."""

    text: float
    line: float


def squeezed(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def score(found: Iterable[str], page: GoldPage) -> Score:
    """Compare the lines an extractor found with the gold of `page`."""
    optional = {squeezed(line) for line in page.optional}
    lines = [squeezed(cell) for line in found for cell in line.split("\t")]
    lines = [line for line in lines if line and line not in optional]
    gold = [squeezed(cell) for line in page.gold for cell in line.split("\t")]
    gold = [line for line in gold if line]
    return Score(_f1(_grams(lines), _grams(gold)), _f1(Counter(lines), Counter(gold)))


def _grams(lines: Sequence[str]) -> Counter[str]:
    text = "".join(lines)
    return Counter(text[at : at + GRAM] for at in range(max(len(text) - GRAM + 1, 1)))


def _f1(found: Counter[str], gold: Counter[str]) -> float:
    hit = (found & gold).total()
    return 2 * hit / (found.total() + gold.total()) if hit else 0.0


def development_pages(folder: Path) -> list[GoldPage]:
    """The saved pages of `folder` with the gold of its `gold.json`."""
    listed = json.loads((folder / "gold.json").read_text(encoding="utf-8"))
    return [
        GoldPage(
            name,
            facts["set"],
            (folder / f"{name}.html").read_bytes(),
            tuple(facts["gold"]),
            tuple(facts.get("optional", ())),
        )
        for name, facts in listed.items()
    ]


def mean(values: Iterable[float]) -> float:
    """Return the mean, or 0 for no values."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0

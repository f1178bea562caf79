"""Count what reports write around a plus sign, for the lexicon `plus`.

Only what hardly ever stands with a space in its place is written: a space there is a plus that
was lost.

    python bench/build_plus.py            write archive/known/lexica/plus.toml anew
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import corpora

PLUS = Path(__file__).parents[1] / "archive" / "known" / "lexica" / "plus.toml"
NUMBER = "[0-9NnXx]{1,3}"
NUMBERS = re.compile(rf"[“\"]({NUMBER}(?:[+＋]{NUMBER})+)[”\"]")
LEAD = re.compile(r"(?<![㐀-鿿A-Za-z0-9+＋])([㐀-鿿A-Za-z0-9]{2,10})[+＋](?=[㐀-鿿A-Za-z])")
SPACED = re.compile(r"[“\"]([㐀-鿿A-Za-z0-9]{1,10}) (?=[㐀-鿿A-Za-z])")
LEAST_TEXTS, LEAST_LEAD, SELDOM = 2, 20, 20
ABOUT = """about = "What reports write around a plus sign: groups of numbers, and words before it."

# Each with its uses in quotes; bench/build_plus.py counts them anew."""


def main() -> None:
    """Count and write."""
    groups, leads, spaced = Counter[str](), Counter[str](), Counter[str]()
    texts: dict[str, set[str]] = defaultdict(set)
    for name, text in corpora.texts():
        for counts, pattern in ((groups, NUMBERS), (leads, LEAD), (spaced, SPACED)):
            for words in pattern.findall(text):
                term = words.replace("＋", "+").upper() if counts is groups else words
                counts[term] += 1
                texts[term].add(name)
    told = {term: uses for term, uses in groups.items() if len(texts[term]) >= LEAST_TEXTS}
    lead = {
        term: uses
        for term, uses in leads.items()
        if uses >= LEAST_LEAD
        and len(texts[term]) >= LEAST_LEAD // 2
        and spaced[term] * SELDOM <= uses
    }
    PLUS.write_text("\n\n".join([ABOUT, _table("numbers", told), _table("leads", lead)]) + "\n")
    tomllib.loads(PLUS.read_text("utf-8"))


def _table(name: str, counts: dict[str, int]) -> str:
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "\n".join([f"[{name}]", *(f'"{term}" = {uses}' for term, uses in rows)])


if __name__ == "__main__":
    main()

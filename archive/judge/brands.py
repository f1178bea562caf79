"""The brand lexicon as a finder of names; where a name proves nothing it is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archive.known import Knowledge


@dataclass(frozen=True)
class Brands:
    """Finds brand names of the lexicon in a text, and tells what a brand's name looks like."""

    finder: re.Pattern[str]
    starts: re.Pattern[str]
    shapes: re.Pattern[str]
    hints: re.Pattern[str]
    endings: re.Pattern[str]

    def looks_like(self, name: str) -> bool:
        """Does `name` have the shape of a brand, or a hint of one?"""
        return bool(self.shapes.search(name) or self.hints.search(name))

    def find(self, words: str) -> Iterator[tuple[int, int]]:
        """Start and stop of each brand name in `words`."""
        reached = 0
        # two classes of characters are searched for much faster than a hundred names
        for start in self.starts.finditer(words):
            match = self.finder.match(words, start.start()) if start.start() >= reached else None
            if match:
                reached = match.end()
                yield match.span()


@lru_cache(maxsize=4)
def brands(knowledge: Knowledge) -> Brands:
    """The finder for the shipped lexicon `brands`."""
    lexicon: dict[str, Any] = knowledge.lexicon("brands")
    patterns = {
        key: re.compile("|".join(words), re.IGNORECASE)
        for key, words in lexicon["unlisted"].items()
    }
    return Brands(_finder(lexicon), _starts(lexicon), **patterns)


def _finder(lexicon: dict[str, Any]) -> re.Pattern[str]:
    ambiguous = set(lexicon["ambiguous_stems"])
    all_stems = [stem for group in lexicon["groups"] for stem in group["stems"]]
    stems = [stem for stem in all_stems if stem not in ambiguous]
    betting = [s for s in lexicon["suffixes"] if s not in lexicon["plain_suffixes"]]
    suffix, bet = _either(lexicon["suffixes"]), _either(betting)
    core = f"{_either(stems)}{suffix}{{1,3}}|{_either(sorted(ambiguous))}{bet}{{1,3}}"
    name = f"(?:{core}|{_either(lexicon['names'])})"
    more = f"(?:{_either(all_stems)})?{suffix}{{1,3}}|{_either(lexicon['tails'])}"
    tail = f"(?:[_-]{{1,2}}(?:{more})){{0,4}}"
    # a Latin name must not be the end or the beginning of a longer word
    return re.compile(f"(?<![A-Za-z0-9]){name}{tail}(?![A-Za-z0-9])", re.IGNORECASE)


def _starts(lexicon: dict[str, Any]) -> re.Pattern[str]:
    """The first two characters of all names, as an overlapping search of two classes."""
    names = {*lexicon["names"], *lexicon["ambiguous_stems"]}
    names |= {stem for group in lexicon["groups"] for stem in group["stems"]}
    first, second = (
        "".join(sorted({c for name in names for c in (name[i].lower(), name[i].upper())}))
        for i in (0, 1)
    )
    return re.compile(f"[{re.escape(first)}](?=[{re.escape(second)}])")


def _either(words: list[str]) -> str:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word) for word in longest_first) + ")"

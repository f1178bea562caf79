"""Suggests years for a text from policy terms of known years: candidates, never a value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from archive.identify.wordlist import WordList
from archive.known import Knowledge
from archive.model import Candidate

_FIRST, _LAST = 1979, 2030
_IN_PEAK, _IN_USE, _OUTSIDE = 1.0, 0.5, 0.05
MOST: Final = 5
"""The most candidates kept."""


@dataclass(frozen=True, slots=True)
class DatedWord:
    """A term with the report years in which it is in frequent use."""

    words: tuple[str, ...]
    first: int
    last: int
    peak: range

    def fit(self, year: int) -> float:
        """Return how well the terms suit a report for `year`."""
        if year in self.peak:
            return _IN_PEAK
        return _IN_USE if self.first <= year <= self.last else _OUTSIDE


def candidates(text: str, knowledge: Knowledge) -> tuple[Candidate, ...]:
    """Return the likeliest report years with the terms that date them, best first; may be empty."""
    found = list(_found(text, knowledge))
    if not found:
        return ()
    years = range(max(_FIRST, min(d.first for d, _ in found) - 1), _LAST)
    scores = {year: sum(math.log(dated.fit(year)) for dated, _ in found) for year in years}
    most = max(scores.values())
    shares = {year: math.exp(score - most) for year, score in scores.items()}
    total = sum(shares.values())
    ordered = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    evidence = "、".join(word for dated, word in found if dated.last < _LAST or dated.peak)
    evidence = evidence or "、".join(word for _, word in found)
    return tuple(Candidate(year, round(share / total, 3), evidence) for year, share in ordered)


def _found(text: str, knowledge: Knowledge) -> Iterator[tuple[DatedWord, str]]:
    vocabulary, words = _vocabulary(knowledge)
    present = set(words.found(text))
    for dated in vocabulary:
        word = next((each for each in dated.words if each in present), None)
        if word is not None:
            yield dated, word


@lru_cache(maxsize=4)
def _vocabulary(knowledge: Knowledge) -> tuple[tuple[DatedWord, ...], WordList]:
    rows = cast("list[dict[str, Any]]", knowledge.lexicon("vocabulary")["word"])
    found = tuple(
        DatedWord(
            words=tuple(row["words"]),
            first=row["first"],
            last=row.get("last", _LAST),
            peak=range(row["peak"][0], row["peak"][1] + 1) if "peak" in row else range(0),
        )
        for row in rows
    )
    return found, WordList(word for dated in found for word in dated.words)

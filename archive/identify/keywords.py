"""The words that set a report apart, cut with jieba and the terms of the genre.

Only who asks for keywords loads jieba; its shared cache is neither read nor written.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from archive.known import Knowledge
from archive.known.segmenter import segmenter, segmenter_digest

if TYPE_CHECKING:
    from jieba import Tokenizer

MOST: Final = 30
"""How many keywords are given unless told otherwise."""
_WORD = re.compile(r"[一-鿿]{2,}")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word, how often it stands in the text, and its weight."""

    word: str
    count: int
    weight: float


@dataclass(frozen=True, slots=True)
class Keywords:
    """Keywords, heaviest first, with the digest of the engine and dictionary that cut them."""

    words: tuple[Keyword, ...]
    engine: str


def keywords(text: str, knowledge: Knowledge, most: int = MOST) -> Keywords:
    """The `most` heaviest words of `text`: often here, seldom in the language."""
    cutter, terms = _cutter(knowledge), genre_terms(knowledge)
    common = frozenset(str(knowledge.lexicon("genre")["common"]).split())
    counts = Counter(word for word in cutter.cut(text) if _WORD.fullmatch(word))
    found = [
        Keyword(word, count, round(weight, 3))
        for word, count in counts.items()
        if word not in common and (weight := count * _rarity(word, cutter.FREQ, terms)) > 0
    ]
    found.sort(key=lambda each: (-each.weight, each.word))
    return Keywords(tuple(found[:most]), segmenter_digest(terms))


def genre_terms(knowledge: Knowledge) -> tuple[str, ...]:
    """The terms of `lexica/genre.toml`, in file order."""
    return tuple(dict.fromkeys(str(knowledge.lexicon("genre")["terms"]).split()))


@lru_cache(maxsize=2)
def _cutter(knowledge: Knowledge) -> Tokenizer:
    return segmenter(genre_terms(knowledge))


def _rarity(word: str, frequencies: Mapping[str, int], terms: Iterable[str]) -> float:
    """How seldom the language uses a word; a term of the genre counts as a rare one."""
    frequency = 1 if word in terms else max(1, frequencies.get(word, 1))
    return math.log(100_000 / frequency) if frequency < 100_000 else 0.0  # noqa: PLR2004

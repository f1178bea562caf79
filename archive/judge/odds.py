"""Estimates, in bits, whether a foreign name replaced official words.

A name used by only one place has other surroundings than 省委, 全市 or 亿元. The evidence of its
form and of its places is added; one bit is odds of two to one.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from archive.judge.foreign import Name
from archive.judge.forms import Form
from archive.judge.slots import PLACE, SlotWords, one_vote
from archive.known.figures import Figures
from archive.known.learning import KINDS

ENOUGH: Final = 12.0
"""Bits from which a name counts as injected: some 4,000 to 1, because foreign names are common."""

_SHARES: Final = {"organ": 0.35, "level": 0.3, "leader": 0.05, "unit": 0.1, "place": 0.2}
"""How often hijackers replace words of each kind; measured on hijacked copies, and rounded."""

_LEAST, _MOST, _MOST_IN_SLOT = -4.0, 6.0, 8.0
"""What one occurrence can say at most, so that no single one decides."""

_SLOT: Final = 4.0
"""The least evidence of an official slot; names of one place are hardly ever in one."""

_ANOTHER_WORD: Final = 8.0
"""Bits for the possibility that a name is an unlisted place, organ or unit."""

_TWICE: Final = -12.0
"""Bits for names that occur only twice, which are much more common than recurring ones."""

_LIKE_NO_BRAND: Final = -4.0
"""Bits for names whose form says nothing: of the words that only a few places use, some are often
next to official words (单边, 随班就读)."""

_CONFIRMED: Final = 8.0
"""Bits if the name was found injected in a copy of the page, on its site, or on several sites."""

_OWN: Final = -math.inf
"""Bits if the report is of an area or town of that name: on its own it proves nothing."""

_MOST_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True)
class Odds:
    """The sum in bits, and what clean reports have in place of the name."""

    bits: float
    votes: Counter[str]

    @property
    def enough(self) -> bool:
        """Whether the name counts as injected."""
        return self.bits >= ENOUGH


def odds(
    text: str,
    name: Name,
    form: Form,
    words: SlotWords,
    figures: Figures,
    *,
    confirmed: bool = False,
) -> Odds:
    """Return the combined odds of form and places of `name`; `confirmed` if on another page."""
    size = len(name.words)
    starts = name.starts[:_MOST_LOOKED_AT]
    found = [_occurrence(text, start, start + size, words, figures) for start in starts]
    bits = sum(_held(each.bits, each.vote) for each in found)
    for kind in form.doubts:
        at = KINDS.index(kind)
        rather = sum(_held(each.bits - each.likelier[at], each.vote) for each in found)
        bits = min(bits, rather + _ANOTHER_WORD)
    twice = _TWICE if len(name.starts) <= 2 else 0.0  # noqa: PLR2004
    beside = _CONFIRMED if confirmed else twice + (0.0 if form.why else _LIKE_NO_BRAND)
    votes = Counter(each.vote for each in found if each.vote)
    said = Odds((form.bits or 0.0) + bits + beside, votes)
    if said.enough and not form.is_sure and words.is_own_area(name.words, text):
        return replace(said, bits=_OWN)
    return said


@dataclass(frozen=True, slots=True)
class _Occurrence:
    bits: float
    likelier: tuple[float, ...]
    vote: str


def _occurrence(
    text: str, start: int, stop: int, words: SlotWords, figures: Figures
) -> _Occurrence:
    likelier = figures.likelier(text, start, stop)
    vote = one_vote(text, start, stop, words)
    shares = zip(_SHARES.values(), likelier, strict=True)
    bits = math.log2(sum(share * 2**bit for share, bit in shares))
    if vote and vote != PLACE:
        bits = max(bits, _SLOT) + _MOST_IN_SLOT - _MOST
    return _Occurrence(bits, likelier, vote)


def _held(bits: float, vote: str) -> float:
    most = _MOST_IN_SLOT if vote and vote != PLACE else _MOST
    return max(_LEAST, min(most, bits))

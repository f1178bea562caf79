"""How likely it is that a foreign name was put in place of official words, in bits.

A name that only one place has stands in other surroundings than 省委, 全市 or 亿元 do. What its
form says and what its places say is added up; one bit is odds of two to one.
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
"""Bits from which a name is called injected: some 4,000 to 1, as foreign names are common."""

_SHARES: Final = {"organ": 0.35, "level": 0.3, "leader": 0.05, "unit": 0.1, "place": 0.2}
"""How often hijackers replace words of each kind; found on hijacked copies, and rounded."""

_LEAST, _MOST, _MOST_IN_SLOT = -4.0, 6.0, 8.0
"""What one occurrence can say at most, so that no single one decides."""

_SLOT: Final = 4.0
"""An official slot says as much at least; names of one place hardly ever stand in one."""

_ANOTHER_WORD: Final = 8.0
"""Bits that speak against a name being a place, an organ or a unit that nobody has listed."""

_TWICE: Final = -12.0
"""Names that stand in a text only twice are many more than those that come back."""

_LIKE_NO_BRAND: Final = -4.0
"""Names whose form says nothing: of the words that only a few places use, some stand as often
beside official words (单边, 随班就读)."""

_CONFIRMED: Final = 8.0
"""That the name was found injected on a copy of the page, on its site, or on several sites."""

_OWN: Final = -math.inf
"""That the text is a report of an area or a town of that name: on its own it proves nothing."""

_MOST_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True)
class Odds:
    """The sum in bits, and what stands in clean reports where the name stands."""

    bits: float
    votes: Counter[str]

    @property
    def enough(self) -> bool:
        """Whether the name is injected."""
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
    """What the form and the places of `name` say together; `confirmed` on another page, or not."""
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

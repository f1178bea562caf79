"""Scores the form of a foreign name: made like a brand name, or a term of the genre."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from archive.known import Knowledge
from archive.known.figures import COMMONEST, FREQUENT, Figures

_LONGEST_BARE: Final = 4
"""Characters of the longest name that may be a brand without looking like one."""

_SHORT_BARE: Final = 2
_A_WORD, _TWO_WORDS = -7.0, -4.0
"""What speaks against bare names: most words of the language have two characters."""

_SURE: Final = 18.0
_CAPITALS: Final = re.compile(r"[A-Z]{2}")
_LATIN: Final = re.compile(r"[A-Za-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Form:
    """`bits` is the evidence for a brand; None means that such a name is not one.

    `why` is in words.

    `doubts` are kinds of legitimate words that a name of this form may also be.
    """

    bits: float | None
    why: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def may_be_brand(self) -> bool:
        """Whether the name may be a brand by its form."""
        return self.bits is not None

    @property
    def is_sure(self) -> bool:
        """Whether the form alone shows that the name is a brand."""
        return (self.bits or 0.0) >= _SURE


_HONEST: Final = Form(None)


@dataclass(frozen=True)
class Forms:
    """The lexica about forms, ready for matching."""

    brands: tuple[tuple[re.Pattern[str], Form], ...]
    endings: frozenset[str]
    heads: re.Pattern[str]
    measures: re.Pattern[str]
    signs: re.Pattern[str]
    proof: float

    def of(self, name: str, figures: Figures) -> Form:
        """Return the score of the form of `name`; brand names contain no words of the genre."""
        if self.measures.search(name) or self.is_ending(name):
            return _HONEST
        form, stem = self._brand(name)
        if form.bits == self.proof:
            return form
        if _LATIN.fullmatch(name):
            return form if form.bits and name == name.lower() else _HONEST
        level = COMMONEST if form.bits else FREQUENT
        pairs = (stem[i : i + 2] for i in range(len(stem) - 1))
        if self.signs.search(stem) or any(figures.is_common(pair, level) for pair in pairs):
            return _HONEST
        if _CAPITALS.search(stem):
            return _HONEST
        return form if form.bits else self._bare(name, form, figures)

    def is_ending(self, words: str) -> bool:
        """Whether `words` are an ending of brand names."""
        return words.lower() in self.endings

    def is_made_like_one(self, name: str) -> bool:
        """Whether the form of `name` alone shows that it is a brand."""
        return self._brand(name)[0].is_sure

    def is_proven(self, name: str) -> bool:
        """Whether only betting sites have names of this form."""
        return self._brand(name)[0].bits == self.proof

    def _bare(self, name: str, form: Form, figures: Figures) -> Form:
        """Score a name without a typical form: more likely one or two words than a brand."""
        if len(name) > _LONGEST_BARE or self.heads.search(name):
            return _HONEST
        two_words = len(name) == _LONGEST_BARE and all(map(figures.knows, (name[:2], name[2:])))
        if len(name) <= _SHORT_BARE:
            return replace(form, bits=_A_WORD)
        return replace(form, bits=_TWO_WORDS) if two_words else form

    def _brand(self, name: str) -> tuple[Form, str]:
        """Return the first form that matches, and the name without its ending."""
        for pattern, form in self.brands:
            match = pattern.search(name)
            if match:
                return form, self._stem(name)
        return _HONEST, name

    def _stem(self, name: str) -> str:
        """Return the name without its endings, of which there may be several: 集团体育."""
        ending = next((i for i in range(2, len(name)) if self.is_ending(name[i:])), None)
        return name if ending is None else self._stem(name[:ending])


@lru_cache(maxsize=4)
def forms(knowledge: Knowledge) -> Forms:
    """Return the forms of the shipped lexica `brands` and `slots`."""
    brands: Mapping[str, Any] = knowledge.lexicon("brands")
    slots: Mapping[str, Any] = knowledge.lexicon("slots")
    known = tuple(
        (
            re.compile(row["pattern"], re.IGNORECASE),
            Form(float(row["bits"]), row["why"], tuple(row.get("doubts", ()))),
        )
        for row in brands["forms"]
    )
    return Forms(
        known,
        frozenset(map(str.lower, (*brands["suffixes"], *brands["tails"], *brands["endings"]))),
        re.compile(f"(?:{slots['heads']})$"),
        re.compile("|".join(slots["measures"]), re.IGNORECASE),
        re.compile(f"[{slots['signs']}]"),
        max(form.bits or 0.0 for _, form in known),
    )

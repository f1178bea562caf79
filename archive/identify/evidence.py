"""What speaks for a value of a field: kept with its words, and decided the same way for all.

A printed header outranks whatever is said beside the page, and that outranks the weighing of
words. Among evidence of one rank the value with most trust behind it wins. All that was seen stays
with the value as its candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from archive.identify.squeezed import Squeezed, fold
from archive.model import Candidate, Method, Page, Value

_SHOWN = 40
_RANKS_COUNT = 3
"""How much less evidence says against another for each rank that it is below."""


class Rank(IntEnum):
    """How far a kind of evidence reaches: a higher rank is never outvoted by a lower one."""

    WEIGHED = 0
    BESIDE = 2
    PRINTED = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a value: `value` with its words, and what kind of thing it is.

    `what` is the part of the page or of its context: title, session, office, opening, heading,
    sentence, signature, head (what the page says of itself), claim, filename, address, names.
    `trust` (0 to 1) is its weight among evidence of the same rank.
    """

    value: Value
    what: str
    rank: Rank
    trust: float

    def as_candidate(self, share: float) -> Candidate:
        """It as a candidate, with its share of all that was said."""
        words = fold(self.value.raw)[:_SHOWN]
        return Candidate(self.value.value, round(share, 3), f"{self.what} ({words})")


def same(one: Evidence, other: Evidence) -> float:
    """1 where both are for one value, else 0."""
    return float(one.value.value == other.value.value)


def decide(
    found: Iterable[Evidence], agrees: Callable[[Evidence, Evidence], float] = same
) -> Value | None:
    """The value that the best evidence is for; all other evidence stays with it as candidates.

    What contradicts it lowers its confidence, as far as its rank allows: a file's name says little
    against a printed title.

    Args:
        found: the evidence, the most trusted first; ties go to what comes first.
        agrees: which share of its trust the first lends to the value of the second, 0 to 1.
    """
    everything = list(found)
    if not everything:
        return None
    first = max(everything, key=lambda each: _weight(each, everything, agrees))
    against = sum(
        each.trust / (1 + _RANKS_COUNT * abs(first.rank - each.rank))
        for each in everything
        if not agrees(each, first)
    )
    support = _weight(first, everything, agrees)[1]
    total = sum(each.trust for each in everything)
    return replace(
        first.value,
        confidence=round(first.value.confidence * support / (support + against), 3),
        candidates=(
            *first.value.candidates,
            *(each.as_candidate(each.trust / total) for each in everything if each is not first),
        ),
    )


def _weight(
    one: Evidence, everything: Sequence[Evidence], agrees: Callable[[Evidence, Evidence], float]
) -> tuple[int, float, float]:
    """The rank of the best evidence for the value of `one`, its support in that rank, its trust."""
    rank = max(each.rank for each in everything if each.value.value == one.value.value)
    support = sum(each.trust * agrees(each, one) for each in everything if each.rank == rank)
    return rank, support, one.trust if one.rank == rank else -1.0


def seen(
    page: Page,
    value: Any,
    start: int,
    stop: int,
    *,
    method: Method = "read",
    confidence: float = 0.99,
    candidates: Sequence[Candidate] = (),
) -> Value:
    """A value with its words in the visible text."""
    raw = page.visible[start:stop]
    return Value(value, raw, "visible", method, confidence, start, stop, tuple(candidates))


def seen_squeezed(
    page: Page, value: Any, view: Squeezed, start: int, stop: int, *, confidence: float = 0.99
) -> Value:
    """A value with its words at `start` to `stop` of a squeezed view."""
    return seen(page, value, view.start(start), view.stop(stop), confidence=confidence)

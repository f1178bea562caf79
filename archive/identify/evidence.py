"""Evidence for the value of a field: stored with its words, and decided the same way for all.

A printed header outranks anything beside the page, which outranks the weighing of words. Among
evidence of one rank, the value with the most trust wins. All evidence stays with the value as its
candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from archive.identify.squeezed import Squeezed, normalise
from archive.model import Candidate, Method, Page, Value

_SHOWN = 40
_RANKS_COUNT = 3
"""Factor, for each rank below, by which evidence counts less against another value."""


class Rank(IntEnum):
    """The rank of a kind of evidence: a higher rank is never outvoted by a lower one."""

    WEIGHED = 0
    BESIDE = 2
    PRINTED = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: `value` with its words, and its kind.

    `what` is the part of the page or its context: title, session, office, opening, heading,
    sentence, signature, head (what the page says of itself), claim, filename, address, names.
    `trust` (0 to 1) is its weight among evidence of the same rank.
    """

    value: Value
    what: str
    rank: Rank
    trust: float

    def as_candidate(self, share: float) -> Candidate:
        """Return it as a candidate, with its share of all evidence."""
        words = normalise(self.value.raw)[:_SHOWN]
        return Candidate(self.value.value, round(share, 3), f"{self.what} ({words})")


def same(one: Evidence, other: Evidence) -> float:
    """Return 1 if both have the same value, otherwise 0."""
    return float(one.value.value == other.value.value)


def decide(
    found: Iterable[Evidence], agrees: Callable[[Evidence, Evidence], float] = same
) -> Value | None:
    """Return the value with the best evidence; all other evidence becomes its candidates.

    Contradicting evidence lowers its confidence, depending on rank: a file name counts little
    against a printed title.

    Args:
        found: the evidence, most trusted first; the first wins a tie.
        agrees: the share of its trust, 0 to 1, that the first adds to the value of the second.
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
    """Return the best rank for the value of `one`, its support in that rank, and its trust."""
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
    """Return a value with its words in the visible text."""
    raw = page.visible[start:stop]
    return Value(value, raw, "visible", method, confidence, start, stop, tuple(candidates))


def seen_squeezed(
    page: Page, value: Any, view: Squeezed, start: int, stop: int, *, confidence: float = 0.99
) -> Value:
    """Return a value with its words at `start` to `stop` of a squeezed view."""
    return seen(page, value, view.start(start), view.stop(stop), confidence=confidence)

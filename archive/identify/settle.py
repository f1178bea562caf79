"""Decides which of several places of one name is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.identify.evidence import Rank
from archive.known import Gazetteer, Knowledge
from archive.known.divisions import COUNTRY, contains, stem
from archive.known.gazetteer import Division
from archive.model import Capture, Page

_WHOLE = ("全国", "中华人民共和国", "国务院")
_CLEARLY, _AT_LEAST = 1.5, 1.0
_BY_PAGE, _BY_CHAIN = 0.9, 0.98


@dataclass(frozen=True, slots=True)
class Claim:
    """Words that name a place, their position, and how far they are trusted.

    `words` are in simplified characters; with `is_code` they are the code of a division. `what` is
    the part of the header, or the source beside the page (see `Evidence`).
    """

    words: str
    start: int | None
    stop: int | None
    raw: str
    source: str
    confidence: float
    what: str
    rank: Rank = Rank.PRINTED
    is_code: bool = False


@dataclass(frozen=True)
class Question:
    """The data used to find a place: the page, its kept words, its context and its year."""

    page: Page
    text: str
    capture: Capture
    knowledge: Knowledge
    year: int | None

    @property
    def gazetteer(self) -> Gazetteer:
        """The divisions of the country."""
        return self.knowledge.gazetteer

    def full_name(self, row: Division) -> str:
        """Return the name of a place from the province down, in the year in question."""
        return self.gazetteer.full_name(row.code, self.year) or row.name

    def readings(self, claim: Claim) -> tuple[Division, ...]:
        """Return the possible places of a claim."""
        if claim.is_code:
            row = self.gazetteer.division(claim.words, self.year)
            row = row or self.gazetteer.division(claim.words)
            return (row,) if row else ()
        return divisions(claim.words, self.gazetteer, self.year)


def divisions(words: str, gazetteer: Gazetteer, year: int | None) -> tuple[Division, ...]:
    """Return the divisions named `words` in `year`.

    A name not in use then is looked up for any year.
    """
    if words in _WHOLE:
        country = gazetteer.division(COUNTRY)
        return (country,) if country else ()
    return gazetteer.parse(words, year=year) or gazetteer.parse(words)


def related(code: str, other: str) -> bool:
    """Whether two places are equal, or one contains the other."""
    if COUNTRY in (code, other):
        return code == other
    return contains(other, code) or contains(code, other)


def settle(
    claim: Claim, readings: Sequence[Division], found: Sequence[Claim], asked: Question
) -> tuple[Division | None, float]:
    """Choose one of several readings, with its confidence; None if the page does not decide."""
    if not readings:
        return None, 0.0
    if len(readings) == 1:
        return readings[0], 1.0
    same = _one_place(claim, readings, asked)
    if same is not None:
        return same, _BY_CHAIN
    supports = {row: _around(row, asked.gazetteer) for row in readings}
    shared = frozenset.intersection(*supports.values())
    weights = [(_support(row, supports[row] - shared, found, asked), row) for row in readings]
    weights.sort(key=lambda pair: -pair[0])
    (first, best), (second, _) = weights[:2]
    clear = first >= _AT_LEAST and first >= _CLEARLY * second + _AT_LEAST
    return (best, _BY_PAGE) if clear else (None, 0.0)


def _one_place(claim: Claim, readings: Sequence[Division], asked: Question) -> Division | None:
    """Choose among codes of one county in the year of a change by the full name printed.

    If both forms have it, choose the older one, because reports are given early in a year.
    """
    exact = [row for row in readings if asked.full_name(row) == claim.words]
    if len(exact) == 1:
        return exact[0]
    one = len({(row.name, row.code[:2]) for row in readings}) == 1
    ending = [row for row in readings if row.until is not None and row.until == asked.year]
    return ending[0] if one and len(ending) == 1 else None


def _around(row: Division, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the names of the places above and below a place."""
    rows = (*gazetteer.parents(row.code, row.until), *gazetteer.children(row.code, row.until))
    return frozenset(s for each in rows for s in each.surfaces if len(s) > 1)


def _support(
    row: Division, around: frozenset[str], found: Sequence[Claim], asked: Question
) -> float:
    """Count how often the page and its header name places around `row` but not around a rival."""
    weight = float(sum(asked.page.visible.count(surface) for surface in around))
    weight += 3.0 * sum(any(surface in claim.words for surface in around) for claim in found)
    site = asked.capture.site.place_code if asked.capture.site else None
    if site and row.code.startswith(stem(site)):
        weight += 5.0
    return weight

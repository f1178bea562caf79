"""Which of several places of one name is meant."""

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
    """Words that name a place, where they stand, and how far they are to be trusted.

    `words` are in simplified characters; where `is_code` they are the code of a division. `what`
    says which part of the header it is, or what beside the page (see `Evidence`).
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
    """What is looked at to find a place: the page, its kept words, its context and its year."""

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
        """The name of a place from the province down, in the year asked for."""
        return self.gazetteer.full_name(row.code, self.year) or row.name

    def readings(self, claim: Claim) -> tuple[Division, ...]:
        """What a claim may name."""
        if claim.is_code:
            row = self.gazetteer.division(claim.words, self.year)
            row = row or self.gazetteer.division(claim.words)
            return (row,) if row else ()
        return divisions(claim.words, self.gazetteer, self.year)


def divisions(words: str, gazetteer: Gazetteer, year: int | None) -> tuple[Division, ...]:
    """What `words` name in `year`; a name that did not exist then is read as of any time."""
    if words in _WHOLE:
        country = gazetteer.division(COUNTRY)
        return (country,) if country else ()
    return gazetteer.parse(words, year=year) or gazetteer.parse(words)


def related(code: str, other: str) -> bool:
    """Whether two places are one, or one lies in the other."""
    if COUNTRY in (code, other):
        return code == other
    return contains(other, code) or contains(code, other)


def settle(
    claim: Claim, readings: Sequence[Division], found: Sequence[Claim], asked: Question
) -> tuple[Division | None, float]:
    """One of several readings and how sure it is; None where nothing on the page decides."""
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
    """One county that changed its code in the year: the form whose full name is printed.

    Where both have it, the older form, as reports are given early in a year.
    """
    exact = [row for row in readings if asked.full_name(row) == claim.words]
    if len(exact) == 1:
        return exact[0]
    one = len({(row.name, row.code[:2]) for row in readings}) == 1
    ending = [row for row in readings if row.until is not None and row.until == asked.year]
    return ending[0] if one and len(ending) == 1 else None


def _around(row: Division, gazetteer: Gazetteer) -> frozenset[str]:
    """The names of what lies above and below a place."""
    rows = (*gazetteer.parents(row.code, row.until), *gazetteer.children(row.code, row.until))
    return frozenset(s for each in rows for s in each.surfaces if len(s) > 1)


def _support(
    row: Division, around: frozenset[str], found: Sequence[Claim], asked: Question
) -> float:
    """How often the page and its header name what lies around `row` and around no rival."""
    weight = float(sum(asked.page.visible.count(surface) for surface in around))
    weight += 3.0 * sum(any(surface in claim.words for surface in around) for claim in found)
    site = asked.capture.site.place_code if asked.capture.site else None
    if site and row.code.startswith(stem(site)):
        weight += 5.0
    return weight

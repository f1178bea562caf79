"""Flags fields of an identity that contradict each other; nothing is settled here.

The identity has the value with the better evidence; the flag shows the evidence against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from archive.judge.records import police_district, provinces_of_records, site_division
from archive.known import Knowledge
from archive.known.divisions import contains
from archive.known.numerals import value_of
from archive.model import Candidate, Capture, Flag, Identity, Page, Value

_FIRST_OF_FIVE = {"十": 2001, "十一": 2006, "十二": 2011, "十三": 2016, "十四": 2021, "十五": 2026}
_PLAN_YEAR = re.compile(
    r"(?P<year>(?:19|20)[0-9]{2})年[,\uff0c]?(?:既)?是[^。\uff0c,]{0,12}?[“\"]?(?P<plan>十[一二三四五]?)五[”\"]?"
    r"(?:规划|计划|时期)?(?:的)?[^。\uff0c,]{0,12}?(?P<end>开局|起步|第一年|收官|最后一年|末年)"
)
_CONGRESS = re.compile(r"第?(?P<term>[0-9〇零一二三四五六七八九十百]{1,5})届(?P<all>全国)?")
_SITTING = re.compile(r"第?(?P<number>[0-9〇零一二三四五六七八九十]{1,3})次")
_DAY: Final = re.compile(
    r"[0-9〇○零一二三四五六七八九]{4}\s*年\s*[0-9一二三四五六七八九十]{1,3}\s*月\s*[0-9一二三四五六七八九十]{1,3}\s*日"
)
_YEARS_OF_A_TERM = 5
_MOST_SITTINGS = 9
_FIFTH_CONGRESS, _SINCE = 5, 1978
_STRONG = (
    "session", "title", "opening", "heading", "office", "sentence", "signature", "text", "head (",
    "claim", "filename",
)  # fmt: skip
_CODE_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class _Case:
    """What the checks look at."""

    page: Page
    identity: Identity
    capture: Capture
    knowledge: Knowledge


def contradictions(
    page: Page, identity: Identity, capture: Capture, knowledge: Knowledge
) -> tuple[Flag, ...]:
    """Return one flag for each pair of fields that cannot both be right, in page order."""
    case = _Case(page, identity, capture, knowledge)
    found = [flag for check in _CHECKS for flag in check(case)]
    return tuple(sorted(found, key=lambda flag: (flag.start, flag.stop, flag.kind)))


def _flag(page: Page, value: Value, kind: str, evidence: str, *proposals: object) -> Flag:
    start, stop = value.start or 0, value.stop or 0
    return Flag(kind, start, stop, page.visible[start:stop], evidence, tuple(map(str, proposals)))


def _strong_candidates(case: _Case) -> Iterator[Flag]:
    """Yield a candidate named by the header or beside the page, not by weight of words alone."""
    for field in ("place_code", "report_year", "session", "speaker", "delivered_on"):
        value = case.identity.get(field)
        if value is None:
            continue
        value_shown = "undecided" if value.value is None else value.value
        for other in _contradicting(value):
            words = f"{field} is {value_shown}, but the {other.evidence} says {other.value}"
            yield _flag(case.page, value, f"contradicted-{field}", words, other.value)


def _contradicting(value: Value) -> Iterator[Candidate]:
    """Yield distinct evidence for another value; a place that contains the place does not count."""
    seen = {value.value}
    for other in value.candidates:
        said = other.value not in seen and other.evidence.startswith(_STRONG)
        if said and not _is_around(value.value, other.value):
            seen.add(other.value)
            yield other


def _is_around(one: object, other: object) -> bool:
    """Whether both are place codes, perhaps with an area's name, and one contains the other."""
    codes = [str(each).partition("~")[0] for each in (one, other)]
    if not all(len(code) == _CODE_DIGITS and code.isdigit() for code in codes):
        return False
    return contains(codes[0], codes[1]) or contains(codes[1], codes[0])


def _years(case: _Case) -> Iterator[Flag]:
    """A report is given in its year or in the last months of the year before."""
    delivered, year = case.identity.get("delivered_on"), case.identity.get("report_year")
    if delivered and year and year.value:
        late = int(str(delivered.value)[:4]) - int(year.value)
        if late not in (-1, 0):
            words = f"delivered on {delivered.value}, but a report for {year.value}"
            yield _flag(case.page, delivered, "contradicted-report_year", words, year.value)
    published = case.identity.get("published_on")
    if delivered and published and str(published.value) < str(delivered.value):
        words = f"published on {published.value}, before it was delivered on {delivered.value}"
        yield _flag(case.page, published, "contradicted-published_on", words, delivered.value)
    if (
        published
        and case.capture.captured_at
        and str(published.value) > case.capture.captured_at[:10]
    ):
        words = f"published on {published.value}, after it was captured"
        yield _flag(case.page, published, "contradicted-published_on", words)


def _plans(case: _Case) -> Iterator[Flag]:
    """2021年是“十四五”开局之年: the first and last years of plans are known."""
    if "五" not in case.page.visible:
        return
    for match in _PLAN_YEAR.finditer(case.page.visible):
        first = _FIRST_OF_FIVE[match["plan"]]
        opens = match["end"] in ("开局", "起步", "第一年")
        right = first if opens else first + _YEARS_OF_A_TERM - 1
        if int(match["year"]) != right:
            words = f"the year of {match['plan']}五's {match['end']} is {right}"
            yield Flag("contradicted-plan", *match.span(), match[0], words, (str(right),))


def _congress(case: _Case) -> Iterator[Flag]:
    """Check the number of a congress and its sitting against the year."""
    session, year = case.identity.get("session"), case.identity.get("report_year")
    match = _CONGRESS.search(str(session.value)) if session else None
    sitting = _SITTING.search(str(session.value), match.end()) if session and match else None
    if session is None or match is None or sitting is None:
        return
    number = value_of(sitting["number"])
    if number > _MOST_SITTINGS:
        yield _flag(case.page, session, "contradicted-session", f"a term has no sitting {number}")
    if match["all"] and year and year.value and value_of(match["term"]) >= _FIFTH_CONGRESS:
        first = _SINCE + _YEARS_OF_A_TERM * (value_of(match["term"]) - _FIFTH_CONGRESS)
        right = first + number - 1
        if right != year.value:
            words = f"sitting {number} of congress {match['term']} was in {right}"
            yield _flag(case.page, session, "contradicted-session", words, right)


def _places(case: _Case) -> Iterator[Flag]:
    """Check the place against the years in which it existed, and against the site code."""
    place, year = case.identity.get("place_code"), case.identity.get("report_year")
    if place is None or not place.value:
        return
    code = str(place.value)
    if year and year.value and case.knowledge.gazetteer.division(code, int(year.value)) is None:
        words = f"{code} was no division in {year.value}"
        yield _flag(case.page, place, "contradicted-place_year", words)
    site, value_shown = site_division(case.identity), case.identity.get("site_id")
    if site and value_shown and not contains(site, code) and not contains(code, site):
        words = f"the site's code is of {site}, the report of {code}"
        yield _flag(case.page, value_shown, "contradicted-site_id", words, code)


def _records(case: _Case) -> Iterator[Flag]:
    """Site code, ICP number and police number of one page belong to one province."""
    provinces = provinces_of_records(case.identity, case.knowledge)
    district = police_district(case.identity)
    if district is not None:
        provinces["police_record (number)"] = district[:2]
    if len(set(provinces.values())) > 1:
        value = case.identity.get("icp") or case.identity.get("police_record")
        words = ", ".join(f"{field}: {province}" for field, province in provinces.items())
        if value is not None:
            yield _flag(case.page, value, "contradicted-records", words)


def _days(case: _Case) -> Iterator[Flag]:
    """Find a session on a date that does not exist."""
    session, delivered = case.identity.get("session"), case.identity.get("delivered_on")
    if session is None or delivered is not None or session.start is None:
        return
    before = max(0, session.start - 40)
    match = _DAY.search(case.page.visible, before, session.start)
    if match:
        yield Flag("no-such-day", *match.span(), match[0], "no calendar has this day")


_CHECKS: tuple[Callable[[_Case], Iterator[Flag]], ...] = (
    _strong_candidates, _years, _plans, _congress, _places, _records, _days,
)  # fmt: skip

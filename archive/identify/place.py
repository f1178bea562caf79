"""Which place a report is of: from its session, its title, its opening, its page, its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from archive.identify.session import Session
from archive.identify.sheet import Sheet
from archive.identify.squeezed import squeeze
from archive.identify.title import Title
from archive.identify.weigh import weigh
from archive.known import Gazetteer, Knowledge
from archive.known.gazetteer import Division
from archive.model import Candidate, Capture, Value

COUNTRY: Final = "100000"
_MOST_CANDIDATES = 3
_SPEAKS_FOR = re.compile(r"代表(?P<place>[一-鿿]{2,24}?)(?:人民)?(?:政府|行政公署)")
_BARE = re.compile(r"[省市区县州旗盟镇乡]|自治[区州县旗]|人民|我[省市区县州]|本级")


@dataclass(frozen=True, slots=True)
class Claim:
    """Words that name a place, where they stand, and how far they are to be trusted."""

    words: str
    start: int | None
    stop: int | None
    raw: str
    source: str
    confidence: float
    what: str


@dataclass(frozen=True, slots=True)
class Place:
    """The fields that say where a report is of; a code without value has candidates only."""

    code: Value | None
    name: Value | None = None
    level: Value | None = None


def claims(
    sheet: Sheet, session: Session | None, title: Title | None, *, many: bool = False
) -> list[Claim]:
    """What the header says about the place, in order of trust."""
    found: list[Claim] = []
    if session is not None:
        whole = "全国" if "全国人民代表大会" in session.name.value else session.place
        found.append(_claim(whole, session.name, 0.99, "session"))
    if title is not None:
        found.append(_claim(title.place, title.value, 0.98, "title"))
    if not many:
        found.extend(_opening(sheet))
    return [claim for claim in found if claim.words and not _BARE.fullmatch(claim.words)]


def _claim(words: str, value: Value, confidence: float, what: str) -> Claim:
    return Claim(words, value.start, value.stop, value.raw, value.source, confidence, what)


def _opening(sheet: Sheet) -> list[Claim]:
    """我代表某市人民政府, or 国务院, behind the salutation."""
    if sheet.salutation is None:
        return []
    lines = sheet.lines[sheet.salutation : sheet.salutation + 4]
    visible = sheet.page.visible
    view = squeeze(visible, lines[0].start, min(lines[-1].stop, lines[0].start + 400))
    national = re.search(r"代表(?:中华人民共和国)?国务院|国务院的?委托|代表中央人民政府", view.text)
    match = national or _SPEAKS_FOR.search(view.text)
    if match is None:
        return []
    start, stop = view.start(match.start()), view.stop(match.end())
    words = "全国" if national else match["place"].removesuffix("人民")
    return [Claim(words, start, stop, visible[start:stop], "visible", 0.95, "opening")]


def resolve(
    found: Sequence[Claim], sheet: Sheet, capture: Capture, gazetteer: Gazetteer, year: int | None
) -> Place | None:
    """The place that the best claim names; an ambiguous name is settled by what else is said."""
    for claim in found:
        readings = divisions(claim.words, gazetteer, year)
        if not readings:
            continue
        best, margin = _settle(readings, found, sheet, capture, gazetteer)
        if best is not None:
            others = [row for row in readings if row.code != best.code]
            return _place(claim, best, others, gazetteer, year, margin=margin)
    return None


def weighed(
    sheet: Sheet, text: str, knowledge: Knowledge, year: int | None, *, weak: bool = False
) -> Place:
    """The place of a text that names none, from the names in it; else candidates only.

    `weak` says that the page holds other texts too, so that no answer is sure.
    """
    found = weigh(text, knowledge, year)
    ranked = found.ranked[: _MOST_CANDIDATES + 1]
    total = sum(evidence.weight for _, evidence in ranked) or 1.0
    shown = tuple(
        Candidate(row.code, round(evidence.weight / total, 3), evidence.shown())
        for row, evidence in ranked
        if evidence.names
    )
    if not found.decided or weak:
        empty = Value(None, "", "visible", "inferred", 0.0, 0, 0, shown)
        return Place(empty if shown else None)
    (row, evidence), confidence = ranked[0], found.confidence
    word = max(evidence.names, key=lambda name: evidence.names[name])
    start = sheet.page.visible.find(word)

    def value(what: str) -> Value:
        stop = start + len(word)
        return Value(what, word, "visible", "inferred", confidence, start, stop, shown)

    name = knowledge.gazetteer.full_name(row.code, year) or row.name
    return Place(value(row.code), value(name), value(row.level))


def divisions(words: str, gazetteer: Gazetteer, year: int | None) -> tuple[Division, ...]:
    """What `words` name in `year`; a name that did not exist then is read as of any time."""
    if words in ("全国", "中华人民共和国", "国务院"):
        country = gazetteer.division(COUNTRY)
        return (country,) if country else ()
    return gazetteer.parse(words, year=year) or gazetteer.parse(words)


def _settle(
    readings: Sequence[Division],
    found: Iterable[Claim],
    sheet: Sheet,
    capture: Capture,
    gazetteer: Gazetteer,
) -> tuple[Division | None, float]:
    """One of several readings, when the rest of the page speaks clearly for it."""
    if len(readings) == 1:
        return readings[0], 1.0
    weights = sorted(
        ((_support(row, found, sheet, capture, gazetteer), row) for row in readings),
        key=lambda pair: -pair[0],
    )
    (first, best), (second, _) = weights[:2]
    if first >= 2 * second + 1:
        return best, 0.9
    return None, 0.0


def _support(
    row: Division, found: Iterable[Claim], sheet: Sheet, capture: Capture, gazetteer: Gazetteer
) -> float:
    """How often the page names what lies around `row`: its parents, sisters and children."""
    visible = sheet.page.visible
    around = {surface for above in gazetteer.parents(row.code) for surface in above.surfaces}
    weight = float(sum(visible.count(surface) for surface in around if len(surface) > 1))
    weight += 3.0 * sum(any(surface in claim.words for surface in around) for claim in found)
    site = capture.site.place_code if capture.site else None
    if site and row.code.startswith(site.rstrip("0")):
        weight += 5.0
    return weight


def _place(
    claim: Claim,
    row: Division,
    others: Sequence[Division],
    gazetteer: Gazetteer,
    year: int | None,
    *,
    margin: float,
) -> Place:
    confidence = round(claim.confidence * margin, 3)
    candidates = tuple(
        Candidate(
            other.code, round((1 - margin) / len(others), 3), gazetteer.full_name(other.code, year)
        )
        for other in others
    )

    def value(what: str, *, read: bool) -> Value:
        return Value(
            what, claim.raw, claim.source, "read" if read else "inferred", confidence,
            claim.start, claim.stop, candidates,
        )  # fmt: skip

    return Place(
        code=value(row.code, read=False),
        name=value(gazetteer.full_name(row.code, year) or row.name, read=True),
        level=value(row.level, read=False),
    )

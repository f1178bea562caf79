"""Identifies the place of a report from its session, title, opening, page and words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.identify import beside
from archive.identify.evidence import Evidence, Rank, decide
from archive.identify.header import Header
from archive.identify.settle import Claim, Question, related, settle
from archive.identify.sheet import OPENING_WITHIN, PageLines
from archive.identify.title import Title
from archive.identify.weigh import Names, Weighed, weigh
from archive.known.areas import Area
from archive.known.divisions import COUNTRY
from archive.known.gazetteer import Division
from archive.model import Candidate, Capture, Method, Value

_MOST_CANDIDATES = 3
_LONG_TEXT, _HEADER, _OFTEN = 2000, 300, 4
_BROADER = 0.5
"""Weight of evidence for a place inside the named one: a portal's title names its province."""

_GOVERNMENT_LINE = re.compile(r"(?P<place>[一-鿿()]{2,40}?)(?:人民)?政府")
_GOVERNS = r"(?:人民)?政府|行政公署|行署|管理委员会|管委会|革命委员会|人民委员会"
_SPEAKS_FOR = re.compile(rf"代表(?P<place>[一-鿿]{{2,24}}?)(?:党工委[、,和]?)?(?:{_GOVERNS})")
_STATE = re.compile(
    r"(?:代表|受|根据)(?:中共中央和)?(?:中华人民共和国)?国务院(?:的)?(?:委托|决定)?|代表中央人民政府"
)
_TERM = re.compile(r"第?[一二三四五六七八九十0-9]{1,3}届$")
_AUTHORITY = re.compile(rf"(?:{_GOVERNS})?(?:党组)?(?:书记)?(?:{_GOVERNS})?$")
_PARTY = re.compile(
    r"^(?:(?:中共)?[一-鿿]{0,12}(?:省|市|县|区|州|旗|盟|党工|工)委(?:副)?(?:书记|常委)[、,])+"
)
_BARE = re.compile(r"[省市区县州旗盟镇乡]|自治[区州县旗]|新区|人民|我[省市区县州]|本级")
_LIKE_A_PLACE = re.compile(r"[一-鿿](?:[省市县区州旗盟镇乡]|地区)$")
_SIGNATURE_LINES = 4


@dataclass(frozen=True, slots=True)
class Place:
    """The fields that name the place of a report; a code without value only has candidates.

    A functional area or town has no code, but `within` and perhaps `area_code`.
    """

    code: Value | None = None
    name: Value | None = None
    level: Value | None = None
    within: Value | None = None
    area_code: Value | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a claim names: a division, or an area that is not one.

    `margin` is the confidence that this division is meant among those of its name, `others`.
    """

    claim: Claim
    division: Division | None = None
    area: Area | None = None
    margin: float = 1.0
    others: tuple[Division, ...] = ()

    @property
    def key(self) -> str:
        """The code of the division, or the name of the area after the code of its division."""
        if self.division is not None:
            return self.division.code
        return f"{self.area.within or ''}~{self.area.name}" if self.area else ""

    @property
    def code(self) -> str | None:
        """The code of the division, or of the division that contains the area."""
        return self.division.code if self.division else self.area.within if self.area else None

    def as_evidence(self, asked: Question) -> Evidence:
        """The claim as evidence for the place it names."""
        claim = self.claim
        method: Method = "read" if claim.rank == Rank.PRINTED else "inferred"
        trust = claim.confidence * self.margin
        value = Value(
            self.key, claim.raw, claim.source, method, trust, claim.start, claim.stop,
            tuple(_candidates(self.others, self.margin, asked)),
        )  # fmt: skip
        return Evidence(value, claim.what, claim.rank, trust)


def _agreement(one: _Found, other: _Found) -> float:
    """Return how far the name of `one` supports `other`: 1 for itself, half for a place in it."""
    if one.key == other.key or (one.area and other.area and one.area.name == other.area.name):
        return 1.0
    if one.division is None:
        return _BROADER if other.code is not None and one.code == other.code else 0.0
    if one.division.code == COUNTRY or other.code is None:
        return _BROADER if other.code is None else 0.0
    return _BROADER if related(one.division.code, other.code) else 0.0


def place_of(sheet: PageLines, head: Header, asked: Question, *, may_be: bool) -> Place | None:
    """Return the place named in the header, or else beside the page, or by weight of names."""
    said = list(_claims(sheet, head, asked.capture))
    found = [each for claim in said for each in _read(claim, said, asked)]
    if not found:
        unsettled = _unsettled(said, asked)
        if unsettled is not None or not may_be:
            return unsettled
        unread = any(c.rank == Rank.PRINTED and _LIKE_A_PLACE.search(c.words) for c in said)
        return _weighed(asked, weak=unread or (head.many and bool(sheet.openings)))
    named = {each.key: each for each in reversed(found)}
    decided = decide(
        (each.as_evidence(asked) for each in found),
        lambda one, other: _agreement(named[one.value.value], named[other.value.value]),
    )
    if decided is None:
        return None
    best = named[decided.value]
    return _other_text(best, found, asked) or _place(best, decided, found, asked)


def _claims(sheet: PageLines, head: Header, capture: Capture) -> Iterator[Claim]:
    """Yield the claims of the header about the place, then those beside the page, by trust."""
    for claim in _all_claims(sheet, head, capture):
        words = _TERM.sub("", claim.words)
        if words and not _BARE.fullmatch(words):
            yield replace(claim, words=words)


def _all_claims(sheet: PageLines, head: Header, capture: Capture) -> Iterator[Claim]:
    session, title = head.session, head.title
    if session is not None:
        whole = "全国" if session.national else session.place
        yield _claim(whole, session.name, 0.99, "session")
    if title is not None and head.printed:
        yield _claim(title.place, title.value, 0.98, "title")
        yield from _above(sheet, title)
    if title is not None and not head.printed and title.line >= 0:
        yield _claim(title.place, title.value, 0.98, "title")
    if not head.many:
        yield from _office(head)
        yield from _opening(sheet)
    for what, each in head.named:
        yield _claim(each.place, each.value, 0.8 if what == "head" else 0.65, what, Rank.BESIDE)
    if not head.many:
        yield from _beside(capture)
        yield from _signature(sheet)


def _beside(capture: Capture) -> Iterator[Claim]:
    """Yield what a container claims, joined from the province down, and the file name."""
    for source, words in beside.claimed(capture, "code"):
        yield Claim(words, None, None, words, source, 0.75, "claim", Rank.BESIDE, is_code=True)
    given = [(source, words) for source, words in beside.claimed(capture, "place")]
    if given:
        names = list(dict.fromkeys(words for _, words in given))
        for said in dict.fromkeys(("".join(names), *reversed(names))):
            yield Claim(said, None, None, said, given[0][0], 0.7, "claim", Rank.BESIDE)
    named = beside.named_place(capture)
    if named is not None:
        yield Claim(named[1], None, None, named[1], named[0], 0.6, "filename", Rank.BESIDE)


def _above(sheet: PageLines, title: Title) -> Iterator[Claim]:
    """Yield a line 某市人民政府 right above the title."""
    if not 0 < title.line < len(sheet.lines):
        return
    line = sheet.lines[title.line - 1]
    match = _GOVERNMENT_LINE.fullmatch(line.words)
    if match:
        raw = sheet.page.visible[line.start : line.stop]
        yield Claim(match["place"], line.start, line.stop, raw, "visible", 0.95, "heading")


def _office(head: Header) -> Iterator[Claim]:
    """Yield the place in 鞍山市人民政府市长."""
    office = head.speaker.office
    if office is None or not head.speaker.org:
        return
    words = _AUTHORITY.sub("", _PARTY.sub("", head.speaker.org))
    if words and "国务院" not in head.speaker.org:
        yield _claim(words, office, 0.9, "office")
    elif "国务院" in head.speaker.org:
        yield _claim("国务院", office, 0.9, "office")


def _claim(
    words: str, value: Value, confidence: float, what: str, rank: Rank = Rank.PRINTED
) -> Claim:
    return Claim(words, value.start, value.stop, value.raw, value.source, confidence, what, rank)


def _opening(sheet: PageLines) -> Iterator[Claim]:
    """Yield 我代表某市人民政府, or 国务院, after the salutation."""
    if sheet.salutation is None:
        return
    visible, start = sheet.page.visible, sheet.lines[sheet.salutation].start
    view = sheet.squeezed(start, min(len(visible), start + OPENING_WITHIN))
    national = _STATE.search(view.text)
    match = national or _SPEAKS_FOR.search(view.text)
    if match is None:
        return
    start, stop = view.start(match.start()), view.stop(match.end())
    words = "全国" if national else match["place"].removesuffix("人民")
    if not national and re.search(r"管理委员会|管委会", match[0]):
        words = match["place"] + "管委会"
    yield Claim(words, start, stop, visible[start:stop], "visible", 0.95, "opening")


def _signature(sheet: PageLines) -> Iterator[Claim]:
    """Yield 某市人民政府 alone on one of the last lines."""
    if sheet.salutation is None:
        return
    for line in sheet.lines[-_SIGNATURE_LINES:]:
        match = _GOVERNMENT_LINE.fullmatch(line.words) if line.short else None
        if match and sheet.keeps(line):
            raw = sheet.page.visible[line.start : line.stop]
            yield Claim(
                match["place"], line.start, line.stop, raw, "visible", 0.7, "signature", Rank.BESIDE
            )


def _read(claim: Claim, said: Sequence[Claim], asked: Question) -> Iterator[_Found]:
    """Return the place named by a claim, if there is exactly one."""
    readings = asked.readings(claim)
    if readings:
        best, margin = settle(claim, readings, said, asked)
        if best is not None:
            others = tuple(row for row in readings if row.code != best.code)
            yield _Found(claim, best, None, margin, others)
        return
    area = asked.knowledge.areas.parse(claim.words, asked.gazetteer, asked.year)
    if area is not None:
        yield _Found(claim, None, area)


def _unsettled(said: Sequence[Claim], asked: Question) -> Place | None:
    """Return no place, but the candidates of an ambiguous name; None if nothing names a place."""
    readings = next((found for claim in said if (found := asked.readings(claim))), ())
    if not readings:
        return None
    candidates = tuple(_candidates(readings, 0.0, asked))
    return Place(Value(None, "", "visible", "inferred", 0.0, 0, 0, candidates))


def _within(found: Sequence[_Found], asked: Question) -> str | None:
    """Return the division that contains an area, from other claims or from names in the text."""
    for each in found:
        if each.division is not None and each.division.code != COUNTRY:
            return each.division.code
    answer = weigh(asked.text, asked.knowledge, asked.year)
    return answer.ranked[0][0].code if answer.decided else None


def _candidates(rows: Sequence[Division], margin: float, asked: Question) -> list[Candidate]:
    """Return the places of the same name that were rejected or are uncertain."""
    share = round((1 - margin) / len(rows), 3) if rows else 0.0
    return [Candidate(row.code, share, asked.full_name(row)) for row in rows]


def _other_text(best: _Found, found: Sequence[_Found], asked: Question) -> Place | None:
    """Return the place of the text if it contradicts the header.

    That is a long text that never names the place of the header and repeatedly names one of another
    province (a county's report may name its city more often than itself). It overrides a title. It
    overrides a session line or an opening if other claims agree with it; otherwise the place stays
    undecided.
    """
    division = best.division
    if division is None or division.code == COUNTRY or len(asked.text) < _LONG_TEXT:
        return None
    below = asked.text[_HEADER:]
    children = asked.gazetteer.children(division.code, asked.year)
    if any(surface in below for row in (division, *children) for surface in row.surfaces):
        return None
    answer = weigh(below, asked.knowledge, asked.year)
    if not answer.decided or answer.ranked[0][0].code[:2] == division.code[:2]:
        return None
    row, names = answer.ranked[0]
    if sum(names.names.values()) < _OFTEN:
        return None
    said = best.as_evidence(asked).as_candidate(0.3)
    confirmed = any(each.division is not None and each.division.code == row.code for each in found)
    if confirmed or best.claim.what == "title":
        return _in_text(answer, (said,), asked)
    doubts = (said, Candidate(row.code, 0.3, f"text ({names.shown()})"))
    return Place(Value(None, "", "visible", "inferred", 0.0, 0, 0, doubts))


def _weighed(asked: Question, *, weak: bool = False) -> Place:
    """Return the place of a text that names none, from the names it uses.

    Otherwise only candidates.

    `weak` means that no answer is certain: the page contains other texts too, or its header names
    an unknown place.
    """
    found = weigh(asked.text, asked.knowledge, asked.year)
    shown = tuple(_weights(found.ranked[: _MOST_CANDIDATES + 1]))
    if not found.decided or weak:
        empty = Value(None, "", "visible", "weighed", 0.0, 0, 0, shown)
        return Place(empty if shown else None)
    return _in_text(found, shown, asked)


def _weights(ranked: Sequence[tuple[Division, Names]]) -> Iterator[Candidate]:
    total = sum(names.weight for _, names in ranked) or 1.0
    for row, names in ranked:
        if names.names:
            yield Candidate(row.code, round(names.weight / total, 3), names.shown())


def _in_text(found: Weighed, candidates: tuple[Candidate, ...], asked: Question) -> Place:
    """Return a place weighed by names; its words are its commonest name."""
    row, names = found.ranked[0]
    word = max(names.names, key=lambda name: names.names[name])
    start = max(0, asked.page.visible.find(word))
    value = Value(
        row.code, word, "visible", "weighed", found.confidence, start, start + len(word), candidates
    )
    if found.area is not None:
        return _area(found.area, value, asked)
    return _division(row, value, asked)


def _place(best: _Found, decided: Value, found: Sequence[_Found], asked: Question) -> Place:
    """Return the fields of the chosen place; all other claims become its candidates."""
    if best.division is not None:
        return _division(best.division, decided, asked)
    area = best.area or Area("", "township")
    if area.within is None:
        area = replace(area, within=_within(found, asked))
    return _area(area, decided, asked)


def _division(row: Division, value: Value, asked: Question) -> Place:
    return Place(
        code=replace(value, value=row.code),
        name=replace(value, value=asked.full_name(row)),
        level=replace(value, value=row.level),
    )


def _area(area: Area, value: Value, asked: Question) -> Place:
    """Return the fields of a place without code; `within` is the code of its division."""
    return Place(
        code=None,
        name=replace(value, value=area.full_name(asked.gazetteer, asked.year)),
        level=replace(value, value=area.level),
        within=replace(value, value=area.within) if area.within else None,
        area_code=replace(value, value=area.code) if area.code else None,
    )

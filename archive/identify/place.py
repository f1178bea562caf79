"""Which place a report is of: from its session, its title, its opening, its page, its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.identify import beside
from archive.identify.session import Session
from archive.identify.settle import COUNTRY, Claim, Question, related, settle
from archive.identify.sheet import OPENING_WITHIN, Sheet
from archive.identify.squeezed import fold, squeeze
from archive.identify.title import Title
from archive.identify.weigh import Evidence, weigh
from archive.known.gazetteer import Division
from archive.model import Candidate, Capture, Value

_MOST_CANDIDATES = 3
_LONG_TEXT, _HEADER, _OFTEN = 2000, 300, 4
_GOVERNMENT_LINE = re.compile(r"(?P<place>[一-鿿()]{2,40}?)(?:人民)?政府")
_SPEAKS_FOR = re.compile(r"代表(?P<place>[一-鿿]{2,24}?)(?:人民)?(?:政府|行政公署)")
_BARE = re.compile(r"[省市区县州旗盟镇乡]|自治[区州县旗]|人民|我[省市区县州]|本级")


@dataclass(frozen=True, slots=True)
class Place:
    """The fields that say where a report is of; a code without value has candidates only."""

    code: Value | None
    name: Value | None = None
    level: Value | None = None


def claims(
    sheet: Sheet,
    session: Session | None,
    title: Title | None,
    capture: Capture,
    *,
    many: bool = False,
) -> list[Claim]:
    """What the header says about the place, then what is said beside it, in order of trust."""
    found: list[Claim] = []
    if session is not None:
        whole = "全国" if "全国人民代表大会" in session.name.value else session.place
        found.append(_claim(whole, session.name, 0.99, "session"))
    if title is not None:
        found.append(_claim(title.place, title.value, 0.98, "title"))
        found.extend(_above(sheet, title))
    if not many:
        found.extend(_opening(sheet))
        found.extend(_beside(capture))
    return [claim for claim in found if claim.words and not _BARE.fullmatch(claim.words)]


def _beside(capture: Capture) -> Iterator[Claim]:
    """What a container claims, joined from the province down, and the file's name."""
    given = [(source, words) for source, words in beside.claimed(capture, "place")]
    if given:
        names = list(dict.fromkeys(words for _, words in given))
        for said in dict.fromkeys(("".join(names), *reversed(names))):
            yield Claim(said, None, None, said, given[0][0], 0.7, "claim")
    named = beside.named_place(capture)
    if named is not None:
        yield Claim(named[1], None, None, named[1], named[0], 0.6, "filename")


def _above(sheet: Sheet, title: Title) -> list[Claim]:
    """A line 某市人民政府 right above the title."""
    if not 0 < title.line < len(sheet.lines):
        return []
    line = sheet.lines[title.line - 1]
    match = _GOVERNMENT_LINE.fullmatch(line.words)
    raw = sheet.page.visible[line.start : line.stop]
    return (
        [Claim(match["place"], line.start, line.stop, raw, "visible", 0.95, "heading")]
        if match
        else []
    )


def _claim(words: str, value: Value, confidence: float, what: str) -> Claim:
    return Claim(words, value.start, value.stop, value.raw, value.source, confidence, what)


def _opening(sheet: Sheet) -> list[Claim]:
    """我代表某市人民政府, or 国务院, behind the salutation."""
    if sheet.salutation is None:
        return []
    visible, start = sheet.page.visible, sheet.lines[sheet.salutation].start
    view = squeeze(visible, start, min(len(visible), start + OPENING_WITHIN))
    national = re.search(r"代表(?:中华人民共和国)?国务院|国务院的?委托|代表中央人民政府", view.text)
    match = national or _SPEAKS_FOR.search(view.text)
    if match is None:
        return []
    start, stop = view.start(match.start()), view.stop(match.end())
    words = "全国" if national else match["place"].removesuffix("人民")
    return [Claim(words, start, stop, visible[start:stop], "visible", 0.95, "opening")]


def resolve(found: Sequence[Claim], asked: Question) -> Place | None:
    """The place that the best claim names; an ambiguous name is settled by what else is said.

    Claims that name another place stay as candidates. A header whose place the long text below
    never names, while it keeps naming another, gives way to the text.
    """
    unsettled: tuple[Division, ...] = ()
    for claim in found:
        readings = asked.readings(claim)
        best, margin = settle(claim, readings, found, asked)
        if best is not None:
            other = _other_text(best, asked)
            if other is not None:
                said = Candidate(best.code, 0.3, _said(claim))
                return _in_text(*other, (said,), asked)
            others = [row for row in readings if row.code != best.code]
            rivals = (*_readings(others, margin, asked), *_rivals(best, found, asked))
            return _place(claim, best, rivals, asked, margin=margin)
        unsettled = unsettled or readings
    if not unsettled:
        return None
    candidates = tuple(_readings(unsettled, 0.0, asked))
    return Place(Value(None, "", "visible", "inferred", 0.0, 0, 0, candidates))


def _readings(rows: Sequence[Division], margin: float, asked: Question) -> list[Candidate]:
    """The places of one name that were not meant, or not surely."""
    share = round((1 - margin) / len(rows), 3) if rows else 0.0
    return [Candidate(row.code, share, asked.full_name(row)) for row in rows]


def _rivals(best: Division, found: Sequence[Claim], asked: Question) -> Iterator[Candidate]:
    """The claims that name a place which neither is `best` nor lies above or below it."""
    for claim in found:
        readings = asked.readings(claim)
        if readings and not any(related(row.code, best.code) for row in readings):
            yield Candidate(readings[0].code, round(claim.confidence / 2, 3), _said(claim))


def _said(claim: Claim) -> str:
    return f"{claim.what} ({fold(claim.raw)[:40]})"


def _other_text(best: Division, asked: Question) -> tuple[Division, Evidence, float] | None:
    """A place of another province that a long text keeps naming while it never names `best`."""
    if best.code == COUNTRY or len(asked.text) < _LONG_TEXT:
        return None
    below = asked.text[_HEADER:]
    children = asked.gazetteer.children(best.code, asked.year)
    if any(surface in below for row in (best, *children) for surface in row.surfaces):
        return None
    answer = weigh(below, asked.knowledge, asked.year)
    if not answer.decided or answer.ranked[0][0].code[:2] == best.code[:2]:
        return None
    row, evidence = answer.ranked[0]
    return (row, evidence, answer.confidence) if sum(evidence.names.values()) >= _OFTEN else None


def weighed(asked: Question, *, weak: bool = False) -> Place:
    """The place of a text that names none, from the names in it; else candidates only.

    `weak` says that the page holds other texts too, so that no answer is sure.
    """
    found = weigh(asked.text, asked.knowledge, asked.year)
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
    row, evidence = ranked[0]
    return _in_text(row, evidence, found.confidence, shown, asked)


def _in_text(
    row: Division,
    evidence: Evidence,
    confidence: float,
    candidates: tuple[Candidate, ...],
    asked: Question,
) -> Place:
    """A place inferred from names; its words are the name that stands most often."""
    word = max(evidence.names, key=lambda name: evidence.names[name])
    start = max(0, asked.page.visible.find(word))

    def value(what: str) -> Value:
        stop = start + len(word)
        return Value(what, word, "visible", "inferred", confidence, start, stop, candidates)

    return Place(value(row.code), value(asked.full_name(row)), value(row.level))


def _place(
    claim: Claim,
    row: Division,
    candidates: tuple[Candidate, ...],
    asked: Question,
    *,
    margin: float,
) -> Place:
    confidence = round(claim.confidence * margin, 3)

    def value(what: str, *, read: bool) -> Value:
        return Value(
            what, claim.raw, claim.source, "read" if read else "inferred", confidence,
            claim.start, claim.stop, candidates,
        )  # fmt: skip

    return Place(
        code=value(row.code, read=False),
        name=value(asked.full_name(row), read=True),
        level=value(row.level, read=False),
    )

"""Decides which year a report is for, and which year it reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from archive.identify import beside, dated
from archive.identify.evidence import Evidence, Rank, decide, seen
from archive.identify.header import Header
from archive.identify.sheet import PageLines
from archive.identify.squeezed import squeeze
from archive.identify.structure import speech
from archive.known import Knowledge
from archive.known.numerals import YEAR, year
from archive.model import Capture, Method, Page, Value

_AUTUMN: Final = 10
_DIGIT: Final = "[一二三四五六七八九十]"
_NUMBERED: Final = rf"(?:{_DIGIT}{{1,3}}、|\({_DIGIT}\)|第{_DIGIT}部分[:、]?|[0-9][.、])"
_HEADING: Final = re.compile(
    rf"(?P<n>{_NUMBERED})?(?P<before>[^。;!]{{0,24}}?)(?P<year>{YEAR})年(?P<rest>[^。;!]{{0,30}})$"
)
_RUN_IN: Final = re.compile(
    rf"(?P<n>{_DIGIT}{{1,3}}、)(?P<before>[^。;!,、]{{0,16}}?)(?P<year>{YEAR})年度?"
    r"(?P<rest>(?:的?(?:政府|主要|重点|各项)?工作|经济社会发展)?"
    r"(?:的?(?:简要)?(?:回顾|总结|情况|安排|部署|打算|任务|目标)(?:和总体要求)?|重点工作|主要工作))"
)
"""A heading whose text continues in the same line: 一、2022年工作回顾过去一年."""
_LOOKS_BACK: Final = re.compile(
    rf"{_NUMBERED}.{{0,20}}(?:回顾|总结|过去|所做)|[^。,;!]{{0,30}}(?:回顾|总结)$"
)
_BACK: Final = re.compile(
    r"回顾|总结|完成情况|所做|主要成绩|取得的成|成就|的成绩$|工作情况|基本情况|执行情况|发展情况|成效|基本估[计价]"
)
_AHEAD: Final = re.compile(
    r"安排|任务|目标|部署|重点|打算|要求|预期|思路|工作建议|总体|意见|做好|建议|计划|奋力|努力"
)
_FAR: Final = re.compile(r"远景|愿景|纲要|规划|长远|展望")
_NEUTRAL: Final = re.compile(r"(?:的?(?:政府|主要|国内)?(?:各项)?工作|经济社会发展|主要任务)$")
_FIRST: Final = re.compile(r"(?:一、|\(一\)|第一部分)")
_SHORT_HEADING: Final = 24
_PLAN_SENTENCE: Final = re.compile(
    rf"(?:^|[。;!\n])[\s\u3000]*(?P<words>(?P<year>{YEAR})年[,,是]?(?:我们|要|全[省市县区州旗]|政府)[^。]{{0,6}}(?:将|要|计划|继续))"
)
_LONGEST_HEADING: Final = 60
_NAMED_YEAR: Final = re.compile(rf"(?<![0-9])(?P<year>{YEAR})[\s\u3000]?年")
_NEXT: Final = re.compile(r"明年|来年")
_MOST_YEARS_APART: Final = 2
_REPEATED: Final = 3
_SEASONS_SINCE: Final = 1990
"""The first season since which congresses meet from December to spring."""
_ANY_SEASON: Final = 0.7
"""Confidence of a year taken only from a heading of an older report, which may be off by one: the
report of 1981 looks ahead to 1982."""


@dataclass(frozen=True, slots=True)
class Years:
    """The report year and the reviewed year, as read or inferred."""

    report: Value | None
    reviewed: Value | None


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading that names a year: `turn` is -1 if it reviews the year, 1 if it looks ahead."""

    value: Value
    turn: int


def years(sheet: PageLines, head: Header, capture: Capture) -> Years:
    """Return both years, from the header, the headings, and what is said beside the page.

    The headings of a page with many reports say nothing about the page.
    """
    headings = [] if head.many else list(_headings(sheet))
    back = next((each.value for each in headings if each.turn < 0), None)
    said = [*_printed(sheet, head, headings), *_beside(head, capture)]
    if not said:
        sentence = _plan_sentence(sheet)
        said = [Evidence(sentence, "sentence", Rank.PRINTED, 0.8)] if sentence else []
    report = decide(said)
    return Years(report, _reviewed_year(back, report))


def undecided(text: str, knowledge: Knowledge) -> Value | None:
    """Return no year, but the candidates that the terms of the text suggest; None without any."""
    found = dated.candidates(text, knowledge)
    return Value(None, "", "visible", "inferred", 0.0, 0, 0, found) if found else None


def _printed(sheet: PageLines, head: Header, headings: list[_Heading]) -> Iterator[Evidence]:
    """Yield the years in the title, the session line and the headings of both halves."""
    if head.title is not None and head.printed and head.title.year is not None:
        value = _with(head.title.value, head.title.year, "read", 0.97)
        yield Evidence(value, "title", Rank.PRINTED, 0.95)
    yield from _of_session(sheet, head)
    ahead = next((each.value for each in headings if each.turn > 0), None)
    if ahead is not None:
        sure = 0.95 if ahead.value >= _SEASONS_SINCE or head.delivered_on else _ANY_SEASON
        yield Evidence(_with(ahead, ahead.value, "read", sure), "heading", Rank.PRINTED, 0.9)
    back = next((each.value for each in headings if each.turn < 0), None)
    if back is not None:
        sure = 0.9 if back.value + 1 >= _SEASONS_SINCE or head.delivered_on else _ANY_SEASON
        value = _with(back, back.value + 1, "inferred", sure)
        yield Evidence(value, "heading", Rank.PRINTED, 0.85)


def _of_session(sheet: PageLines, head: Header) -> Iterator[Evidence]:
    """Return the year of delivery, or the next one if the report is about that."""
    session = head.session
    national = session is not None and session.national
    day = head.delivered_on
    if day is not None:
        meant = _for_year(sheet, day.value, national=national)
        late = int(day.value[5:7]) >= _AUTUMN and not national
        rank = Rank.PRINTED if day.source == "visible" and not late else Rank.BESIDE
        yield Evidence(_with(day, meant, "inferred", 0.95), "session", rank, 0.7 if late else 0.9)
    elif session is not None and session.printed_year is not None:
        part = session.printed_year
        yield Evidence(_with(part, part.value, "inferred", 0.8), "session", Rank.PRINTED, 0.6)


def _for_year(sheet: PageLines, day: str, *, national: bool) -> int:
    """Return the year a session is for: one late in a year is for the next.

    In October, and before all reports of a season had one name, the text must confirm this
    repeatedly.
    """
    printed, month = int(day[:4]), int(day[5:7])
    if month < _AUTUMN or national:
        return printed
    if month > _AUTUMN and printed >= _SEASONS_SINCE:
        return printed + 1
    named = sum(year(m["year"]) == printed + 1 for m in _NAMED_YEAR.finditer(sheet.kept))
    return printed + (named + len(_NEXT.findall(sheet.kept)) >= _REPEATED)


def _beside(head: Header, capture: Capture) -> Iterator[Evidence]:
    """Yield the year of a title beside the page, of a table column, of the file name."""
    for what, title in head.named:
        if title.year is not None:
            value = _with(title.value, title.year, "inferred", 0.85)
            yield Evidence(value, what, Rank.BESIDE, 0.8)
    claimed = next(beside.claimed(capture, "year"), None)
    for what, said in (("claim", claimed), ("filename", beside.named_year(capture))):
        match = re.search(YEAR, said[1]) if said else None
        read = year(match[0]) if match else None
        if said is not None and read is not None:
            value = Value(read, said[1], said[0], "inferred", 0.6)
            yield Evidence(value, what, Rank.BESIDE, 0.6)


def _headings(sheet: PageLines) -> Iterator[_Heading]:
    """Return the headings of the speech that name a plausible year, in order."""
    found = list(_dated_headings(sheet))
    nearest = min((each.value.value for each in found), default=0)
    return (each for each in found if each.value.value - nearest <= _MOST_YEARS_APART)


def _dated_headings(sheet: PageLines) -> Iterator[_Heading]:
    looked_back = False
    for line in speech(sheet):
        short = len(line.words) <= _LONGEST_HEADING
        match = _heading_at(line.words, short=short)
        if match is None:
            looked_back = looked_back or (short and bool(_LOOKS_BACK.match(line.words)))
            continue
        turn = _direction(match, looked_back=looked_back)
        looked_back = looked_back or turn < 0
        value = _year_at(sheet.page, line.start, line.stop, match)
        if value is not None and turn:
            yield _Heading(value, turn)


def _heading_at(words: str, *, short: bool) -> re.Match[str] | None:
    if "年" not in words:
        return None
    match = _HEADING.match(words) if short else None
    if match is not None and (match["n"] or len(words) <= _SHORT_HEADING):
        return match
    return _RUN_IN.match(words)


def _direction(match: re.Match[str], *, looked_back: bool) -> int:
    """Return -1 if a heading reviews its year, 1 if it looks ahead, otherwise 0."""
    rest = match["rest"]
    if "报告" in rest or _FAR.search(rest):
        return 0
    if _looks_ahead(match["before"]):
        return 1
    back, ahead = _BACK.search(rest), _AHEAD.search(rest)
    if back is not None:  # 2010年工作回顾和总体要求: the first part decides the direction
        return -1 if ahead is None or back.start() < ahead.start() else 1
    if ahead is not None:
        return 1
    return _neutral(match, looked_back=looked_back) if _NEUTRAL.fullmatch(rest) else 0


def _looks_ahead(before: str) -> bool:
    return _AHEAD.search(before) is not None and _BACK.search(before) is None


def _neutral(match: re.Match[str], *, looked_back: bool) -> int:
    """Return the direction of a heading such as 2023年主要工作: the first one reviews."""
    if looked_back:
        return 1
    first = not match["n"] or _FIRST.match(match["n"]) is not None
    return -1 if first or _BACK.search(match["before"]) else 1


def _year_at(page: Page, start: int, stop: int, match: re.Match[str]) -> Value | None:
    view = squeeze(page.visible, start, min(stop, start + 200))
    read = year(match["year"])
    if read is None or view.text[match.start("year") : match.end("year")] != match["year"]:
        return None
    return seen(page, read, view.start(match.start("year")), view.stop(match.end("year")))


def _with(value: Value, read: int, method: Method, confidence: float) -> Value:
    return Value(read, value.raw, value.source, method, confidence, value.start, value.stop)


def _plan_sentence(sheet: PageLines) -> Value | None:
    """2023年,我们将 …: a fragment that says for which year it plans."""
    found = [
        (int(read), match)
        for match in _PLAN_SENTENCE.finditer(sheet.page.visible)
        if (read := year(match["year"])) is not None
    ]
    if not found or len({read for read, _ in found}) > 1:
        return None
    read, match = found[0]
    return seen(sheet.page, read, *match.span("words"), method="inferred", confidence=0.9)


def _reviewed_year(back: Value | None, report: Value | None) -> Value | None:
    if back is not None and (report is None or back.value < report.value):
        return replace(back, confidence=0.95)
    if report is None:
        return None
    return _with(report, report.value - 1, "inferred", round(0.9 * report.confidence, 3))

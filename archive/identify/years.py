"""Which year a report is for, and which year it looks back on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from archive.identify import dated
from archive.identify.evidence import seen
from archive.identify.numerals import YEAR, year
from archive.identify.session import Session
from archive.identify.sheet import Sheet
from archive.identify.squeezed import fold, squeeze
from archive.identify.title import Title
from archive.known import Knowledge
from archive.model import Candidate, Method, Page, Value

_AUTUMN = 10
_DIGIT = "[一二三四五六七八九十]"
_NUMBERED = rf"(?:{_DIGIT}{{1,3}}、|\({_DIGIT}\)|第{_DIGIT}部分[:、]?|[0-9][.、])"
_HEADING = re.compile(
    rf"(?P<n>{_NUMBERED})?[^。;!]{{0,24}}?(?P<year>{YEAR})年(?P<rest>[^。;!]{{0,30}})$"
)
_LOOKS_BACK = re.compile(rf"{_NUMBERED}.{{0,20}}(?:回顾|总结|过去|所做)")
_BACK = re.compile(r"回顾|总结|完成情况|所做|主要成绩|取得的成|的成就|工作情况|发展成就")
_AHEAD = re.compile(r"安排|任务|目标|部署|重点|打算|要求|预期|思路|工作建议|总体|意见")
_NEUTRAL = re.compile(r"(?:的?(?:政府|主要|各项)?工作|经济社会发展)$")
_SHORT_HEADING = 24
_PLAN_SENTENCE = re.compile(
    rf"(?:^|[。;!\n])[\s\u3000]*(?P<words>(?P<year>{YEAR})年[,,是]?(?:我们|要|全[省市县区州旗]|政府)[^。]{{0,6}}(?:将|要|计划|继续))"
)
_LONGEST_HEADING = 60


@dataclass(frozen=True, slots=True)
class Years:
    """The report year and the reviewed year, as read or inferred."""

    report: Value | None
    reviewed: Value | None


def years(
    sheet: Sheet,
    session: Session | None,
    title: Title | None,
    delivered_on: Value | None,
    claimed: tuple[str, str] | None = None,
    *,
    many: bool = False,
) -> Years:
    """Both years, from the headings, the title and the day of delivery.

    The headings of a page that holds `many` reports say nothing about the page.
    """
    back, ahead = (None, None) if many else _headings(sheet)
    report = _report_year(sheet, title, delivered_on, back, ahead, national=_national(session))
    report = report or _claimed(claimed)
    return Years(report, _reviewed_year(back, report))


def _claimed(claimed: tuple[str, str] | None) -> Value | None:
    """The year that a container or a file's name gives, where the text gives none."""
    match = re.search(YEAR, claimed[1]) if claimed else None
    read = year(match[0]) if match else None
    if claimed is None or match is None or read is None:
        return None
    return Value(read, claimed[1], claimed[0], "inferred", 0.6)


def undecided(text: str, knowledge: Knowledge) -> Value | None:
    """No year, with the years that the words of the text suit; None where none dates it."""
    found = dated.candidates(text, knowledge)
    return Value(None, "", "visible", "inferred", 0.0, 0, 0, found) if found else None


def _national(session: Session | None) -> bool:
    return session is not None and "全国人民代表大会" in session.name.value


def _headings(sheet: Sheet) -> tuple[Value | None, Value | None]:
    """The first year that a heading looks back on and the first that one looks ahead to."""
    back = ahead = None
    looked_back = False
    for line in sheet.lines[sheet.salutation or 0 :]:
        if len(line.words) > _LONGEST_HEADING:
            continue
        match = _HEADING.match(line.words) if "年" in line.words else None
        if match is None or not (match["n"] or len(line.words) <= _SHORT_HEADING):
            looked_back = looked_back or bool(_LOOKS_BACK.match(line.words))
            continue
        turn = _direction(match["rest"], looked_back=looked_back)
        if turn < 0 and back is None:
            back = _year_at(sheet.page, line.start, line.stop, match)
            looked_back = True
        elif turn > 0 and ahead is None:
            ahead = _year_at(sheet.page, line.start, line.stop, match)
    return back, ahead


def _direction(rest: str, *, looked_back: bool) -> int:
    """-1 where a heading looks back on its year, 1 where it looks ahead, 0 otherwise."""
    if "报告" in rest:
        return 0
    back, ahead = _BACK.search(rest), _AHEAD.search(rest)
    if bool(back) != bool(ahead):
        return -1 if back else 1
    if back is None and _NEUTRAL.fullmatch(rest):
        return 1 if looked_back else -1
    return 0


def _year_at(page: Page, start: int, stop: int, match: re.Match[str]) -> Value | None:
    view = squeeze(page.visible, start, min(stop, start + 200))
    read = year(match["year"])
    if read is None or view.text[match.start("year") : match.end("year")] != match["year"]:
        return None
    return seen(page, read, view.start(match.start("year")), view.stop(match.end("year")))


def _report_year(
    sheet: Sheet,
    title: Title | None,
    delivered_on: Value | None,
    back: Value | None,
    ahead: Value | None,
    *,
    national: bool,
) -> Value | None:
    """The year that the best evidence names; the others stay as candidates."""
    votes: list[_Vote] = []
    if title is not None and title.year is not None:
        votes.append(_Vote(0.95, "title", _with(title.value, title.year, "read", 0.97)))
    if delivered_on is not None:
        meant = _for_year(delivered_on.value, national=national)
        votes.append(_Vote(0.9, "session", _with(delivered_on, meant, "inferred", 0.95)))
    if ahead is not None:
        votes.append(_Vote(0.9, "heading", _with(ahead, ahead.value, "read", 0.95)))
    if back is not None:
        votes.append(_Vote(0.85, "heading", _with(back, back.value + 1, "inferred", 0.9)))
    return _winner(votes) if votes else _plan_sentence(sheet)


@dataclass(frozen=True, slots=True)
class _Vote:
    """What one part of the page says, and how far it is to be trusted."""

    share: float
    what: str
    value: Value


def _for_year(day: str, *, national: bool) -> int:
    """The year a session is for: one in October to December is for the next year."""
    autumn = int(day[5:7]) >= _AUTUMN and not national
    return int(day[:4]) + autumn


def _with(value: Value, read: int, method: Method, confidence: float) -> Value:
    return Value(read, value.raw, value.source, method, confidence, value.start, value.stop)


def _winner(votes: list[_Vote]) -> Value:
    """The value with most weight behind it; at a tie the one that is better trusted."""
    weight: dict[int, float] = {}
    for vote in votes:
        weight[vote.value.value] = weight.get(vote.value.value, 0.0) + vote.share
    best = max(weight, key=lambda each: weight[each])
    found = next(vote.value for vote in votes if vote.value.value == best)
    total = sum(weight.values())
    others = tuple(
        Candidate(
            vote.value.value,
            round(vote.share / total, 3),
            f"{vote.what} ({fold(vote.value.raw)[:40]})",
        )
        for vote in votes
        if vote.value.value != best
    )
    confidence = round(found.confidence * weight[best] / total, 3)
    return replace(found, confidence=confidence, candidates=others)


def _plan_sentence(sheet: Sheet) -> Value | None:
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
        return back
    if report is None:
        return None
    return _with(report, report.value - 1, "inferred", round(0.9 * report.confidence, 3))

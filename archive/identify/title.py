"""Chooses the printed title of a document from the lines that look like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.identify.evidence import seen
from archive.identify.session import congress_of
from archive.identify.sheet import PageLine, PageLines
from archive.identify.squeezed import HAN, Squeezed, normalise
from archive.known.numerals import DATE, YEAR, iso_date, number, year
from archive.model import MANY_REPORTS, Value

_LABEL: Final = (
    r"(?:(?:标题|题目|篇名|资料|全文|附|原标题)[::]|[【\[〔](?:(?!政府工作报告)[^】\]〕]){1,20}[】\]〕]"
    r"|[^。;!?:|丨]{1,12}[|丨]|(?:新华社|中新社|本报|本网)?.{0,12}(?:日电|讯)|[-—–―─━*·•●■◆▲★※→#>]{1,4})"
)
"""Words before a title: a label, the name of a column (also before |), the place of a dispatch, a
bullet."""
_NAME: Final = (
    r"政府工作(?:的)?报告"
    r"|(?:行政公署|行署|管委会|管理委员会|革命委员会|人民委员会)(?:的)?工作(?:的)?报告"
)
_TITLE: Final = re.compile(
    rf"{_LABEL}{{0,3}}[《\"“【\[]?(?P<lead>[^。;!?:,]{{0,60}}?)(?:人民)?(?P<name>{_NAME})"
    r"[》\"”】\]]?(?P<tail>(?:[-—–_(\[【〔,、|].{0,60}|全文.{0,20}|(?:19|20)[0-9]{2}.{0,60})?)$"
)
_PLAIN: Final = re.compile(
    rf"(?P<lead>[{HAN}0-9]{{2,30}}?)(?P<name>工作报告)[》\"”]?(?P<tail>(?:[(\[【〔].{{0,40}})?)$"
)
"""A title that only says 工作报告; the words before it must be a place and a year."""
_OF_A_PLACE: Final = re.compile(r"[省市县区州旗盟镇乡](?:人民政府|政府)?$|街道$|苏木$")
_LEAD_YEAR: Final = re.compile(rf"(?P<year>{YEAR})年?度?")
_DAY: Final = re.compile(DATE)
_MANY: Final = re.compile(r"(?<![0-9])[0-9]++篇")
_FIRST_LINES: Final = 40
_BEFORE_SUBJECT: Final = re.compile(
    r"(?:关于)?(?P<place>.{0,40}?)(?:人民政府)?(?:国民经济|预算|财政|地方财政|计划|第?.{1,3}个?五年)"
)
_PERIOD: Final = re.compile(r"第(?P<n>[一二三四五六七八九十]{1,3})个?五年")
_FIRST_PERIOD, _YEARS_OF_A_PLAN = 1951, 5  # the first plan began in 1953, the sixth in 1981
_SPACED, _LONGEST_BESIDE = 2, 120
_LINK_SHARE = 0.5
_SENTENCE: Final = re.compile(r"[。;!?]|摄|记者")
_BY: Final = re.compile(rf"[{HAN}]{{2,30}}?在")
_AUTHORITY: Final = re.compile(r"(?:人民)?(?:政府)?$|第?[一二三四五六七八九十]{1,3}届$")


@dataclass(frozen=True, slots=True)
class Title:
    """A title line as read; `place` is what it says before 政府工作报告 besides the year.

    `words` are squeezed; `tail` is the part after 报告. `dated` is a date in brackets. `start` and
    `stop` are page offsets, both 0 for a title beside the page.
    """

    value: Value
    words: str
    place: str
    year: int | None
    dated: Value | None
    line: int
    tail: str = ""
    start: int = 0
    stop: int = 0

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Sort key: titles that say more come first, then the one closest to the speech."""
        return (self.year is not None, len(self.place) > 1, self.line)


def titles(sheet: PageLines) -> list[Title]:
    """Return the title lines of a government work report in the header, best first."""
    found = [title for index in sheet.head for title in _at(sheet, index)]
    if sheet.salutation is None or sheet.cleaning.shape == MANY_REPORTS:
        found = [t for t in found if t.line < _FIRST_LINES]
    if sheet.cleaning.shape == MANY_REPORTS:
        return [t for t in found if _MANY.search(t.words)] or found[:1]
    return sorted(found, key=lambda t: (t.weight[:2], -t.line), reverse=True)


def _at(sheet: PageLines, index: int) -> Iterator[Title]:
    line = sheet.lines[index]
    below = sheet.lines[index + 1].words[:4] if index + 1 < sheet.head.stop else ""
    if not line.short or "报" not in line.words + below or _in_links(line):
        return
    for last in (index + 1, index + 2):
        title = _read(sheet, index, last)
        if title is not None:
            yield title
            return
        if line.words.endswith("报告") or last >= sheet.head.stop:
            return


def _in_links(line: PageLine) -> bool:
    return line.block.link_chars >= _LINK_SHARE * (line.stop - line.start)


def _read(sheet: PageLines, index: int, last: int) -> Title | None:
    view = sheet.joined(index, last)
    match = _matched(view.text)
    if match is None or _SENTENCE.search(view.text) or sheet.inside_prose(index, last):
        return None
    begin = _begin(match)
    start, stop = view.start(begin), view.stop(len(view.text))
    value = seen(sheet.page, _as_printed(sheet, view, begin), start, stop)
    return Title(
        value=value,
        words=view.text[begin:],
        place=_place(match["lead"]),
        year=_year(match),
        dated=_dated(sheet, view, match),
        line=index,
        tail=match["tail"],
        start=start,
        stop=stop,
    )


def is_title(words: str) -> bool:
    """Whether squeezed words are the title of a work report, and nothing more."""
    return _matched(words) is not None and _SENTENCE.search(words) is None


def _matched(words: str) -> re.Match[str] | None:
    """Match the title of a work report in squeezed words, or return None."""
    match = _TITLE.match(words)
    if match is not None:
        return match
    match = _PLAIN.match(words)
    if match is None or not _LEAD_YEAR.search(match["lead"]):
        return None
    return match if _OF_A_PLACE.search(_LEAD_YEAR.sub("", match["lead"])) else None


def _begin(match: re.Match[str]) -> int:
    """Return where the title begins after a label; a quotation mark belongs to it."""
    start = match.start("lead")
    opened = match.string[start - 1 : start] in ("《", '"', "“") if start else False
    return start - opened


def _as_printed(sheet: PageLines, view: Squeezed, begin: int) -> str:
    """Return the title without gaps if it is letter-spaced or broken, otherwise as printed."""
    raw = sheet.page.visible[view.start(begin) : view.stop(len(view.text))]
    words = raw.split()
    spaced_out = len(words) > 1 and all(len(word) <= _SPACED for word in words[-4:])
    broken = "\n" in raw or "\r" in raw
    return view.printed[begin:] if spaced_out or broken else raw.strip()


def _year(match: re.Match[str]) -> int | None:
    printed = _LEAD_YEAR.search(match["lead"])
    tail = match["tail"].strip("-—_([〔【")
    if printed is None and not _DAY.match(tail):
        printed = _LEAD_YEAR.match(tail)
    return year(printed["year"]) if printed else None


def _place(lead: str) -> str:
    """Return what the words before 政府工作报告 say besides year, speaker and session."""
    session = congress_of(lead)
    if session is not None:
        return session[0]
    before, session_, behind = _LEAD_YEAR.sub("", _DAY.sub("", lead)).rpartition("届")
    without = _BY.sub("", before) + session_ + behind
    return _AUTHORITY.sub("", re.sub(rf"[^{HAN}]", "", without)).removesuffix("人民")


def _dated(sheet: PageLines, view: Squeezed, match: re.Match[str]) -> Value | None:
    """Return a full date in brackets after the title."""
    day = _DAY.search(view.text, match.end("name"))
    read = iso_date(day[0]) if day else None
    if day is None or read is None:
        return None
    return seen(sheet.page, read, view.start(day.start()), view.stop(day.end()), confidence=0.9)


def from_words(source: str, words: str) -> Title | None:
    """Return a title from beside the page, such as a meta element; `source` names it."""
    squeezed = normalise(words)
    match = _matched(squeezed)
    if match is None or _SENTENCE.search(squeezed) or len(squeezed) > _LONGEST_BESIDE:
        return None
    day = _DAY.search(squeezed, match.end("name"))
    read = iso_date(day[0]) if day else None
    return Title(
        value=Value(words.strip(), words, source, "read", 0.8),
        words=squeezed,
        place=_place(match["lead"]),
        year=_year(match),
        dated=Value(read, day[0], source, "read", 0.8) if day and read else None,
        line=-1,
        tail=match["tail"],
    )


def of_heading(heading: Value) -> Title:
    """Return the heading of another official report as a title, with the last year it names."""
    words = normalise(str(heading.value))
    found = [year(match["year"]) for match in _LEAD_YEAR.finditer(words)]
    known = [each for each in found if each is not None]
    period = _PERIOD.search(words)
    if period:
        known = [_FIRST_PERIOD + _YEARS_OF_A_PLAN * (number(period["n"]) or 0)]
    place = _BEFORE_SUBJECT.match(words)
    return Title(
        value=heading,
        words=words,
        place=_place(place["place"]) if place else "",
        year=max(known) if known else None,
        dated=None,
        line=0,
    )

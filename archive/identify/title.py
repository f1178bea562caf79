"""The printed title of a document, chosen from the lines that look like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.identify.evidence import seen
from archive.identify.numerals import DATE, YEAR, iso_date, number, year
from archive.identify.sheet import MANY_REPORTS, Line, Sheet
from archive.identify.squeezed import fold, squeeze
from archive.model import Value

_TITLE = re.compile(
    r"[《\"“]?(?P<lead>[^。;!?:,]{0,60}?)(?:人民)?(?P<name>政府工作(?:的)?报告)[》\"”]?"
    r"(?P<tail>(?:[-—–_(\[【,、|].{0,60}|全文.{0,20}|(?:19|20)[0-9]{2}.{0,20})?)$"
)
_LEAD_YEAR = re.compile(rf"(?P<year>{YEAR})年?度?")
_DAY = re.compile(DATE)
_MANY = re.compile(r"[0-9]+篇")
_FIRST_LINES = 40
_BEFORE_SUBJECT = re.compile(
    r"(?:关于)?(?P<place>.{0,40}?)(?:人民政府)?(?:国民经济|预算|财政|地方财政|计划|第?.{1,3}个?五年)"
)
_PERIOD = re.compile(r"第(?P<n>[一二三四五六七八九十]{1,3})个?五年")
_FIRST_PERIOD, _YEARS_OF_A_PLAN = 1951, 5  # the first plan began in 1953, the sixth in 1981
_SPACED, _LONGEST_BESIDE = 2, 80
_LINK_SHARE = 0.5
_SENTENCE = re.compile(r"[。;!?]|摄|记者")


@dataclass(frozen=True, slots=True)
class Title:
    """A title line as read; `place` is what it says before 政府工作报告 besides the year."""

    value: Value
    words: str
    place: str
    year: int | None
    dated: Value | None
    line: int

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Titles that say more go before those that say less; then the one nearest the speech."""
        return (self.year is not None, len(self.place) > 1, self.line)


def titles(sheet: Sheet) -> list[Title]:
    """The title lines of a government work report in the header, best first."""
    found = [title for index in sheet.head for title in _at(sheet, index)]
    if sheet.salutation is None or sheet.cleaning.shape == MANY_REPORTS:
        found = [t for t in found if t.line < _FIRST_LINES]
    if sheet.cleaning.shape == MANY_REPORTS:
        return [t for t in found if _MANY.search(t.words)] or found[:1]
    return sorted(found, key=lambda t: (t.weight[:2], -t.line), reverse=True)


def _at(sheet: Sheet, index: int) -> Iterator[Title]:
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


def _in_links(line: Line) -> bool:
    return line.block.link_chars >= _LINK_SHARE * (line.stop - line.start)


def _read(sheet: Sheet, index: int, last: int) -> Title | None:
    start, stop = sheet.lines[index].start, sheet.lines[last - 1].stop
    view = squeeze(sheet.page.visible, start, stop)
    match = _TITLE.match(view.text)
    if match is None or _SENTENCE.search(view.text) or sheet.inside_prose(index, last):
        return None
    shown = _as_printed(sheet.page.visible[view.start(0) : view.stop(len(view.text))], view.text)
    value = seen(sheet.page, shown, view.start(0), view.stop(len(view.text)))
    printed_year = _LEAD_YEAR.search(view.text[: match.start("name")])
    tail = match["tail"].strip("-—_([")
    if printed_year is None and not _DAY.match(tail):
        printed_year = _LEAD_YEAR.match(tail)
    return Title(
        value=value,
        words=view.text,
        place=_place(match["lead"]),
        year=year(printed_year["year"]) if printed_year else None,
        dated=_dated(sheet, index, last, match),
        line=index,
    )


def _as_printed(raw: str, squeezed: str) -> str:
    """The title without gaps where it is spaced out or broken, as printed otherwise."""
    words = raw.split()
    spaced_out = len(words) > 1 and all(len(word) <= _SPACED for word in words[-4:])
    return squeezed if spaced_out or "\n" in raw or "\r" in raw else raw.strip()


def _place(lead: str) -> str:
    without_year = _LEAD_YEAR.sub("", _DAY.sub("", lead))
    return re.sub(r"[^一-鿿]", "", without_year).removesuffix("人民")


def _dated(sheet: Sheet, index: int, last: int, match: re.Match[str]) -> Value | None:
    """A full date in brackets behind the title."""
    view = squeeze(sheet.page.visible, sheet.lines[index].start, sheet.lines[last - 1].stop)
    day = _DAY.search(view.text, match.end("name"))
    read = iso_date(day[0]) if day else None
    if day is None or read is None:
        return None
    return seen(sheet.page, read, view.start(day.start()), view.stop(day.end()), confidence=0.9)


def from_words(source: str, words: str) -> Title | None:
    """A title that stands beside the page, as in a meta element; `source` says where."""
    squeezed = fold(words)
    match = _TITLE.match(squeezed)
    if match is None or _SENTENCE.search(squeezed) or len(squeezed) > _LONGEST_BESIDE:
        return None
    printed_year = _LEAD_YEAR.search(squeezed[: match.start("name")])
    day = _DAY.search(squeezed, match.end("name"))
    read = iso_date(day[0]) if day else None
    return Title(
        value=Value(words.strip(), words, source, "read", 0.8),
        words=squeezed,
        place=_place(match["lead"]),
        year=year(printed_year["year"]) if printed_year else None,
        dated=Value(read, day[0], source, "read", 0.8) if day and read else None,
        line=-1,
    )


def of_heading(heading: Value) -> Title:
    """The heading of another official report as a title: the last year it names is its year."""
    words = fold(str(heading.value))
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

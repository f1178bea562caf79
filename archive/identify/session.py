"""The session line: 2023年1月7日在某市第十七届人民代表大会第二次会议上, however it is set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.identify.evidence import seen_squeezed
from archive.identify.numerals import DATE, NUMBER, iso_date, number
from archive.identify.sheet import Sheet
from archive.identify.squeezed import Squeezed
from archive.model import Value

_DASHES = r"[-—–―─_~·*:(\[〔【<《\"“ ]*"
_SESSION = re.compile(
    rf"(?:.{{0,60}}?报告)?{_DASHES}(?:(?P<date>{DATE})[,、)]?)?(?:于)?在?"
    rf"(?P<session>(?P<place>[一-鿿]{{0,30}}?)第?(?P<term>{NUMBER})届(?:全国)?人民代表大会"
    rf"第?(?P<number>{NUMBER})次(?:全体)?会议)(?P<on>上)?"
    rf"(?:[-—(\[]*(?P<later>{DATE})[)\]]?)?"
)
_LATER_DATE = re.compile(rf"[-—–―(]*(?P<date>{DATE})\)?$")
_OTHERWISE = re.compile(r"上?(?:关于|听取|批准|通过|审议|决定|以来|将|召开|开幕|闭幕|的|,|。|精神)")
_NO_PLACE = re.compile(r"代表|报告|听取|会议|我[们代受]|向大会|的")
_CLOSING = ')]〕】>》"”·*—-'
_LINES_OF_A_SESSION = 4
_MOST = 12  # session lines; a page with more is a list of them


@dataclass(frozen=True, slots=True)
class Session:
    """A session line as read; `line` is the index of its first line, `after` of the next one."""

    name: Value
    place: str
    term: int | None
    number: int | None
    delivered_on: Value | None
    line: int
    after: int
    rest: tuple[int, int]


def sessions(sheet: Sheet) -> Iterator[Session]:
    """Every session line of the header, from above: the line nearest to the speech comes last."""
    index, most = sheet.head.start, _MOST
    while index < sheet.head.stop and most:
        found = _at(sheet, index)
        if found is None:
            index += 1
            continue
        yield found
        index, most = found.after, most - 1


def _at(sheet: Sheet, index: int) -> Session | None:
    if not _may_begin(sheet, index):
        return None
    view = sheet.joined(index, min(index + _LINES_OF_A_SESSION, sheet.head.stop))
    match = _SESSION.match(view.text)
    if match is None or not _is_line(sheet, index, view, match):
        return None
    after = _line_after(sheet, index, view.stop(match.end()))
    return Session(
        name=_name(sheet, view, match),
        place=match["place"],
        term=number(match["term"]),
        number=number(match["number"]),
        delivered_on=_date(sheet, view, match) or _later_date(sheet, after),
        line=index,
        after=after,
        rest=_rest(view, match, sheet.lines[after - 1].stop),
    )


def _may_begin(sheet: Sheet, index: int) -> bool:
    """Whether the four lines from `index` can hold a session at all; cheap and never wrong."""
    if not sheet.lines[index].short:
        return False
    ahead = sheet.lines[index : index + _LINES_OF_A_SESSION]
    return "会" in "".join(line.words for line in ahead) and any("届" in x.words for x in ahead)


def _is_line(sheet: Sheet, index: int, view: Squeezed, match: re.Match[str]) -> bool:
    """Whether the words stand as a header line, not in a sentence."""
    first_line_stop = sheet.lines[index].stop
    begins_here = view.start(match.start("session")) < first_line_stop or match["date"]
    if not begins_here or _NO_PLACE.search(match["place"]):
        return False
    if _OTHERWISE.match(view.text, match.end("session")):
        return False
    return bool(
        match["on"] or match["date"] or match["later"] or _ends_a_line(sheet, index, view, match)
    )


def _ends_a_line(sheet: Sheet, index: int, view: Squeezed, match: re.Match[str]) -> bool:
    stop = view.stop(match.end())
    last = sheet.lines[_line_after(sheet, index, stop) - 1]
    return last.stop - 2 <= stop <= last.stop


def _name(sheet: Sheet, view: Squeezed, match: re.Match[str]) -> Value:
    start, stop = match.span("session")
    return seen_squeezed(sheet.page, match["session"], view, start, stop)


def _date(sheet: Sheet, view: Squeezed, match: re.Match[str]) -> Value | None:
    for group in ("date", "later"):
        day = iso_date(match[group]) if match[group] else None
        if day is not None:
            return seen_squeezed(sheet.page, day, view, *match.span(group))
    return None


def _later_date(sheet: Sheet, after: int) -> Value | None:
    """A date alone on one of the two lines below a session line that prints none."""
    for index in range(after, min(after + 2, sheet.head.stop)):
        view = sheet.joined(index, index + 1)
        match = _LATER_DATE.match(view.text)
        day = iso_date(match["date"]) if match and "年" in match["date"] else None
        if match and day:
            return seen_squeezed(sheet.page, day, view, *match.span("date"), confidence=0.9)
    return None


def _line_after(sheet: Sheet, index: int, stop: int) -> int:
    while index < len(sheet.lines) and sheet.lines[index].start < stop:
        index += 1
    return index


def _rest(view: Squeezed, match: re.Match[str], line_stop: int) -> tuple[int, int]:
    """Where what follows the session on its own last line begins and ends, in the page."""
    last = match.end()
    while last < len(view.text) and view.text[last] in _CLOSING:
        last += 1
    return (view.start(last) if last < len(view.text) else line_stop), line_stop

"""Reads the session line: 2023年1月7日在某市第十七届人民代表大会第二次会议上, in any layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.identify.evidence import seen_squeezed
from archive.identify.sheet import PageLines
from archive.identify.squeezed import HAN, Squeezed
from archive.known.numerals import DATE, DAY, NUMBER, YEAR, iso_date, number, year
from archive.model import Value

_DASHES: Final = r"[-—–―─━_~·•●■◆▲★※→*:(\[〔【<《\"“ ]*"
_CONGRESS: Final = r"(?:人民代表大会|人大|人代会)"
_NAME: Final = (
    rf"(?P<place>[{HAN}]{{0,30}}?)"
    rf"(?:第?(?P<term>{NUMBER})届(?:全国)?{_CONGRESS}|{_CONGRESS}第?(?P<turn>{NUMBER})届)"
    rf"第?(?P<number>{NUMBER})次(?:全体)?会议(?:第?{NUMBER}次全体会议)?"
)
"""A session of a congress: in full, or 市十五届人大一次会议, or 省人大七届一次会议."""
_MASK: Final = r"[xX×*_＿?？]{1,4}"
_PART_OF_DATE: Final = (
    rf"(?P<month>{YEAR})年(?:{DAY}|{_MASK})月(?:(?:{DAY}|{_MASK})日)?|{DAY}月{DAY}日"
)
"""A day without year, a month without day, or a date that is partly masked."""
_WHEN: Final = rf"(?:在|于)?(?:(?P<date>{DATE})|(?P<partly>{_PART_OF_DATE}))?[,、)]?"
_SESSION: Final = re.compile(
    rf"(?:.{{0,60}}?报告)?{_DASHES}{_WHEN}(?:(?P<by>[{HAN}·•・‧]{{2,30}}?)在|于?在?)"
    rf"(?P<session>{_NAME})(?P<on>上)?"
    rf"(?:[-—(\[]*(?P<later>{DATE})[)\]]?)?"
)
_MEETING: Final = re.compile(
    rf"{_DASHES}(?:在|于)?(?P<date>{DATE})(?:于|在)"
    rf"(?P<session>[{HAN}、()]{{2,40}}?(?:会议|大会|全会))上?[)\]]?$"
)
"""A meeting that is not a congress, with its date: of a league's committee, of an area's
officials."""
_IN_WORDS: Final = re.compile(rf"(?:^|[在于向(])(?P<session>{_NAME})")
_LATER_DATE: Final = re.compile(rf"[-—–―─(]*(?P<date>{DATE})\)?$")
_NO_HEADER: Final = re.compile(
    r"上?(?:关于|听取|批准|通过|审议|决定|以来|将|召开|开幕|闭幕|的|,|。|精神)"
)
_OF_A_HEADER: Final = re.compile(
    r"(?:上)?(?:的(?:讲话|(?:政府)?(?:工作)?报告)|[作做](?:的)?(?:政府)?工作报告|通过)"
    r"[)\]]?(?:\(.{0,8}\))?$"
)
"""Words that may follow a session in a header, although most sentences continue like that."""
_NO_PLACE: Final = re.compile(r"代表|报告|听取|会议|我[们代受]|向大会|的")
_CAPTION: Final = re.compile(r"摄$|摄[)）。]|记者|图为|开幕|闭幕|召开|举行|开会")
_CLOSING: Final = ')]〕】>》"”·*—-'
_LINES_OF_A_SESSION: Final = 4
_MOST: Final = 12  # session lines; a page with more of them is a list
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Session:
    """A session line as read.

    `line` is the index of its first line, `after` of the next one; both are -1 if the session is
    within other words. `place` is in simplified characters. `rest` is the range after the session
    on its own line, `by` the range before it. `printed_year` is a year whose date is not printed,
    or is masked.
    """

    name: Value
    place: str
    term: int | None
    number: int | None
    delivered_on: Value | None
    line: int = -1
    after: int = -1
    rest: tuple[int, int] = (0, 0)
    by: tuple[int, int] = (0, 0)
    national: bool = False
    printed_year: Value | None = None


def sessions(sheet: PageLines) -> Iterator[Session]:
    """Return every session line of the header from the top, the one closest to the speech last."""
    index, most = sheet.head.start, _MOST
    while index < sheet.head.stop and most:
        found = _at(sheet, index)
        if found is None:
            index += 1
            continue
        yield found
        index, most = found.after, most - 1


def session_in(sheet: PageLines, view: Squeezed) -> Session | None:
    """Return the first session named in a piece of text, such as a title or an opening."""
    match = _IN_WORDS.search(view.text)
    if match is None or _NO_PLACE.search(match["place"]):
        return None
    return _session(sheet, view, match, confidence=0.9)


def congress_of(words: str) -> tuple[str, int | None, int | None, bool] | None:
    """Return place, term, sitting and whether it is national, of a session in squeezed words."""
    match = _IN_WORDS.search(words)
    if match is None or _NO_PLACE.search(match["place"]):
        return None
    return match["place"], _term(match), number(match["number"]), _is_national(match)


def _at(sheet: PageLines, index: int) -> Session | None:
    if not _may_begin(sheet, index):
        return None
    view = sheet.joined(index, min(index + _LINES_OF_A_SESSION, sheet.head.stop))
    match = _SESSION.match(view.text)
    if match is None or not _is_line(sheet, index, view, match):
        return _meeting_at(sheet, index)
    after = _line_after(sheet, index, view.stop(match.end()))
    return _session(sheet, view, match, line=index, after=after)


def _meeting_at(sheet: PageLines, index: int) -> Session | None:
    view = sheet.joined_line(sheet.lines[index])
    match = _MEETING.match(view.text)
    day = iso_date(match["date"]) if match else None
    if match is None or day is None or _NO_HEADER.search(match["session"]):
        return None
    start, stop = match.span("session")
    return Session(
        name=seen_squeezed(sheet.page, view.printed[start:stop], view, start, stop, confidence=0.9),
        place="",
        term=None,
        number=None,
        delivered_on=seen_squeezed(sheet.page, day, view, *match.span("date")),
        line=index,
        after=index + 1,
        rest=(sheet.lines[index].stop, sheet.lines[index].stop),
    )


def _session(
    sheet: PageLines,
    view: Squeezed,
    match: re.Match[str],
    *,
    line: int = -1,
    after: int = -1,
    confidence: float = 0.99,
) -> Session:
    start, stop = match.span("session")
    words = view.printed[start:stop]
    is_line = line >= 0
    delivered = (_date(sheet, view, match) or _later_date(sheet, after)) if is_line else None
    return Session(
        name=seen_squeezed(sheet.page, words, view, start, stop, confidence=confidence),
        place=match["place"],
        term=_term(match),
        number=number(match["number"]),
        delivered_on=delivered,
        line=line,
        after=after,
        rest=_rest(view, match, sheet.lines[after - 1].stop) if is_line else (0, 0),
        by=_span(view, match, "by") if is_line else (0, 0),
        national=_is_national(match),
        printed_year=_printed_year(sheet, view, match) if is_line else None,
    )


def _term(match: re.Match[str]) -> int | None:
    return number(match["term"] or match["turn"])


def _is_national(match: re.Match[str]) -> bool:
    return "全国" in match["session"] or match["place"].endswith("中华人民共和国")


def _span(view: Squeezed, match: re.Match[str], group: str) -> tuple[int, int]:
    start, stop = match.span(group)
    return (view.start(start), view.stop(stop)) if start >= 0 else (0, 0)


def _may_begin(sheet: PageLines, index: int) -> bool:
    """Whether the four lines from `index` can contain a session; cheap, without false negatives."""
    if not sheet.lines[index].short:
        return False
    ahead = sheet.lines[index : index + _LINES_OF_A_SESSION]
    return "会" in "".join(line.words for line in ahead)


def _is_line(sheet: PageLines, index: int, view: Squeezed, match: re.Match[str]) -> bool:
    """Whether the words are a header line, rather than part of a sentence."""
    first_line_stop = sheet.lines[index].stop
    dated = match["date"] or match["partly"]
    begins_here = view.start(match.start("session")) < first_line_stop or dated
    if (
        not begins_here
        or _NO_PLACE.search(match["place"])
        or _is_caption(sheet, index, view, match)
    ):
        return False
    if _NO_HEADER.match(view.text, match.end("session")):
        return _ends_as_header(sheet, index, view, match)
    return bool(
        match["on"]
        or match["date"]
        or (match["month"] and match["partly"])
        or match["later"]
        or _ends_a_line(sheet, index, view, match.end())
    )


def _is_caption(sheet: PageLines, index: int, view: Squeezed, match: re.Match[str]) -> bool:
    """Whether the session line continues as a photo caption or as news."""
    return _CAPTION.search(_rest_of_line(sheet, index, view, match)) is not None


def _rest_of_line(sheet: PageLines, index: int, view: Squeezed, match: re.Match[str]) -> str:
    """Return the rest of the line after the session, squeezed."""
    stop = sheet.lines[_line_after(sheet, index, view.stop(match.end("session"))) - 1].stop
    last = next((n for n, offset in enumerate(view.offsets) if offset >= stop), len(view.text))
    return view.text[match.end("session") : last]


def _ends_as_header(sheet: PageLines, index: int, view: Squeezed, match: re.Match[str]) -> bool:
    return _OF_A_HEADER.match(_rest_of_line(sheet, index, view, match)) is not None


def _ends_a_line(sheet: PageLines, index: int, view: Squeezed, end: int) -> bool:
    stop = view.stop(end)
    last = sheet.lines[_line_after(sheet, index, stop) - 1]
    return last.stop - 2 <= stop <= last.stop


def _date(sheet: PageLines, view: Squeezed, match: re.Match[str]) -> Value | None:
    for group in ("date", "later"):
        day = iso_date(match[group]) if match[group] else None
        if day is not None:
            return seen_squeezed(sheet.page, day, view, *match.span(group))
    return None


def _printed_year(sheet: PageLines, view: Squeezed, match: re.Match[str]) -> Value | None:
    read = year(match["month"]) if match["month"] else None
    return None if read is None else seen_squeezed(sheet.page, read, view, *match.span("month"))


def _later_date(sheet: PageLines, after: int) -> Value | None:
    """Return a date alone on one of the two lines after a session line without one."""
    for index in range(after, min(after + 2, sheet.head.stop)):
        view = sheet.joined(index, index + 1)
        match = _LATER_DATE.match(view.text)
        day = iso_date(match["date"]) if match and "年" in match["date"] else None
        if match and day:
            return seen_squeezed(sheet.page, day, view, *match.span("date"), confidence=0.9)
    return None


def _line_after(sheet: PageLines, index: int, stop: int) -> int:
    while index < len(sheet.lines) and sheet.lines[index].start < stop:
        index += 1
    return index


def _rest(view: Squeezed, match: re.Match[str], line_stop: int) -> tuple[int, int]:
    """Return the range after the session on its own last line."""
    last = match.end()
    while last < len(view.text) and view.text[last] in _CLOSING:
        last += 1
    return (view.start(last) if last < len(view.text) else line_stop), line_stop

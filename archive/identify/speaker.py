"""Reads speaker and office: next to the session, below it, or in brackets after a title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from archive.identify.evidence import seen
from archive.identify.sheet import PageLines
from archive.identify.squeezed import HAN, Squeezed
from archive.known.numerals import DATE, iso_date
from archive.model import Candidate, Value

_ACTING: Final = r"(?:代理|代|常务副|副)?"
_ROLE: Final = (
    rf"(?:党组书记、)?{_ACTING}(?:省长|市长|区长|县长|州长|盟长|旗长|镇长|乡长|专员|总理)"
    rf"|{_ACTING}(?:自治区)?(?:人民政府)?{_ACTING}主席"
    rf"|(?:街道办事处|管委会|管理委员会|革委会|革命委员会){_ACTING}主任"
)
_DOTS: Final = "·•・‧∙."
_NAME: Final = rf"[{HAN}]{{2,4}}|[{HAN}]{{1,8}}(?:[{_DOTS}][{HAN}]{{1,10}}){{1,3}}|[{HAN}]{{5}}"
_OPEN, _CLOSE = r"[-—–―─(\[【]*", r"[)\]】]*"
_LABEL: Final = r"(?:(?:报告人|作者|发言人|讲话人)[::])?"
_SPEAKS: Final = r"(?:(?:同志)?(?:代表[^。]{0,20})?(?:所)?[作做](?:的)?(?:政府)?工作报告[。.]?)?"
_OFFICE_AND_NAME: Final = re.compile(
    rf"{_OPEN}{_LABEL}(?P<org>[{HAN}、,]{{0,40}}?)(?P<role>{_ROLE})[::,]?"
    rf"(?P<name>{_NAME}){_SPEAKS}{_CLOSE}$"
)
_NAME_AND_OFFICE: Final = re.compile(
    rf"{_OPEN}{_LABEL}(?P<name>{_NAME})[,:(]+(?P<org>[{HAN}、]{{0,40}}?)(?P<role>{_ROLE}){_CLOSE}$"
)
_NAME_THEN_OFFICE: Final = re.compile(
    rf"{_OPEN}(?P<name>[{HAN}]{{2,3}}|[{HAN}]{{1,8}}[{_DOTS}][{HAN}]{{1,10}})(?P<org>)"
    rf"(?P<role>{_ROLE}){_SPEAKS}{_CLOSE}$"
)
"""钱有为市长: a name of usual length right before the office."""
_OFFICE: Final = re.compile(rf"{_OPEN}{_LABEL}(?P<org>[{HAN}、]{{0,40}}?)(?P<role>{_ROLE})[)::]?$")
_BARE_NAME: Final = re.compile(
    rf"{_OPEN}{_LABEL}(?P<name>[{HAN}]{{2,4}}|[{HAN}]{{1,8}}(?:[·•・‧][{HAN}]{{1,10}}){{1,2}}){_CLOSE}$"
)
_DAY_AND_NAME: Final = re.compile(rf"[(\[【〔]?(?P<date>{DATE})[,、]?(?P<name>{_NAME})?[)\]】〕]?$")
"""A line below or after a title: (2003年1月9日 赵示例), or the date alone."""
_OF_A_PLACE: Final = re.compile(r"[省市县区州旗盟镇乡]$")
_LONGEST_SINGLE: Final = 3
_NO_NAME: Final = re.compile(
    r"同志|代表|报告|会议|记者|发布|来源|日期|时间|打印|收藏|分享|字体|字号|首页|关闭|全文|政府|工作|下载|全屏|还原|减小|加大"
    r"|目录|导航|菜单|信息|公开|新闻|要闻|正文|视频|专题|作$|在$|摄$|摘要|节选|摘登|草案|讨论稿"
)
_NO_NAME_BESIDE_A_DAY: Final = re.compile(
    r"通过|修[订正]|公布|印发|批准|施行|起$|止$|上午|下午|星期|周[一二三四五六日]|全体|大会|于|在"
)
_LOST_GAP: Final = "?"  # a no-break space that some mirror could not encode


@dataclass(frozen=True, slots=True)
class Speaker:
    """Name and office as read; one of them may be missing.

    `org` are the words before the office, in simplified characters: 宜兴市人民政府 in
    宜兴市人民政府市长.
    """

    name: Value | None = None
    office: Value | None = None
    org: str = ""


@dataclass(frozen=True, slots=True)
class Dated:
    """A line, or the end of a title, that is a date, with or without the speaker's name."""

    day: Value
    speaker: Speaker


def speaker(sheet: PageLines, first: int, last: int, surnames: frozenset[str]) -> Speaker:
    """Return the speaker printed on the lines from `first` up to, not including, `last`.

    Another name with an office on these lines becomes a candidate. An office without a name is used
    if there is nothing better.
    """
    found = list(_named(sheet, first, last, surnames))
    if not found:
        bare = _bare_name(sheet, first, last, surnames)
        return bare if bare.name else _office_alone(sheet, first, last)
    best = found[0]
    others = {each.name.value: each.name for each in found[1:] if each.name and best.name}
    rivals = tuple(
        Candidate(name, 0.3, f"heading ({value.raw})")
        for name, value in others.items()
        if best.name and name != best.name.value
    )
    return replace(best, name=replace(best.name, candidates=rivals)) if best.name else best


def speaker_in(sheet: PageLines, start: int, stop: int, surnames: frozenset[str]) -> Speaker:
    """Return the speaker in `visible[start:stop]`, the text around a session on its own line."""
    if start >= stop:
        return Speaker()
    view = sheet.squeezed(start, stop, also=_LOST_GAP)
    found = _matched(sheet, view, surnames)
    if found is not None:
        return found
    match = _BARE_NAME.match(view.text)
    if match and not _NO_NAME.search(view.text) and _has_surname(match["name"], surnames):
        return Speaker(_value(sheet, view, match, "name"))
    office = _OFFICE.match(view.text)
    return Speaker(None, _office(sheet, view, office), office["org"]) if office else Speaker()


def dated(sheet: PageLines, start: int, stop: int, surnames: frozenset[str]) -> Dated | None:
    """Return the date and the name next to it, if `visible[start:stop]` contains nothing else."""
    if start >= stop:
        return None
    view = sheet.squeezed(start, stop, also=_LOST_GAP)
    match = _DAY_AND_NAME.match(view.text)
    day = iso_date(match["date"]) if match else None
    if match is None or day is None:
        return None
    start, stop = match.span("date")
    value = seen(sheet.page, day, view.start(start), view.stop(stop), confidence=0.9)
    if not match["name"]:
        return Dated(value, Speaker())
    if not _is_name(match["name"], surnames):
        return None
    return Dated(value, Speaker(_value(sheet, view, match, "name")))


def name_beside_day(words: str, surnames: frozenset[str]) -> str | None:
    """Return the speaker's name in squeezed words such as (2003年1月9日 赵示例), or None."""
    match = _DAY_AND_NAME.match(words)
    named = match is not None and match["name"] and _is_name(match["name"], surnames)
    return match["name"] if match is not None and named else None


def _named(sheet: PageLines, first: int, last: int, surnames: frozenset[str]) -> Iterator[Speaker]:
    """Yield every line, or pair of lines, that is an office with a name."""
    for view in _views(sheet, first, last):
        found = _matched(sheet, view, surnames)
        if found is not None:
            yield found


def _matched(sheet: PageLines, view: Squeezed, surnames: frozenset[str]) -> Speaker | None:
    """Return office and name of a line that contains nothing else."""
    match = _OFFICE_AND_NAME.match(view.text) or _NAME_AND_OFFICE.match(view.text)
    if match is None:
        match = _NAME_THEN_OFFICE.match(view.text)
        if match and (
            _OF_A_PLACE.search(match["name"]) or not _has_surname(match["name"], surnames)
        ):
            return None
    if match is None or _NO_NAME.search(match["name"]):
        return None
    return Speaker(_value(sheet, view, match, "name"), _office(sheet, view, match), match["org"])


def _views(sheet: PageLines, first: int, last: int) -> Iterator[Squeezed]:
    """Yield each short line, then an office line together with the name line below."""
    lines = sheet.lines
    for index in range(first, last):
        if lines[index].short:
            yield _line_view(sheet, index, index + 1)
    for index in range(first, last - 1):
        if _OFFICE.match(lines[index].words.replace(_LOST_GAP, "")):
            yield _line_view(sheet, index, index + 2)


def _line_view(sheet: PageLines, first: int, last: int) -> Squeezed:
    lines = sheet.lines
    return sheet.squeezed(lines[first].start, lines[last - 1].stop, also=_LOST_GAP)


def _value(sheet: PageLines, view: Squeezed, match: re.Match[str], group: str) -> Value:
    start, stop = match.span(group)
    return seen(sheet.page, view.printed[start:stop], view.start(start), view.stop(stop))


def _office(sheet: PageLines, view: Squeezed, match: re.Match[str]) -> Value:
    """Return the office without the place (上海市市长 → 市长), and the words with it."""
    start, stop = match.start("org"), match.end("role")
    role = view.printed[slice(*match.span("role"))]
    return seen(sheet.page, office_of(match["org"], role), view.start(start), view.stop(stop))


def office_of(org: str, role: str) -> str:
    """Return the usual name of an office: 自治区主席 for 自治区人民政府主席."""
    role = role.removeprefix("党组书记、")
    if role.endswith("主席"):
        acting = next((a for a in ("代理", "代", "常务副", "副") if f"{a}主席" in role), "")
        return f"自治区{acting}主席"
    return f"国务院{role}" if org.endswith("国务院") else role


def _bare_name(sheet: PageLines, first: int, last: int, surnames: frozenset[str]) -> Speaker:
    """Return a line with only a name; the office comes from a caption with the same name."""
    for index in range(first, last):
        view = _line_view(sheet, index, index + 1)
        match = _BARE_NAME.match(view.text)
        if match is None or _NO_NAME.search(view.text):
            continue
        single = len(match["name"]) <= _LONGEST_SINGLE or not match["name"].isalpha()
        if _has_surname(match["name"], surnames) and (single or match["name"][:2] in surnames):
            name = _value(sheet, view, match, "name")
            return Speaker(name, _captioned_office(sheet, first, last, match["name"]))
    return Speaker()


def _office_alone(sheet: PageLines, first: int, last: int) -> Speaker:
    """Return an office whose holder is not printed."""
    for index in range(first, last):
        if sheet.lines[index].short:
            view = _line_view(sheet, index, index + 1)
            match = _OFFICE.match(view.text)
            if match:
                return Speaker(None, _office(sheet, view, match), match["org"])
    return Speaker()


def _has_surname(name: str, surnames: frozenset[str]) -> bool:
    return name[:2] in surnames or name[:1] in surnames or not name.isalpha()


def _is_name(words: str, surnames: frozenset[str]) -> bool:
    """Whether the words next to a date in brackets are a name: most are."""
    if _NO_NAME.search(words) or _NO_NAME_BESIDE_A_DAY.search(words):
        return False
    return _has_surname(words, surnames) or len(words) <= _LONGEST_SINGLE


def _captioned_office(sheet: PageLines, first: int, last: int, name: str) -> Value | None:
    caption = re.compile(rf"(?P<role>{_ROLE}){re.escape(name)}")
    for index in range(first, last):
        view = _line_view(sheet, index, index + 1)
        match = caption.search(view.text)
        if match:
            start, stop = match.span("role")
            office = office_of(view.text[:start], view.printed[start:stop])
            return seen(sheet.page, office, view.start(start), view.stop(stop), confidence=0.9)
    return None

"""Who speaks and in which office: the line between the session and the salutation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archive.identify.evidence import seen
from archive.identify.sheet import Sheet
from archive.identify.squeezed import Squeezed, squeeze
from archive.model import Candidate, Value

_ROLE = (
    r"(?:党组书记、)?(?:代理|代|常务副|副)?(?:省长|市长|区长|县长|州长|盟长|旗长|镇长|乡长|专员|总理)"
    r"|(?:代理|代|常务副|副)?(?:自治区)?(?:人民政府)?(?:代理|代|常务副|副)?主席|(?:街道办事处|管委会|管理委员会)主任"
)
_NAME = r"[一-鿿]{2,4}|[一-鿿]{1,8}(?:[·•・‧∙.][一-鿿]{1,10}){1,3}|[一-鿿]{5}"
_OFFICE_AND_NAME = re.compile(
    rf"[-—(\[【]*(?:报告人[::])?(?P<org>[一-鿿、,]{{0,40}}?)(?P<role>{_ROLE})[::,]?(?P<name>{_NAME})[)\]】]*$"
)
_NAME_AND_OFFICE = re.compile(
    rf"[-—(\[【]*(?P<name>{_NAME})[,:(]+(?P<org>[一-鿿、]{{0,40}}?)(?P<role>{_ROLE})[)\]】]*$"
)
_OFFICE = re.compile(rf"[-—(]*(?:[一-鿿、]{{0,40}}?)(?P<role>{_ROLE})[)::]?$")
_BARE_NAME = re.compile(r"(?P<name>[一-鿿]{2,3}|[一-鿿]{1,8}(?:[·•・‧][一-鿿]{1,10}){1,2})$")
_NO_NAME = re.compile(
    r"同志|代表|报告|会议|记者|发布|来源|日期|时间|打印|收藏|分享|字体|字号|首页|关闭|全文|政府|工作|下载|全屏|还原|减小|加大"
    r"|目录|导航|菜单|信息|公开|新闻|要闻|正文|视频|专题|作$|在$|摄$"
)
_LOST_GAP = "?"  # a no-break space that some mirror could not encode


@dataclass(frozen=True, slots=True)
class Speaker:
    """The name and the office as read; one of them may be missing."""

    name: Value | None
    office: Value | None


def speaker(sheet: Sheet, first: int, last: int, surnames: frozenset[str]) -> Speaker:
    """The speaker printed on the lines from `first` up to and without `last`.

    Another name with an office on these lines stays as a candidate.
    """
    found = list(_named(sheet, first, last))
    if not found:
        return _bare_name(sheet, first, last, surnames)
    best = found[0]
    others = {each.name.value: each.name for each in found[1:] if each.name and best.name}
    rivals = tuple(
        Candidate(name, 0.3, f"heading ({value.raw})")
        for name, value in others.items()
        if best.name and name != best.name.value
    )
    return replace(best, name=replace(best.name, candidates=rivals)) if best.name else best


def _named(sheet: Sheet, first: int, last: int) -> Iterator[Speaker]:
    """Every line, or pair of lines, that is an office with a name."""
    for view in _views(sheet, first, last):
        match = _OFFICE_AND_NAME.match(view.text) or _NAME_AND_OFFICE.match(view.text)
        if match and not _NO_NAME.search(match["name"]):
            yield Speaker(_value(sheet, view, match, "name"), _office(sheet, view, match))


def _views(sheet: Sheet, first: int, last: int) -> Iterator[Squeezed]:
    """Each short line by itself, then an office line together with the name line below."""
    lines = sheet.lines
    for index in range(first, last):
        if lines[index].short:
            yield _line_view(sheet, index, index + 1)
    for index in range(first, last - 1):
        if _OFFICE.match(lines[index].words.replace(_LOST_GAP, "")):
            yield _line_view(sheet, index, index + 2)


def _line_view(sheet: Sheet, first: int, last: int) -> Squeezed:
    lines = sheet.lines
    return squeeze(sheet.page.visible, lines[first].start, lines[last - 1].stop, also=_LOST_GAP)


def speaker_in(sheet: Sheet, start: int, stop: int) -> Speaker:
    """The speaker in `visible[start:stop]`: what follows a session on its own line."""
    view = squeeze(sheet.page.visible, start, stop, also=_LOST_GAP)
    match = _OFFICE_AND_NAME.match(view.text)
    if match is None or _NO_NAME.search(match["name"]):
        return Speaker(None, None)
    return Speaker(_value(sheet, view, match, "name"), _office(sheet, view, match))


def _value(sheet: Sheet, view: Squeezed, match: re.Match[str], group: str) -> Value:
    start, stop = match.span(group)
    return seen(sheet.page, match[group], view.start(start), view.stop(stop))


def _office(sheet: Sheet, view: Squeezed, match: re.Match[str]) -> Value:
    """The office without the place (上海市市长 → 市长); the words with it."""
    start, stop = match.start("org"), match.end("role")
    return seen(
        sheet.page, office_of(match["org"], match["role"]), view.start(start), view.stop(stop)
    )


def office_of(org: str, role: str) -> str:
    """The office by its usual name: 自治区人民政府主席 is 自治区主席, 国务院总理 stays whole."""
    role = role.removeprefix("党组书记、")
    if role.endswith("主席"):
        acting = next((a for a in ("代理", "代", "常务副", "副") if f"{a}主席" in role), "")
        return f"自治区{acting}主席"
    return f"国务院{role}" if org.endswith("国务院") else role


def _bare_name(sheet: Sheet, first: int, last: int, surnames: frozenset[str]) -> Speaker:
    """A line with nothing but a name; the office is read from a caption that names the same."""
    for index in range(first, last):
        view = _line_view(sheet, index, index + 1)
        match = _BARE_NAME.match(view.text)
        if match and not _NO_NAME.search(view.text) and _has_surname(match["name"], surnames):
            name = _value(sheet, view, match, "name")
            return Speaker(name, _captioned_office(sheet, first, last, match["name"]))
    return Speaker(None, None)


def _has_surname(name: str, surnames: frozenset[str]) -> bool:
    return name[:2] in surnames or name[:1] in surnames or not name.isalpha()


def _captioned_office(sheet: Sheet, first: int, last: int, name: str) -> Value | None:
    caption = re.compile(rf"(?P<role>{_ROLE}){re.escape(name)}")
    for index in range(first, last):
        view = _line_view(sheet, index, index + 1)
        match = caption.search(view.text)
        if match:
            start, stop = match.span("role")
            office = office_of(view.text[:start], match["role"])
            return seen(sheet.page, office, view.start(start), view.stop(stop), confidence=0.9)
    return None

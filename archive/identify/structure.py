"""The parts of a report: what stands before the speech, the speech, and what follows it."""

from __future__ import annotations

import re

from archive.identify.session import sessions
from archive.identify.sheet import Sheet
from archive.identify.title import titles
from archive.known import Knowledge
from archive.model import Cleaning, Page, Part

_APPENDIX = re.compile(
    r"[-—(\[【《\"]*(?:附(?:件|录|表)?[0-9一二三四五六七八九十]?[:.、]?)?.{0,30}?"
    r"(?:名词解释|名词注释|名词术语|有关名词|用语解释|用语说明|注释|民生实事(?:项目|清单|工程)*|项目(?:计划)?表|实事项目)"
    r"(?:.{0,8})[)\]】》\"]*[::]?"
)
_ATTACHMENT = re.compile(r"附(?:件|录|表)?[0-9一二三四五六七八九十]{0,2}[::.、]?.{0,40}|注释?[::]")
_LONGEST = 50
_LATEST_SHARE = 0.5


def parts(page: Page, cleaning: Cleaning, knowledge: Knowledge) -> tuple[Part, ...]:
    """The part of each span of `cleaning`, in order; ignored where a span is dropped."""
    del knowledge
    sheet = Sheet(page, cleaning)
    body, appendix = bounds(sheet)
    return tuple(
        "front" if span.start < body else "body" if span.start < appendix else "appendix"
        for span in cleaning.spans
    )


def bounds(sheet: Sheet) -> tuple[int, int]:
    """Where in `visible` the speech begins, and where what is added to it begins."""
    stop = len(sheet.page.visible)
    start = 0 if sheet.salutation is None else sheet.lines[sheet.salutation].start
    if sheet.salutation is None:
        start = _behind_header(sheet)
    return start, next((at for at in _appendices(sheet, start) if at > start), stop)


def _behind_header(sheet: Sheet) -> int:
    """Where the first prose line begins: a fragment's title stands before it."""
    lines = [found.line + 1 for found in titles(sheet)] + [s.after for s in sessions(sheet)]
    last = max((line for line in lines if line < len(sheet.lines)), default=0)
    return sheet.lines[last].start if last else 0


def _appendices(sheet: Sheet, start: int) -> list[int]:
    """The lines that head an appendix: in the later half, short, and no numbered section."""
    earliest = start + _LATEST_SHARE * (len(sheet.page.visible) - start)
    return [
        line.start
        for line in sheet.lines
        if line.start > earliest
        and len(line.words) <= _LONGEST
        and (_APPENDIX.fullmatch(line.words) or _ATTACHMENT.fullmatch(line.words))
    ]

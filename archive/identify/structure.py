"""Finds the structure of a report: front matter, speech, appendix, headings and both halves.

To count words, people need the speech without glossary and project list, and what was done apart
from what is planned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from archive.identify.session import sessions
from archive.identify.sheet import PageLine, PageLines
from archive.identify.title import titles
from archive.known.genre import ADDRESSED, CLOSING_WORDS
from archive.known.numerals import value_of
from archive.model import MANY_REPORTS, Cleaning, Page, Part

Half = Literal["review", "plan"]
_APPENDIX = re.compile(
    r"[-—(\[【《\"]*(?:附(?:件|录|表)?[0-9一二三四五六七八九十]?[:.、]?)?.{0,30}?"
    r"(?:名词解释|名词注释|名词术语|有关名词|用语解释|用语说明|术语解释|注释|民生实事|惠民实事"
    r"|民心工程|项目(?:计划)?表|实事项目|重点项目(?:名单|清单))"
    r"(?:项目|清单|工程|说明|计划|目录|一览表)*.{0,8}[)\]】》\"]*[::]?"
)
_NOTES: Final = "note"
"""The tag of a footnote line in a document; footnotes follow the text."""
_ATTACHMENT = re.compile(r"附(?:件|录|表)?[0-9一二三四五六七八九十]{0,2}[::.、]?.{0,40}|注释?[::]")
_NOTE = re.compile(r"[\[〔【(]?[1①][\]〕】)]|1[.、]|注[::]|[\[〔【]实事1")
_SECTION: Final = re.compile(
    r"(?P<outer>[一二三四五六七八九十]{1,3})、|第(?P<part>[一二三四五六七八九十])部分[:、]?"
    r"|\((?P<inner>[一二三四五六七八九十]{1,3})\)|(?P<item>[0-9]{1,2})[.、](?![0-9])"
)
_SALUTED = re.compile(f"{ADDRESSED}|让我们")
_CLOSING = re.compile(r"让我们|团结在|紧密团结|[!]$")
_CLOSING_END = re.compile(rf"(?:{CLOSING_WORDS})[^。!]{{0,24}}[。!]?$|!$")
_BACK = re.compile(r"回顾|总结|过去|所做|成就|成绩|取得|完成情况|工作情况")
_AHEAD = re.compile(
    r"安排|任务|目标|部署|重点|打算|要求|思路|建议|今后|未来|建设|规划|做好|考虑|展望|奋力|全力|推动"
)
_LONGEST_HEADING, _LONGEST_RUN_IN = 60, 80
_TAIL = 80
_LATEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the speech: `visible[start:stop]`; level 1 is 一、, 2 is (一), 3 is 1."""

    start: int
    stop: int
    level: int
    number: int
    words: str
    half: Half | None


def parts(sheet: PageLines) -> tuple[Part, ...]:
    """Return the part of each span of the cleaning, in order; it is ignored for dropped spans."""
    body, appendix = bounds(sheet)
    return tuple(
        "front" if span.stop <= body else "body" if span.start < appendix else "appendix"
        for span in sheet.cleaning.spans
    )


def speech(sheet: PageLines) -> Iterator[PageLine]:
    """Return the kept lines of the speech, from its opening to its closing words."""
    start, stop = bounds(sheet)
    last = closing(sheet, start)
    if last is not None:
        stop = min(stop, sheet.lines[last].stop)
    return (x for x in sheet.lines if start <= x.start < stop and sheet.keeps(x))


def bounds(sheet: PageLines) -> tuple[int, int]:
    """Return where in `visible` the speech begins, and where its appendices begin."""
    stop = len(sheet.page.visible)
    if sheet.salutation is None:
        start = _behind_header(sheet)
    else:
        start = sheet.lines[sheet.salutation].start
    if (
        sheet.cleaning.shape == MANY_REPORTS
    ):  # the next report begins after the appendix of the previous one
        return start, stop
    notes = next((line.start for line in sheet.lines if line.block.tag == _NOTES), stop)
    return start, min(next(_appendices(sheet, start), stop), notes)


def _behind_header(sheet: PageLines) -> int:
    """Return where the first prose line begins; the title of a fragment comes before it."""
    prose = next((i for i, line in enumerate(sheet.lines) if not line.short), len(sheet.lines))
    found = [title.line + 1 for title in titles(sheet)] + [s.after for s in sessions(sheet)]
    last = max((line for line in found if line <= prose and line < len(sheet.lines)), default=0)
    return sheet.lines[last].start if last else 0


def _appendices(sheet: PageLines, start: int) -> Iterator[int]:
    """Yield where an appendix may begin: after the closing words, otherwise at its heading."""
    last = closing(sheet, start)
    if last is not None:
        yield from _behind(sheet, last)
        return
    earliest = start + _LATEST_SHARE * (len(sheet.page.visible) - start)
    for line in sheet.lines:
        if line.start > earliest and _heads_appendix(line) and not _SECTION.match(line.words):
            yield line.start


def _behind(sheet: PageLines, closing: int) -> Iterator[int]:
    """Yield the lines after the closing words that may be the heading of an appendix."""
    for line in sheet.lines[closing + 1 :]:
        if _heads_appendix(line) or _NOTE.match(line.words):
            yield line.start


def _heads_appendix(line: PageLine) -> bool:
    short = len(line.words) <= _LONGEST_HEADING
    found = _APPENDIX.fullmatch(line.words) or _ATTACHMENT.fullmatch(line.words)
    return short and found is not None and line.words[-1] not in "。;!"


def closing(sheet: PageLines, start: int) -> int | None:
    """Return the index of the line with the closing words, the last appeal of the speech."""
    for index in range(len(sheet.lines) - 1, -1, -1):
        line = sheet.lines[index]
        if line.start <= start:
            return None
        if _SALUTED.match(line.words) and _closes(sheet, index):
            return None if _goes_on(sheet, index) else index
    return None


def _goes_on(sheet: PageLines, index: int) -> bool:
    """Whether a section of the speech follows before any appendix: it is not closed yet."""
    for line in sheet.lines[index + 1 :]:
        if _heads_appendix(line):
            return False
        match = _SECTION.match(line.words)
        if match and not match["item"] and len(line.words) > len("一、"):
            return True
    return False


def _closes(sheet: PageLines, index: int) -> bool:
    """Whether an appeal, or the line below if it is alone, ends a speech."""
    last = index
    if len(sheet.lines[index].words) <= len("各位代表们:!") and index + 1 < len(sheet.lines):
        last = index + 1
    line = sheet.lines[last]
    words = sheet.folded(line.start, line.stop)
    return bool(_CLOSING.search(words) and _CLOSING_END.search(words[-_TAIL:]))


def outline(page: Page, cleaning: Cleaning) -> tuple[Heading, ...]:
    """Return the headings of the speech in order, each in the half of its level-1 heading."""
    sheet = PageLines(page, cleaning)
    start, stop = bounds(sheet)
    dropped = {span.start for span in cleaning.spans if span.action == "drop"}
    half: Half | None = None
    found = []
    for line in sheet.lines:
        if start <= line.start < stop and line.start not in dropped:
            heading = _heading(sheet, line, half)
            if heading is not None:
                half = heading.half
                found.append(heading)
    return tuple(found)


def _heading(sheet: PageLines, line: PageLine, half: Half | None) -> Heading | None:
    match = _SECTION.match(line.words)
    if match is None:
        return None
    words = re.split(r"[。!;]", line.words, maxsplit=1)[0]
    longest = _LONGEST_HEADING if line.short else _LONGEST_RUN_IN
    level = 1 if match["outer"] or match["part"] else 2 if match["inner"] else 3
    if len(words) > longest or (level > 2 and len(line.words) > _LONGEST_HEADING):  # noqa: PLR2004
        return None
    opened = _half(words, half) if level == 1 else half
    stop = _end_of(sheet, line, len(words))
    number = value_of(match["outer"] or match["part"] or match["inner"] or match["item"])
    return Heading(line.start, stop, level, number, words[match.end() :], opened)


def _half(words: str, before: Half | None) -> Half | None:
    """Return the half that a level-1 heading opens; an unclear one continues the last."""
    back, ahead = bool(_BACK.search(words)), bool(_AHEAD.search(words))
    if back:
        return "review"
    return "plan" if ahead or before == "plan" else before


def _end_of(sheet: PageLines, line: PageLine, length: int) -> int:
    """Return the page offset after the first `length` characters of a squeezed line."""
    view = sheet.joined_line(line)
    return view.stop(min(length, len(view.text)))

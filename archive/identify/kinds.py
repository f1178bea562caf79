"""Decides the kind of a document, and whether the archive makes a work of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from archive.identify import beside
from archive.identify.evidence import seen
from archive.identify.session import Session
from archive.identify.sheet import OPENING_WITHIN, PageLine, PageLines
from archive.identify.squeezed import normalise
from archive.identify.title import Title, is_title
from archive.known import Knowledge
from archive.known.genre import NUMBERED
from archive.known.kinds import REPORT, Kind, kinds
from archive.model import Candidate, Value

_STAGES: Final = (
    ("draft", re.compile(r"征求意见稿|讨论稿|送审稿|草案|审议稿|初稿|修改稿|[\((]稿[\))]")),
    ("abstract", re.compile(r"摘要|要略")),
    ("excerpt", re.compile(r"节选|摘登|摘编|摘录|摘发|选登|选摘|节录|[(\[【]摘[)\]】]")),
)
"""Words in a title for a text that is not the report itself, or not all of it."""
_GOVERNS: Final = re.compile(
    r"(?:省长|市长|区长|县长|州长|盟长|旗长|镇长|乡长|专员|政府主席|区主席|总理)"
)
_LINES_OF_AN_OFFICE: Final = 2
_FIRST_LINES = 14
_HEADING_TAGS = ("h1", "h2", "h3")
_SENTENCE = re.compile(r"[。;:!?]")
_SECTION = re.compile(NUMBERED)
_FULL_STOP = re.compile(r"[。;]|:$")
_TITLE_LIKE = re.compile(
    "报告|公报|纲要|规划|决议|计划|预算|开幕|闭幕|解读|讲话|总结|施政|金句|要点|贺词|献词|汇报|意见"
    "|通[知报告]|综述|大事记|[蓝白]皮书|概况|纪要"
)
_LONGEST_TITLE = 90
_ORGAN = re.compile(r".{2,30}(?:局|厅|委员会|办公室|法院|检察院|常委会|政协|公司|集团|大学|学院)")
"""A line with the body whose report is named on the line below."""
_SPEECH = (
    "各位代表", "请予审议", "民生实事", "我们将", "过去一年", "一年来", "工作回顾", "政府自身建设",
    "在市委", "在县委", "在区委", "在省委", "坚强领导", "主要预期目标", "今年", "奋力",
)  # fmt: skip
"""Words typical of the speech; a headless fragment is judged by how many of them it has."""
_THIRD_PERSON = (
    "本报讯", "本报记者", "记者", "会议指出", "报告指出", "报告提出", "大会听取", "会议听取",
    "会议决定", "大会批准", "现印发给你们", "责任单位", "牵头单位", "牵头领导",
)  # fmt: skip


def makes_work(kind: str | None, knowledge: Knowledge) -> bool:
    """Whether a text of `kind` belongs to a work; an unknown kind does not."""
    return any(each.work for each in kinds(knowledge) if each.name == kind)


def looks_back(kind: str, knowledge: Knowledge) -> bool:
    """Whether a document of `kind` reviews the previous year."""
    return all(each.looks_back for each in kinds(knowledge) if each.name == kind)


@dataclass(frozen=True, slots=True)
class Judged:
    """The kind and, if a heading gave it, that heading as printed."""

    kind: Value | None
    heading: Value | None = None


def may_be_report(kind: Value | None) -> bool:
    """Whether a text of this kind, or of unknown kind, may be a work report."""
    return kind is None or kind.value == REPORT


def judge_kind(
    sheet: PageLines,
    title: Title | None,
    session: Session | None,
    named: Sequence[tuple[str, Title]],
    knowledge: Knowledge,
) -> Judged:
    """Decide the kind by opening, headings and session, then by the words."""
    if sheet.is_list:
        return Judged(_shaped(sheet))
    known = kinds(knowledge)
    opening = _by_opening(sheet, known)
    heading = _by_heading(sheet, title, [kind for kind in known if not kind.gives_way])
    if opening is not None:
        alike = heading is not None and heading.kind and heading.kind.value == opening.value
        return Judged(opening, heading.heading if heading and alike else None)
    return (
        heading
        or _by_title(title)
        or _by_title(next((each for _, each in named), None), confidence=0.8)
        or _by_body(sheet, known)
        or _by_session(sheet, session)
        or _by_heading(sheet, title, known)
        or Judged(_by_words(sheet))
    )


def _shaped(sheet: PageLines) -> Value:
    """Return the kind of a page that is not text: a list, a challenge, an error, a login."""
    kind = "错误页" if sheet.cleaning.shape in ("challenge", "error", "login") else "目录"
    stop = sheet.lines[0].stop if sheet.lines else 0
    return seen(sheet.page, kind, 0, stop, method="inferred", confidence=0.9)


def _by_opening(sheet: PageLines, known: tuple[Kind, ...]) -> Value | None:
    """Return the kind from the sentence after 各位代表, which says who reports on what."""
    if sheet.salutation is None:
        return None
    line = sheet.lines[sheet.salutation]
    words = sheet.folded(line.start, line.start + OPENING_WITHIN)
    for kind in known:
        match = kind.opening.search(words) if kind.opening else None
        if match:
            return seen(sheet.page, kind.name, line.start, line.stop, confidence=0.97)
    return None


def _by_heading(sheet: PageLines, title: Title | None, known: Sequence[Kind]) -> Judged | None:
    """Return the kind of a heading of another kind that comes before the title of a report."""
    for value in _headings(sheet):
        words = normalise(str(value.value))
        name = _named_by(words, known)
        if name not in (None, REPORT):
            return Judged(replace(value, value=name, confidence=0.9), value)
        if title is not None and words == title.words:
            break
    return None


def _named_by(words: str, known: Sequence[Kind]) -> str | None:
    """Return the kind whose title a heading is; only all of a title names a work report."""
    for kind in known:
        if is_title(words) if kind.name == REPORT else kind.title.search(words):
            return kind.name
    return None


def _by_title(title: Title | None, *, confidence: float = 0.9) -> Judged | None:
    return Judged(replace(title.value, value=REPORT, confidence=confidence)) if title else None


def _by_session(sheet: PageLines, session: Session | None) -> Judged | None:
    """A speech at a congress by the head of a government, if nothing says what it is."""
    if session is None or session.term is None or session.line < 0:
        return None
    below = [sheet.lines[session.line].words] + [
        line.words for line in sheet.lines[session.after : session.after + _LINES_OF_AN_OFFICE]
    ]
    if not any(_GOVERNS.search(words) for words in below if len(words) <= _LONGEST_TITLE):
        return None
    return Judged(replace(session.name, value=REPORT, method="inferred", confidence=0.8))


def _headings(sheet: PageLines) -> Iterator[Value]:
    """Return the first heading lines of the main part, then the titles of the page's head."""
    lines = sheet.lines[: sheet.head.stop]
    headline = next((line for line in lines if line.block.main), None)
    heads = [(i, line) for i, line in enumerate(lines) if _may_head(line, headline)]
    for index, line in heads[:_FIRST_LINES]:
        if _TITLE_LIKE.search(line.words) and not sheet.inside_prose(index, index + 1):
            above = lines[index - 1] if index else line
            first = above if _ORGAN.fullmatch(above.words) else line
            words = sheet.page.visible[first.start : line.stop].strip()
            start = sheet.page.visible.index(words, first.start)
            yield seen(sheet.page, words, start, start + len(words), confidence=0.9)
    for source, words in beside.titles(sheet.page):
        yield Value(words, words, source, "read", 0.8)


def _may_head(line: PageLine, headline: PageLine | None) -> bool:
    """Whether a line may be the title of a document: short, not a sentence, not a link.

    The first line of a text may also be a headline with marks, such as 划重点！….
    """
    block = line.block
    return (
        (block.main or block.tag in _HEADING_TAGS)
        and not block.hidden
        and len(line.words) <= _LONGEST_TITLE
        and not _SECTION.match(line.words)
        and not (_FULL_STOP if line is headline else _SENTENCE).search(line.words.rstrip("!?"))
        and block.link_chars * 2 < line.stop - line.start
    )


def _by_body(sheet: PageLines, known: tuple[Kind, ...]) -> Judged | None:
    """Return the kind of a sentence near the start that only a similar document contains."""
    lines = [line for line in sheet.lines if line.block.main]
    if not lines:
        return None
    words = sheet.folded(lines[0].start, lines[0].start + 1200)
    for kind in known:
        match = kind.body.search(words) if kind.body else None
        if match:
            return Judged(
                seen(sheet.page, kind.name, lines[0].start, lines[0].stop, confidence=0.8)
            )
    return None


def _by_words(sheet: PageLines) -> Value | None:
    """Judge a text without head: words of the speech against those of texts about it."""
    visible = sheet.page.visible
    own = [word for word in _SPEECH if word in visible]
    others = [word for word in _THIRD_PERSON if word in visible]
    score = len(own) - 2 * len(others)
    if score < 3 or ("各位代表" not in own and score < 5):  # noqa: PLR2004
        return None
    start = visible.index(own[0])
    confidence = min(0.9, 0.5 + 0.05 * score)
    return seen(
        sheet.page,
        REPORT,
        start,
        start + len(own[0]),
        method="inferred",
        confidence=confidence,
        candidates=(Candidate(REPORT, confidence, "、".join(own)),),
    )


def stage_of(
    kind: Value | None,
    title: Title | None,
    named: Sequence[tuple[str, Title]] = (),
    *,
    delivered: bool,
) -> Value | None:
    """Return `draft`, `abstract` or `excerpt` from a title, or `final` for a titled report.

    A text without title is `final` if the page says that it was delivered.
    """
    if kind is None or kind.value != REPORT:
        return None
    for each in (*([title] if title else []), *(other for _, other in named)):
        found = _stage_in_title(each)
        if found is not None:
            return found
    if title is None and not delivered:
        return None
    source = title.value if title else kind
    confidence = 0.95 if delivered else 0.8
    return Value(
        "final", source.raw, source.source, "inferred", confidence, source.start, source.stop
    )


def _stage_in_title(title: Title) -> Value | None:
    raw = title.value.raw
    for stage, words in _STAGES:
        match = words.search(raw)
        if match and title.value.start is not None:
            start = title.value.start + match.start()
            stop = start + len(match[0])
            return Value(stage, match[0], title.value.source, "read", 0.95, start, stop)
        if match:
            return Value(stage, match[0], title.value.source, "read", 0.8)
    return None

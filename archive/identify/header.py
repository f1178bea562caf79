"""Reads the header of a report: its title, session and speaker, and what contradicts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.identify import beside
from archive.identify.evidence import Evidence, Rank, decide
from archive.identify.kinds import Judged, judge_kind, makes_work, may_be_report
from archive.identify.session import Session, session_in, sessions
from archive.identify.sheet import OPENING_WITHIN, PageLines
from archive.identify.speaker import Dated, Speaker, dated, name_beside_day, speaker, speaker_in
from archive.identify.title import Title, from_words, of_heading, titles
from archive.known import Knowledge
from archive.model import MANY_REPORTS, Candidate, Capture, Value

_LINES_BELOW = 12
_NEAR = 8
_LINES_OF_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Header:
    """The text above a speech or beside its page; a compilation has no session of its own.

    `printed` means that the page itself prints the title. `named` are the titles beside it: in its
    head, in the claims of its container or in the file name.
    """

    judged: Judged
    title: Title | None
    session: Session | None
    speaker: Speaker
    delivered_on: Value | None
    many: bool
    printed: bool = False
    named: tuple[tuple[str, Title], ...] = ()


def header(sheet: PageLines, capture: Capture, knowledge: Knowledge) -> Header:
    """Read the header of a page: print before meta elements, these before claims and file names."""
    many = sheet.cleaning.shape == MANY_REPORTS
    known = surnames(knowledge)
    session = None if many else _session(sheet)
    printed = next(iter(titles(sheet)), None)
    named = tuple(_beside(sheet, capture))
    judged = judge_kind(sheet, printed, session, named, knowledge)
    title = _of_kind(printed, judged, knowledge)
    if title is None and may_be_report(judged.kind):
        title = next((each for _, each in named), None)
    day = None if many else _dated(sheet, printed, known)
    opened = None if many or session else _opening_session(sheet)
    return Header(
        judged=judged,
        title=title,
        session=session or opened or _titled_session(sheet, printed),
        speaker=Speaker()
        if many
        else _or_beside_a_day(_speaker(sheet, session, printed, known), day, named, known),
        delivered_on=_delivered_on(session, title, day, named),
        many=many,
        printed=title is printed and printed is not None,
        named=named,
    )


def _session(sheet: PageLines) -> Session | None:
    """Return the session line.

    Of two that differ, the one whose place the page names more often.
    """
    found = list(sessions(sheet))
    if not found:
        return None
    visible = sheet.page.visible
    ordered = sorted(
        found,
        key=lambda each: (
            each.term is not None,
            visible.count(each.place or "全国") if len(each.place) != 1 else 0,
            each.line,
        ),
    )
    best = ordered[-1]
    others = {each.name.value: each for each in found if each.name.value != best.name.value}
    candidates = tuple(Candidate(name, 0.3, f"session ({name[:40]})") for name in others)
    return replace(best, name=replace(best.name, candidates=candidates)) if others else best


def _opening_session(sheet: PageLines) -> Session | None:
    """Return the session in the first sentence of a speech: 向省第五届人大第一次会议报告."""
    if sheet.salutation is None:
        return None
    start = sheet.lines[sheet.salutation].start
    stop = min(len(sheet.page.visible), start + OPENING_WITHIN)
    found = session_in(sheet, sheet.squeezed(start, stop))
    said = found and sheet.folded(found.name.stop or 0, stop)[:6]
    return found if found and said and said.startswith(("报告", "作", "提出")) else None


def _titled_session(sheet: PageLines, title: Title | None) -> Session | None:
    """Return the session in the line of the title."""
    if title is None or title.stop <= title.start:
        return None
    return session_in(sheet, sheet.squeezed(title.start, title.stop))


def _of_kind(title: Title | None, judged: Judged, knowledge: Knowledge) -> Title | None:
    """Use the heading of another kind as the title; anything but a report has no title."""
    if may_be_report(judged.kind) or judged.kind is None:
        return title
    known = makes_work(judged.kind.value, knowledge)
    return of_heading(judged.heading) if known and judged.heading else None


def _beside(sheet: PageLines, capture: Capture) -> Iterator[tuple[str, Title]]:
    """Return titles from the page's head, the container's claims or the file name, best first."""
    given = (
        *(("head", source, words) for source, words in beside.titles(sheet.page)),
        *(("claim", source, words) for source, words in beside.claimed(capture, "title")),
        *(("filename", source, words) for source, words in beside.named_title(capture)),
    )
    for what, source, words in given:
        title = from_words(source, words)
        if title is not None:
            yield what, title


def _dated(sheet: PageLines, title: Title | None, known: frozenset[str]) -> Dated | None:
    """Return the date, with or without a name, after the title or on a line below it."""
    if title is None:
        lines = range(sheet.head.start, min(sheet.head.stop, sheet.head.start + _LINES_OF_A_DAY))
    else:
        begin = title.start + (sheet.page.visible[title.start : title.stop].find("报告") + 2)
        behind = dated(sheet, begin, title.stop, known)
        if behind is not None:
            return behind
        lines = range(title.line + 1, min(sheet.head.stop, title.line + 1 + _LINES_OF_A_DAY))
    found = (dated(sheet, sheet.lines[n].start, sheet.lines[n].stop, known) for n in lines)
    return next((each for each in found if each is not None), None)


def _delivered_on(
    session: Session | None,
    title: Title | None,
    day: Dated | None,
    named: tuple[tuple[str, Title], ...],
) -> Value | None:
    """Return the day of delivery from the session line, the title, a line below, or elsewhere."""
    printed = [
        ("session", session.delivered_on if session else None),
        ("title", title.dated if title and title.line >= 0 else None),
        ("heading", day.day if day else None),
    ]
    found = [Evidence(v, what, Rank.PRINTED, v.confidence) for what, v in printed if v]
    found += [Evidence(t.dated, w, Rank.BESIDE, t.dated.confidence) for w, t in named if t.dated]
    return decide(found)


def _speaker(
    sheet: PageLines, session: Session | None, title: Title | None, known: frozenset[str]
) -> Speaker:
    """Return the speaker next to or below the session line, otherwise between title and session."""
    found = Speaker()
    if session is not None and session.line >= 0:
        found = speaker_in(sheet, *session.rest, known)
        if found.name is None:
            found = _fuller(found, speaker_in(sheet, *session.by, known))
        if found.name is None:
            below = speaker(sheet, session.after, _stop(sheet, session.after), known)
            found = _fuller(found, below)
        near = title is not None and 0 < session.line - title.line <= _NEAR
        if found.name is None and title is not None and near:
            found = _fuller(found, speaker(sheet, title.line + 1, session.line, known))
    elif title is not None:
        found = speaker(sheet, title.line + 1, _stop(sheet, title.line + 1), known)
    elif sheet.salutation is not None:
        found = speaker(
            sheet, max(0, sheet.salutation - _LINES_BELOW // 2), sheet.salutation, known
        )
    return found


def _or_beside_a_day(
    found: Speaker,
    day: Dated | None,
    named: tuple[tuple[str, Title], ...],
    known: frozenset[str],
) -> Speaker:
    """Return the speaker, or the name next to a date below the title or in another title."""
    if found.name is not None:
        return found
    below = day.speaker.name if day is not None else None
    return replace(found, name=below or next(_named_speakers(named, known), None))


def _named_speakers(named: tuple[tuple[str, Title], ...], known: frozenset[str]) -> Iterator[Value]:
    for _, title in named:
        name = name_beside_day(title.tail, known)
        if name is not None:
            yield Value(name, title.tail, title.value.source, "inferred", 0.8)


def _fuller(one: Speaker, other: Speaker) -> Speaker:
    """Return the one with a name, otherwise the one with an office."""
    return one if one.name or (one.office and not other.name) else other


def _stop(sheet: PageLines, first: int) -> int:
    return min(sheet.head.stop, first + _LINES_BELOW)


@lru_cache(maxsize=4)
def surnames(knowledge: Knowledge) -> frozenset[str]:
    """Return the surnames of `lexica/offices.toml`, single and double."""
    lexicon = knowledge.lexicon("offices")
    single = frozenset(str(lexicon["surnames"])) - {"\n"}
    return single | frozenset(str(lexicon["double_surnames"]).split())

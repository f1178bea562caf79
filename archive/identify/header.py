"""The header of a report: its title, its session, its speaker, and what contradicts them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from archive.identify import beside
from archive.identify.kinds import Judged, judge_kind, makes_work, may_be_report
from archive.identify.session import Session, sessions
from archive.identify.sheet import MANY_REPORTS, Sheet
from archive.identify.speaker import Speaker, speaker, speaker_in
from archive.identify.title import Title, from_words, of_heading, titles
from archive.known import Knowledge
from archive.model import Candidate, Capture, Value

_LINES_BELOW = 12
_NEAR = 8


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above a speech, or beside its page; a compilation has no session of its own."""

    judged: Judged
    title: Title | None
    session: Session | None
    speaker: Speaker
    delivered_on: Value | None
    many: bool


def header(sheet: Sheet, capture: Capture, knowledge: Knowledge) -> Header:
    """Read the header of a page, print before meta elements, these before claims and names."""
    many = sheet.cleaning.shape == MANY_REPORTS
    session = None if many else _session(sheet)
    printed = next(iter(titles(sheet)), None)
    judged = judge_kind(sheet, printed, knowledge)
    title = _of_kind(printed, judged, knowledge)
    if title is None and may_be_report(judged.kind):
        title = _beside(sheet, capture)
    return Header(
        judged=judged,
        title=title,
        session=session,
        speaker=Speaker(None, None) if many else _speaker(sheet, session, printed, knowledge),
        delivered_on=_delivered_on(session, title),
        many=many,
    )


def _session(sheet: Sheet) -> Session | None:
    """The session line; of two different ones that whose place the page names more often."""
    found = list(sessions(sheet))
    if not found:
        return None
    visible = sheet.page.visible
    ordered = sorted(found, key=lambda each: (visible.count(each.place or "全国"), each.line))
    best = ordered[-1]
    others = {each.name.value: each for each in found if each.name.value != best.name.value}
    candidates = tuple(Candidate(name, 0.3, f"session ({name[:40]})") for name in others)
    return replace(best, name=replace(best.name, candidates=candidates)) if others else best


def _of_kind(title: Title | None, judged: Judged, knowledge: Knowledge) -> Title | None:
    """The heading that told another kind stands for the title; what is no report has none."""
    if may_be_report(judged.kind) or judged.kind is None:
        return title
    known = makes_work(judged.kind.value, knowledge)
    return of_heading(judged.heading) if known and judged.heading else None


def _beside(sheet: Sheet, capture: Capture) -> Title | None:
    """A title that the page's head or a container's claims give where the page prints none."""
    given = (*beside.titles(sheet.page), *beside.claimed(capture, "title"))
    read = (from_words(source, words) for source, words in given)
    return next((title for title in read if title is not None), None)


def _delivered_on(session: Session | None, title: Title | None) -> Value | None:
    if session is not None and session.delivered_on is not None:
        return session.delivered_on
    return title.dated if title else None


def _speaker(
    sheet: Sheet, session: Session | None, title: Title | None, knowledge: Knowledge
) -> Speaker:
    """The speaker beside or below the session line, else between title and session."""
    known = surnames(knowledge)
    if session is not None:
        found = speaker_in(sheet, *session.rest)
        if found.name is None:
            found = speaker(sheet, session.after, _stop(sheet, session.after), known)
        near = title is not None and 0 < session.line - title.line <= _NEAR
        if found.name is None and title is not None and near:
            found = speaker(sheet, title.line + 1, session.line, known)
        return found
    if title is None:
        return Speaker(None, None)
    return speaker(sheet, title.line + 1, _stop(sheet, title.line + 1), known)


def _stop(sheet: Sheet, first: int) -> int:
    return min(sheet.head.stop, first + _LINES_BELOW)


@lru_cache(maxsize=4)
def surnames(knowledge: Knowledge) -> frozenset[str]:
    """The surnames of `lexica/offices.toml`, single and double."""
    lexicon = knowledge.lexicon("offices")
    single = frozenset(str(lexicon["surnames"])) - {"\n"}
    return single | frozenset(str(lexicon["double_surnames"]).split())

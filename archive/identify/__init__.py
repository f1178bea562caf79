"""Which report is this: kind, place, year, session, speaker, structure."""

from __future__ import annotations

from functools import lru_cache

from archive.identify import beside
from archive.identify.furniture import furniture, stamped_on
from archive.identify.kinds import REPORT, Judged, judge_kind, makes_work, may_be_report, stage_of
from archive.identify.place import claims, resolve, weighed
from archive.identify.publisher import publisher
from archive.identify.session import Session, sessions
from archive.identify.settle import Question
from archive.identify.sheet import MANY_REPORTS, Sheet
from archive.identify.speaker import Speaker, speaker, speaker_in
from archive.identify.structure import parts
from archive.identify.title import Title, of_heading, titles
from archive.identify.years import undecided, years
from archive.known import Knowledge
from archive.model import IDENTITY_FIELDS, Capture, Cleaning, Identity, Page, Value

__all__ = ["identify", "makes_work", "parts"]


def identify(page: Page, cleaning: Cleaning, capture: Capture, knowledge: Knowledge) -> Identity:
    """The identity of a text: every field of `IDENTITY_FIELDS` but completeness, or None."""
    sheet = Sheet(page, cleaning)
    around = {**dict.fromkeys(IDENTITY_FIELDS), **_around(sheet, capture, knowledge)}
    if sheet.is_list:
        return {**around, "kind": judge_kind(sheet, None, knowledge).kind}
    return {**around, **_report(sheet, capture, knowledge)}


def _report(sheet: Sheet, capture: Capture, knowledge: Knowledge) -> dict[str, Value | None]:
    """The fields of the document itself. A compilation has none of the reports it holds."""
    many = sheet.cleaning.shape == MANY_REPORTS
    session = None if many else next(iter(sessions(sheet)), None)
    title = next(iter(titles(sheet)), None)
    judged = judge_kind(sheet, title, knowledge)
    title = _of_kind(title, judged, knowledge)
    delivered_on = _delivered_on(session, title)
    found = years(sheet, session, title, delivered_on, many=many)
    year = found.report.value if found.report else None
    said = claims(sheet, session, title, many=many)
    text = _kept(sheet)
    asked = Question(sheet.page, text, capture, knowledge, year)
    place = resolve(said, asked)
    if place is None and may_be_report(judged.kind):
        place = weighed(asked, weak=many and _begins_inside(sheet))
    report_year = found.report
    if report_year is None and may_be_report(judged.kind):
        report_year = undecided(text, knowledge)
    spoken = Speaker(None, None) if many else _speaker(sheet, session, title, knowledge)
    return {
        "kind": judged.kind,
        "title": None if many else _title(title, judged),
        "place_code": place.code if place else None,
        "place": place.name if place else None,
        "level": place.level if place else None,
        "report_year": report_year,
        "reviewed_year": found.reviewed if _looks_back(judged.kind) else None,
        "delivered_on": delivered_on,
        "session": session.name if session else None,
        "office": spoken.office,
        "speaker": spoken.name,
        "stage": stage_of(judged.kind, title, delivered=session is not None),
    }


def _looks_back(kind: Value | None) -> bool:
    """Whether a document of this kind reviews the year before its own."""
    return kind is None or kind.value not in ("统计公报", "规划纲要")


def _of_kind(title: Title | None, judged: Judged, knowledge: Knowledge) -> Title | None:
    """The heading that told another kind stands for the title; what is no report has none."""
    if may_be_report(judged.kind) or judged.kind is None:
        return title
    known = makes_work(judged.kind.value, knowledge) and judged.heading is not None
    return of_heading(judged.heading) if known and judged.heading else None


def _kept(sheet: Sheet) -> str:
    """The kept words; the whole text where nothing was decided."""
    visible = sheet.page.visible
    kept = [visible[s.start : s.stop] for s in sheet.cleaning.spans if s.action != "drop"]
    return "".join(kept) if sheet.cleaning.spans else visible


def _begins_inside(sheet: Sheet) -> bool:
    """Whether another report begins somewhere on the page."""
    return sheet.salutation is not None


def _around(sheet: Sheet, capture: Capture, knowledge: Knowledge) -> dict[str, Value | None]:
    """What the page prints and says around the report; print goes before meta, meta before URL."""
    page = sheet.page
    fields = furniture(page)
    head = [sheet.lines[index] for index in sheet.head][-60:]
    fields["published_on"] = (
        fields["published_on"] or stamped_on(page, head) or beside.published_on(page, capture)
    )
    fields["source"] = fields["source"] or beside.source(page)
    fields["site_id"] = fields["site_id"] or beside.site_id(page)
    fields["page_no"] = fields["page_no"] or beside.page_no(page, capture)
    fields["publisher"] = publisher(page, fields["site_id"], knowledge.gazetteer)
    return fields


def _title(title: Title | None, judged: Judged) -> Value | None:
    """The title of a report, or the heading that told another kind."""
    if judged.kind is None or judged.kind.value == REPORT:
        return title.value if title else None
    return judged.heading or (title.value if title else None)


def _delivered_on(session: Session | None, title: Title | None) -> Value | None:
    if session is not None and session.delivered_on is not None:
        return session.delivered_on
    return title.dated if title else None


def _speaker(
    sheet: Sheet, session: Session | None, title: Title | None, knowledge: Knowledge
) -> Speaker:
    """The speaker below the session line, or below the title where there is none."""
    if session is not None:
        beside = speaker_in(sheet, *session.rest)
        if beside.name is not None:
            return beside
    first = session.after if session else title.line + 1 if title else None
    if first is None:
        return Speaker(None, None)
    last = min(sheet.head.stop, first + 12)
    return speaker(sheet, first, last, surnames(knowledge))


@lru_cache(maxsize=4)
def surnames(knowledge: Knowledge) -> frozenset[str]:
    """The surnames of `lexica/offices.toml`, single and double."""
    lexicon = knowledge.lexicon("offices")
    single = frozenset(str(lexicon["surnames"])) - {"\n"}
    return single | frozenset(str(lexicon["double_surnames"]).split())

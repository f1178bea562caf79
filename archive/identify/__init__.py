"""Identifies a report: kind, place, year, session, speaker, structure."""

from __future__ import annotations

from archive.identify import beside
from archive.identify.furniture import furniture, stamped_on
from archive.identify.header import Header, header
from archive.identify.kinds import judge_kind, looks_back, makes_work, may_be_report, stage_of
from archive.identify.place import Place, place_of
from archive.identify.publisher import publisher
from archive.identify.script import script_of
from archive.identify.settle import Question
from archive.identify.sheet import PageLines
from archive.identify.structure import parts
from archive.identify.years import undecided, years
from archive.known import Knowledge
from archive.known.fields import fields
from archive.model import Capture, Cleaning, Identity, Page, Part, Value

__all__ = ["identified", "identify", "makes_work", "may_be_report"]

_HEAD = 60


def identify(page: Page, cleaning: Cleaning, capture: Capture, knowledge: Knowledge) -> Identity:
    """Return the identity of a text: every field of `known.fields` except completeness."""
    return _identity(PageLines(page, cleaning), capture, knowledge)


def identified(
    page: Page, cleaning: Cleaning, capture: Capture, knowledge: Knowledge
) -> tuple[Identity, tuple[Part, ...]]:
    """Return the identity of a text, and the part of each span of `cleaning` if kept."""
    sheet = PageLines(page, cleaning)
    return _identity(sheet, capture, knowledge), parts(sheet)


def _identity(sheet: PageLines, capture: Capture, knowledge: Knowledge) -> Identity:
    around = {**dict.fromkeys(fields()), **_around(sheet, capture, knowledge)}
    if sheet.is_list:
        return {**around, "kind": judge_kind(sheet, None, None, (), knowledge).kind}
    return {**around, **_report(sheet, capture, knowledge)}


def _report(sheet: PageLines, capture: Capture, knowledge: Knowledge) -> dict[str, Value | None]:
    """Return the fields of the document itself. A compilation has none of those of its reports."""
    head = header(sheet, capture, knowledge)
    found = years(sheet, head, capture)
    year = found.report.value if found.report else None
    text = sheet.kept
    kind = head.judged.kind
    may_be = may_be_report(kind)
    asked = Question(sheet.page, text, capture, knowledge, year)
    place = place_of(sheet, head, asked, may_be=may_be) or Place()
    no_review = kind is not None and not looks_back(kind.value, knowledge)
    delivered = head.session is not None and head.session.line >= 0
    return {
        "kind": kind,
        "title": None if head.many else _title(head),
        "place_code": place.code,
        "place": place.name,
        "level": place.level,
        "within": place.within,
        "area_code": place.area_code,
        "report_year": found.report or (undecided(text, knowledge) if may_be else None),
        "reviewed_year": None if no_review else found.reviewed,
        "delivered_on": head.delivered_on,
        "session": head.session.name if head.session else None,
        "office": head.speaker.office,
        "speaker": head.speaker.name,
        "stage": stage_of(kind, head.title, head.named, delivered=delivered),
        "script": script_of(sheet),
    }


def _title(head: Header) -> Value | None:
    """Return the title of a report, or the heading that gave another kind."""
    if may_be_report(head.judged.kind):
        return head.title.value if head.title else None
    return head.judged.heading or (head.title.value if head.title else None)


def _around(sheet: PageLines, capture: Capture, knowledge: Knowledge) -> dict[str, Value | None]:
    """Return what the page says around the report.

    Print comes before meta elements, these before URLs.
    """
    page = sheet.page
    found = furniture(page)
    head = [sheet.lines[index] for index in sheet.head][-_HEAD:]
    found["published_on"] = (
        found["published_on"] or stamped_on(page, head) or beside.published_on(page, capture)
    )
    found["source"] = found["source"] or beside.source(page)
    found["site_id"] = found["site_id"] or beside.site_id(page)
    found["page_no"] = found["page_no"] or beside.page_no(page, capture)
    found["publisher"] = publisher(page, found["site_id"], knowledge.gazetteer)
    return found

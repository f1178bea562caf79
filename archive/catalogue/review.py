"""The review queue: what a person could decide, in the order of what it would change.

First come questions on which cells of the panel (a place in a year) hang, then those on which
reports hang, then by the number of copies. A question leaves the queue when a person decides it,
and comes back when that is undone.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.catalogue.deciding import NO_REPORT
from archive.catalogue.naming import place_name
from archive.collate.names import Key
from archive.known.fields import named
from archive.known.kinds import REPORT
from archive.store import review as stored
from archive.store.review import DoubtedText, OpenWords, SaidField, UnsureField
from archive.store.unassigned import Unassigned, unassigned

SURE: Final = 0.8
"""The confidence from which a field is not asked about, as in collation."""

SURE_SHARE: Final = 0.5
"""The share from which a copy recognised by its words is not asked about: what reports of
neighbouring years have in common is less (`archive.collate.edition`)."""

CHOICES: Final = 6
"""The most choices of a question: each is a key."""

REPORT_ASKED: Final = "report"
WORDS_ASKED: Final = "words"

_IDENTIFYING: Final = ("kind", "place_code", "report_year")
"""What makes a text a copy of a report, in the order of asking."""

_MOVING: Final = (*_IDENTIFYING, "stage")
"""Fields on which it depends which report a text is; the others describe the report."""

_FOLLOWING: Final = frozenset({"place", "level", "within", "area_code"})
"""Fields that are decided together with the place."""

_MISSING: Final = {"no_kind": "kind", "no_place": "place_code", "no_year": "report_year"}
_WORK: Final = re.compile(r"\d{6,12}(?:~[^\s,;:/]+)?-(?:\d{4}|undated-[0-9a-z]+)(?:/[^\s,;:]+)?")


@dataclass(frozen=True, slots=True)
class ProposedAnswer:
    """One answer: `value` is what `baogao decide` is given, `label` is for people."""

    value: str
    label: str = ""
    confidence: float | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ReviewQuestion:
    """One question of the queue.

    `asks` is a field of the identity, `report` (which report is this?) or `words` (what stood
    there?). `reason` is unknown, uncertain, contradicted, doubted, weak link or injected. `now` is
    what is assumed until then, `words` and `places` are the injected words and their numbers, and
    `around` are the paragraphs with them. `works` are the reports that exist and hang on it.
    `cells`, `reports` and `copies` count what it would change.
    """

    asks: str
    reason: str
    text_id: int
    now: str | None = None
    confidence: float | None = None
    detail: str = ""
    choices: tuple[ProposedAnswer, ...] = ()
    words: str = ""
    places: tuple[int, ...] = ()
    around: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    cells: int = 0
    reports: int = 0
    copies: int = 1
    title: str | None = None
    url: str | None = None

    @property
    def may_be_no_report(self) -> bool:
        """Whether "this is no report" is an answer."""
        return self.asks in _IDENTIFYING or self.asks == REPORT_ASKED

    def arguments(self, value: str) -> list[str]:
        """Return the arguments of `baogao decide` that answer with `value`, after the archive."""
        if self.asks == WORDS_ASKED:
            places = [each for nth in self.places for each in ("--nth", str(nth))]
            return [str(self.text_id), "--words", self.words, *places, "--reading", value]
        if self.asks == REPORT_ASKED:
            return [str(self.text_id), "--report", value]
        return [str(self.text_id), self.asks, value]

    def is_no_report(self) -> list[str]:
        """Return the arguments that say that the text is no report."""
        return [str(self.text_id), "kind", NO_REPORT]

    def as_json(self) -> dict[str, Any]:
        """Return the question for programs."""
        return {
            "text_id": self.text_id, "asks": self.asks, "reason": self.reason, "now": self.now,
            "confidence": self.confidence, "detail": self.detail,
            "choices": [
                {"value": c.value, "label": c.label, "confidence": c.confidence,
                 "evidence": c.evidence}
                for c in self.choices
            ],
            "words": self.words, "places": list(self.places), "works": list(self.works),
            "cells": self.cells, "reports": self.reports, "copies": self.copies,
            "title": self.title, "url": self.url,
        }  # fmt: skip


def review(connection: sqlite3.Connection) -> list[ReviewQuestion]:
    """Return the questions that a person could decide, those that change most first."""
    found = [
        *_of_loose_texts(connection),
        *_of_fields(connection),
        *_of_copies(connection),
        *_of_words(connection),
    ]
    found = list(_once(found))
    sources = stored.sources(connection, {each.text_id for each in found})
    described = [
        replace(each, title=sources[each.text_id]["title"], url=sources[each.text_id]["url"])
        for each in found
    ]
    return sorted(described, key=lambda each: _order(each, sources))


def _order(question: ReviewQuestion, sources: Mapping[int, sqlite3.Row]) -> tuple[Any, ...]:
    asks = question.asks
    first = _MOVING.index(asks) if asks in _MOVING else len(_MOVING)
    return (
        -question.cells, -question.reports, -question.copies,
        sources[question.text_id]["url"] or "", question.text_id, first, asks, question.words,
    )  # fmt: skip


def _once(questions: Iterable[ReviewQuestion]) -> Iterator[ReviewQuestion]:
    """Yield each question once; which report a text is, is asked rather than its fields."""
    seen: set[tuple[Any, ...]] = set()
    ordered = sorted(questions, key=lambda each: (-each.cells, -each.reports))
    doubted = {each.text_id for each in ordered if each.asks == REPORT_ASKED}
    for each in ordered:
        key = (each.text_id, each.asks, each.words, each.places)
        if key in seen or (each.asks in _MOVING and each.text_id in doubted):
            continue
        seen.add(key)
        yield each


# ---- texts that belong to no report


def _of_loose_texts(connection: sqlite3.Connection) -> Iterator[ReviewQuestion]:
    loose = [each for each in unassigned(connection) if each.reason in (*_MISSING, "doubted")]
    said = stored.said_of(connection, (each.text_id for each in loose), _IDENTIFYING)
    likely = {each.text_id: _likely(each, said) for each in loose}
    places = {place for place, _ in likely.values() if place is not None}
    known = stored.works_at(connection, places)
    for each in loose:
        if each.reason == "doubted":
            yield _doubted(each)
            continue
        hangs = _would_make(each, likely[each.text_id], known)
        for field in _unknown(each):
            yield replace(hangs, asks=field, **_asked(said.get((each.text_id, field)), field))


def _unknown(text: Unassigned) -> tuple[str, ...]:
    said = {"kind": text.kind, "place_code": text.place_key, "report_year": text.report_year}
    return tuple(field for field in _IDENTIFYING if said[field] is None)


def _likely(
    text: Unassigned, said: Mapping[tuple[int, str], SaidField]
) -> tuple[str | None, int | None]:
    """Return the place and year that a text has or seems to have."""
    place = text.place_key or _best(said.get((text.text_id, "place_code")))
    year = text.report_year or _best(said.get((text.text_id, "report_year")))
    return place, year


def _best(said: SaidField | None) -> Any:
    if said is None or not said.candidates:
        return None
    return max(said.candidates, key=lambda each: each["confidence"])["value"]


def _would_make(
    text: Unassigned,
    likely: tuple[str | None, int | None],
    known: Mapping[tuple[str, int | None, str, str], str],
) -> ReviewQuestion:
    """Return what hangs on a loose text: a new report, or one more copy of an old one."""
    place, year = likely
    kind = text.kind or REPORT
    there = known.get((place, year, kind, "final")) if place and year else None
    is_new = there is None
    return ReviewQuestion(
        "", "unknown", text.text_id,
        works=() if is_new else (str(there),),
        cells=int(is_new and kind == REPORT), reports=int(is_new),
    )  # fmt: skip


def _doubted(text: Unassigned) -> ReviewQuestion:
    """Return the question which report a text is that contradicts its copies."""
    own = Key(str(text.place_key), text.report_year, str(text.kind)).name
    names = list(dict.fromkeys([own, *_names_in(text.detail)]))
    cells = {name for name in names if "/" not in name}
    return ReviewQuestion(
        REPORT_ASKED, "doubted", text.text_id, detail=text.detail or "",
        choices=_report_choices(names), cells=min(1, len(cells)), reports=1,
    )  # fmt: skip


# ---- fields of copies


def _of_fields(connection: sqlite3.Connection) -> Iterator[ReviewQuestion]:
    describing = named(lambda field: field.of_work or field.inherited)
    asked = (set(describing) | set(_MOVING)) - _FOLLOWING
    unsure = list(stored.unsure_fields(connection, SURE, asked))
    works = stored.works_by_name(connection, (each.work for each in unsure))
    for each in unsure:
        yield _of_field(each, works[each.work])


def _of_field(unsure: UnsureField, work: sqlite3.Row) -> ReviewQuestion:
    said = unsure.said
    field = said.field
    reason = "contradicted" if unsure.against else "unknown" if said.value is None else "uncertain"
    alone = not unsure.surer
    if field not in _MOVING:
        alone = alone and work[field] == said.value
    is_cell = work["kind"] == REPORT and work["stage"] == "final" and work["report_year"]
    return ReviewQuestion(
        field, text_id=said.text_id, works=(unsure.work,),
        cells=int(bool(alone and is_cell and field in _MOVING)),
        reports=int(alone), copies=unsure.copies if alone else 1,
        **(_asked(said, field) | {"reason": reason, "detail": unsure.against or ""}),
    )  # fmt: skip


def _asked(said: SaidField | None, field: str) -> dict[str, Any]:
    """Return what is known of a field, and its choices: the present value, then the candidates."""
    if said is None:
        offered = (REPORT,) if field == "kind" else ()
        return {"choices": tuple(ProposedAnswer(value) for value in offered)}
    candidates = sorted(said.candidates, key=lambda each: -each["confidence"])
    several: dict[str, ProposedAnswer] = {}
    if said.value is not None:
        value = _words(said.value)
        said_now = f"assumed now ({said.method})"
        several[value] = ProposedAnswer(value, _label(field, value), said.confidence, said_now)
    for each in candidates:
        value = _words(each["value"])
        made = ProposedAnswer(
            value, _label(field, value), each["confidence"], each.get("evidence", "")
        )
        several.setdefault(value, made)
    if field == "kind":
        several.setdefault(REPORT, ProposedAnswer(REPORT))
    return {
        "now": None if said.value is None else _words(said.value),
        "confidence": said.confidence,
        "choices": tuple(several.values())[:CHOICES],
    }


def _words(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _label(field: str, value: str) -> str:
    return place_name(value) if field == "place_code" else ""


# ---- copies that collation was unsure of


def _of_copies(connection: sqlite3.Connection) -> Iterator[ReviewQuestion]:
    for each in stored.doubted_copies(connection, SURE_SHARE):
        yield _of_copy(each)


def _of_copy(doubted: DoubtedText) -> ReviewQuestion:
    names = dict.fromkeys([doubted.work, *_names_in(doubted.note)])
    if doubted.share is None:
        return ReviewQuestion(
            REPORT_ASKED, "doubted", doubted.text_id, now=doubted.work, detail=doubted.note or "",
            choices=_report_choices(names), works=tuple(names), reports=1,
        )  # fmt: skip
    detail = f"shares {doubted.share:.0%} of its text with text {doubted.basis}"
    return ReviewQuestion(
        REPORT_ASKED, "weak link", doubted.text_id, now=doubted.work, confidence=doubted.share,
        detail=detail, choices=_report_choices(names), works=(doubted.work,),
    )  # fmt: skip


def _names_in(note: str | None) -> list[str]:
    """Return the names of reports that a note of collation mentions, each once."""
    return list(dict.fromkeys(_WORK.findall(note or "")))


def _report_choices(names: Iterable[str]) -> tuple[ProposedAnswer, ...]:
    return tuple(ProposedAnswer(name, place_name(name.partition("-")[0])) for name in names)[
        :CHOICES
    ]


# ---- injected words


def _of_words(connection: sqlite3.Connection) -> Iterator[ReviewQuestion]:
    several = list(stored.open_words(connection))
    works = stored.works_by_name(connection, (each.work for each in several))
    for each in several:
        yield _of_open_words(each, works[each.work])


def _of_open_words(found: OpenWords, work: sqlite3.Row) -> ReviewQuestion:
    is_cell = work["kind"] == REPORT and work["stage"] == "final" and work["report_year"]
    proposed = [ProposedAnswer(words) for words in found.proposals[: CHOICES - 1]]
    return ReviewQuestion(
        WORDS_ASKED, "injected", found.text_id, now=found.words, detail=found.evidence,
        choices=(*proposed, ProposedAnswer(found.words, "as printed")),
        words=found.words, places=found.places, around=found.around, works=(found.work,),
        cells=int(bool(is_cell)), reports=1,
    )  # fmt: skip

"""Counts words in reports by place and year; a missing report is never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from archive.catalogue.coverage import Absences
from archive.catalogue.words import NA, Counting
from archive.collate.condition import chars, han
from archive.export.choice import Choice
from archive.export.columns import COLUMNS, PAGE, names_by_level, page_of, row
from archive.export.sentences import sentences
from archive.known import Gazetteer
from archive.known.divisions import contains
from archive.model import canonical_json, sha256
from archive.store.reports import Report

UNFIT: Final = {
    "hijacked": "hijacked: the only copies carry injected words",
    "fragment": "fragment: only a piece of the report is there",
    "no_body": "no body: the copy holds no text of the report",
}
"""Why a report is not counted: values of `Report.unfit` and their wording."""

FACTS: Final = (
    "report_id", "place_code", "place", "province", "prefecture", "county", "level", "within",
    "report_year", "delivered_on", "n_chars", "n_han", "completeness", "completeness_ratio",
    "quality", "script", "n_witnesses", "source_kind", "medium", "url", "payload_sha256",
    "text_sha256",
)  # fmt: skip
"""The columns before the counts, documented in the codebook of the export."""

EVIDENCE: Final[dict[str, str]] = {
    "report_id": COLUMNS["report_id"],
    "word": "The term or group.",
    "count": "How often it stands in the sentence.",
    "sentence": "The sentence, as it stands in the clean text.",
    "part": "front, body or appendix.",
    "paragraph": "Number of the paragraph in the report, from 0.",
    "start": "Offset of the sentence in its paragraph, in characters.",
    "text_id": "The text in the archive that the paragraph comes from.",
    "page": PAGE,
    "url": COLUMNS["url"],
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A place, identified as in its works, in a year: a row of the panel."""

    place_key: str
    report_year: int


def evidence(counting: Counting, report: Report, choice: Choice) -> Iterator[dict[str, Any]]:
    """Yield each sentence of `report` with a word, once for each word."""
    for sentence in sentences(report, choice.parts):
        if not counting.has_any(sentence.text):
            continue
        for name in counting.words.groups:
            if count := counting.count(name, sentence.text):
                yield {
                    "report_id": report.work, "word": name, "count": count,
                    "sentence": sentence.text, "part": sentence.part,
                    "paragraph": sentence.paragraph, "start": sentence.start,
                    "text_id": sentence.text_id,
                    "page": page_of(report, sentence.paragraph), "url": report.url,
                }  # fmt: skip


def panel(
    reports: Iterable[Report],
    counting: Counting,
    choice: Choice,
    gazetteer: Gazetteer,
    absences: Absences,
    *,
    see: Callable[[Report], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield a row for each unit: counts for a fit report, otherwise `NA` with a reason.

    With levels and years the panel is balanced over the divisions of that time. Otherwise it has a
    row for each place and year with a report. Drafts, and reports of unknown year, have no row. A
    place with two reports in a year has a row without counts that names both, unless one is in
    `choice.preferred`. `absences` gives the reason for a missing report; `see` is called with each
    counted report.
    """
    rows: dict[Unit, dict[str, Any]] = {
        unit: _missing(unit, gazetteer, counting, absences) for unit in balanced(choice, gazetteer)
    }
    for unit, several in groupby(choice.of(reports), _unit):
        found = [report for report in several if report.stage == "final"]
        found = [report for report in found if report.work in choice.preferred] or found
        if unit is None or not found:
            continue
        rows[unit] = (
            _row(found[0], counting, choice, gazetteer, see)
            if len(found) == 1
            else _ambiguous(found, counting, gazetteer)
        )
    for unit in sorted(rows, key=lambda unit: (unit.place_key, unit.report_year)):
        yield rows[unit]


def _unit(report: Report) -> Unit | None:
    year = report.report_year
    return None if year is None else Unit(report.place_key, year)


def balanced(choice: Choice, gazetteer: Gazetteer) -> Iterator[Unit]:
    """Yield every division of the chosen levels in every chosen year in which it existed."""
    if not choice.levels or choice.years is None:
        return
    first, last = choice.years
    for division in gazetteer.divisions:
        if division.level not in choice.levels:
            continue
        if choice.place is not None and not contains(choice.place, division.code):
            continue
        for year in range(first, last + 1):
            if division.valid(year):
                yield Unit(division.code, year)


def corpus_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of the counted texts: equal for equal archives."""
    return sha256(
        canonical_json(
            sorted([row["report_id"], row["text_sha256"]] for row in rows if row["reason"] == "")
        ).encode()
    )


def _row(
    report: Report,
    counting: Counting,
    choice: Choice,
    gazetteer: Gazetteer,
    see: Callable[[Report], None] | None,
) -> dict[str, Any]:
    text = report.words(*(choice.parts or ("body",)))
    found = row(report, gazetteer)
    facts = {name: found[name] for name in FACTS} | {"n_chars": chars(text), "n_han": han(text)}
    if report.unfit:
        return facts | {"reason": UNFIT[report.unfit]} | dict.fromkeys(counting.columns, NA)
    if see is not None:
        see(report)
    return facts | {"reason": ""} | counting.counts(text)


def _ambiguous(
    several: Sequence[Report], counting: Counting, gazetteer: Gazetteer
) -> dict[str, Any]:
    """Return the row of a place with several equal reports in a year."""
    found = row(several[0], gazetteer)
    same = ("place_code", "place", "province", "prefecture", "county", "level", "within")
    names = ", ".join(report.work for report in several)
    return {
        **dict.fromkeys(FACTS),
        **{name: found[name] for name in (*same, "report_year")},
        "reason": f"{len(several)} reports: {names}; --work tells which to count",
        **dict.fromkeys(counting.columns, NA),
    }


def _missing(
    unit: Unit, gazetteer: Gazetteer, counting: Counting, absences: Absences
) -> dict[str, Any]:
    why = absences.why(unit.place_key, unit.report_year)
    division = gazetteer.division(unit.place_key, unit.report_year)
    names = names_by_level(gazetteer, unit.place_key, unit.report_year)
    return {
        **dict.fromkeys(FACTS),
        "place_code": unit.place_key,
        "place": gazetteer.full_name(unit.place_key, unit.report_year),
        "province": names.get("province"),
        "prefecture": names.get("prefecture"),
        "county": names.get("county"),
        "level": division.level if division else None,
        "report_year": unit.report_year,
        "reason": str(why or ""),
        **dict.fromkeys(counting.columns, NA),
    }

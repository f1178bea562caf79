"""Counts words in reports by place and year; a missing report is never zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from archive.catalogue.coverage import Absences
from archive.catalogue.words import NA, Counting
from archive.collate.condition import chars, han
from archive.export.choice import Choice
from archive.export.columns import (
    COLUMNS,
    DIVISIONS,
    PAGE,
    described,
    names_by_level,
    page_of,
    row,
)
from archive.export.sentences import sentences
from archive.export.tables import Column, Kind
from archive.known import Gazetteer
from archive.known.divisions import contains
from archive.known.gazetteer import Division
from archive.model import Part, canonical_json, sha256
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

BODY: Final[tuple[Part, ...]] = ("body",)
"""The part that is counted unless others are chosen; its length is known of every report."""

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


def panel_columns(counting: Counting, more: Sequence[Column] = ()) -> list[Column]:
    """Return the columns of a panel: facts, the reason, `more`, counts and digests."""
    return [
        *described(FACTS),
        Column("reason", "Why there is no count; empty where there is one."),
        *more,
        *(_count_column(counting, name) for name in counting.columns),
        Column("dictionary_sha256", "Digest of the words, jieba and its dictionary."),
        Column("corpus_sha256", "Digest of the texts that were counted."),
    ]


WAYS: Final[dict[str, tuple[str, Kind, str]]] = {
    "exact": (
        "How often the term stands in the text; a group counts no character twice.",
        "int", "occurrences",
    ),
    "jieba": (
        "Tokens that jieba cuts, with the terms added to its dictionary; may be fewer.",
        "int", "tokens",
    ),
    "per_10k": (
        "The exact count for each 10,000 Han characters of what is counted.",
        "float", "occurrences per 10,000 Han characters",
    ),
}  # fmt: skip
"""The counts of a word, by the ending of their column: meaning, kind and unit."""


def _count_column(counting: Counting, name: str) -> Column:
    way = next(way for way in WAYS if name.endswith(f"_{way}"))
    word = name.removesuffix(f"_{way}")
    meaning, kind, unit = WAYS[way]
    terms = "、".join(counting.words.groups[word])
    return Column(name, f"{terms}: {meaning}", kind, unit, label=f"{word}: {unit}")


class Unit(NamedTuple):
    """A place, identified as in its works, in a year: a row of the panel."""

    place_key: str
    report_year: int


Entries = Iterator[tuple[Unit, list[Report]]]
"""Units with their reports, by place and year."""


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
                    "archive": report.archive,
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
    `choice.preferred`.

    Args:
        reports: by place and year, as the archive yields them; one is held at a time.
        counting: counts the words.
        choice: which reports and divisions have a row, and which parts are counted.
        gazetteer: knows the divisions.
        absences: gives the reason for a missing report.
        see: is called with each counted report.
    """
    for unit, found in units(reports, choice, gazetteer):
        match found:
            case []:
                yield _missing(unit, gazetteer, counting, absences)
            case [report]:
                yield counted_row(report, counting, choice, gazetteer, see)
            case _:
                yield _ambiguous(found, counting, gazetteer)


def units(reports: Iterable[Report], choice: Choice, gazetteer: Gazetteer) -> Entries:
    """Yield each unit with its reports: none if it is missing, several if none is preferred."""
    expected: Entries = ((unit, []) for unit in balanced(choice, gazetteer))
    present: Entries = (
        (unit, _preferred(list(several), choice))
        for unit, several in groupby(filter(_is_final, choice.of(reports)), _unit)
        if unit is not None
    )
    together = merge(expected, present, key=itemgetter(0))
    for unit, entries in groupby(together, itemgetter(0)):
        yield unit, [report for _, found in entries for report in found]


def _is_final(report: Report) -> bool:
    return report.stage == "final"


def _preferred(found: list[Report], choice: Choice) -> list[Report]:
    return [report for report in found if report.work in choice.preferred] or found


def _unit(report: Report) -> Unit | None:
    year = report.report_year
    return None if year is None else Unit(report.place_key, year)


def balanced(choice: Choice, gazetteer: Gazetteer) -> Iterator[Unit]:
    """Yield every division of the chosen levels in every chosen year in which it existed.

    They are in the order of the archive: by place and year.
    """
    if not choice.levels or choice.years is None:
        return
    first, last = choice.years
    by_code: dict[str, list[Division]] = defaultdict(list)
    for division in gazetteer.divisions:
        if division.level in choice.levels and (
            choice.place is None or contains(choice.place, division.code)
        ):
            by_code[division.code].append(division)
    for code, divisions in sorted(by_code.items()):
        for year in range(first, last + 1):
            if any(division.valid(year) for division in divisions):
                yield Unit(code, year)


def corpus_digest(counted: Iterable[tuple[str, str]]) -> str:
    """Return the digest of counted texts, given by name and digest: equal for equal archives."""
    return sha256(canonical_json(sorted(counted)).encode())


def counted_row(
    report: Report,
    counting: Counting,
    choice: Choice,
    gazetteer: Gazetteer,
    see: Callable[[Report], None] | None,
) -> dict[str, Any]:
    """Return the row of a report: counts if it is fit, otherwise `NA` with a reason."""
    facts = row(report, gazetteer, (*FACTS, "archive"))
    parts = choice.parts or BODY
    if parts != BODY:
        text = report.words(*parts)
        facts |= {"n_chars": chars(text), "n_han": han(text)}
    if report.unfit:
        return facts | {"reason": UNFIT[report.unfit]} | dict.fromkeys(counting.columns, NA)
    if see is not None:
        see(report)
    return facts | {"reason": ""} | counting.counts(report.words(*parts), facts["n_han"])


def _ambiguous(
    several: Sequence[Report], counting: Counting, gazetteer: Gazetteer
) -> dict[str, Any]:
    """Return the row of a place with several equal reports in a year."""
    same = ("place_code", "place", *DIVISIONS, "level", "within", "report_year")
    return {
        **dict.fromkeys(FACTS),
        **row(several[0], gazetteer, same),
        "reason": several_reports([report.work for report in several]),
        **dict.fromkeys(counting.columns, NA),
    }


def several_reports(works: Sequence[str]) -> str:
    """Return the reason why one of several equal reports is not counted."""
    return f"{len(works)} reports: {', '.join(works)}; --work tells which to count"


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

"""Exports the targets of reports as rows, each with its original words and their position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from archive.export.columns import COLUMNS, PAGE, described, page_of
from archive.identify.targets import Target, targets
from archive.known import Knowledge
from archive.store.reports import Report, Sourced

TARGET_COLUMNS: Final[dict[str, str]] = {
    "report_id": COLUMNS["report_id"],
    "place_code": COLUMNS["place_code"],
    "place": COLUMNS["place"],
    "report_year": COLUMNS["report_year"],
    "indicator": "What the target is set for; `indicators.toml` has the list.",
    "low": "Lower bound; empty where none is printed.",
    "high": "Upper bound; empty where none is printed.",
    "bound": "about, at_least, at_most, exactly, range, in_step (tied to another figure)"
    " or unquantified.",
    "unit": "Unit of the bounds.",
    "words": "The words that set the target.",
    "confidence": "0 to 1.",
    "text_id": "The text in the archive that the words come from.",
    "start": "Offset of the words in that paragraph's clean text, in characters.",
    "paragraph_start": "Offset of the paragraph in the visible text.",
    "page": PAGE,
    "quality": COLUMNS["quality"],
    "url": COLUMNS["url"],
}

_AS_DATA: Final[dict[str, dict[str, Any]]] = {
    "low": {"kind": "float", "unit": "see unit"},
    "high": {"kind": "float", "unit": "see unit"},
    "confidence": {"kind": "float", "unit": "share, 0 to 1"},
    "text_id": {"kind": "int"},
    "start": {"kind": "int", "unit": "characters"},
    "paragraph_start": {"kind": "int", "unit": "characters"},
}
TARGET_TABLE: Final = [
    replace(column, **_AS_DATA.get(column.name, {}))
    for column in described(TARGET_COLUMNS, TARGET_COLUMNS)
]
"""The columns with their kinds."""


def target_rows(
    reports: Iterable[Report], knowledge: Knowledge, *, of_folder: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield a row for each target printed in a report; of a folder of archives with the archive."""
    for report in reports:
        body = [
            (number, passage)
            for number, passage in enumerate(report.passages)
            if passage.part == "body"
        ]
        text = "\n".join(passage.text for _, passage in body)
        for target in targets(text, knowledge):
            found = _row(report, target, *_place(body, target.start))
            yield found | {"archive": report.archive} if of_folder else found


def _place(body: list[tuple[int, Sourced]], offset: int) -> tuple[int, Sourced, int]:
    """Return the paragraph with `offset` of the joined text, its number, and the offset in it."""
    for number, passage in body:
        if offset <= len(passage.text):
            return number, passage, offset
        offset -= len(passage.text) + 1
    number, last = body[-1]
    return number, last, len(last.text)


def _row(
    report: Report, target: Target, number: int, passage: Sourced, start: int
) -> dict[str, Any]:
    return {
        "report_id": report.work,
        "place_code": report.place_code,
        "place": report.place,
        "report_year": report.report_year,
        "indicator": target.indicator,
        "low": target.low,
        "high": target.high,
        "bound": target.bound,
        "unit": target.unit,
        "words": target.words,
        "confidence": target.confidence,
        "text_id": passage.text_id,
        "start": start,
        "paragraph_start": passage.start,
        "page": page_of(report, number),
        "quality": report.quality,
        "url": report.url,
    }

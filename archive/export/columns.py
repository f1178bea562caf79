"""The columns of a row, each with its codebook entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from archive.collate.condition import QUALITIES, STATES, chars
from archive.errors import DataFileError
from archive.export.tables import Column, Kind
from archive.known import Gazetteer
from archive.known.fields import fields, named
from archive.model import LEVELS, PARTS, Part
from archive.store.reports import Report

_OF_EXPORTS: Final[dict[str, str]] = {
    "report_id": "Name of the work: place and report year, as in commands and addresses; of two"
    " reports of one place and year with the day or the session.",
    "province": "Name of the province.",
    "prefecture": "Name of the prefecture; empty for provinces.",
    "county": "Name of the county; empty above it.",
    "n_chars": "Characters of the body, white space not counted.",
    "n_han": "Han characters of the body: the denominator of shares.",
    "n_chars_front": "Characters before the body (title, session, transmittal).",
    "n_chars_appendix": "Characters after it (glossary, lists of projects); no speech.",
    "completeness_ratio": "Share of the report that is there, 0 to 1; empty where unknown.",
    "quality": "clean, repaired (by rule or copy), suspect, or hijacked (injected words left).",
    "state": "Quality and completeness in one word, as coverage and the pages show it: full,"
    " repaired, partial, unknown, suspect or hijacked.",
    "hijacked_copies": "How many copies have injected words, whether or not the text here has any.",
    "n_witnesses": "How many copies of the report the archive holds.",
    "source_kind": "Kind of site of the copy used: official, mirror, copy, archive, unknown.",
    "url": "Address of the copy used.",
    "host": "Its host.",
    "captured_at": "When it was fetched, UTC.",
    "http_status": "HTTP status of the answer; empty for files.",
    "payload_sha256": "Digest of the bytes the text was made of.",
    "text_sha256": "Digest of the text: its paragraphs joined by line feeds, UTF-8.",
    "medium": "What the copy used is: html, text, pdf, docx …; ocr: words read from pictures.",
    "ruleset": "Digest of the rules and code that made it.",
}
"""Columns that are not identity fields, and their meaning."""


def with_fields(columns: Mapping[str, str]) -> dict[str, str]:
    """Return the columns with those of identity fields inserted.

    Raises:
        DataFileError: a field names a preceding column that does not exist.
    """
    found = dict(_with_those_behind(columns))
    for name, field in fields().items():
        if field.meaning and name not in found:
            raise DataFileError(f"lexica/fields.toml: {name}: there is no column {field.after!r}")
    return found


def _with_those_behind(columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column, meaning in columns.items():
        yield column, meaning
        behind = {name: field.meaning for name, field in fields().items() if field.after == column}
        yield from _with_those_behind(behind)


COLUMNS: Final[dict[str, str]] = with_fields(_OF_EXPORTS)
"""Columns and their meaning, in the order of every table."""

NUMBERS: Final[dict[str, Kind]] = {
    "n_chars": "int", "n_han": "int", "n_chars_front": "int", "n_chars_appendix": "int",
    "completeness_ratio": "float", "n_witnesses": "int", "hijacked_copies": "int",
    "http_status": "int",
    **dict.fromkeys(set(named(lambda field: field.number)) & COLUMNS.keys(), "int"),
}  # fmt: skip
"""The columns with numbers; all others are text."""

OF_FOLDER: Final = {"archive": "Name of the archive, of those in the folder."}
"""The last column of what is read from a folder of archives: report and text ids are of it."""

UNITS: Final = {
    "n_chars": "characters", "n_han": "Han characters", "n_chars_front": "characters",
    "n_chars_appendix": "characters", "declared_chars": "characters",
    "completeness_ratio": "share, 0 to 1", "n_witnesses": "copies", "hijacked_copies": "copies",
    "report_year": "year", "reviewed_year": "year", "delivered_on": "day", "published_on": "day",
    "captured_at": "time, UTC",
}  # fmt: skip
"""The units of columns that have one."""

VALUES: Final[dict[str, tuple[str, ...]]] = {
    "level": LEVELS,
    "completeness": ("complete", "head_missing", "tail_missing", "fragment", "unknown"),
    "quality": QUALITIES,
    "state": STATES,
    "script": ("simplified", "traditional", "mixed"),
    "source_kind": ("official", "mirror", "copy", "archive", "unknown"),
}
"""The columns that have few values, in their order."""


def described(names: Iterable[str], meanings: Mapping[str, str] = COLUMNS) -> list[Column]:
    """Return columns with kind, unit and values."""
    return [
        Column(
            name, meanings[name], NUMBERS.get(name, "text"), UNITS.get(name, ""),
            VALUES.get(name, ()),
        )
        for name in names
    ]  # fmt: skip


PAGE: Final = "Where `baogao serve` shows the paragraph, such as /r/210300/2023#p13."

TEXTS: Final[dict[str, str]] = {
    "front": "Text before the body.",
    "body": "The report as delivered.",
    "appendix": "Glossary, lists of projects and other annexes.",
}
"""The text columns of the formats that carry texts."""


_OF_REPORT: Final[dict[str, Callable[[Report], Any]]] = {
    "report_id": lambda report: report.work,
    "n_chars": lambda report: report.body_chars,
    "n_han": lambda report: report.body_han,
    "n_chars_front": lambda report: chars(report.words("front")),
    "n_chars_appendix": lambda report: chars(report.words("appendix")),
    "completeness_ratio": lambda report: report.completeness_ratio,
    "quality": lambda report: report.quality,
    "state": lambda report: report.state,
    "hijacked_copies": lambda report: report.hijacked_copies,
    "n_witnesses": lambda report: report.witnesses,
    "source_kind": lambda report: report.source,
    "url": lambda report: report.url,
    "host": lambda report: report.host,
    "captured_at": lambda report: report.captured_at,
    "http_status": lambda report: report.status,
    "payload_sha256": lambda report: report.payload_sha256,
    "text_sha256": lambda report: report.text_sha256,
    "medium": lambda report: report.medium,
    "ruleset": lambda report: report.ruleset,
    "archive": lambda report: report.archive,
}
"""Where the columns come from that are neither names of divisions nor fields of the identity."""

DIVISIONS: Final = ("province", "prefecture", "county")


def row(
    report: Report, gazetteer: Gazetteer, columns: Iterable[str] = tuple(COLUMNS)
) -> dict[str, Any]:
    """Return some columns of `report`, by default all; None for unknown values."""
    names = names_by_level(gazetteer, report.division, report.report_year)
    return {name: _value(report, names, name) for name in columns}


def _value(report: Report, names: Mapping[str, str], name: str) -> Any:
    if name in DIVISIONS:
        return names.get(name)
    of_report = _OF_REPORT.get(name)
    return report.field(name) if of_report is None else of_report(report)


def texts(report: Report, parts: Sequence[Part]) -> dict[str, str]:
    """Return the text columns for `parts` (all if empty)."""
    return {part: report.words(part) for part in parts or PARTS}


def page_of(report: Report, paragraph: int) -> str:
    """Return where `baogao serve` shows a paragraph (numbered from 0): `/r/210300/2023#p13`."""
    return f"/r/{report.work.replace('-', '/', 1)}#p{paragraph + 1}"


def names_by_level(gazetteer: Gazetteer, code: str, year: int | None) -> dict[str, str]:
    """Return name by level for the division `code` in `year` and all that contain it."""
    division = gazetteer.division(code, year)
    chain = [*gazetteer.parents(code, year), *([division] if division else [])]
    return {each.level: each.name for each in chain}

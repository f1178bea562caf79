"""Turns what a person says of a text into the fields of a decision, with typed values."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from archive.catalogue.naming import divisions_called, find_reports, in_words, seek
from archive.collate.names import AREA_MARK
from archive.errors import UsageError
from archive.known import shipped
from archive.known.fields import named
from archive.known.kinds import shipped_kinds
from archive.store.review import said_of, works_by_name

NO_REPORT: Final = "其他"
"""The kind of a text of which a person says that it is no report."""

_OF_PLACE: Final = ("place_code", "place", "level", "within", "area_code")


def decided_fields(
    connection: sqlite3.Connection, text_id: int, field: str, value: str | None
) -> dict[str, Any]:
    """Return the fields that a decision on `field` sets; a place also sets its name and level.

    Raises:
        UsageError: the value is missing or impossible.
    """
    if value is None:
        raise UsageError(f"say what {field} is")
    if field in named(lambda field: field.number):
        if not value.isdigit():
            raise UsageError(f"{field}: {value} is not a number")
        return {field: int(value)}
    if field == "kind":
        return {field: _kind(value)}
    if field != "place_code":
        return {field: value}
    return _replacing(connection, text_id, _place(value))


def report_fields(connection: sqlite3.Connection, text_id: int, asked: str) -> dict[str, Any]:
    """Return the fields that make a text a copy of the report `asked`, which need not be here yet.

    Raises:
        UsageError: the name is ambiguous, or names no place and year.
    """
    found = find_reports(connection, asked)
    if len(found.works) > 1:
        raise UsageError(f"{asked} may be several reports: {in_words(found.works)}")
    if found.works:
        work = works_by_name(connection, [found.works[0].name])[found.works[0].name]
        if work["report_year"] is None:
            raise UsageError(f"{asked}: its year is not known; decide report_year and place_code")
        fields = {name: work[name] for name in (*_OF_PLACE, "report_year", "kind", "stage")}
        return _replacing(connection, text_id, fields)
    sought = seek(connection, asked)
    if len(sought.codes) > 1:
        codes = ", ".join(sought.codes)
        raise UsageError(f"{asked}: {sought.place} may be {codes}; name it by its code")
    if sought.name is None or not str(sought.year).isdigit() or sought.rest:
        raise UsageError(f"{asked}: name a place and a year, such as 鞍山2023 or 210300-2023")
    fields = _place(sought.codes[0]) | {"report_year": int(str(sought.year)), "kind": sought.kind}
    return _replacing(connection, text_id, fields)


def _kind(value: str) -> str:
    kinds = [kind.name for kind in shipped_kinds()]
    if value not in (*kinds, NO_REPORT):
        raise UsageError(f"kind: there is no {value}; choose from {', '.join(kinds)}, {NO_REPORT}")
    return value


def _place(value: str) -> dict[str, Any]:
    """Return the fields of a place: a code, a name, or code~name of a functional area."""
    gazetteer = shipped().gazetteer
    code, _, area = value.partition(AREA_MARK)
    codes = [code] if code.isdigit() else [found.code for found in divisions_called(value)]
    if len(codes) > 1:
        raise UsageError(f"place_code: {value} may be {', '.join(codes)}; give the code")
    division = gazetteer.division(codes[0]) if codes else None
    if division is None:
        what = "has the code" if code.isdigit() else "is called"
        raise UsageError(f"place_code: no division {what} {value}")
    place = gazetteer.full_name(division.code)
    if area:
        return {
            "place_code": None, "place": place + area, "level": "functional area",
            "within": division.code, "area_code": None,
        }  # fmt: skip
    return {"place_code": division.code, "place": place, "level": division.level} | dict.fromkeys(
        ("within", "area_code")
    )


def _replacing(
    connection: sqlite3.Connection, text_id: int, values: dict[str, Any]
) -> dict[str, Any]:
    """Leave out what is None, unless the text says something there."""
    empty = [name for name, value in values.items() if value is None]
    said = said_of(connection, [text_id], empty)
    return {
        name: value
        for name, value in values.items()
        if value is not None or (text_id, name) in said
    }

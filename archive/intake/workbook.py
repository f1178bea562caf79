"""Excel: the rows of the sheets of a workbook, one report each."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from importlib.util import find_spec
from typing import Any, Final

from archive.errors import RefusedError, UsageError
from archive.extras import how_to_install
from archive.intake.cells import unescaped, words_of
from archive.intake.columns import MAX_COLUMNS, named_cells
from archive.intake.member import Member
from archive.intake.source import Container, Opened, PassedOver
from archive.intake.tables import members

MAX_WORKBOOK_BYTES: Final = 512 * 1024 * 1024
"""The most bytes of all parts of one workbook, unpacked: its shared strings are kept in memory."""

MAX_ROWS: Final = 1_048_576
"""The most rows of a sheet, as in Excel."""


def xlsx_rows(source: Container) -> Iterator[Opened]:
    """Yield the rows of each sheet after a header; those of the second are named `SHEET row 1`.

    A sheet without a table of texts is skipped, unless no sheet has one.

    Raises:
        UsageError: openpyxl is not installed.
        RefusedError: the file is not a workbook, contains no such table, or is too large.
    """
    if find_spec("openpyxl") is None:
        words = f"{source.name}: reading Excel needs openpyxl: {how_to_install('export')}"
        raise UsageError(words)
    from openpyxl import load_workbook  # noqa: PLC0415  (an extra)

    _check_size(source)
    book = load_workbook(source.file, read_only=True, data_only=True)
    try:
        yield from _sheets(source, book.worksheets)
    finally:
        book.close()


def _sheets(source: Container, sheets: list[Any]) -> Iterator[Opened]:
    first: RefusedError | None = None
    reasons: Counter[str] = Counter()
    given = 0
    for number, sheet in enumerate(sheets):
        try:
            for each in members(source, named_cells(_rows(sheet))):
                given += isinstance(each, Member)
                yield each if number == 0 else _of_sheet(each, sheet.title)
        except RefusedError as error:
            if error.outcome != "unreadable":
                raise
            first = first or error
            reasons[f"sheet {sheet.title}"] += 1
    if not given:
        raise first or RefusedError("unreadable", f"{source.name}: has no sheet")
    if reasons:
        yield PassedOver(source.name, reasons)


def _check_size(source: Container) -> None:
    try:
        with zipfile.ZipFile(source.file) as package:
            size = sum(entry.file_size for entry in package.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, OverflowError) as error:
        words = f"{source.name}: not an Excel workbook: {error}"
        raise RefusedError("unreadable", words) from error
    if size > MAX_WORKBOOK_BYTES:
        words = f"{source.name}: would unpack to {size} bytes, more than {MAX_WORKBOOK_BYTES}"
        raise RefusedError("too_large", words)
    source.file.seek(0)


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Yield the rows that are not empty; the declared size of a sheet is not trusted."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MAX_ROWS:
            raise RefusedError("too_large", f"more than {MAX_ROWS} rows; what follows is not read")
        cells = [_cell(value) for value in row[: MAX_COLUMNS + 1]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def _of_sheet(each: Opened, title: str) -> Opened:
    return replace(each, name=f"{title} {each.name}")


def _cell(value: Any) -> str:
    """Return the words of a cell, with dates and whole numbers as people write them."""
    if isinstance(value, datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescaped(words_of(value))

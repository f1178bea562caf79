"""Tables with one report a row: CSV, TSV, JSON lines, Excel."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from archive.errors import UsageError
from archive.intake.member import MAX_FILE_BYTES, Member
from archive.model import Headers
from archive.read.decoding import decode

TEXT_COLUMNS: Final = (
    "full_text", "fulltext", "text", "content", "body", "article", "正文", "全文", "内容", "文本",
    "报告全文", "报告内容",
)  # fmt: skip
"""Names under which people keep the text, the likeliest first."""

_ROWS_LOOKED_AT: Final = 20
_LEAST_TEXT_CHARS: Final = 200
_SNIFFED_BYTES: Final = 1 << 20
_TEXT: Final = "text/plain; charset=utf-8"


def csv_rows(path: Path, text_column: str | None = None) -> Iterator[Member]:
    """The rows of a CSV or TSV with a header line, one report a row.

    Raises:
        UsageError: no header, no such column, or no column that looks like texts.
    """
    csv.field_size_limit(min(MAX_FILE_BYTES, sys.maxsize))
    with path.open("rb") as raw:
        encoding = _encoding(raw.read(_SNIFFED_BYTES))
        raw.seek(0)
        lines = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")
        delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
        try:
            yield from _members(path, csv.DictReader(lines, delimiter=delimiter), text_column)
        except csv.Error as error:
            raise UsageError(f"{path}: is no table: {error}") from error


def jsonl_records(path: Path, text_column: str | None = None) -> Iterator[Member]:
    """The records of a JSON lines file; a line that is no record is a failed member.

    Raises:
        UsageError: no such field, or no field that looks like texts.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        broken: list[Member] = []
        yield from _members(path, _records(lines, broken), text_column)
        yield from broken


def xlsx_rows(path: Path, text_column: str | None = None) -> Iterator[Member]:
    """The rows of the first sheet with a header line, one report a row.

    Raises:
        UsageError: openpyxl is not installed, or the file is no workbook.
    """
    if find_spec("openpyxl") is None:
        raise UsageError(f"{path}: reading Excel needs openpyxl: pip install 'baogao[export]'")
    from openpyxl import load_workbook  # noqa: PLC0415  (an extra)
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise UsageError(f"{path}: is no Excel workbook: {error}") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [_words(cell) for cell in next(rows, ())]
        found = (dict(zip(header, map(_words, row), strict=False)) for row in rows)
        yield from _members(path, found, text_column)
    finally:
        book.close()


def _members(
    path: Path, records: Iterable[Mapping[Any, Any]], text_column: str | None
) -> Iterator[Member]:
    """Each record with its text as payload and all other cells as claims."""
    stream = iter(records)
    first = list(islice(stream, _ROWS_LOOKED_AT))
    column = text_column or _text_column(path, first)
    if first and column not in first[0]:
        known = ", ".join(map(str, first[0]))
        raise UsageError(f'{path}: has no column "{column}"; it has {known}')
    for number, record in enumerate(chain(first, stream), 1):
        yield _member(number, record, column)


def _member(number: int, record: Mapping[Any, Any], column: str) -> Member:
    text = _words(record.get(column))
    claims = _claims(record, column)
    name = f"row {number}"
    if not text.strip():
        return Member(name, claims=claims, outcome="no_text", error=f'the cell "{column}" is empty')
    return Member(name, text.encode("utf-8", "replace"), claims, _TEXT)


def _claims(record: Mapping[Any, Any], column: str) -> Headers:
    """The other cells; what stands beyond the header of a ragged row is kept under no name."""
    return tuple(
        ("" if name is None else str(name), _words(value))
        for name, value in record.items()
        if name != column and _words(value)
    )


def _text_column(path: Path, rows: list[Mapping[Any, Any]]) -> str:
    """The column that holds the texts: by its name, else the one with the longest cells."""
    if not rows or not any(rows):
        raise UsageError(f"{path}: has no rows under its header")
    by_name = {str(name).strip().lower(): str(name) for name in rows[0] if name is not None}
    for name in TEXT_COLUMNS:
        if name in by_name:
            return by_name[name]
    longest, column = max(
        (max(len(_words(row.get(name))) for row in rows), name) for name in by_name.values()
    )
    if longest < _LEAST_TEXT_CHARS:
        raise UsageError(
            f"{path}: no column looks like texts; name one with --text-column"
            f" ({', '.join(by_name.values())})"
        )
    return column


def _records(lines: Iterable[str], broken: list[Member]) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            broken.append(Member(f"line {number}", outcome="unreadable", error=str(error)))
            continue
        if isinstance(record, dict):
            yield record
        else:
            broken.append(Member(f"line {number}", outcome="unreadable", error="is no object"))


def _encoding(sample: bytes) -> str:
    """The encoding of a table, told from its beginning; a byte order mark is not part of it."""
    end = sample.rfind(b"\n") + 1
    encoding = decode(sample[:end] if end else sample)[1].encoding
    return "utf-8-sig" if encoding.lower().startswith("utf-8") else encoding


def _words(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)

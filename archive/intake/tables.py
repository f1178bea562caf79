"""Tables with one report a row: CSV, TSV, JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, TextIO

from archive.errors import RefusedError
from archive.identify.beside import CLAIMED_UNDER
from archive.intake.member import Member
from archive.intake.source import Columns, Opened, Source, Table
from archive.model import Headers
from archive.read.decoding import decode

TEXT_COLUMNS: Final = (
    "full_text", "fulltext", "text", "content", "body", "article", "正文", "全文", "内容", "文本",
    "报告全文", "报告内容",
)  # fmt: skip
"""Names under which people keep the text, the likeliest first."""

URL_COLUMNS: Final = ("url", "link", "source_url", "网址", "链接", "原文链接", "来源网址")
"""Names under which they keep the address that a text came from."""

MAX_COLUMNS: Final = 16_384
"""Columns of a table: Excel's own bound."""

EXCEL_CHARS: Final = 32_767
"""Characters that Excel keeps of a cell; also a CSV that went through it has no longer ones."""

MAX_LINE_CHARS: Final = 32 * 1024 * 1024
"""Characters of a line of a table; a longer one is no row of reports."""

_ROWS_LOOKED_AT: Final = 20
_CHARS_LOOKED_AT: Final = 4 * 1024 * 1024
_FAILURES_HELD: Final = 1_000
_LEAST_TEXT_CHARS: Final = 200
_SNIFFED_BYTES: Final = 1 << 20
_TEXT: Final = "text/plain; charset=utf-8"

Row = tuple[str, Headers]
"""Where a row stands, and its cells with their names, in order."""


def csv_rows(source: Source) -> Iterator[Opened]:
    """The rows of a CSV or TSV with a header line, one report a row.

    A first line that holds a text is no header: then the columns are numbered.

    Raises:
        RefusedError: no such column, no column that looks like texts, or no table at all.
    """
    csv.field_size_limit(MAX_LINE_CHARS)
    encoding = _encoding(source.file.read(_SNIFFED_BYTES))
    source.file.seek(0)
    lines = io.TextIOWrapper(source.file, encoding=encoding, errors="replace", newline="")
    try:
        first = next(_bounded(lines), "").removeprefix("\ufeff")
        delimiter = "\t" if source.suffix == ".tsv" else _delimiter(first)
        rows = csv.reader(chain([first], _bounded(lines)), delimiter=delimiter)
        yield from members(source, named_cells(row for row in rows if row))
    except csv.Error as error:
        raise RefusedError("unreadable", f"{source.name}: is no table: {error}") from error
    finally:
        lines.detach()


def jsonl_records(source: Source) -> Iterator[Opened]:
    """The records of a JSON lines file; a line that is no record is a failed member.

    Raises:
        RefusedError: no such field, or no field that looks like texts.
    """
    lines = io.TextIOWrapper(source.file, encoding="utf-8-sig", errors="replace")
    try:
        yield from members(source, _records(lines))
    finally:
        lines.detach()


def members(source: Source, rows: Iterable[Row | Member]) -> Iterator[Opened]:
    """How the table is understood, then each row with its text as payload, the rest as claims.

    Raises:
        RefusedError: no such column, no column that looks like texts, or no row.
    """
    stream = iter(rows)
    looked_at = _Beginning()
    yield from looked_at.of(stream)
    cells = [row[1] for row in looked_at.rows if not isinstance(row, Member)]
    if cells:
        table = _understood(source.name, cells, source.columns)
        yield table
        for row in chain(looked_at.rows, () if looked_at.broken else stream):
            yield row if isinstance(row, Member) else _member(row, table.text, source.columns)
    else:
        yield from (row for row in looked_at.rows if isinstance(row, Member))
    if looked_at.broken is not None:
        raise looked_at.broken
    if not cells:
        raise RefusedError("unreadable", f"{source.name}: has no rows under its header")


class _Beginning:
    """The rows from which a table is understood; `broken` is the error that ended them."""

    def __init__(self) -> None:
        self.rows: list[Row | Member] = []
        self.broken: Exception | None = None

    def of(self, stream: Iterator[Row | Member]) -> Iterator[Member]:
        """Read as many as are needed; gives failed members where there are very many of them."""
        known = chars = 0
        try:
            for row in stream:
                self.rows.append(row)
                if not isinstance(row, Member):
                    known += 1
                    chars += sum(len(words) for _, words in row[1])
                    if known == _ROWS_LOOKED_AT or chars > _CHARS_LOOKED_AT:
                        return
                elif not known and len(self.rows) == _FAILURES_HELD:
                    yield from (each for each in self.rows if isinstance(each, Member))
                    self.rows.clear()
                elif len(self.rows) >= _FAILURES_HELD:
                    return
        except Exception as error:  # noqa: BLE001  (it is raised after the rows before it)
            self.broken = error


def named_cells(rows: Iterator[Sequence[str]]) -> Iterator[Row]:
    """Rows under the names of the first; what stands beyond them has no name."""
    header = next(rows, [])
    if len(header) > MAX_COLUMNS:
        raise RefusedError("too_large", f"has {len(header)} columns, more than {MAX_COLUMNS}")
    if any(len(words) >= _LEAST_TEXT_CHARS for words in header):
        rows = chain([header], rows)
        header = [f"column {number}" for number in range(1, len(header) + 1)]
    known = len(header)
    for number, row in enumerate(rows, 1):
        more = (("", json.dumps(row[known:], ensure_ascii=False)),) if len(row) > known else ()
        yield f"row {number}", (*zip(header, row, strict=False), *more)


def _records(lines: TextIO) -> Iterator[Row | Member]:
    for number, line in enumerate(_lines(lines), 1):
        name = f"line {number}"
        if line is None:
            words = f"more than {MAX_LINE_CHARS} characters"
            yield Member(name, outcome="too_large", error=words)
        elif line.strip():
            yield _record(name, line)


def _record(name: str, line: str) -> Row | Member:
    try:
        record = json.loads(line)
    except MemoryError:
        return Member(name, outcome="too_large", error="needs too much memory")
    except (ValueError, RecursionError) as error:
        return Member(name, outcome="unreadable", error=str(error))
    if not isinstance(record, dict):
        return Member(name, outcome="unreadable", error="is no object")
    return name, tuple((key, words_of(value)) for key, value in record.items())


def _member(row: Row, column: str, columns: Columns) -> Member:
    name, cells = row
    text = next((words for key, words in cells if key == column), "")
    claims = tuple(
        claim for key, words in cells if key != column and words
        for claim in _claims(key, words, columns)
    )  # fmt: skip
    if not text.strip():
        return Member(name, claims=claims, outcome="no_text", error=f'the cell "{column}" is empty')
    payload = text.encode("utf-8", "replace")
    if len(text) == EXCEL_CHARS:
        words = f"it has {EXCEL_CHARS} characters, at which Excel cuts a cell"
        return Member(name, payload, claims, _TEXT, outcome="truncated", error=words)
    return Member(name, payload, claims, _TEXT)


def _claims(key: str, words: str, columns: Columns) -> Iterator[tuple[str, str]]:
    """A cell under the name that it is read by, where one was given for it, and under its own."""
    for known in ("place", "year", "url", "title"):
        if key == getattr(columns, known) and key != known:
            yield known, words
    yield key, words


def _understood(name: str, rows: list[Headers], columns: Columns) -> Table:
    """Which columns hold what.

    Raises:
        RefusedError: the column of texts is not there, or none looks like texts.
    """
    keys = list(dict.fromkeys(key for row in rows for key, _ in row if key))
    asked = {
        known: key
        for known in ("text", "place", "year", "url", "title")
        if (key := getattr(columns, known)) is not None
    }
    text = asked.pop("text", None) or _text_column(name, keys, rows)
    if text not in keys:
        words = f'{name}: has no column "{text}"; it has {", ".join(keys)}'
        raise RefusedError("unreadable", words)
    claims = _guessed_claims(keys) | {known: key for known, key in asked.items() if key in keys}
    others = [key for key in keys if key not in {text, *claims.values()}]
    absent = [key for key in asked.values() if key not in keys]
    return Table(name, text, claims, tuple(others), tuple(absent))


def _guessed_claims(keys: list[str]) -> dict[str, str]:
    """The columns whose names say that they hold a title, a year, a place, a date, an address."""
    names = {**CLAIMED_UNDER, "url": URL_COLUMNS}
    return {
        known: key
        for known, wanted in names.items()
        if (key := next((key for key in keys if key.strip().lower() in wanted), None)) is not None
    }


def _text_column(name: str, keys: list[str], rows: list[Headers]) -> str:
    """The column that holds the texts: by its name, else the one with the longest cells."""
    by_name = {key.strip().lower(): key for key in reversed(keys)}
    for wanted in TEXT_COLUMNS:
        if wanted in by_name:
            return by_name[wanted]
    longest = dict.fromkeys(keys, 0)
    for row in rows:
        for key, words in row:
            longest[key] = max(longest.get(key, 0), len(words))
    column = max(keys, key=longest.__getitem__, default="")
    if longest.get(column, 0) < _LEAST_TEXT_CHARS:
        words = f"no column looks like texts; name one with --text-column ({', '.join(keys)})"
        raise RefusedError("unreadable", f"{name}: {words}")
    return column


def _bounded(lines: TextIO) -> Iterator[str]:
    """The lines, one after the other.

    Raises:
        RefusedError: a line is longer than `MAX_LINE_CHARS`.
    """
    for line in _lines(lines):
        if line is None:
            words = f"a line of more than {MAX_LINE_CHARS} characters; what follows is not read"
            raise RefusedError("too_large", words)
        yield line


def _lines(lines: TextIO) -> Iterator[str | None]:
    """The lines, None for one that is too long; memory is one line at most."""
    while line := lines.readline(MAX_LINE_CHARS + 1):
        if len(line) <= MAX_LINE_CHARS:
            yield line
            continue
        while line and not line.endswith(("\n", "\r")):
            line = lines.readline(MAX_LINE_CHARS)
        yield None


def _delimiter(header: str) -> str:
    """What separates the columns of a header line; spreadsheets of some countries write `;`."""
    return max(",\t;", key=header.count)


def _encoding(sample: bytes) -> str:
    """The encoding of a table, told from its beginning; a byte order mark is not part of it."""
    end = sample.rfind(b"\n") + 1
    encoding = decode(sample[:end] if end else sample)[1].encoding
    return "utf-8-sig" if encoding.lower().startswith("utf-8") else encoding


def words_of(value: Any) -> str:
    """The words of a cell or a field: a text as it is, all else as JSON writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)

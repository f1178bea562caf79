"""Tables with one report in each row: CSV, TSV, JSON and JSON lines, Parquet, Stata."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import chain
from typing import Any, Final, TextIO

from archive.errors import RefusedError, UsageError
from archive.extras import how_to_install
from archive.intake.cells import text_of, words_of
from archive.intake.columns import ABOVE, Row, TablePlan, named_cells, understood
from archive.intake.member import Member
from archive.intake.source import Columns, Container, Opened, PassedOver
from archive.known.genre import CLAUSE_ENDS
from archive.model import Headers
from archive.read.decoding import decode

EXCEL_CHARS: Final = 32_767
"""Characters that Excel keeps of a cell; the limit also shows in a CSV saved by Excel."""

MAX_LINE_CHARS: Final = 32 * 1024 * 1024
"""Characters of the longest table line; a longer one is not a row of reports."""

_ROWS_LOOKED_AT: Final = 20
_CHARS_LOOKED_AT: Final = 4 * 1024 * 1024
_FAILURES_HELD: Final = 1_000
_SNIFFED_BYTES: Final = 1 << 20
_DELIMITERS: Final = ",\t;|"
_NEARLY_CUT: Final = 30_000
"""Characters from which a piece of a text may have been cut anywhere."""
_BATCH_ROWS: Final = 256
_DEEPEST: Final = 3
_STATA_UTF8: Final = 118
"""The first version of Stata's format in UTF-8."""


def csv_rows(source: Container) -> Iterator[Opened]:
    """Yield the rows of a CSV or TSV, one report each; its header may follow a title.

    A first line that contains a text is not a header; the columns are then numbered.

    Raises:
        RefusedError: no such column, no column that looks like texts, or not a table.
    """
    csv.field_size_limit(MAX_LINE_CHARS)
    sample = source.file.read(_SNIFFED_BYTES)
    encoding = _encoding(sample)
    source.file.seek(0)
    lines = io.TextIOWrapper(source.file, encoding=encoding, errors="replace", newline="")
    try:
        first = next(_bounded(lines), "").removeprefix("\ufeff")
        shown = sample.decode(encoding, "replace").removeprefix("\ufeff")
        delimiter = "\t" if source.suffix == ".tsv" else _delimiter(shown)
        rows = csv.reader(chain([first], _bounded(lines)), delimiter=delimiter)
        yield from members(source, named_cells(row for row in rows if any(map(str.strip, row))))
    except csv.Error as error:
        raise RefusedError("unreadable", f"{source.name}: not a table: {error}") from error
    finally:
        lines.detach()


def jsonl_records(source: Container) -> Iterator[Opened]:
    """Yield the records of a JSON lines file; an invalid line is a failed member.

    Raises:
        RefusedError: no such field, or no field that looks like texts.
    """
    lines = io.TextIOWrapper(source.file, encoding="utf-8-sig", errors="replace")
    try:
        yield from members(source, _records(lines))
    finally:
        lines.detach()


def json_records(source: Container) -> Iterator[Opened]:
    """Yield the records of a JSON file: a list of them at any level, or a single record.

    A file of many records, one a line, is read as JSON lines.

    Raises:
        RefusedError: it is not JSON, or contains no records, or none with texts.
    """
    content = source.small()
    try:
        found = json.loads(decode(content)[0])
    except (ValueError, RecursionError) as error:
        source.file.seek(0)
        if content.count(b"\n") and content.lstrip()[:1] == b"{":
            yield from jsonl_records(source)
            return
        raise RefusedError("unreadable", f"{source.name}: not JSON: {error}") from error
    records = _records_in(found, 0)
    if not records:
        raise RefusedError("unreadable", f"{source.name}: holds no list of records")
    rows = ((f"record {number}", _fields(each)) for number, each in enumerate(records, 1))
    yield from members(source, rows)


def parquet_rows(source: Container) -> Iterator[Opened]:
    """Yield the rows of a Parquet file.

    Raises:
        UsageError: pyarrow is not installed.
        RefusedError: no column looks like texts.
    """
    if find_spec("pyarrow") is None:
        words = f"{source.name}: reading Parquet needs pyarrow: {how_to_install('export')}"
        raise UsageError(words)
    from pyarrow import parquet  # noqa: PLC0415  (an extra)

    file = parquet.ParquetFile(source.file)
    records = (
        record
        for batch in file.iter_batches(batch_size=_BATCH_ROWS)
        for record in batch.to_pylist()
    )
    rows = ((f"row {number}", _fields(each)) for number, each in enumerate(records, 1))
    yield from members(source, rows)


def stata_rows(source: Container) -> Iterator[Opened]:
    """Yield the rows of a Stata file; strings of versions before UTF-8 are read as GBK if valid.

    Raises:
        UsageError: pandas is not installed.
        RefusedError: no column looks like texts.
    """
    if find_spec("pandas") is None:
        words = f"{source.name}: reading Stata needs pandas: {how_to_install('export')}"
        raise UsageError(words)
    import pandas as pd  # noqa: PLC0415  (an extra)

    old = _stata_version(source) < _STATA_UTF8
    with pd.read_stata(source.file, chunksize=_BATCH_ROWS, convert_categoricals=False) as file:
        records = (
            {_gbk(key, old): _gbk(value, old) for key, value in record.items()}
            for chunk in file
            for record in chunk.astype(object).where(chunk.notna(), None).to_dict("records")
        )
        rows = ((f"row {number}", _fields(each)) for number, each in enumerate(records, 1))
        yield from members(source, rows)


def members(source: Container, rows: Iterable[Row | Member]) -> Iterator[Opened]:
    """Yield the table as understood, then each text with the rest of its row as claims.

    Raises:
        RefusedError: no such column, no column that looks like texts, or no row.
    """
    stream = iter(rows)
    looked_at = _Beginning()
    yield from looked_at.of(stream)
    if looked_at.above:
        yield PassedOver(source.name, Counter({"rows above a header": looked_at.above}))
    cells = [row[1] for row in looked_at.rows if not isinstance(row, Member)]
    if cells:
        plan = understood(source.name, cells, source.columns)
        yield plan.table
        yield from _texts(
            chain(looked_at.rows, () if looked_at.broken else stream), plan, source.columns
        )
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
        self.above = 0

    def of(self, stream: Iterator[Row | Member]) -> Iterator[Member]:
        """Read as many rows as needed; also returns failed members if there are very many."""
        known = chars = 0
        try:
            for row in stream:
                if not isinstance(row, Member) and row[0] == ABOVE:
                    self.above = len(row[1])
                    continue
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


def _texts(rows: Iterable[Row | Member], plan: TablePlan, columns: Columns) -> Iterator[Member]:
    if plan.kind == "lines":
        yield from _lines_together(rows, plan, columns)
        return
    for row in rows:
        if isinstance(row, Member):
            yield row
        elif plan.kind == "each":
            yield from _a_text_a_column(row, plan, columns)
        else:
            yield _member(row, plan.texts, columns)


def _a_text_a_column(row: Row, plan: TablePlan, columns: Columns) -> Iterator[Member]:
    """Yield a member for each year's column; its name is a claim, and an empty cell is skipped."""
    name, cells = row
    for column in plan.texts:
        others = tuple((k, w) for k, w in cells if k not in plan.texts)
        text = next((words for key, words in cells if key == column), "")
        if text.strip():
            given = (*others, ("year", column), (column, text))
            yield _member((f"{name} {column}", given), (column,), columns)


def _lines_together(
    rows: Iterable[Row | Member], plan: TablePlan, columns: Columns
) -> Iterator[Member]:
    """Yield a member for consecutive rows with the same keys."""
    held: list[Row] = []
    chars = 0
    for row in rows:
        if isinstance(row, Member):
            yield row
            continue
        if held and (_key(held[-1], plan) != _key(row, plan) or chars > MAX_LINE_CHARS):
            yield _member(_together(held, plan), plan.texts, columns)
            held, chars = [], 0
        held.append(row)
        chars += sum(len(words) for _, words in row[1])
    if held:
        yield _member(_together(held, plan), plan.texts, columns)


def _key(row: Row, plan: TablePlan) -> list[str]:
    cells = dict(row[1])
    return [cells.get(key, "") for key in plan.keys]


def _together(rows: Sequence[Row], plan: TablePlan) -> Row:
    name = f"{rows[0][0]} to {rows[-1][0].rpartition(' ')[2]}" if len(rows) > 1 else rows[0][0]
    keys = list(dict.fromkeys(key for _, cells in rows for key, _ in cells))
    joined = [
        (key, dict(rows[0][1]).get(key, "") if key in plan.keys else "\n".join(
            dict(cells).get(key, "") for _, cells in rows
        ))
        for key in keys
    ]  # fmt: skip
    return name, tuple(joined)


def _member(row: Row, texts: Sequence[str], columns: Columns) -> Member:
    name, cells = row
    pieces = [words for key in texts for k, words in cells if k == key and words.strip()]
    claims = tuple(
        claim for key, words in cells if key not in texts and words
        for claim in _claims(key, words, columns)
    )  # fmt: skip
    if not pieces:
        words = f'the cell "{" + ".join(texts)}" is empty'
        return Member(name, claims=claims, outcome="no_text", error=words)
    cell = text_of(_joined(pieces))
    if cell.escaped:
        claims = (*claims, ("line ends", f"were written as {cell.escaped}"))
    payload = cell.words.encode("utf-8", "replace")
    if len(pieces[-1]) == EXCEL_CHARS:
        words = f"it has {EXCEL_CHARS} characters, at which Excel cuts a cell"
        return Member(name, payload, claims, cell.content_type, outcome="truncated", error=words)
    return Member(name, payload, claims, cell.content_type)


def _joined(pieces: Sequence[str]) -> str:
    """Join pieces of a text in several cells.

    One that was cut anywhere continues without a line end.
    """
    words = pieces[0]
    for piece in pieces[1:]:
        cut = len(words) >= _NEARLY_CUT and words.rstrip()[-1:] not in CLAUSE_ENDS
        words += piece if cut else f"\n{piece}"
    return words


def _claims(key: str, words: str, columns: Columns) -> Iterator[tuple[str, str]]:
    """Yield each cell as a claim under its own name and, if assigned, under a standard one."""
    for known in ("place", "year", "url", "title"):
        if key == getattr(columns, known) and key != known:
            yield known, words
    yield key, words


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
        return Member(name, outcome="unreadable", error="not an object")
    return name, _fields(record)


def _fields(record: dict[str, Any]) -> Headers:
    return tuple((str(key), words_of(value)) for key, value in record.items())


def _records_in(found: Any, depth: int) -> list[dict[str, Any]]:
    """Return the list of records in a JSON file; a table by columns is transposed."""
    if isinstance(found, list):
        return [each for each in found if isinstance(each, dict)]
    if not isinstance(found, dict) or depth > _DEEPEST:
        return []
    columns = [value for value in found.values() if isinstance(value, list)]
    plain = not any(isinstance(each, dict | list) for column in columns for each in column)
    if len(columns) == len(found) > 1 and len({len(each) for each in columns}) == 1 and plain:
        return [dict(zip(found, row, strict=True)) for row in zip(*columns, strict=True)]
    inside = [records for value in found.values() if (records := _records_in(value, depth + 1))]
    if inside:
        return max(inside, key=len)
    return [found] if any(isinstance(value, str) for value in found.values()) else []


def _gbk(value: Any, old: bool) -> Any:  # noqa: FBT001
    """Decode a string of an old Stata file as GBK; pandas reads it as Latin-1."""
    if not old or not isinstance(value, str) or value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("gb18030")
    except UnicodeError:
        return value


def _stata_version(source: Container) -> int:
    head = source.file.read(64)
    source.file.seek(0)
    if head.startswith(b"<stata_dta>"):
        number = head.partition(b"<release>")[2][:3]
        return int(number) if number.isdigit() else 0
    return head[0] if head else 0


def _bounded(lines: TextIO) -> Iterator[str]:
    """Yield the lines one by one.

    Raises:
        RefusedError: a line is longer than `MAX_LINE_CHARS`.
    """
    for line in _lines(lines):
        if line is None:
            words = f"a line of more than {MAX_LINE_CHARS} characters; what follows is not read"
            raise RefusedError("too_large", words)
        yield line


def _lines(lines: TextIO) -> Iterator[str | None]:
    """Yield the lines, None for one that is too long; holds at most one line in memory."""
    while line := lines.readline(MAX_LINE_CHARS + 1):
        if len(line) <= MAX_LINE_CHARS:
            yield line
            continue
        while line and not line.endswith(("\n", "\r")):
            line = lines.readline(MAX_LINE_CHARS)
        yield None


def _delimiter(sample: str) -> str:
    """Return the delimiter that splits most of the first rows into the same number of cells."""

    def fits(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(sample), delimiter=delimiter)
        widths: Counter[int] = Counter()
        try:
            for row, _ in zip(rows, range(_ROWS_LOOKED_AT), strict=False):
                widths[len(row)] += 1
        except csv.Error:
            return 0, 0
        parted = {width: count for width, count in widths.items() if width > 1}
        return max(((count, width) for width, count in parted.items()), default=(0, 0))

    return max(_DELIMITERS, key=fits)


def _encoding(sample: bytes) -> str:
    """Return the encoding of a table, from its beginning; a byte order mark is skipped."""
    end = sample.rfind(b"\n") + 1
    encoding = decode(sample[:end] if end else sample)[1].encoding
    return "utf-8-sig" if encoding.lower().startswith("utf-8") else encoding

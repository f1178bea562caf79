"""Tables that are taken away, in the format that the ending of the file names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from archive.errors import RefusedError, UsageError
from archive.export.files import write_csv
from archive.export.stata import MOST_COLUMNS, stata_names, write_stata
from archive.extras import how_to_install

Kind = Literal["text", "int", "float"]
Rows = Iterable[Mapping[str, Any]]

EXCEL_ROWS: Final = 1_048_576
EXCEL_COLUMNS: Final = 16_384
EXCEL_OPTIONS: Final = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
}  # fmt: skip
"""How workbooks are written: row by row, and words stay words."""
EXCEL_CELL_CHARS: Final = 32_767
"""Excel silently cuts longer cells; Guangdong's report of 2026 has 32,953 characters."""
ROW_GROUP_CELLS: Final = 300_000
ROW_GROUP_CHARS: Final = 10_000_000
"""How many cells of a Parquet file are in memory together."""
_NO_TIME: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""Stands for the time of writing, so that the same rows give the same bytes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, as the code book explains it.

    `values` are those of a text column that has few, in their order; Stata gets them as a labelled
    number. `label` is a short form of `meaning`.
    """

    name: str
    meaning: str
    kind: Kind = "text"
    unit: str = ""
    values: tuple[str, ...] = ()
    label: str = ""

    def cell(self, row: Mapping[str, Any]) -> Any:
        """Return its cell of a row; None if it is missing, or no number in a column of numbers."""
        value = row.get(self.name)
        if self.kind == "text":
            return None if value is None else str(value)
        return value if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class DataTable:
    """What a file of a table has beside its rows.

    `words` are those that begin names of columns, with what stands for them in names of Stata.
    """

    columns: Sequence[Column]
    title: str
    words: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def stata_names(self) -> dict[str, str]:
        """The names of the columns in Stata."""
        return stata_names(self.names, self.words)


def _write_csv(path: Path, table: DataTable, rows: Rows) -> int:
    return write_csv(path, table.names, rows)


def _write_dta(path: Path, table: DataTable, rows: Rows) -> int:
    if len(table.columns) > MOST_COLUMNS:
        raise UsageError(f"{len(table.columns)} columns are too many for Stata; use CSV or Parquet")
    names = table.stata_names
    columns = [
        (names[each.name], each.label or each.meaning, each.kind, each.values)
        for each in table.columns
    ]
    cells = ([column.cell(row) for column in table.columns] for row in rows)
    return write_stata(path, columns, cells, title=table.title)


def _write_parquet(path: Path, table: DataTable, rows: Rows) -> int:
    import pyarrow as pa  # noqa: PLC0415  (an extra)
    import pyarrow.parquet as pq  # noqa: PLC0415

    types = {"text": pa.string(), "int": pa.int64(), "float": pa.float64()}
    schema = pa.schema([
        pa.field(each.name, types[each.kind], metadata=_described(each)) for each in table.columns
    ])  # fmt: skip
    size = max(1, ROW_GROUP_CELLS // len(table.columns))
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for some in _batches(table.columns, rows, size):
            arrays = [pa.array(cells, kind) for cells, kind in zip(some, schema.types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), size)
            count += len(arrays[0])
    return count


def _described(column: Column) -> dict[str, str]:
    return {"description": column.meaning} | ({"unit": column.unit} if column.unit else {})


def _batches(columns: Sequence[Column], rows: Rows, size: int) -> Iterator[list[list[Any]]]:
    """Yield the cells of at most `size` rows, or of long texts fewer, a list for each column."""
    some: list[list[Any]] = []
    chars = 0
    for row in rows:
        some.append([each.cell(row) for each in columns])
        chars += sum(len(cell) for cell in some[-1] if isinstance(cell, str))
        if len(some) == size or chars > ROW_GROUP_CHARS:
            yield [list(cells) for cells in zip(*some, strict=True)]
            some, chars = [], 0
    if some:
        yield [list(cells) for cells in zip(*some, strict=True)]


def _write_xlsx(path: Path, table: DataTable, rows: Rows) -> int:
    import xlsxwriter  # noqa: PLC0415  (an extra)

    if len(table.columns) > EXCEL_COLUMNS:
        raise UsageError(f"{len(table.columns)} columns are too many for Excel; use CSV or Parquet")
    count = 0
    with xlsxwriter.Workbook(str(path), EXCEL_OPTIONS) as book:
        book.set_properties({"title": table.title, "created": _NO_TIME})
        sheet = book.add_worksheet("data")
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(table.names):
            sheet.write_string(0, at, name)
        for count, row in enumerate(rows, 1):
            if count >= EXCEL_ROWS:
                raise RefusedError("too_large", f"{path.name}: Excel holds {EXCEL_ROWS - 1:,} rows")
            for at, column in enumerate(table.columns):
                write_cell(sheet, count, at, column.cell(row))
        _code_book_sheet(book.add_worksheet("code book"), table)
    return count


def _code_book_sheet(sheet: Any, table: DataTable) -> None:
    lines = [("column", "unit", "meaning")]
    lines += [(each.name, each.unit, each.meaning) for each in table.columns]
    for number, line in enumerate(lines):
        for at, words in enumerate(line):
            write_cell(sheet, number, at, words or None)


def write_cell(sheet: Any, line: int, column: int, value: Any) -> None:
    """Write a cell of a sheet: a number as a number, words as words, nothing if it is empty."""
    if value is None or value == "":
        return
    if isinstance(value, int | float):
        sheet.write_number(line, column, value)
    else:
        sheet.write_string(line, column, str(value)[:EXCEL_CELL_CHARS])


@dataclass(frozen=True, slots=True)
class TableFormat:
    """A format of tables: its function, and the library that it needs."""

    write: Callable[[Path, DataTable, Rows], int]
    needs: str | None = None


TABLE_FORMATS: Final = {
    ".csv": TableFormat(_write_csv),
    ".dta": TableFormat(_write_dta),
    ".parquet": TableFormat(_write_parquet, "pyarrow"),
    ".xlsx": TableFormat(_write_xlsx, "xlsxwriter"),
}


def table_format(output: Path) -> TableFormat:
    """Return the format that the ending of a file names.

    Raises:
        UsageError: there is none, or its library is not installed.
    """
    found = TABLE_FORMATS.get(output.suffix.lower())
    if found is None:
        raise UsageError(f"{output}: its name must end in {' or '.join(TABLE_FORMATS)}")
    if found.needs is not None and find_spec(found.needs) is None:
        how = how_to_install("export")
        raise UsageError(f"{output.suffix} needs {found.needs}, which is not installed: {how}")
    return found

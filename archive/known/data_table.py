"""Loads the CSV tables of knowledge: a header, then a value for each row."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from archive.errors import DataFileError

T = TypeVar("T")


def load_table(path: Path, make: Callable[[list[str]], T]) -> tuple[T, ...]:
    """Return what `make` makes of each row of a table, without its header.

    Raises:
        DataFileError: the file is missing or unreadable, or `make` raised `ValueError` for a row;
            the message then names the line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.reader(lines)
            next(table, None)
            return tuple(_made(make, row, path, table.line_num) for row in table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataFileError(f"{path}: {error}") from error


def _made(make: Callable[[list[str]], T], row: list[str], path: Path, line: int) -> T:
    try:
        return make(row)
    except ValueError as error:
        raise DataFileError(f"{path}:{line}: invalid row: {error}") from error

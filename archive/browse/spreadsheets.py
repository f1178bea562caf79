"""Writes tables that spreadsheets open: Chinese is readable, and no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from archive.browse.web import Answer


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Answer:
    """Return a CSV file to download, with a byte order mark so that Excel reads Chinese."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(columns)
    write.writerows([_harmless(cell) for cell in row] for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Answer("\ufeff" + out.getvalue(), "text/csv; charset=utf-8", headers=headers)


def _harmless(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    is_formula = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if is_formula else cell

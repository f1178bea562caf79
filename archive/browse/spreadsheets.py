"""Writes tables that spreadsheets open: Chinese is readable, and no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from archive.browse.web import Answer, attachment
from archive.spreadsheet_cells import safe_cell


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Answer:
    """Return a CSV file to download, with a byte order mark so that Excel reads Chinese."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(columns)
    write.writerows(map(safe_cell, row) for row in rows)
    words = "\ufeff" + out.getvalue()
    return Answer(words, "text/csv; charset=utf-8", headers=attachment(name))

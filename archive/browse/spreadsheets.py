"""Writes tables that spreadsheets open: Chinese is readable, and no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from archive.browse.web import Answer, attachment
from archive.spreadsheet_cells import safe_cell


def csv_file(
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    is_first: bool = True,
    following: int | None = None,
) -> Answer:
    """Return a CSV file to download, with a byte order mark so that Excel reads Chinese.

    Args:
        name: the name of the file.
        columns: the names of its columns.
        rows: the cells.
        is_first: whether this is its first piece, which has the names of the columns.
        following: where its next piece begins, if there is one.
    """
    out = io.StringIO()
    write = csv.writer(out)
    if is_first:
        out.write("\ufeff")
        write.writerow(columns)
    write.writerows(map(safe_cell, row) for row in rows)
    return Answer(
        out.getvalue(), "text/csv; charset=utf-8", headers=attachment(name), following=following
    )

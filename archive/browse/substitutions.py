"""What mirrors changed: which words each host has in place of others, how often, and where."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from archive.browse.api import json_answer
from archive.browse.datasette_tables import work_address
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked
from archive.store.substitutions import number_of_substitutions, substitutions

SHOWN: Final = 500
"""The most rows of the page; `changed.csv` has up to `WRITTEN`."""

WRITTEN: Final = 20_000
COLUMNS: Final = (
    "host", "kind", "true_words", "words", "places", "works", "example_work", "example_text",
    "example_passage",
)  # fmt: skip
_CELLS: Final = (*COLUMNS[:6], "work", "text_id", "passage")


def changed_page(asked: Asked) -> Answer:
    """`/changed`: the words that the copies of each host have in place of others."""
    found = substitutions(asked.connection, SHOWN)
    return asked.page(
        "changed.html",
        hosts=_by_host(found),
        works=number_of_substitutions(asked.connection)["works"],
        cut=len(found) == SHOWN,
        address=work_address,
    )


def changed_csv(asked: Asked) -> Answer:
    """`/changed.csv`: the same rows as a table."""
    found = substitutions(asked.connection, WRITTEN)
    return csv_file("changed.csv", COLUMNS, ([row[name] for name in _CELLS] for row in found))


def changed_json(asked: Asked) -> Answer:
    """`/api/changed`: the same rows."""
    found = substitutions(asked.connection, WRITTEN)
    rows = [dict(zip(COLUMNS, (row[name] for name in _CELLS), strict=True)) for row in found]
    return json_answer({"changed": rows})


def _by_host(found: Sequence[Any]) -> list[tuple[str, int, list[Any]]]:
    """Return each host with its number of places and its rows, the busiest first."""
    in_order = sorted(found, key=lambda row: row["host"] or "")
    groups = ((host, list(rows)) for host, rows in groupby(in_order, key=itemgetter("host")))
    counted = [(host, sum(row["places"] for row in rows), rows) for host, rows in groups]
    return sorted(counted, key=lambda one: (-one[1], one[0] or ""))

"""An edit of any column of any table is found; `bench/bench_store_flips.py` flips bits as well."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from full_archives import MADE_AGAIN, columns, edited, full_archive

from archive.store import Archive, schema
from archive.store.checks import CHECKS, Scope, to_the_end
from archive.store.progress import plainly

SOON = ("sums", "rows", "ledger")
"""Checks that find most edits; asked first, because the first finding is enough here."""


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = full_archive(tmp_path_factory.mktemp("full") / "full.db")
    with Archive.open(path, repair=False) as archive:
        yield archive


def is_found(connection, checks=CHECKS):
    scope = Scope(connection, None, None, plainly)
    ordered = sorted(checks, key=lambda check: check[0] not in SOON)
    return any(
        looked.result == "failed" for _, check in ordered for looked in to_the_end(check, scope)
    )


def test_an_archive_with_rows_in_every_table_is_sound(full):
    assert [f for f in full.verification().findings() if f.result == "failed"] == []
    having = {table for table, _ in columns(full.connection)}
    assert {*schema.FACT_KEYS, *schema.summed_tables()} - having == {
        "dictionaries", "to_collate", "copy",
    }  # fmt: skip


def test_an_edit_of_any_column_is_found(full):
    missed = []
    for table, column in columns(full.connection):
        if table.startswith(MADE_AGAIN):
            continue
        with edited(full.connection, table, column) as done:
            assert done, (table, column)
            if not is_found(full.connection):
                missed.append((table, column))
    assert missed == []

"""Invented texts are read as before, to the last span, confidence and piece of evidence."""

from __future__ import annotations

import json

import pytest
from gold.stored_results import STORED, groups, results


@pytest.fixture(scope="module")
def stored():
    return json.loads(STORED.read_text("utf-8"))


def test_every_group_is_stored(stored):
    assert set(stored) == {*groups(), "works"}


@pytest.mark.parametrize("group", groups())
def test_results_are_as_stored(stored, group):
    assert results(group) == stored[group], "if this is wanted: python bench/renew_results.py"

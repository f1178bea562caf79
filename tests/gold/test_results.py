"""The results for invented texts are the stored ones: every span, confidence and evidence."""

from __future__ import annotations

import json

import pytest
from gold.stored_results import STORED, groups, lacks_a_version, results

from archive.derivation import STAGES


@pytest.fixture(scope="module")
def stored():
    return json.loads(STORED.read_text("utf-8"))


def test_every_group_is_stored(stored):
    assert set(stored) == {*groups(), "works", "stages"}


def test_stored_results_have_the_versions_of_the_stages(stored):
    assert stored["stages"] == dict(STAGES), "run: python bench/renew_results.py"


def test_changed_results_require_a_new_version_of_a_stage():
    before = {"stages": dict(STAGES), "a.test": {"http://a.test/": {"shape": "report"}}}
    other = before | {"a.test": {"http://a.test/": {"shape": "index"}}}
    assert not lacks_a_version(before, before)
    assert lacks_a_version(before, other)
    raised = {"stages": {**STAGES, "clean": STAGES["clean"] + 1}}
    assert not lacks_a_version(before, other | raised)
    assert not lacks_a_version(before, before | {"b.test": {"http://b.test/": {}}})  # a new text


@pytest.mark.parametrize("group", groups())
def test_results_are_as_stored(stored, group):
    assert results(group) == stored[group], "if this is wanted: python bench/renew_results.py"

"""In what condition an edition is: decided from its copies and what was mended in it."""

import pytest

from archive.collate.condition import Held, condition
from archive.collate.edition import Change, EditionPassage

GAP = Change(0, 1, "广告", "gap")
MENDED = Change(0, 1, "省委", "brand", witness=1)


def held(*states, verdict="clean", extent=None, **more):
    whole = "whole" if states == ("complete",) else "part"
    return Held((verdict,), states or ("unknown",), None, extent or whole, **more)


def passage(*changes, witness=0, part="body", text="全市经济平稳增长。"):
    return EditionPassage(text, part, witness, 1, tuple(changes))


@pytest.mark.parametrize(
    ("passages", "copies", "quality", "state"),
    [
        ([passage()], [held("complete")], "clean", "full"),
        ([passage()], [held("complete", replaced_chars=3)], "repaired", "repaired"),
        ([passage(MENDED)], [held("complete", verdict="hijacked")], "repaired", "repaired"),
        ([passage(GAP)], [held("complete", verdict="hijacked")], "hijacked", "hijacked"),
        ([passage()], [held("complete", verdict="suspect")], "suspect", "suspect"),
        ([passage(witness=1)], [held("complete"), held("complete")], "repaired", "repaired"),
        ([passage()], [held("tail_missing")], "clean", "partial"),
        ([passage()], [held("unknown", extent="unknown")], "clean", "unknown"),
        ([passage()], [held("tail_missing"), held("complete")], "clean", "full"),
    ],
)
def test_quality_and_state(passages, copies, quality, state):
    found = condition(passages, copies)
    assert (found.quality, found.state) == (quality, state)


@pytest.mark.parametrize(
    ("copy", "completeness"),
    [
        (held("tail_missing", "head_missing"), "unknown"),
        (held("tail_missing", "head_missing", extent="whole"), "complete"),
        (held("head_missing", "head_missing"), "head_missing"),
        (held("head_missing", "tail_missing"), "fragment"),
        (held("complete", missing=True, extent="part"), "fragment"),
        (held("complete", extent="excerpt"), "fragment"),
        (held("complete", extent="part", shared=True), "unknown"),
    ],
)
def test_how_much_of_a_report_a_copy_is(copy, completeness):
    assert copy.completeness == completeness


def test_why_words_are_not_counted():
    assert condition([passage()], [held("complete")]).unfit == ""
    assert condition([passage(GAP)], [held("complete")]).unfit == "hijacked"
    assert condition([passage()], [held("fragment")]).unfit == "fragment"
    assert condition([passage(part="front")], [held("complete")]).unfit == "no_body"


def test_hijacked_copies_are_counted_and_so_are_characters():
    copies = [held("complete"), held("complete", verdict="hijacked")]
    found = condition([passage(text="增长 5%"), passage(part="appendix")], copies)
    assert (found.hijacked_copies, found.body_chars, found.body_han) == (1, 4, 2)

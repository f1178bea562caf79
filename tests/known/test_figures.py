"""Pairs of characters as numbers: found where a plain search finds them."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import DataFileError
from archive.known.figures import Figures, load_figures, save_figures

KNOWN = ("ab", "ba", "bc", "省委", "\n省")
ROWS = (("a", "b", "1"), ("b", "ac", "19"), ("省", "委\U0001f303", "11"), ("\n", "省", "1"))
FIGURES = Figures(ROWS, {})
ALPHABET = "abc省委\n\U0001f303\udc80"


def plainly(text: str, most: int) -> set[tuple[int, ...]]:
    """The same, pair by pair."""
    pairs = {text[i : i + 2] for i in range(len(text) - 1)} - set(KNOWN)
    places = [tuple(i for i in range(len(text) - 1) if text[i : i + 2] == pair) for pair in pairs]
    return {starts for starts in places if 1 < len(starts) <= most}


@given(st.text(ALPHABET, max_size=40), st.integers(2, 6))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_repeated_pairs_that_are_not_known_are_found(text, most):
    found = FIGURES.unseen_pairs(text, most)
    assert {tuple(sorted(starts)) for starts in found} == plainly(text, most)


def test_figures_come_back_as_they_were_saved(tmp_path):
    pairs = {"ab": 2, "ba": 4, "a\n": 9, "\n省": 3, "省\U0001f303": 2}
    save_figures(tmp_path, pairs, (), {"<省": "PMMMM"})
    found = load_figures(tmp_path)
    assert found.pairs == {"ab": 1, "ba": 2, "a\n": 3, "\n省": 1, "省\U0001f303": 1}
    assert found.beside == {"<省": "PMMMM"}
    assert len(found.codes) == 4


def test_words_that_were_often_seen_surprise_less():
    assert FIGURES.bits("bc") < FIGURES.bits("ba") < FIGURES.bits("bb")


@pytest.mark.parametrize("rows", ["ab\tc\t1\n", "a\tbc\t1\n", "a\tb\n"])
def test_broken_figures_are_reported(tmp_path, rows):
    save_figures(tmp_path, {}, (), {})
    (tmp_path / "grams.tsv.gz").write_bytes(gzip.compress(rows.encode()))
    with pytest.raises(DataFileError, match="figures cannot be read"):
        load_figures(tmp_path)


def test_a_pair_that_occurs_too_often_is_left_out():
    assert list(FIGURES.unseen_pairs("xy" * 5, 4)) == [[1, 3, 5, 7]]

"""Pairs of characters as numbers: found where a plain search finds them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.known.figures import pair_code, unseen_pairs

KNOWN = ("ab", "ba", "省委", "\n省")
CODES = frozenset(map(pair_code, KNOWN))
ALPHABET = "abc省委\n\U0001f303\udc80"


def plainly(text: str, most: int) -> set[tuple[int, ...]]:
    """The same, pair by pair."""
    pairs = {text[i : i + 2] for i in range(len(text) - 1)} - set(KNOWN)
    places = [tuple(i for i in range(len(text) - 1) if text[i : i + 2] == pair) for pair in pairs]
    return {starts for starts in places if 1 < len(starts) <= most}


@given(st.text(ALPHABET, max_size=40), st.integers(2, 6))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_repeated_pairs_that_are_not_known_are_found(text, most):
    assert {tuple(sorted(starts)) for starts in unseen_pairs(text, CODES, most)} == plainly(
        text, most
    )


def test_a_pair_that_stands_too_often_is_left_out():
    assert list(unseen_pairs("xy" * 5, CODES, 4)) == [[1, 3, 5, 7]]

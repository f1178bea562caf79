"""Pairs sentences that differ but belong together: changed ones and their originals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

ALIKE: Final = 0.4
"""Dice coefficient of the character pairs of two sentences from which they are the same."""

MOST_PAIRS: Final = 4_000
"""Product of counts up to which every pair is compared; larger gaps are left to characters."""


def pair(mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return indexes of sentences that belong together, ascending in both; None if too many.

    Chooses a series with the greatest sum of similarity.
    """
    if len(mine) * len(theirs) > MOST_PAIRS:
        return None
    if len(mine) == len(theirs) == 1:
        return [(0, 0)]
    weights = _weights(mine, theirs)
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
    for i in range(len(mine) - 1, -1, -1):
        for j in range(len(theirs) - 1, -1, -1):
            together = weights[i][j] + best[i + 1][j + 1] if weights[i][j] else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    return list(_path(weights, best))


def _weights(mine: Sequence[str], theirs: Sequence[str]) -> list[list[float]]:
    grams = [_grams(each) for each in theirs]
    return [[_dice(own, its) for its in grams] for own in map(_grams, mine)]


def _grams(words: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(words))) or frozenset({words})


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    shared = 2 * len(one & other) / (len(one) + len(other))
    return shared if shared >= ALIKE else 0.0


def _path(weights: list[list[float]], best: list[list[float]]) -> list[tuple[int, int]]:
    found = []
    i = j = 0
    while i < len(weights) and j < len(weights[0]):
        if weights[i][j] and best[i][j] == weights[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found

"""How much of one text stands in another: what confirms that two texts are copies.

Measured on the State Council's reports of consecutive years and on provincial reports with
6 % wrong characters (`docs/collation.md`): whole reports of consecutive years share at most
0.18 of their grams of 12 characters, noisy copies at least 0.54. Windows of 300 characters
may be formulas through and through; they have to agree character by character, and in numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from archive.collate.differences import matches

GRAM: Final = 12
LONG: Final = 2000
"""From this length (characters of the shorter key) shared grams decide by themselves."""

ENOUGH_OF_LONG: Final = 0.5
HOPELESS: Final = 0.4
SHORTEST_MATCH: Final = 100
"""Characters that must be shared for a text to be called a copy of anything."""

LEAST_OF_SHORT: Final = 0.85
"""The part of a short text that the shared stretch has to be: one long formula is no copy."""

_DRIFT: Final = 64
ENOUGH_ALIGNED: Final = 0.88
ENOUGH_NUMBERS: Final = 0.5

_NUMBER: Final = re.compile(r"\d{2,}")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two texts share: characters of the shorter key, both lengths, and the judgement.

    `start` and `stop` say where the shared stretch begins and ends in the shorter key.
    """

    shared: int
    shorter: int
    longer: int
    copies: bool
    start: int = 0
    stop: int = 0

    @property
    def share(self) -> float:
        """The part of the shorter text that stands in the longer one."""
        return self.shared / self.shorter if self.shorter else 0.0


class Comparable:
    """A key made ready to be compared with many others: its grams are found once."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.places: dict[str, int] = {}
        for start in range(len(key) - GRAM, -1, -1):
            self.places[key[start : start + GRAM]] = start


def likeness(one: Comparable, other: Comparable) -> Likeness:
    """Compare two keys; the result does not depend on their order."""
    short, long = sorted((one, other), key=lambda each: (len(each.key), each.key))
    shared, hits = _shared(short.key, long.places)
    lengths = len(short.key), len(long.key)
    if not hits or shared < HOPELESS * _extent(hits):
        return Likeness(shared, *lengths, copies=False)
    start, stop = hits[0][0], hits[-1][0] + GRAM
    if lengths[0] >= LONG and shared >= ENOUGH_OF_LONG * lengths[0]:
        return Likeness(shared, *lengths, copies=True, start=start, stop=stop)
    if stop - start > LONG or stop - start < max(SHORTEST_MATCH, LEAST_OF_SHORT * lengths[0]):
        return Likeness(shared, *lengths, copies=False, start=start, stop=stop)
    aligned = _aligned(short.key[start:stop], long.key, hits, start)
    return Likeness(max(shared, aligned), *lengths, copies=aligned > 0, start=start, stop=stop)


def _shared(short: str, places: dict[str, int]) -> tuple[int, list[tuple[int, int]]]:
    """Characters covered by shared grams, and each shared gram as (here, there)."""
    covered, reached = 0, 0
    hits = []
    for start in range(len(short) - GRAM + 1):
        there = places.get(short[start : start + GRAM])
        if there is not None:
            hits.append((start, there))
            covered += start + GRAM - max(start, reached)
            reached = start + GRAM
    return covered, hits


def _extent(hits: list[tuple[int, int]]) -> int:
    return hits[-1][0] + GRAM - hits[0][0]


def _aligned(stretch: str, long: str, hits: list[tuple[int, int]], start: int) -> int:
    """Characters of `stretch` that align with one place of `long`; 0 when too few do."""
    place = _offset(hits) + start
    slack = len(stretch) // 5
    there = long[max(0, place - slack) : place + len(stretch) + slack]
    agreed = sum(match.size for match in matches(stretch, there))
    return agreed if agreed >= ENOUGH_ALIGNED * len(stretch) and _numbers(stretch, there) else 0


def _offset(hits: list[tuple[int, int]]) -> int:
    """How far apart most shared grams stand: formulas that recur elsewhere are outvoted."""
    near = Counter((there - here) // _DRIFT for here, there in hits)
    most = max(near.items(), key=lambda bucket: (bucket[1], -bucket[0]))[0]
    offsets = sorted(t - h for h, t in hits if abs((t - h) // _DRIFT - most) <= 1)
    return offsets[len(offsets) // 2]


def _numbers(stretch: str, there: str) -> bool:
    """Whether the figures agree: formulas of two years differ in them."""
    mine, theirs = Counter(_NUMBER.findall(stretch)), Counter(_NUMBER.findall(there))
    missing = (mine - theirs).total()
    return missing <= 1 or missing <= (1 - ENOUGH_NUMBERS) * mine.total()

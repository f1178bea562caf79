"""Measures how much of one text is in another, which confirms that they are copies.

Measured on the State Council's reports of consecutive years and on provincial reports with 6 %
wrong characters (`docs/collation.md`): whole reports of consecutive years share at most 0.18 of
their grams of 12 characters, noisy copies at least 0.54. Windows of 300 characters may be formulas
throughout; they must agree character by character, and in numbers. Two pieces of one text overlap
where one ends and the other begins: four fifths of the overlap must agree, while of different
reports at most a third does.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from archive.collate.differences import matches

GRAM: Final = 12
LONG: Final = 2000
"""Characters of the shorter key from which shared grams decide alone."""

ENOUGH_OF_LONG: Final = 0.5
HOPELESS: Final = 0.4
SHORTEST_MATCH: Final = 100
"""Characters that a text must share to count as a copy."""

LEAST_OF_SHORT: Final = 0.85
"""Share of a short text that the shared stretch must cover: one long formula is not a copy."""

_DRIFT: Final = 64
_PATIENCE: Final = 300
"""Searches of a key that cost about as much as indexing the positions of all its grams."""

ENOUGH_ALIGNED: Final = 0.88
ENOUGH_NUMBERS: Final = 0.5

SHORTEST_OVERLAP: Final = 200
"""Characters that the end of one text and the beginning of another must share."""

ENOUGH_OVERLAP: Final = 0.8

_PROBED: Final = 600
_STEP: Final = 30
_FEWEST_PROBES: Final = 4
"""Grams of a text's beginning that must be near the end of another, in the same order."""

_NUMBER: Final = re.compile(r"\d{2,}")
_FIGURE: Final = re.compile(r"\d{3,}")
"""The longest figure that recurs by coincidence in a long text is shorter."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """What two texts share: characters of the shorter key, both lengths, and the judgement.

    `start` and `stop` are the range of the shared stretch in the shorter key. `ends` means that
    only the end of one text and the beginning of the other agree.
    """

    shared: int
    shorter: int
    longer: int
    copies: bool
    start: int = 0
    stop: int = 0
    ends: bool = False

    @property
    def share(self) -> float:
        """The share of the shorter text that is in the longer one."""
        return self.shared / self.shorter if self.shorter else 0.0


class Comparable:
    """A key prepared for comparison with many others, as far as that pays off.

    A gram is searched in the key itself, until so many were requested that an index of all grams is
    cheaper.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._asked = 0

    def place(self, gram: str) -> int:
        """Return the first position of a gram of `GRAM` characters, or -1."""
        if self._asked < _PATIENCE:
            self._asked += 1
            return self.key.find(gram)
        return self._places.get(gram, -1)

    @property
    def is_spread(self) -> bool:
        """Whether the positions of all grams are indexed, at some 200 bytes a character."""
        return "_places" in self.__dict__

    def free_places(self) -> None:
        """Free the memory of the index."""
        self.__dict__.pop("_places", None)
        self._asked = 0

    @cached_property
    def figures(self) -> Counter[str]:
        """The figures that do not recur by coincidence in a long text, with their counts."""
        return Counter(_FIGURE.findall(self.key))

    @cached_property
    def _places(self) -> dict[str, int]:
        last = len(self.key) - GRAM
        return {self.key[start : start + GRAM]: start for start in range(last, -1, -1)}


def compare(one: Comparable, other: Comparable) -> Similarity:
    """Compare two keys; the result does not depend on their order."""
    short, long = sorted((one, other), key=lambda each: (len(each.key), each.key))
    found = _contained(short, long)
    return found if found.copies else _overlap(short, long) or found


def compare_ends(one: Comparable, other: Comparable) -> Similarity:
    """Compare only the end of either key with the beginning of the other; cheap."""
    short, long = sorted((one, other), key=lambda each: (len(each.key), each.key))
    return _overlap(short, long) or Similarity(0, len(short.key), len(long.key), copies=False)


def _overlap(short: Comparable, long: Comparable) -> Similarity | None:
    """Return what the end of one and the beginning of the other share, if they agree."""
    lengths = len(short.key), len(long.key)
    size, agreed = _agreed_end(long.key, short.key)
    if agreed:
        return Similarity(agreed, *lengths, copies=True, start=0, stop=size, ends=True)
    size, agreed = _agreed_end(short.key, long.key)
    start = lengths[0] - size
    return (
        Similarity(agreed, *lengths, copies=True, start=start, stop=lengths[0], ends=True)
        if agreed
        else None
    )


def _agreed_end(first: str, second: str) -> tuple[int, int]:
    """Return the length of the end of `first` that begins `second`, and how much of it agrees."""
    size = len(first) - _beginning_in(first, second)
    if not SHORTEST_OVERLAP <= size <= min(len(second), len(first) - 1):
        return 0, 0
    end, beginning = first[-size:], second[: size + min(size // 5, _DRIFT)]
    if not _numbers(end, beginning):  # first, because it is far cheaper than aligning
        return 0, 0
    agreed = sum(match.size for match in matches(end, beginning))
    return (size, agreed) if agreed >= ENOUGH_OVERLAP * size else (0, 0)


def _beginning_in(first: str, second: str) -> int:
    """Return where in `first` the second text seems to begin, or the length of `first`."""
    places: dict[int, list[int]] = defaultdict(list)
    for at in range(0, min(_PROBED, len(second) - GRAM), _STEP):
        there = first.rfind(second[at : at + GRAM])
        if there >= 0:
            places[(there - at) // _DRIFT].append(there - at)
    best = max(places, key=lambda bucket: (len(places[bucket]), bucket), default=0)
    near = [place for bucket in (best - 1, best, best + 1) for place in places.get(bucket, ())]
    return max(0, min(near)) if len(near) >= _FEWEST_PROBES else len(first)


def _contained(short: Comparable, long: Comparable) -> Similarity:
    """Return how much of the shorter text is in the longer one."""
    lengths = len(short.key), len(long.key)
    # a text too long to consist mostly of a stretch of `LONG` is a copy only by its shared grams
    least = ENOUGH_OF_LONG * lengths[0] if LEAST_OF_SHORT * lengths[0] > LONG else 0
    shared, runs = _shared(short.key, long, least)
    if not runs or shared < HOPELESS * _extent(runs):
        return Similarity(shared, *lengths, copies=False)
    start, stop = runs[0].here, runs[-1].here + runs[-1].size
    if lengths[0] >= LONG and shared >= ENOUGH_OF_LONG * lengths[0]:
        same = short.key == long.key or _agree(short.figures, long.figures)
        return Similarity(shared, *lengths, copies=same, start=start, stop=stop)
    if stop - start > LONG or stop - start < max(SHORTEST_MATCH, LEAST_OF_SHORT * lengths[0]):
        return Similarity(shared, *lengths, copies=False, start=start, stop=stop)
    aligned = _aligned(short.key[start:stop], long.key, runs)
    return Similarity(max(shared, aligned), *lengths, copies=aligned > 0, start=start, stop=stop)


class _Run(NamedTuple):
    """`size` equal characters, at `here` in the shorter key and `there` in the longer."""

    here: int
    there: int
    size: int


def _shared(short: str, long: Comparable, least: float) -> tuple[int, list[_Run]]:
    """Count characters covered by shared grams, and return the equal runs they are part of.

    Stops once fewer than `least` can be covered.
    """
    covered = reached = start = 0
    runs = []
    last = len(short) - GRAM
    while start <= last and covered + len(short) - start >= least:
        there = long.place(short[start : start + GRAM])
        if there < 0:
            start += 1
            continue
        size = _agreeing(short, start, long.key, there)
        runs.append(_Run(start, there, size))
        covered += start + size - max(start, reached)
        reached = start + size
        start = reached - GRAM + 1
    return covered, runs


def _agreeing(one: str, here: int, other: str, there: int) -> int:
    """Return how many characters agree from two positions: doubling steps, then halving."""
    most = min(len(one) - here, len(other) - there)
    low, high = GRAM, 2 * GRAM
    while high <= most and one[here + low : here + high] == other[there + low : there + high]:
        low, high = high, 2 * high
    high = min(high, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if one[here + low : here + middle] == other[there + low : there + middle]:
            low = middle
        else:
            high = middle
    return low


def _extent(runs: list[_Run]) -> int:
    return runs[-1].here + runs[-1].size - runs[0].here


def _aligned(stretch: str, long: str, runs: list[_Run]) -> int:
    """Return the characters of `stretch` that align with one place of `long`; 0 if too few do."""
    place = _offset(runs) + runs[0].here
    slack = len(stretch) // 5
    there = long[max(0, place - slack) : place + len(stretch) + slack]
    if not _numbers(stretch, there):
        return 0
    verbatim = stretch in there
    agreed = len(stretch) if verbatim else sum(match.size for match in matches(stretch, there))
    return agreed if agreed >= ENOUGH_ALIGNED * len(stretch) else 0


def _offset(runs: list[_Run]) -> int:
    """Return the offset between the shared texts; formulas that recur elsewhere are outvoted."""
    near: Counter[int] = Counter()
    for run in runs:
        near[(run.there - run.here) // _DRIFT] += run.size
    most = max(near, key=lambda bucket: (near[bucket], -bucket))
    offsets = sorted(
        run.there - run.here for run in runs if abs((run.there - run.here) // _DRIFT - most) <= 1
    )
    return offsets[len(offsets) // 2]


def _numbers(mine: str, theirs: str) -> bool:
    """Whether the figures of two aligned stretches agree."""
    return _agree(Counter(_NUMBER.findall(mine)), Counter(_NUMBER.findall(theirs)))


def _agree(mine: Counter[str], theirs: Counter[str]) -> bool:
    """Whether figures agree: formulas of two years differ in them."""
    missing = (mine - theirs).total()
    return missing <= 1 or missing <= (1 - ENOUGH_NUMBERS) * mine.total()

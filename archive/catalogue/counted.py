"""Counts of words in reports, kept in memory while the archive stays the same.

A word that stands in every report takes seconds to count in a large archive; asked again, whether
of all reports or of some, it is counted at once. What was counted before a stop is kept too.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Generic, TypeVar

from archive.store import bodies
from archive.store.bodies import Narrowed

Thing = TypeVar("Thing")

MOST_COUNTS: Final = 1_000_000
"""Reports with a count, of all words together; some 100 bytes each."""

MOST_SELECTIONS: Final = 4


@dataclass(slots=True)
class Selection:
    """The counted reports that a filter accepts: work → year; by year, their number and Han."""

    years: dict[int, int] = field(default_factory=dict)
    reports: Counter[int] = field(default_factory=Counter)
    han: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class WordCounts:
    """The counts of one word: work → hits, and passages that have any; only of works with a hit.

    `without` are works in which it does not stand, although the index says that it may. `tokens` is
    how often jieba segments it, by work. All reports of the selections in `complete` were counted.
    """

    found: dict[int, tuple[int, int]] = field(default_factory=dict)
    without: set[int] = field(default_factory=set)
    tokens: dict[int, int] = field(default_factory=dict)
    complete: set[Narrowed] = field(default_factory=set)
    _same: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def add(self, work: int, hits: int, passages: int) -> None:
        """Note the count of a work."""
        if hits:
            pair = hits, passages
            self.found[work] = self._same.setdefault(pair, pair)  # one object for all equal ones
        else:
            self.without.add(work)

    @property
    def size(self) -> int:
        """How many works it remembers."""
        return len(self.found) + len(self.without)


class Kept(Generic[Thing]):
    """Things by key, the least recently used ones dropped where they are too much together."""

    def __init__(self, most: int, size_of: Callable[[Thing], int]) -> None:
        self._most = most
        self._size_of = size_of
        self._things: OrderedDict[Hashable, Thing] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return the thing of a key; `make` makes it at the first time."""
        with self._lock:
            thing = self._things.pop(key, None)
        thing = make() if thing is None else thing
        with self._lock:
            self._things[key] = thing
            while len(self._things) > 1 and self._total() > self._most:
                self._things.popitem(last=False)
        return thing

    def _total(self) -> int:
        return sum(map(self._size_of, self._things.values()))

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._things.clear()


_selections: Final = Kept[Selection](MOST_SELECTIONS, lambda _: 1)
_counts: Final = Kept[WordCounts](MOST_COUNTS, lambda counts: counts.size)


def selection(connection: sqlite3.Connection, narrowed: Narrowed) -> Selection:
    """Return the counted reports that a filter accepts."""

    def read() -> Selection:
        chosen = Selection()
        for work, year, han in bodies.countable(connection, narrowed):
            chosen.years[work] = year
            chosen.reports[year] += 1
            chosen.han[year] += han
        return chosen

    return _selections.get((bodies.corpus(connection), narrowed), read)


def word_counts(connection: sqlite3.Connection, digest: str) -> WordCounts:
    """Return what is known of a word; `digest` is that of its counter, which names the word."""
    return _counts.get((bodies.corpus(connection), digest), WordCounts)


def forget() -> None:
    """Forget everything."""
    _selections.clear()
    _counts.clear()

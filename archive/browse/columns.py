"""The years of a table of coverage: the newest ones, with stretches of empty years folded."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

YEARS_SHOWN: Final = 30
"""Years with a report that are shown; earlier ones are one click away."""


@dataclass(frozen=True, slots=True)
class YearColumn:
    """One year, or several years in a row of which no place has a report."""

    first: int
    last: int

    @property
    def is_folded(self) -> bool:
        """Whether it stands for several years."""
        return self.first < self.last

    def __str__(self) -> str:
        """The year or the years."""
        return f"{self.first}–{self.last}" if self.is_folded else str(self.first)


def columns(years: Collection[int], *, everything: bool = False) -> list[YearColumn]:
    """Return the columns of a table, oldest first.

    Args:
        years: the years that have a report.
        everything: every year from the first to the last, each in a column.
    """
    if not years:
        return []
    if everything:
        return [YearColumn(year, year) for year in range(min(years), max(years) + 1)]
    newest = sorted(set(years))[-YEARS_SHOWN:]
    return [*_up_to_the_last(newest), YearColumn(newest[-1], newest[-1])]


def _up_to_the_last(years: Collection[int]) -> Iterator[YearColumn]:
    for year, following in pairwise(years):
        yield YearColumn(year, year)
        if following > year + 1:
            yield YearColumn(year + 1, following - 1)

"""Selects the reports to export."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from archive.errors import UsageError
from archive.known.divisions import contains
from archive.known.kinds import REPORT
from archive.model import Part
from archive.store.reports import Report

_YEARS: Final = re.compile(r"(\d{4})(?:-(\d{4}))?")


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter over reports; an empty field accepts everything.

    `place` is a division code and includes its subdivisions; `years` is inclusive. `kind` is the
    kind of document, the work report by default. `works` are names of works, which are accepted
    whatever their kind. If a place has two reports in a year and only one is wanted, it is the one
    in `preferred`.
    """

    levels: tuple[str, ...] = ()
    place: str | None = None
    years: tuple[int, int] | None = None
    qualities: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    kind: str = REPORT
    works: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()

    def takes(self, report: Report) -> bool:
        """Whether `report` is selected."""
        return (
            (report.work in self.works if self.works else report.kind == self.kind)
            and (not self.levels or report.level in self.levels)
            and (self.place is None or contains(self.place, report.division))
            and self._takes_year(report.report_year)
            and (not self.qualities or report.quality in self.qualities)
        )

    def _takes_year(self, year: int | None) -> bool:
        if self.years is None:
            return True
        return year is not None and self.years[0] <= year <= self.years[1]

    def of(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Yield the selected reports."""
        return (report for report in reports if self.takes(report))


def parse_years(words: str) -> tuple[int, int]:
    """Return the first and last year of `2003-2022` or `2020`.

    Raises:
        UsageError: it is neither, or the last year comes first.
    """
    match = _YEARS.fullmatch(words.strip())
    if match is None:
        raise UsageError(f"--years {words}: write 2020, or 2003-2022")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise UsageError(f"--years {words}: the last year comes before the first")
    return first, last

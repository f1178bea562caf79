"""Which rows of a web archive's index are asked for: each bytes once, and not too often."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from archive import UsageError
from crawler.backfill.mementos import Row

_EVERY: Final = re.compile(r"([1-9]\d{0,3})([ymd])")
_FORM: Final = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Interval:
    """A time between two mementos of an address: so many years, months or days."""

    number: int
    unit: str

    @classmethod
    def read(cls, words: str) -> Interval:
        """The interval that somebody asks for: `1y`, `6m`, `30d`.

        Raises:
            UsageError: it is none.
        """
        found = _EVERY.fullmatch(words.strip())
        if found is None:
            raise UsageError(f"{words!r} is no interval: as 1y, 6m or 30d")
        return cls(int(found[1]), found[2])

    def after(self, timestamp: str) -> str:
        """The earliest time, in 14 digits, that is so long after `timestamp`.

        Example:
            >>> Interval.read("6m").after("20190831120000")
            '20200231120000'
        """
        if self.unit == "d":
            return _days_after(timestamp, self.number)
        months = self.number * (12 if self.unit == "y" else 1)
        year, month = divmod(int(timestamp[:4]) * 12 + int(timestamp[4:6]) - 1 + months, 12)
        return f"{year:04}{month + 1:02}{timestamp[6:]}"  # of no use but to be compared


def _days_after(timestamp: str, days: int) -> str:
    try:
        return (datetime.strptime(timestamp, _FORM) + timedelta(days)).strftime(_FORM)  # noqa: DTZ007
    except (ValueError, OverflowError):
        return timestamp  # no day of any calendar: everything is after it


@dataclass(slots=True)
class Selection:
    """Chooses among the rows of an index that comes page by page.

    It knows nothing but what the pages before it handed on (`handed`), so that a run that was
    killed goes on with the page at which it stopped.

    Attributes:
        limit: rows that are taken at most, of the whole index.
        every: the least time between two rows of an address that are taken.
        counts: how many rows had which fate.
        last: key and time of the last row of the pages before this one.
        there: addresses and digests of the rows at `last`.
        taken: digests of the key of `last` that were taken already.
        latest: when the row was archived that was taken last of that key.
        count: how many rows were taken.
    """

    limit: int | None = None
    every: Interval | None = None
    counts: Counter[str] = field(default_factory=Counter)
    last: tuple[str, str] = ("", "")
    there: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    latest: str = ""
    count: int = 0

    def go_on(self, handed: Mapping[str, Any]) -> None:
        """Go on where an earlier page ended; `handed` is what `hand_on` gave."""
        if handed:
            self.last = (handed["last"][0], handed["last"][1])
            self.there, self.taken = set(handed["there"]), set(handed["taken"])
            self.latest, self.count = handed["latest"], handed["count"]

    def hand_on(self) -> dict[str, Any]:
        """What the next page has to know, as JSON can hold it."""
        return {
            "last": list(self.last), "there": sorted(self.there), "taken": sorted(self.taken),
            "latest": self.latest, "count": self.count,
        }  # fmt: skip

    @property
    def is_full(self) -> bool:
        """Whether nothing more is taken."""
        return self.limit is not None and self.count >= self.limit

    def fresh(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that no page before has shown."""
        return [
            row for row in rows
            if row.place > self.last or (row.place == self.last and row.name not in self.there)
        ]  # fmt: skip

    def take(self, fresh: Sequence[Row]) -> Iterator[Row]:
        """Those of the fresh rows of a page that are asked for."""
        for row in fresh:
            if row.urlkey != self.last[0]:
                self.taken, self.latest = set(), ""
            if row.place != self.last:
                self.there = set()
            self.last = row.place
            self.there.add(row.name)
            if self._is_wanted(row):
                yield row

    def _is_wanted(self, row: Row) -> bool:
        fate = self._fate(row)
        self.counts[fate] += 1
        if fate != "taken":
            return False
        self.count += 1
        self.taken |= {row.digest} - {"", "-"}
        self.latest = row.timestamp
        return True

    def _fate(self, row: Row) -> str:
        if row.statuscode not in {"200", "-", ""}:
            return "of another status"
        if row.digest in self.taken:
            return "equal to an earlier one"
        if self.every and self.latest and row.timestamp < self.every.after(self.latest):
            return "too close to the one before"
        return "beyond the limit" if self.is_full else "taken"

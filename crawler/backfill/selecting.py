"""Chooses which index rows to fetch: each content once, and not too often."""

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
    """The least time between two mementos of a URL, in years, months or days."""

    number: int
    unit: str

    @classmethod
    def read(cls, words: str) -> Interval:
        """Parse an interval: `1y`, `6m` or `30d`.

        Raises:
            UsageError: the interval is invalid.
        """
        found = _EVERY.fullmatch(words.strip())
        if found is None:
            raise UsageError(f"{words!r}: invalid interval; expected 1y, 6m or 30d")
        return cls(int(found[1]), found[2])

    def after(self, timestamp: str) -> str:
        """Return the earliest time, in 14 digits, that is one interval after `timestamp`.

        Example:
            >>> Interval.read("6m").after("20190831120000")
            '20200231120000'
        """
        if self.unit == "d":
            return _days_after(timestamp, self.number)
        months = self.number * (12 if self.unit == "y" else 1)
        year, month = divmod(int(timestamp[:4]) * 12 + int(timestamp[4:6]) - 1 + months, 12)
        return f"{year:04}{month + 1:02}{timestamp[6:]}"  # only compared with other times


def _days_after(timestamp: str, days: int) -> str:
    try:
        return (datetime.strptime(timestamp, _FORM) + timedelta(days)).strftime(_FORM)  # noqa: DTZ007
    except (ValueError, OverflowError):
        return timestamp  # not a date of any calendar, and later than all of them


@dataclass(slots=True)
class Selection:
    """Chooses among the rows of an index that arrives page by page.

    Its only state is what earlier pages handed on (`handed`), so that a killed run continues with
    the page at which it stopped.

    Attributes:
        limit: the most rows to take from the whole index.
        every: the least time between two taken rows of a URL.
        counts: the number of rows for each decision.
        last: key and time of the last row of the earlier pages.
        there: URLs and digests of the rows at `last`.
        taken: digests already taken for the key of `last`.
        latest: capture time of the last row taken for that key.
        count: the number of rows taken.
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
        """Continue after an earlier page; `handed` is the value of its `hand_on`."""
        if handed:
            self.last = (handed["last"][0], handed["last"][1])
            self.there, self.taken = set(handed["there"]), set(handed["taken"])
            self.latest, self.count = handed["latest"], handed["count"]

    def hand_on(self) -> dict[str, Any]:
        """Return the state that the next page needs, as JSON-compatible values."""
        return {
            "last": list(self.last), "there": sorted(self.there), "taken": sorted(self.taken),
            "latest": self.latest, "count": self.count,
        }  # fmt: skip

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return self.limit is not None and self.count >= self.limit

    def fresh(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that no earlier page has shown."""
        return [
            row for row in rows
            if row.place > self.last or (row.place == self.last and row.name not in self.there)
        ]  # fmt: skip

    def take(self, fresh: Sequence[Row]) -> Iterator[Row]:
        """Return the fresh rows of a page that are to be fetched."""
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

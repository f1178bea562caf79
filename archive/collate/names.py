"""Names of works: place and year, and day or session if a place has two in one year.

A name is derived from what the reports say, never from the order of their arrival. The same texts
get the same names in every archive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from archive.known.kinds import REPORT

AREA_MARK: Final = "~"
"""Separates the code of the division from the name of a functional area."""

_MARK_CHARS: Final = 8
_DIGEST: Final = 64
_DAY: Final = re.compile(r"(?<!\d)(\d{1,2})月(\d{1,2})日")
_TWO_NUMBERS: Final = re.compile(r"(\d{1,3})-(\d{1,3})")


class Key(NamedTuple):
    """What reports must have in common to be copies of one; `place` is as in a name.

    `mark` distinguishes reports of an unknown year.
    """

    place: str
    report_year: int | None
    kind: str = REPORT
    stage: str = "final"
    mark: str = ""

    @property
    def name(self) -> str:
        """The plain name, such as `210300-2023/draft`, of a work without namesakes.

        A report of an unknown year is distinguished by its mark: `330411-undated-3f0c51d2`.
        """
        parts = [f"{self.place}-{self.report_year or f'undated-{self.mark}'}"]
        if self.kind != REPORT:
            parts.append(self.kind)
        if self.stage != "final":
            parts.append(self.stage)
        return "/".join(parts)


class Signs(NamedTuple):
    """What distinguishes reports of one plain name: day, session, and the digest of a text.

    If they are not printed, the title may give them.
    """

    delivered_on: str | None
    session: str | None
    digest: str
    title: str | None = None

    @property
    def day(self) -> str | None:
        """`10-17` for a report delivered on 2021-10-17."""
        if self.delivered_on:
            return self.delivered_on[5:]
        found = _DAY.search(self.title or "")
        return f"{int(found[1]):02}-{int(found[2]):02}" if found else None

    @property
    def sitting(self) -> str | None:
        """`7-8` for the eighth session of the seventh congress."""
        words = self.session or self.title
        return _sitting(words) if words else None

    def answer_to(self, suffix: str) -> bool:
        """Whether `suffix` may name this report: its day, its session, or a digest prefix."""
        if len(suffix) >= _MARK_CHARS and self.digest.startswith(suffix):
            return True
        asked = _numbers(suffix)
        return asked is not None and asked in (_numbers(self.day), _numbers(self.sitting))


def names(plain: str, several: Sequence[Signs]) -> list[str]:
    """Return the names of the works of one plain name, in order.

    A single work has the plain name. With several, each gets its day if unique, otherwise its
    session, otherwise the beginning of a digest.
    """
    if len(several) == 1:
        return [plain]
    days = _once(signs.day for signs in several)
    sittings = _once(signs.sitting for signs in several) - days
    chars = next((n for n in range(_MARK_CHARS, _DIGEST) if _are_unlike(several, n)), _DIGEST)
    return [f"{plain}/{_suffix(signs, days, sittings, chars)}" for signs in several]


def _suffix(signs: Signs, days: set[str], sittings: set[str], chars: int) -> str:
    if signs.day in days:
        return signs.day
    return signs.sitting if signs.sitting in sittings else signs.digest[:chars]


def _once(words: Iterable[str | None]) -> set[str]:
    """Return what only one of them has."""
    return {word for word, count in Counter(words).items() if word is not None and count == 1}


def _are_unlike(several: Sequence[Signs], chars: int) -> bool:
    return len({signs.digest[:chars] for signs in several}) == len(several)


@lru_cache(maxsize=1024)
def _sitting(words: str) -> str | None:
    """Return congress and session in digits, from a session name or a title that has it."""
    from archive.known.numerals import NUMBER, number  # noqa: PLC0415  (loads a stage)

    found = re.search(rf"({NUMBER})届\D{{0,12}}?({NUMBER})次", words)
    numbers = [number(words) for words in found.groups()] if found else [None]
    return None if None in numbers else "-".join(map(str, numbers))


def _numbers(words: str | None) -> tuple[int, int] | None:
    found = _TWO_NUMBERS.fullmatch(words or "")
    return (int(found[1]), int(found[2])) if found else None

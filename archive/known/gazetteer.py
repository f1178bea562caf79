"""The divisions of the country down to county level, with codes, names and years.

`gazetteer/divisions.csv` is built by `bench/build_gazetteer.py` from dated revisions of GB/T 2260;
the script documents which, and how years are derived. Names recur in space (two 朝阳区) and in time
(four codes of 海城), so a name always gives a tuple of candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import add
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from archive.known.data_table import load_table
from archive.known.divisions import COUNTRY, contains

T = TypeVar("T")
Level = Literal["national", "province", "prefecture", "county"]
_LEVELS: Final[tuple[Level, ...]] = get_args(Level)
_DIRECTLY_ADMINISTERED: Final = "90"
_SPLIT_OFF: Final = {"50": "51", "46": "44"}
"""Provinces that were part of another: 重庆 of 四川 until 1997, 海南 of 广东 until 1988."""
_AROUND_NAMES: Final = str.maketrans("", "", "()（）[]【】〔〕《》 \u3000\t\xa0·,，、")


@dataclass(frozen=True, slots=True)
class Division:
    """One division under one code and name; the years are inclusive, None is open.

    `code` is GB/T 2260 (six digits; 100000 is the country), `short` are its short forms, likeliest
    first, `parent` is the code of the division above.
    """

    code: str
    name: str
    short: tuple[str, ...]
    level: Level
    parent: str | None
    since: int | None = None
    until: int | None = None

    def valid(self, year: int | None) -> bool:
        """Whether it existed in `year`; without a year, whether it exists today."""
        if year is None:
            return self.until is None
        return (self.since or year) <= year <= (self.until or year)

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The full name and the short forms."""
        return (self.name, *self.short)


@dataclass(frozen=True)
class Gazetteer:
    """All divisions, current and former; indexes are built on first use."""

    divisions: tuple[Division, ...]

    def __reduce__(self) -> tuple[type[Gazetteer], tuple[tuple[Division, ...]]]:
        """Pickle only the divisions; indexes are rebuilt where needed."""
        return (Gazetteer, (self.divisions,))

    def division(self, code: str, year: int | None = None) -> Division | None:
        """Return the division with `code` in `year`, or its latest form; None if there is none.

        In the year of a renaming this is the old form, because reports are given early in a year.
        """
        rows = self._by_code.get(code, ())
        if year is None:
            return rows[-1] if rows else None
        return next((row for row in rows if row.valid(year)), None)

    def children(self, code: str, year: int | None = None) -> tuple[Division, ...]:
        """Return the divisions directly below `code` in `year` or today, one for each code."""
        found = {row.code: row for row in reversed(self._by_parent[code]) if row.valid(year)}
        return tuple(found[code] for code in sorted(found))

    def parents(self, code: str, year: int | None = None) -> tuple[Division, ...]:
        """Return the divisions above `code` from the province down, without the country itself."""
        row = self.division(code, year) or self.division(code)
        if row is None or row.parent is None or row.parent == COUNTRY:
            return ()
        above = self._nearest(row.parent, year or row.until)
        return (*self.parents(row.parent, year or row.until), *([above] if above else []))

    def full_name(self, code: str, year: int | None = None) -> str:
        """Return the name from the province down, such as 辽宁省鞍山市.

        Empty for an unknown code.
        """
        row = self.division(code, year) or self.division(code)
        return "".join(above.name for above in (*self.parents(code, year), row) if above)

    def named(
        self, name: str, *, year: int | None = None, within: str | None = None
    ) -> tuple[Division, ...]:
        """Return every division whose full or short name is exactly `name`, highest level first.

        With `year`, those of that year. Otherwise those of today, and a former one only if its
        province has none of that name today. `within` is the code of a division above.
        """
        rows = self._by_surface.get(name, ())
        if within is not None:
            rows = tuple(row for row in rows if _is_within(row.code, within))
        chosen = _not_superseded(rows) if year is None else [row for row in rows if row.valid(year)]
        return tuple(sorted(chosen, key=_by_level))

    def parse(self, words: str, *, year: int | None = None) -> tuple[Division, ...]:
        """Return what a place expression such as (辽宁省)抚顺市望花区 names, likeliest first.

        Each candidate is the most specific place of one reading. Several mean that the words are
        ambiguous, none that they are not a place expression from beginning to end.
        """
        chains = list(self._chains(words.translate(_AROUND_NAMES), year))
        if not chains:
            return ()
        fewest = min(_shortened(chain) for chain in chains)
        best = {surface[1]: None for *_, surface in chains if _shortened([*_, surface]) == fewest}
        return tuple(sorted(best, key=_by_level))

    def mentions(
        self, text: str, *, year: int | None = None
    ) -> Iterator[tuple[int, int, str, tuple[Division, ...]]]:
        """Yield names in `text` as (start, stop, surface, candidates): longest match, no overlap.

        Includes names that are also common words (和县, 解放); weigh them with other evidence. Time
        is linear in the length of the text.
        """
        heads, reached = self._heads, 0
        pairs = enumerate(map(add, text, text[1:]))
        for position in [start for start, pair in pairs if pair in heads]:
            surface = _longest(heads[text[position : position + 2]], text, position)
            found = self._candidates(surface, year) if surface and position >= reached else ()
            if found:
                reached = position + len(surface)
                yield position, reached, surface, found

    def _chains(
        self, words: str, year: int | None, above: Division | None = None
    ) -> Iterator[list[tuple[str, Division]]]:
        for surface in self._heads.get(words[:2], ()):
            if not words.startswith(surface):
                continue
            rest = words[len(surface) :]
            for row in self._candidates(surface, year):
                if above is not None and not _may_follow(row.code, above.code):
                    continue
                if not rest:
                    yield [(surface, row)]
                for chain in self._chains(rest, year, row) if rest else ():
                    yield [(surface, row), *chain]

    def _candidates(self, surface: str, year: int | None) -> tuple[Division, ...]:
        key = (surface, year)
        if key not in self._known_candidates:
            self._known_candidates[key] = self.named(surface, year=year)
        return self._known_candidates[key]

    def _nearest(self, code: str, year: int | None) -> Division | None:
        rows = self._by_code.get(code, ())
        if year is None or not rows:
            return rows[-1] if rows else None
        return min(rows, key=lambda row: _years_off(row, year))

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Division, ...]]:
        latest_last = sorted(self.divisions, key=lambda row: (row.until or 9999, row.since or 0))
        return _grouped((row.code, row) for row in latest_last)

    @cached_property
    def _by_parent(self) -> Mapping[str, tuple[Division, ...]]:
        rows = _grouped((row.parent or "", row) for row in self.divisions)
        return defaultdict(tuple, rows)

    @cached_property
    def _by_surface(self) -> Mapping[str, tuple[Division, ...]]:
        return _grouped((surface, row) for row in self.divisions for surface in row.surfaces)

    @cached_property
    def _heads(self) -> Mapping[str, tuple[str, ...]]:
        longest_first = sorted(self._by_surface, key=len, reverse=True)
        return _grouped((surface[:2], surface) for surface in longest_first)

    @cached_property
    def _known_candidates(self) -> dict[tuple[str, int | None], tuple[Division, ...]]:
        return {}


@lru_cache(maxsize=2)
def load_gazetteer(folder: Path) -> Gazetteer:
    """Load the gazetteer in `folder`.

    Raises:
        DataFileError: `divisions.csv` is missing or has an invalid row.
    """
    return Gazetteer(load_table(folder / "divisions.csv", _division))


def _division(row: list[str]) -> Division:
    code, name, short, level, parent, since, until = row
    return Division(
        code=f"{int(code):06}",
        name=name,
        short=tuple(short.split("|")) if short else (),
        level=_LEVELS[_LEVELS.index(level)],
        parent=parent or None,
        since=int(since) if since else None,
        until=int(until) if until else None,
    )


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for key, thing in pairs:
        groups[key].append(thing)
    return {key: tuple(things) for key, things in groups.items()}


def _longest(surfaces: tuple[str, ...], text: str, position: int) -> str:
    return next((each for each in surfaces if text.startswith(each, position)), "")


def _is_within(code: str, above: str) -> bool:
    return above == COUNTRY or (code != above and contains(above, code))


def _may_follow(code: str, above: str) -> bool:
    """Like `_is_within`; a city may also be named before what its province administers."""
    direct = code[2:4] == _DIRECTLY_ADMINISTERED and above[4:] == "00" and code[:2] == above[:2]
    return code != above and (direct or _is_within(code, above))


def _not_superseded(rows: tuple[Division, ...]) -> list[Division]:
    latest: dict[str, int] = {}
    for row in rows:
        region = _region(row)
        latest[region] = max(latest.get(region, 0), row.until or 9999)
    return [row for row in rows if (row.until or 9999) == latest[_region(row)]]


def _region(row: Division) -> str:
    return _SPLIT_OFF.get(row.code[:2], row.code[:2])


def _shortened(chain: list[tuple[str, Division]]) -> int:
    """Return the number of short forms in a reading, and the number of names."""
    return sum(100 for surface, row in chain if surface != row.name) + len(chain)


def _by_level(row: Division) -> tuple[int, str]:
    return _LEVELS.index(row.level), row.code


def _years_off(row: Division, year: int) -> int:
    return max((row.since or year) - year, year - (row.until or year), 0)

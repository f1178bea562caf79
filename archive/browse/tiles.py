"""The map: a tile of equal size for each province, and for the places within one of them.

The arrangement is ours and only roughly that of a map; no boundary is drawn.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from archive.browse.finding import number
from archive.browse.web import Answer, Asked, MissingError
from archive.catalogue.coverage import Absences
from archive.collate.names import AREA_MARK
from archive.known import shipped
from archive.known.divisions import COUNTRY, contains, with_those_above
from archive.store import holdings as rows
from archive.store.holdings import ReportState

GAP: Final = "gap"
WITHIN: Final = "within"
"""The state of a tile without a report of its own, but with reports of places within."""

ENOUGH: Final = 0.5
"""The map opens at the newest year with this share of the reports of the fullest year."""

_ARRANGED: Final = """
100000 ·      ·      ·      ·      ·      ·      230000
·      ·      ·      ·      150000 ·      ·      220000
650000 ·      620000 640000 ·      110000 120000 210000
·      630000 ·      610000 140000 130000 370000 ·
540000 ·      510000 500000 410000 340000 320000 310000
·      ·      530000 520000 420000 360000 330000 ·
·      ·      ·      450000 430000 440000 350000 710000
·      ·      ·      ·      460000 820000 810000 ·
"""
PROVINCES: Final[Mapping[str, tuple[int, int]]] = {
    code: (column, row)
    for row, line in enumerate(_ARRANGED.split("\n")[1:-1])
    for column, code in enumerate(line.split())
    if code.isdecimal()
}
"""Code → column and row on the map of provinces, row by row."""


@dataclass(slots=True)
class Tile:
    """A place in one year.

    `within` is the number of reports of the places in it, `strip` its other years: state, first
    year, number of years. `at` is its column and row; None on maps without an arrangement.
    """

    code: str
    name: str
    full_name: str
    at: tuple[int, int] | None
    state: str = GAP
    works: int = 0
    altered: int = 0
    within: int = 0
    leads_on: bool = False
    strip: Sequence[tuple[str, int, int]] = ()


@dataclass(slots=True)
class PlaceSurvey:
    """What is known of the places of a map: their own reports, and the numbers within, by year."""

    states: dict[str, dict[int, list[ReportState]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    within: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def years(self) -> Counter[int]:
        """Return the number of reports of each year."""
        counted = sum(self.within.values(), Counter[int]())
        for by_year in self.states.values():
            counted.update({year: len(found) for year, found in by_year.items()})
        return counted

    def state(self, code: str, year: int) -> str:
        """Return the state of a place in a year."""
        if own := self.states[code].get(year):
            return own[0].state
        return WITHIN if self.within[code][year] else GAP


def map_page(asked: Asked) -> Answer:
    """`/map`: provinces in one year; `?open=CODE`: the places within one."""
    opened = asked.arguments.get("open") or COUNTRY
    surveyed, codes = _survey(asked, opened)
    counted = surveyed.years()
    division = shipped().gazetteer.division(opened)
    if division is None and not counted:
        raise MissingError("error.no_place", code=opened)
    year = number(asked.arguments.get("year")) or best_year(counted)
    tiles = list(_tiles(surveyed, codes, opened, year, counted)) if year else []
    return asked.page(
        "map.html",
        name=division.name if division else opened,
        above=_above(opened),
        is_country=opened == COUNTRY,
        year=year,
        years=sorted(counted),
        counted=counted,
        most=max(counted.values(), default=0),
        span=(min(counted), max(counted) - min(counted) + 1) if counted else (0, 1),
        tiles=tiles,
        present=sum(tile.state not in (GAP, WITHIN) for tile in tiles),
        why=Absences(asked.connection, places=[tile.code for tile in tiles]).why,
    )


def best_year(counted: Mapping[int, int]) -> int | None:
    """Return the newest year that is about as full as the fullest; None if there is no report."""
    enough = ENOUGH * max(counted.values(), default=0)
    return max((year for year, works in counted.items() if works >= enough), default=None)


def _survey(asked: Asked, opened: str) -> tuple[PlaceSurvey, list[str]]:
    """Return what is known of the places of the map, and their codes in the order of the tiles."""
    surveyed, connection = PlaceSurvey(), asked.connection
    if opened == COUNTRY:
        census = rows.census_of_provinces(connection, "")
        own = {code for code, _, _ in rows.census(connection, "")}
        others = {code for code, _, _ in census} | own
        codes = [*PROVINCES, *sorted(others - PROVINCES.keys())]
        below = [(code, code, year, works) for code, year, works in census]
    else:
        census = [one for one in rows.census(connection, opened[:2]) if contains(opened, one[0])]
        below = [(code, _tile_of(code, opened), year, works) for code, year, works in census]
        children = {child.code for child in shipped().gazetteer.children(opened)}
        codes = [opened, *sorted((children | {tile for _, tile, _, _ in below}) - {opened})]
        below = [one for one in below if one[0] != one[1]]
    for _, tile, year, works in below:
        surveyed.within[tile][year] += works
    for state in rows.states(connection, codes):
        surveyed.states[state.place_key][state.report_year].append(state)
    return surveyed, codes


def _tile_of(code: str, opened: str) -> str:
    """Return the tile of a place on the map of `opened`: the division below it that contains it."""
    inside = code.partition(AREA_MARK)[0]
    for above in reversed(with_those_above(inside)):
        if above != opened and contains(opened, above) and shipped().gazetteer.division(above):
            return above
    return code


def _tiles(
    surveyed: PlaceSurvey, codes: Sequence[str], opened: str, year: int, counted: Mapping[int, int]
) -> Iterator[Tile]:
    gazetteer = shipped().gazetteer
    for code in codes:
        division = gazetteer.division(code, year) or gazetteer.division(code)
        every = surveyed.states[code]
        own = every.get(year, [])
        name = division.name if division else next((f[0].place for f in every.values()), code)
        yield Tile(
            code=code,
            name=division.short[0] if division and division.short else name,
            full_name=gazetteer.full_name(code, year) or name,
            at=PROVINCES.get(code) if opened == COUNTRY else None,
            state=surveyed.state(code, year),
            works=len(own),
            altered=own[0].hijacked_copies if own else 0,
            within=surveyed.within[code][year],
            leads_on=code != opened
            and bool(surveyed.within[code] or gazetteer.children(code, year)),
            strip=_strip(surveyed, code, counted),
        )


def _strip(
    surveyed: PlaceSurvey, code: str, counted: Mapping[int, int]
) -> list[tuple[str, int, int]]:
    """Return the years of a place as runs of one state, without gaps."""
    first = min(counted)
    years = [(surveyed.state(code, year), year - first) for year in range(first, max(counted) + 1)]
    runs = ((state, list(run)) for state, run in groupby(years, key=lambda one: one[0]))
    return [(state, run[0][1], len(run)) for state, run in runs if state != GAP]


def _above(opened: str) -> list[tuple[str, str]]:
    """Return code and name of the divisions that contain an opened one, highest first."""
    above = reversed(with_those_above(opened)) if opened != COUNTRY else ()
    found_above = [shipped().gazetteer.division(code) for code in above if code != opened]
    return [(division.code, division.name) for division in found_above if division]

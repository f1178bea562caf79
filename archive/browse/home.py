"""The home page: reports by place and year, and recent events."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from archive.browse.columns import YEARS_SHOWN, columns
from archive.browse.datasette_tables import work_address
from archive.browse.web import Answer, Asked, found
from archive.catalogue.coverage import GOOD_OUTCOMES, Absences, Cell, holdings, places_around
from archive.catalogue.figures import figures
from archive.collate.names import AREA_MARK
from archive.known import shipped
from archive.known.divisions import stem, with_those_above
from archive.known.kinds import REPORT
from archive.store import holdings as rows
from archive.store import pages, runs, sites
from archive.store.holdings import Census
from archive.store.unassigned import unassigned

TEXTS_SHOWN: Final = 12
RUNS_SHOWN: Final = 6
CHANGES_SHOWN: Final = 8
ALL_OPEN_UP_TO: Final = 600
"""Matrices up to this size are shown unfolded."""

NARROW_FROM: Final = 16
"""Columns from which they are narrow, so that 30 years fit into a window of 1,280 pixels."""


@dataclass(slots=True)
class PlaceRow:
    """One row of the matrix: a place, its reports by year, and the number below it."""

    code: str
    name: str
    depth: int
    cells: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    others: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    below: Counter[int] = field(default_factory=Counter)
    own: int = 0
    children: int = 0
    is_open: bool = False


def home(asked: Asked) -> Answer:
    """`/`: coverage, recent changes, texts without a work, the last runs."""
    connection, opened = asked.connection, asked.arguments.get("open", "")
    counted = rows.totals(connection)
    everything = counted["cells"] <= ALL_OPEN_UP_TO
    census = rows.census(connection, None if everything else opened[:2])
    folded = [] if everything else rows.census_of_provinces(connection, opened[:2])
    known = [year for _, year, _ in (*census, *folded)]
    years = columns(known, everything="years" in asked.arguments)
    places = list(matrix(census, None if everything else opened, folded))
    codes = [place.code for place in places]
    here = holdings(connection, codes)
    fill(places, here)
    return asked.page(
        "home.html",
        rows=places,
        years=years,
        earlier=len(set(known)) > YEARS_SHOWN and "years" not in asked.arguments,
        narrow=len(years) >= NARROW_FROM,
        why=Absences(connection, here, places=codes).why,
        undated=rows.undated(connection, TEXTS_SHOWN),
        figures=list(shown_figures(asked, counted)),
        last=pages.last_recorded_at(connection),
        lately=rows.newest(connection, CHANGES_SHOWN),
        loose=list(unassigned(connection, most=TEXTS_SHOWN)),
        runs=runs.newest(connection, RUNS_SHOWN),
        address=work_address,
    )


def gap_page(asked: Asked) -> Answer:
    """`/gap/CODE/YEAR`: why a report is missing, and the command that would fetch it."""
    key, year = asked.parts["code"], int(asked.parts["year"])
    code, _, area = key.partition(AREA_MARK)
    name = found(shipped().gazetteer.full_name(code, year) or None, "error.no_place", code=code)
    why = Absences(asked.connection, places=(key,)).why(key, year)
    return asked.page(
        "gap.html",
        code=code,
        year=year,
        name=name + area,
        why=why,
        texts=why.detail.split(", ") if why and why.reason == "not_assigned" and why.detail else (),
        sites=sites.of_places(asked.connection, places_around(key)),
    )


def matrix(
    census: Sequence[Census], opened: str | None, folded: Sequence[Census] = ()
) -> Iterator[PlaceRow]:
    """Yield the visible rows: provinces, and the places below those that are open.

    Args:
        census: the works of the places that may be shown.
        opened: the unfolded place; None for all of them.
        folded: by province, the number of works below it that are not in `census`.
    """
    rows = _all_rows(census, folded)
    for code in sorted(rows):
        row = rows[code]
        above = [a for a in _above(code) if a in rows]
        row.depth = len(above)
        row.is_open = opened is None or opened.startswith(stem(code))
        if opened is None and above:
            if not row.own:
                continue  # its name precedes those below it
            nearest = rows[above[-1]]
            if row.depth > 1 and not nearest.own:
                row.name, row.depth = nearest.name + row.name, row.depth - 1
        if opened is None or all(opened.startswith(stem(a)) for a in above):
            yield row


def fill(rows: Sequence[PlaceRow], here: Sequence[Cell]) -> None:
    """Put the existing reports into their rows."""
    by_code = {row.code: row for row in rows}
    for cell in here:
        row = by_code[cell.place_key]
        if row.name == row.code:
            row.name = cell.place  # no division with this code is known
        if cell.report_year is None:
            continue
        if cell.kind == REPORT and cell.stage == "final":
            row.cells[cell.report_year].append(cell)
        else:
            row.others[cell.report_year].append(cell)


def shown_figures(asked: Asked, counted: sqlite3.Row) -> Iterator[tuple[str, int, str]]:
    """Yield the figures under the title: what is counted, how many, and the page about it."""
    connection = asked.connection
    outcomes, found = pages.outcomes(connection), figures(connection)
    yield "works", counted["works"], "list/works"
    yield "places", counted["places"], "map"
    yield "copies", found.copies, f"{asked.database}/witnesses"
    yield "changed", found.changed, "changed"
    yield "unassigned", found.unassigned, "list/unassigned"
    yield "captures", sum(outcomes.values()), f"{asked.database}/captures"
    failures = sum(count for name, count in outcomes.items() if name not in GOOD_OUTCOMES)
    yield "failures", failures, f"{asked.database}/failures"


def _all_rows(census: Sequence[Census], folded: Sequence[Census]) -> dict[str, PlaceRow]:
    gazetteer = shipped().gazetteer
    rows: dict[str, PlaceRow] = {}

    def row(code: str) -> PlaceRow:
        if code not in rows:
            division = gazetteer.division(code)
            name = division.name if division else code.partition(AREA_MARK)[2] or code
            rows[code] = PlaceRow(code, name, 0)
            for above in _above(code):
                row(above).children += 1
        return rows[code]

    for code, year, works in census:
        row(code).own += works
        for above in _above(code):
            rows[above].below[year] += works
    for code, year, works in folded:
        row(code).below[year] += works
        rows[code].children += 1
    return rows


@lru_cache(maxsize=8192)
def _above(code: str) -> tuple[str, ...]:
    """Return the codes of the places above `code`, highest first; the nation is separate."""
    within, _, area = code.partition(AREA_MARK)
    if area:
        return (*_above(within), within)
    if len(code) < 6 or code == "000000":  # noqa: PLR2004  (a division code has six digits)
        return ()
    chain = reversed(with_those_above(code[:6]))
    division = shipped().gazetteer.division
    return tuple(above for above in chain if above != code and division(above) is not None)

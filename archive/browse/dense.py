"""The dense view: three hundred places and thirty years in one window, a small cell for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from archive.browse.columns import YearColumn, columns
from archive.browse.finding import number
from archive.browse.web import Answer, Asked
from archive.catalogue.coverage import REASONS, Absences, Why
from archive.catalogue.naming import place_name, short_place_name
from archive.collate.names import AREA_MARK
from archive.known.divisions import stem
from archive.store import holdings as rows
from archive.store.holdings import ReportState

PLACES_A_PAGE: Final = 300
PLACES_A_TABLE: Final = 60
"""With more places there are more tables side by side."""

MOST_TABLES: Final = 5


MARKED: Final = ("full", "repaired", "partial", "unknown", "suspect", "hijacked")

SHORT: Final = {
    **{state: state[0] for state in MARKED},
    **{reason: f"g{number}" for number, reason in enumerate(REASONS)},
}
"""ReportState, or reason of a gap → its class, short because a page has nine thousand cells."""


@dataclass(frozen=True, slots=True)
class DenseRow:
    """A place with a cell for each column."""

    code: str
    name: str
    full_name: str
    cells: Markup


@dataclass(frozen=True, slots=True)
class Cells:
    """Writes the cells of a page: Jinja would take longer for them than all else takes."""

    address: Callable[[str], str]
    words: Mapping[str, str]

    def report(self, code: str, state: ReportState) -> str:
        """Return the cell of a report."""
        kind, mark = SHORT[state.state], " data-altered" if state.hijacked_copies else ""
        href = self.address(f"r/{code}/{state.report_year}")
        return f"<td><a class={kind}{mark} href={href}>{self.words[state.state]}</a>"

    def gap(self, code: str, year: int, why: Why | None) -> str:
        """Return the cell of a missing report."""
        kind = SHORT[why.reason if why else "not_tried"]
        return f"<td><a class={kind} href={self.address(f'gap/{code}/{year}')}>·</a>"


def dense_page(asked: Asked) -> Answer:
    """`/dense`: every place with a report, by year; `?open=CODE`: those of one province."""
    every = [tally.place_key for tally in rows.tallies(asked.connection)]
    opened = asked.arguments.get("open", "")[:2]
    places = chosen(every, opened)
    pages = -(-len(places) // PLACES_A_PAGE)
    page = max(1, min(number(asked.arguments.get("page")) or 1, pages))
    shown = places[(page - 1) * PLACES_A_PAGE : page * PLACES_A_PAGE]
    states = rows.states(asked.connection, shown)
    years = columns({state.report_year for state in states})
    cells = Cells(_address(asked), {name: asked.words(f"mark.{name}") for name in MARKED})
    dense = list(_rows(shown, states, years, Absences(asked.connection, places=shown), cells))
    tables = max(1, min(MOST_TABLES, -(-len(dense) // PLACES_A_TABLE)))
    each = max(1, -(-len(dense) // tables))
    return asked.page(
        "dense.html",
        tables=[dense[start : start + each] for start in range(0, len(dense), each)],
        years=years,
        provinces=[
            (code, short_place_name(code)) for code in sorted({f"{key[:2]}0000" for key in every})
        ],
        opened=opened,
        page=page,
        pages=pages,
        places=len(dense),
        left_out=0 if opened else len(every) - len(places),
        classes=SHORT,
    )


def _address(asked: Asked) -> Callable[[str], str]:
    """Return what makes a quoted attribute of a path: quickly, for ten thousand cells."""
    if asked.is_static:
        return lambda path: f'"{asked.link(path)}"'
    return asked.base.__add__


def chosen(every: Sequence[str], opened: str) -> list[str]:
    """Return the places to show: of a province, or all; if too many, without counties."""
    if opened or len(every) <= PLACES_A_PAGE:
        return [key for key in every if key.startswith(opened)]
    return [key for key in every if len(stem(key)) < len(key) and AREA_MARK not in key]


def _rows(
    places: Sequence[str],
    states: Sequence[ReportState],
    years: Sequence[YearColumn],
    absences: Absences,
    cells: Cells,
) -> Iterator[DenseRow]:
    by_place: dict[str, dict[int, ReportState]] = defaultdict(dict)
    for state in states:
        by_place[state.place_key].setdefault(state.report_year, state)
    for place in places:
        own, code = by_place[place], quote(place, safe="")
        row = []
        for year in years:
            found = own.get(year.first)
            if found:
                row.append(cells.report(code, found))
            elif year.is_folded:
                row.append("<td>")
            else:
                row.append(cells.gap(code, year.first, absences.why(place, year.first)))
        yield DenseRow(
            code=place,
            name=short_place_name(place) or next((state.place for state in own.values()), place),
            full_name=place_name(place),
            cells=Markup("".join(row)),  # noqa: S704  (codes are quoted, words are ours)
        )

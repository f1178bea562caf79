"""Lists what is present and what is missing, place by year; a gap has a reason (law 7)."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, Final, NamedTuple

from archive.collate.names import AREA_MARK
from archive.known.divisions import with_those_above
from archive.known.kinds import REPORT
from archive.store import holdings as rows
from archive.store import sites
from archive.store.together import Readable, by_place, chosen, several
from archive.store.unassigned import unassigned

GAP: Final = "gap"
"""The state of a cell whose report is missing."""

REASONS: Final = {
    "not_assigned": "in the archive, but no report was made of it: text",
    "other_stage": "only this is here:",
    "not_tried": "not in the archive: no site of the place was ever asked",
    "not_found": "not in the archive: the sites of the place were asked and none was found",
    "failing": "not in the archive: the sites of the place fail:",
}
"""Why a report is missing: code and wording, which may be followed by a detail."""

PLACES_AT_ONCE: Final = 100
"""Places whose reports are in memory together."""

GOOD_OUTCOMES: Final = frozenset({"ok", "unchanged", "redirect"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A report that is present, or one that is missing.

    `report_year` is None if it is unknown. `state`, `completeness`, `quality` and `hijacked_copies`
    are the condition of the edition (`archive.collate.condition`); `state` is `gap` if there is no
    report. `chars` is the number of characters of the best copy. A functional area or a town has no
    `place_code`; it lies `within` a division, and `place_key` identifies it in names of works. Of
    several archives `archive` is the one that has the report.
    """

    place_code: str | None
    place: str
    level: str | None
    report_year: int | None
    kind: str
    stage: str
    state: str
    reason: str | None = None
    detail: str | None = None
    work: str | None = None
    witnesses: int = 0
    chars: int = 0
    within: str | None = None
    place_key: str = ""
    completeness: str | None = None
    quality: str | None = None
    hijacked_copies: int = 0
    unfit: str = ""
    archive: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the cell as a mapping, in the column order of the CSV."""
        return dict(zip(COLUMNS, self.values, strict=True))

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of `COLUMNS`."""
        values: tuple[Any, ...] = _values(self)
        return values


COLUMNS: Final = tuple(name for name in Cell.__dataclass_fields__ if name != "archive")
_values: Final = attrgetter(*COLUMNS)


def holdings(archives: Readable, places: Sequence[str] | None = None) -> list[Cell]:
    """Return the reports that are present, by place key, year and kind.

    Optionally of some places only. A report that several archives have is listed once (`chosen`).
    """
    found = [
        [_cell(row, name) for row in rows.holdings(connection, places)]
        for name, connection in several(archives).items()
    ]
    if len(found) == 1:
        return found[0]
    return list(
        chosen(found, _stored_order, attrgetter("work", "archive", "place_key", "witnesses"))
    )


def _stored_order(cell: Cell) -> tuple[Any, ...]:
    return by_place(cell.place_key, cell.report_year, cell.kind, cell.stage, cell.work)


def _cell(row: sqlite3.Row, archive: str) -> Cell:
    return Cell(
        place_code=row["place_code"],
        place=str(row["place"] or row["place_key"]),
        level=row["level"],
        report_year=row["report_year"],
        kind=row["kind"],
        stage=row["stage"],
        state=row["state"],
        work=row["name"],
        witnesses=row["witnesses"],
        chars=row["chars"],
        within=row["within"],
        place_key=row["place_key"],
        completeness=row["completeness"],
        quality=row["quality"],
        hijacked_copies=row["hijacked_copies"],
        unfit=row["unfit"],
        archive=archive,
    )


def coverage(archives: Readable, kind: str | None = None) -> Iterator[Cell]:
    """Yield what is present and missing: every place with a report, in every year that has any.

    Args:
        archives: the archive, or several that are read as one.
        kind: only this kind of document; if None, all kinds, with gaps of work reports.
    """
    connections = several(archives).values()
    places = {tally.place_key for each in connections for tally in rows.tallies(each)}
    years = [span for each in connections if (span := rows.years(each, kind))]
    spanned = range(min(y.start for y in years), max(y.stop for y in years)) if years else range(0)
    return _cells(archives, sorted(places), spanned, kind)


def some_coverage(connection: sqlite3.Connection, most: int, skipped: int) -> list[Cell]:
    """Return at most `most` of what `coverage` yields, after the first `skipped`.

    Only the places that they belong to are read.
    """
    years = rows.years(connection)
    chosen: list[str] = []
    before = reached = 0
    for place_key, works, reported in rows.tallies(connection):
        if reached >= skipped + most:
            break
        reached += works + len(years) - reported
        if reached > skipped:
            chosen.append(place_key)
        else:
            before = reached
    cells = _cells(connection, chosen, years)
    return list(islice(cells, skipped - before, skipped - before + most))


def coverage_of(
    connection: sqlite3.Connection, places: Sequence[str], years: range
) -> Iterator[Cell]:
    """Yield what is present and missing in some places, in these years."""
    for cell in _cells(connection, places, years):
        if cell.report_year is None or cell.report_year in years:
            yield cell


def _cells(
    archives: Readable, places: Sequence[str], years: range, kind: str | None = None
) -> Iterator[Cell]:
    """Yield what is present and missing in some places, a few places at a time."""
    for start in range(0, len(places), PLACES_AT_ONCE):
        some = places[start : start + PLACES_AT_ONCE]
        here = [cell for cell in holdings(archives, some) if kind in (None, cell.kind)]
        absences = Absences(archives, here, kind or REPORT, places=some)
        for _, of_place in groupby(here, key=attrgetter("place_key")):
            cells = list(of_place)
            yield from sorted([*cells, *_gaps(cells, years, absences)], key=_order)


class Why(NamedTuple):
    """Why a report is missing: one of `REASONS`, with details if known."""

    reason: str
    detail: str | None = None

    def __str__(self) -> str:
        """The reason in words."""
        words = REASONS[self.reason]
        return words if self.detail is None else f"{words} {self.detail}"


class Absences:
    """Explains why a report of one kind is missing.

    A text of this place and year without a report comes first; then an abstract, excerpt or draft;
    then the result of crawling the sites of the place and of the divisions that contain it.

    `here` are the reports that are present, read if not given; `places` those that will be asked
    about, all if None.
    """

    def __init__(
        self,
        archives: Readable,
        here: Sequence[Cell] | None = None,
        kind: str = REPORT,
        *,
        places: Sequence[str] | None = None,
    ) -> None:
        self.kind = kind
        self._archives = several(archives)
        self._given = here
        self._places = places
        self._why_asked: dict[str, Why] = {}

    def why(self, place_key: str, year: int) -> Why | None:
        """Return why the final report of a place and year is missing; None if it is present."""
        stages = self._stages.get((place_key, year), ())
        if "final" in stages:
            return None
        if texts := self._unassigned.get((place_key, year)):
            return Why("not_assigned", ", ".join(reversed(texts)))
        if stages:
            return Why("other_stage", ", ".join(sorted(stages)))
        if place_key not in self._why_asked:
            self._why_asked[place_key] = self._asked(place_key)
        return self._why_asked[place_key]

    def _asked(self, place_key: str) -> Why:
        tried: Counter[str] = Counter()
        for place in places_around(place_key):
            tried.update(self._outcomes.get(place, {}))
        if not tried:
            return Why("not_tried")
        if any(outcome in GOOD_OUTCOMES for outcome in tried):
            return Why("not_found")
        return Why("failing", tried.most_common(1)[0][0])

    @cached_property
    def _stages(self) -> Mapping[tuple[str, int | None], set[str]]:
        found: dict[tuple[str, int | None], set[str]] = defaultdict(set)
        if self._given is None:
            for connection in self._archives.values():
                for place, year, stage in rows.stages(connection, self.kind, self._places):
                    found[place, year].add(stage)
        for cell in self._given or ():
            if cell.kind == self.kind:
                found[cell.place_key, cell.report_year].add(cell.stage)
        return found

    @cached_property
    def _unassigned(self) -> Mapping[tuple[str | None, int | None], list[str]]:
        """The numbers of texts, of several archives with the archive, by place and year."""
        found: dict[tuple[str | None, int | None], list[str]] = defaultdict(list)
        for name, connection in self._archives.items():
            for text in unassigned(connection, places=self._places):
                if text.kind in (None, self.kind) and text.reason != "no_text":
                    called = f"{text.text_id} in {name}" if name else str(text.text_id)
                    found[text.place_key, text.report_year].append(called)
        return found

    @cached_property
    def _outcomes(self) -> Mapping[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        around = None
        if self._places is not None:
            around = [code for place in self._places for code in places_around(place)]
        for connection in self._archives.values():
            for row in sites.outcomes_by_place(connection, around):
                found[str(row["place_code"])][row["outcome"]] += row["captures"]
        return found


def places_around(place_key: str) -> tuple[str, ...]:
    """Return the codes of a place and of the divisions that contain it."""
    return with_those_above(place_key.partition(AREA_MARK)[0])


def _gaps(cells: Sequence[Cell], years: range, absences: Absences) -> Iterator[Cell]:
    """Return the years without a final report; other kinds of documents do not fill a gap."""
    first = cells[0]
    for year in years:
        why = absences.why(first.place_key, year)
        if why is not None:
            yield Cell(
                first.place_code, first.place, first.level, year, absences.kind, "final", GAP, *why,
                within=first.within, place_key=first.place_key,
            )  # fmt: skip


def _order(cell: Cell) -> tuple[bool, int, str, str, str]:
    return (
        cell.report_year is None, cell.report_year or 0, cell.kind, cell.stage, cell.work or "",
    )  # fmt: skip

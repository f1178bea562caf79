"""A panel by the divisions of one year: reports of renamed and merged divisions are put together.

What is counted is decided from facts, before any words are read. A unit whose reports cannot be put
together without a guess is `NA` with its reason.
"""

from __future__ import annotations

import marshal
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, Any, Final

from archive.catalogue.coverage import Absences
from archive.catalogue.crosswalk import RELATIONS, Aligned, Boundaries
from archive.catalogue.words import NA, Counting
from archive.collate.condition import QUALITIES
from archive.export.choice import Choice
from archive.export.columns import names_by_level
from archive.export.panel import FACTS, UNFIT, Unit, counted_row, several_reports
from archive.export.tables import Column
from archive.known import Gazetteer
from archive.known.divisions import COUNTRY, contains
from archive.store.reports import Report, reports
from archive.store.together import Readable

ALIGNED_COLUMNS: Final = [
    Column(
        "relation",
        "How the divisions that are counted relate to the unit: "
        + "; ".join(f"{name}: {words}" for name, words in RELATIONS.items())
        + ".",
        values=tuple(RELATIONS),
        label="How the divisions that are counted relate to the unit",
    ),
    Column("sources", "Codes of the divisions whose reports are counted, or would have to be."),
    Column(
        "boundary_notes",
        "Parts that changed hands between that year and the chosen one while both divisions went"
        " on; they are not taken into account.",
    ),
]
"""The columns that an aligned panel has beside those of others."""

ABOUT: Final = """Units are the divisions of 31 December {year}. A report counts for the division
that gave it, by the divisions of 31 December of the year before it. Renamed, recoded and raised
divisions are the same unit. If several divisions were merged into the unit, or it was divided
later, their counts and lengths are added up, `per_10k` is made of the sums, and `quality` is the
worst one; facts of a single report are empty. If one of them has no count, the unit has none.
Changes after {last} are not known.
"""
"""What the code book says of an aligned panel."""

_SUMS: Final = ("n_chars", "n_han", "n_witnesses")
_OF_ONE: Final = (
    "delivered_on", "completeness", "completeness_ratio", "script", "source_kind", "medium", "url",
    "payload_sha256", "text_sha256",
)  # fmt: skip
"""Facts that several reports do not have together."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What is kept of a report until it is known whether it counts."""

    work: str
    unfit: str
    text_sha256: str
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is counted for a unit: reports, or the reason why there are none."""

    aligned: Aligned
    works: tuple[SourceReport, ...]
    reason: str = ""


class AlignedPanel:
    """The units of an aligned panel, with what is counted for each.

    Args:
        archives: the archive, or several that are read as one.
        choice: levels and place are those of the units.
        boundaries: the divisions that are the units.
        absences: gives the reason for a missing report.
    """

    def __init__(
        self,
        archives: Readable,
        choice: Choice,
        boundaries: Boundaries,
        absences: Absences,
    ) -> None:
        self._choice = choice
        self._boundaries = boundaries
        self._absences = absences
        self._sources: dict[Unit, list[SourceReport]] = defaultdict(list)
        self._left_out: dict[Unit, str] = {}
        for report in self._of_sources().of(reports(archives)):
            self._sort(report)
        self.outcomes = {unit: self._outcome(unit) for unit in self._units()}

    @property
    def counted(self) -> Iterator[tuple[str, str, str]]:
        """Names and digests of the reports that are counted."""
        for outcome in self.outcomes.values():
            for each in outcome.works:
                yield each.work, each.text_sha256, each.payload_sha256

    def _of_sources(self) -> Choice:
        return replace(self._choice, levels=(), place=None)

    def _sort(self, report: Report) -> None:
        """Keep a final report by the division and year that it is a source of."""
        if report.stage != "final" or report.report_year is None:
            return
        year = report.report_year
        code = None if report.area else self._boundaries.source_of(report.division, year)
        if code is not None:
            found = SourceReport(
                report.work, report.unfit, report.text_sha256, report.payload_sha256
            )
            self._sources[Unit(code, year)].append(found)
        elif self._choice.takes(report):
            self._left_out[Unit(report.place_key, year)] = self._why_left_out(report)

    def _why_left_out(self, report: Report) -> str:
        if report.area:
            return "unknown: a place that is no division has no known boundaries"
        return (
            f"unknown: the crosswalk has no {report.division} for {report.report_year},"
            " or it had been merged or divided by then"
        )

    def _units(self) -> list[Unit]:
        """Return the units that have a row: all if levels and years are chosen."""
        if self._choice.levels and self._choice.years is not None:
            first, last = self._choice.years
            codes = filter(self._is_chosen, self._boundaries.units)
            return sorted(Unit(code, year) for code in codes for year in range(first, last + 1))
        found = {
            Unit(unit, year)
            for code, year in self._sources
            for unit in self._boundaries.units_of(code, year)
            if self._is_chosen(unit)
        }
        return sorted(found)

    def _is_chosen(self, unit: str) -> bool:
        choice = self._choice
        return (not choice.levels or level_of(unit) in choice.levels) and (
            choice.place is None or contains(choice.place, unit)
        )

    def _outcome(self, unit: Unit) -> Outcome:
        aligned = self._boundaries.aligned(unit.place_key, unit.report_year)
        if aligned.why:
            return Outcome(aligned, (), aligned.why)
        works: list[SourceReport] = []
        reasons: list[str] = []
        for code in aligned.sources:
            found = self._preferred(self._sources.get(Unit(code, unit.report_year), []))
            why = self._why_not(code, unit.report_year, found)
            works += found if why is None else []
            reasons += [] if why is None else [self._named(aligned, code, why)]
        return Outcome(aligned, () if reasons else tuple(works), "; ".join(reasons))

    def _preferred(self, found: Sequence[SourceReport]) -> Sequence[SourceReport]:
        return [each for each in found if each.work in self._choice.preferred] or found

    def _why_not(self, code: str, year: int, found: Sequence[SourceReport]) -> str | None:
        if not found:
            return str(self._absences.why(code, year) or "not in the archive")
        if len(found) > 1:
            return several_reports([each.work for each in found])
        return UNFIT[found[0].unfit] if found[0].unfit else None

    @staticmethod
    def _named(aligned: Aligned, code: str, why: str) -> str:
        return why if len(aligned.sources) == 1 else f"{aligned.relation}, {code} has none: {why}"

    def rows(
        self,
        found: Iterable[Report],
        counting: Counting,
        gazetteer: Gazetteer,
        see: Callable[[Report], None] | None,
    ) -> Iterator[dict[str, Any]]:
        """Yield a row for each unit, by code and year; then one for each report without a unit."""
        wanted = {each.work for outcome in self.outcomes.values() for each in outcome.works}
        with tempfile.TemporaryFile() as file:
            spool = _Spool(file)
            for report in found:
                if report.work in wanted:
                    spool.add(
                        report.work, counted_row(report, counting, self._choice, gazetteer, see)
                    )
            for unit, outcome in self.outcomes.items():
                rows = [spool.row(each.work) for each in outcome.works]
                yield self._row(unit, outcome, rows, counting, gazetteer)
        for unit, reason in sorted(self._left_out.items()):
            yield self._row_left_out(unit, reason, counting, gazetteer)

    def _row(
        self,
        unit: Unit,
        outcome: Outcome,
        rows: Sequence[dict[str, Any]],
        counting: Counting,
        gazetteer: Gazetteer,
    ) -> dict[str, Any]:
        aligned = outcome.aligned
        facts = self._facts(unit, gazetteer) | {
            "reason": outcome.reason,
            "relation": aligned.relation,
            "sources": " ".join(aligned.sources),
            "boundary_notes": "; ".join(aligned.notes),
        }
        if not rows:
            return dict.fromkeys(FACTS) | dict.fromkeys(counting.columns, NA) | facts
        return (dict(rows[0]) if len(rows) == 1 else added(rows, counting)) | facts

    def _facts(self, unit: Unit, gazetteer: Gazetteer) -> dict[str, Any]:
        """Return the names of a unit; those of 31 December are those of a report a year later."""
        code, year = unit.place_key, self._boundaries.year + 1
        names = names_by_level(gazetteer, code, year)
        level = level_of(code)
        names[level] = self._boundaries.units[code].name
        return {
            "place_code": code,
            "place": "".join(names.get(each, "") for each in ("province", "prefecture", "county")),
            "province": names.get("province"),
            "prefecture": names.get("prefecture"),
            "county": names.get("county"),
            "level": level,
            "report_year": unit.report_year,
        }

    @staticmethod
    def _row_left_out(
        unit: Unit, reason: str, counting: Counting, gazetteer: Gazetteer
    ) -> dict[str, Any]:
        code, _, area = unit.place_key.partition("~")
        return {
            **dict.fromkeys(FACTS),
            **dict.fromkeys(counting.columns, NA),
            "place_code": None if area else code,
            "within": code if area else None,
            "place": gazetteer.full_name(code, unit.report_year) + area,
            "report_year": unit.report_year,
            "reason": reason,
            "relation": "unknown",
            "sources": "",
            "boundary_notes": "",
        }


class _Spool:
    """Rows in a temporary file, by the name of their report."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._starts: dict[str, tuple[int, int]] = {}

    def add(self, work: str, row: Mapping[str, Any]) -> None:
        packed = marshal.dumps(dict(row))
        self._starts[work] = self._file.seek(0, 2), len(packed)
        self._file.write(packed)

    def row(self, work: str) -> dict[str, Any]:
        start, length = self._starts[work]
        self._file.seek(start)
        found: dict[str, Any] = marshal.loads(self._file.read(length))  # noqa: S302  (ours)
        return found


def added(rows: Sequence[Mapping[str, Any]], counting: Counting) -> dict[str, Any]:
    """Return one row for several: counts and lengths added up."""
    found = dict(rows[0]) | dict.fromkeys(_OF_ONE)
    found["report_id"] = " ".join(row["report_id"] for row in rows)
    found["archive"] = " ".join(dict.fromkeys(row["archive"] for row in rows))
    found["quality"] = max((row["quality"] for row in rows), key=QUALITIES.index)
    exact = [name for name in counting.columns if not name.endswith("_per_10k")]
    for name in chain(_SUMS, exact):
        found[name] = sum(row[name] for row in rows)
    for group in counting.words.groups:
        han = found["n_han"]
        share = round(found[f"{group}_exact"] * 10_000 / han, 4) if han else NA
        found[f"{group}_per_10k"] = share
    return found


def level_of(code: str) -> str:
    """Return the level that the form of a code shows.

    >>> level_of("210000"), level_of("210300"), level_of("210311")
    ('province', 'prefecture', 'county')
    """
    if code == COUNTRY:
        return "national"
    return "province" if code[2:] == "0000" else "prefecture" if code[4:] == "00" else "county"

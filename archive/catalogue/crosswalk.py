"""Which division of one year is which of another: renamed, raised, merged, divided.

`crosswalk.csv` is built by `bench/build_crosswalk.py`. It lies here and not with the knowledge of
the stages, because no text depends on it. It has the divisions of 31 December
of each year, 1981 to 2024, and for each change the divisions between which the area lies now. A
report is given early in its year, so it belongs to the divisions of the year before.

A division that ended went into its successors whole. A division that goes on may have given a part
away; its government went on too, so it counts as the same one, with a note. Nothing is divided: the
report of a division that was divided later is no report of its pieces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from archive.errors import UsageError
from archive.known.data_table import load_table

FIRST, LAST = 1981, 2024
"""The first and the last year that is known."""

Relation = Literal["same", "renamed", "recoded", "raised", "merged", "split", "new", "unknown"]
RELATIONS: Final[dict[Relation, str]] = {
    "same": "the same division under the same code and name",
    "renamed": "the same code under another name",
    "recoded": "the same name under another code",
    "raised": "the whole area became one division of another kind or name, as a county a city",
    "merged": "several divisions add up to it",
    "split": "a division was divided, and no report can be divided",
    "new": "the division was made of parts of others",
    "unknown": "the crosswalk does not know it",
}
"""How the divisions of a year relate to one of another year."""


@dataclass(frozen=True, slots=True)
class Era:
    """A code with a name: on 31 December from `since` (inclusive) to `until` (exclusive).

    `links` are the years of changes with the code that its area, or a part of it, has since.
    """

    code: str
    name: str
    since: int
    until: int | None
    links: tuple[tuple[int, str], ...]

    def there(self, year: int) -> bool:
        """Whether it is there on 31 December of `year`."""
        return self.since <= year and (self.until is None or year < self.until)

    @property
    def successors(self) -> tuple[str, ...]:
        """The codes between which its whole area lies since it ended."""
        return tuple(code for year, code in self.links if year == self.until)


class DivisionChange(NamedTuple):
    """A row of the crosswalk: what became of a division in a year."""

    year: int
    code: str
    name: str
    relation: str
    successor: str
    successor_name: str

    def __str__(self) -> str:
        """The change of a part in words."""
        return (
            f"{self.year}: a part of {self.code} {self.name} went to"
            f" {self.successor} {self.successor_name}"
        )


@dataclass(frozen=True, slots=True)
class Aligned:
    """A division of the chosen year, and the divisions of another year that add up to it.

    If they do not, `why` says why. `notes` name parts that changed hands.
    """

    code: str
    name: str
    relation: Relation
    sources: tuple[str, ...]
    why: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crosswalk:
    """All divisions since 1981 with their changes."""

    eras: tuple[Era, ...]

    def at(self, code: str, year: int) -> Era | None:
        """Return a division of 31 December of a year."""
        return next((era for era in self._by_code.get(code, ()) if era.there(year)), None)

    def of_year(self, year: int) -> Mapping[str, Era]:
        """Return the divisions of 31 December of a year, by code."""
        return {era.code: era for era in self.eras if era.there(year)}

    def of_report(self, code: str, report_year: int) -> int | None:
        """Return the year on whose 31 December the division of a report is found.

        That is the year before the report, else the year itself, for divisions that are new, else
        one of the two years before, for a report that bears an old code. None if there is none.
        """
        last = min(report_year - 1, LAST)
        years = [max(last, FIRST), min(max(report_year, FIRST), LAST), last - 1, last - 2]
        return next((year for year in years if self.at(code, year)), None)

    def changes(self) -> Iterator[DivisionChange]:
        """Yield what became of each division, by year and code."""
        found = [change for era in self.eras for change in self._changes_of(era)]
        yield from sorted(found)

    def _changes_of(self, era: Era) -> Iterator[DivisionChange]:
        for year, code in era.links:
            after = self.at(code, year)
            relation = self._relation(era, year) if year == era.until else "part"
            name = after.name if after else ""
            yield DivisionChange(year, era.code, era.name, relation, code, name)

    def _relation(self, era: Era, year: int) -> Relation:
        """Return what became of a division when it ended."""
        if len(era.successors) > 1:
            return "split"
        (code,) = era.successors
        whole = [each for each in self.ended(year) if each.successors == (code,)]
        if len(whole) > 1 or (self.at(code, year - 1) and code != era.code):
            return "merged"
        after = self.at(code, year)
        if code == era.code:
            return "renamed"
        return "recoded" if after and after.name == era.name else "raised"

    @cached_property
    def parts(self) -> tuple[DivisionChange, ...]:
        """The changes in which a division gave a part away and went on."""
        return tuple(change for change in self.changes() if change.relation == "part")

    def ended(self, year: int) -> Sequence[Era]:
        """Return the divisions that ended in a year."""
        return self._ended.get(year, ())

    @cached_property
    def _by_code(self) -> Mapping[str, Sequence[Era]]:
        found: dict[str, list[Era]] = defaultdict(list)
        for era in self.eras:
            found[era.code].append(era)
        return found

    @cached_property
    def _ended(self) -> Mapping[int, Sequence[Era]]:
        found: dict[int, list[Era]] = defaultdict(list)
        for era in self.eras:
            if era.until is not None:
                found[era.until].append(era)
        return found


class Boundaries:
    """The divisions of 31 December of one year, to which those of other years are aligned."""

    def __init__(self, crosswalk: Crosswalk, year: int) -> None:
        """Take a year.

        Raises:
            UsageError: the crosswalk does not know it.
        """
        if not FIRST <= year <= LAST:
            raise UsageError(f"--boundaries {year}: the crosswalk knows {FIRST} to {LAST}")
        self.crosswalk = crosswalk
        self.year = year
        self._maps: dict[tuple[int, int], _Map] = {}

    @cached_property
    def units(self) -> Mapping[str, Era]:
        """The divisions of the year."""
        return self.crosswalk.of_year(self.year)

    def units_of(self, code: str, report_year: int) -> tuple[str, ...]:
        """Return the divisions in which the area of a division of a report's year lies."""
        at = self._at(report_year)
        if not self.crosswalk.at(code, at) and self.crosswalk.at(code, report_year):
            at = report_year
        return self._map(at, self.year).units_of(code)

    def aligned(self, unit: str, report_year: int) -> Aligned:
        """Return which divisions have the reports of a year that are counted for `unit`."""
        era = self.units[unit]
        if report_year < FIRST:
            why = f"unknown: the crosswalk begins in {FIRST}"
            return Aligned(unit, era.name, "unknown", (), why)
        found = self._map(self._at(report_year), self.year).aligned(era)
        if found.relation == "new" and report_year <= LAST:
            later = self._map(report_year, self.year).aligned(era)
            return found if later.why else later
        return found

    def source_of(self, code: str, report_year: int) -> str | None:
        """Return the code under which the division of a report is a source; None if it is none.

        A report may bear the code of a year or two before, if the area is the same one.
        """
        at = self._at(report_year)
        found = self.crosswalk.of_report(code, report_year)
        if found is None or found >= at:
            return None if found is None else code
        later = self._map(found, at)
        units = later.units_of(code)
        same = len(units) == 1 and len(later.sources(units[0])) == 1
        return units[0] if same else None

    def _at(self, report_year: int) -> int:
        return min(max(report_year - 1, FIRST), LAST)

    def _map(self, at: int, year: int) -> _Map:
        if (at, year) not in self._maps:
            self._maps[at, year] = _Map(self.crosswalk, at, year)
        return self._maps[at, year]


class _Map:
    """The divisions of 31 December of `at`, and those of `year` among which their areas lie."""

    def __init__(self, crosswalk: Crosswalk, at: int, year: int) -> None:
        self._crosswalk = crosswalk
        self._at = at
        self._year = year
        self._span = range(min(at, year) + 1, max(at, year) + 1)
        forward, self._trails = _forward(crosswalk, self._span)
        backward = _turned(forward)
        self._to, self._from = (forward, backward) if at <= year else (backward, forward)

    def units_of(self, code: str) -> tuple[str, ...]:
        """Return the divisions of the chosen year in which a division has its area."""
        return self._to.get(code, ())

    def sources(self, unit: str) -> tuple[str, ...]:
        """Return the divisions of which one of the chosen year has an area."""
        return self._from.get(unit, ())

    def aligned(self, era: Era) -> Aligned:
        """Return which divisions add up to one of the chosen year."""
        sources = self.sources(era.code)
        notes = tuple(self._notes(era.code, sources))
        divided = [code for code in sources if len(self._to[code]) > 1]
        if not sources:
            return Aligned(era.code, era.name, "new", (), self._why_new(era), notes)
        if divided:
            return Aligned(era.code, era.name, "split", sources, self._why_split(divided), notes)
        relation: Relation = "merged" if len(sources) > 1 else self._one(era, sources[0])
        return Aligned(era.code, era.name, relation, sources, "", notes)

    def _one(self, era: Era, code: str) -> Relation:
        """Return how two divisions with the same area relate."""
        source = self._crosswalk.at(code, self._at)
        name = source.name if source else ""
        if code == era.code:
            return "same" if name == era.name else "renamed"
        return "recoded" if name == era.name else "raised"

    def _notes(self, unit: str, sources: Sequence[str]) -> Iterator[str]:
        """Yield which parts changed hands, from or to any code that the area had."""
        codes = {unit, *sources}.union(*(self._trails.get(code, ()) for code in (unit, *sources)))
        for change in sorted({change for code in codes for change in self._parts.get(code, ())}):
            yield str(change)

    @cached_property
    def _parts(self) -> Mapping[str, Sequence[DivisionChange]]:
        """The parts that changed hands between the two years, by both codes."""
        found: dict[str, list[DivisionChange]] = defaultdict(list)
        for change in self._crosswalk.parts:
            if change.year in self._span:
                found[change.code].append(change)
                found[change.successor].append(change)
        return found

    def _why_split(self, divided: Sequence[str]) -> str:
        named = "; ".join(
            f"{self._name(code, self._at)} lies in"
            f" {', '.join(self._name(unit, self._year) for unit in self._to[code])}"
            for code in divided
        )
        return f"split: by the boundaries of {self._year}, {named}"

    def _why_new(self, era: Era) -> str:
        return f"new: no division of {self._at} became {era.code} {era.name} as a whole"

    def _name(self, code: str, year: int) -> str:
        era = self._crosswalk.at(code, year)
        return f"{code} {era.name}" if era else code


Links = Mapping[str, tuple[str, ...]]


def _forward(crosswalk: Crosswalk, years: range) -> tuple[Links, Mapping[str, set[str]]]:
    """Return for each division before `years` those after them in which its area lies.

    Parts that changed hands while a division went on are left out. The second mapping has all codes
    that the area had meanwhile.
    """
    now: dict[str, tuple[str, ...]] = {code: (code,) for code in crosswalk.of_year(years.start - 1)}
    trails: dict[str, set[str]] = {code: set() for code in now}
    for year in years:
        after = {era.code: era.successors for era in crosswalk.ended(year)}
        for code, codes in now.items():
            if after.keys() & codes:
                went = (new for old in codes for new in after.get(old, (old,)))
                now[code] = tuple(dict.fromkeys(went))
                trails[code].update(now[code])
    return now, trails


def _turned(links: Links) -> Links:
    found: dict[str, list[str]] = defaultdict(list)
    for code, codes in links.items():
        for other in codes:
            found[other].append(code)
    return {code: tuple(codes) for code, codes in found.items()}


@lru_cache(maxsize=2)
def load_crosswalk(folder: Path = Path(__file__).parent) -> Crosswalk:
    """Load the crosswalk in `folder`, by default the one that is shipped.

    Raises:
        DataFileError: `crosswalk.csv` is missing or has an invalid row.
    """
    return Crosswalk(load_table(folder / "crosswalk.csv", _era))


def _era(row: list[str]) -> Era:
    code, name, since, until, becomes = row
    links = (link.split("@") for link in becomes.split(";") if link)
    return Era(
        code, name, int(since), int(until) if until else None,
        tuple((int(year), successor) for successor, year in links),
    )  # fmt: skip

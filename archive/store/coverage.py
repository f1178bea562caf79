"""What is here and what is missing, place by year; missing is a row with a reason (law 7)."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from archive.collate.names import AREA_MARK, REPORT

STATES: Final = ("full", "repaired", "partial", "unknown", "suspect", "hijacked", "gap")
"""How good the best copy of a report is; `gap` where there is none."""

REASONS: Final = ("not_tried", "not_found", "failing")
"""Why there is none: no site of the place was ever asked; its site was asked and has none that
was found; its site gives nothing but failures, which `detail` names."""

GOOD_OUTCOMES: Final = frozenset({"ok", "unchanged", "redirect"})

_HOLDINGS: Final = """
SELECT works.name AS work, works.place_key, works.place_code, works.within, works.place,
  works.level, works.report_year,
  works.kind, works.stage, best.extent,
  (SELECT count(*) FROM witnesses WHERE witnesses.work_id = works.id) AS witnesses,
  sum(texts.clean_chars) AS chars, sum(texts.replaced_chars) AS replaced,
  max(verdicts.verdict = 'hijacked') AS hijacked, max(verdicts.verdict = 'suspect') AS suspect
FROM works
JOIN witnesses AS best ON best.id = (
  SELECT id FROM witnesses WHERE witnesses.work_id = works.id ORDER BY rank, id LIMIT 1)
JOIN witness_texts ON witness_texts.witness_id = best.id
JOIN texts ON texts.id = witness_texts.text_id
JOIN verdicts ON verdicts.text_id = texts.id
WHERE {} GROUP BY works.id
ORDER BY works.place_key, works.report_year, works.kind, works.stage, works.name
"""

_OUTCOMES: Final = """
SELECT site_facts.place_code, captures.outcome, count(*)
FROM captures JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE site_facts.place_code IS NOT NULL GROUP BY site_facts.place_code, captures.outcome
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One report that is here, or one that is not.

    `report_year` is None where it could not be found out; `chars` counts the characters of the
    best copy. A functional area or a town has no `place_code`; it lies `within` a division, and
    `place_key` is what its works are called by.
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

    def as_json(self) -> dict[str, Any]:
        """The cell as a mapping, in the order of the columns of the CSV."""
        return asdict(self)


COLUMNS: Final = tuple(Cell.__dataclass_fields__)


def holdings(connection: sqlite3.Connection, places: Sequence[str] | None = None) -> list[Cell]:
    """The reports that are here, by place key, year and kind; of some places only if given."""
    cursor = connection.cursor()
    where, values = "1", tuple[str, ...]()
    if places is not None:
        where = "works.place_key IN (SELECT value FROM json_each(?))"
        values = (json.dumps(list(places)),)
    cursor.row_factory = sqlite3.Row
    return [
        Cell(
            place_code=row["place_code"],
            place=str(row["place"] or row["place_key"]),
            level=row["level"],
            report_year=row["report_year"],
            kind=row["kind"],
            stage=row["stage"],
            state=_state(row),
            work=row["work"],
            witnesses=row["witnesses"],
            chars=row["chars"],
            within=row["within"],
            place_key=row["place_key"],
        )
        for row in cursor.execute(_HOLDINGS.format(where), values)
    ]


def coverage(connection: sqlite3.Connection) -> Iterator[Cell]:
    """What is here and what is not: every place that has a report, in every year that any has."""
    here = holdings(connection)
    if not here:
        return
    asked = Asked.of(connection)
    by_place: dict[str, list[Cell]] = defaultdict(list)
    for cell in here:
        by_place[cell.place_key].append(cell)
    known = [cell.report_year for cell in here if cell.report_year is not None]
    years = range(min(known), max(known) + 1) if known else range(0)
    for key, cells in sorted(by_place.items()):
        yield from sorted([*cells, *_gaps(cells, years, asked.why(key))], key=_order)


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking the sites of each place: place code → outcome → captures."""

    outcomes: Mapping[str, Counter[str]]

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Asked:
        """Read it from the captures."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for code, outcome, captures in connection.execute(_OUTCOMES):
            found[str(code)][outcome] += captures
        return cls(found)

    def why(self, place_key: str) -> tuple[str, str | None]:
        """Why a report of this place is not here, and with what its sites failed."""
        tried: Counter[str] = Counter()
        place_code = place_key.partition(AREA_MARK)[0]
        for above in {place_code, f"{place_code[:4]}00", f"{place_code[:2]}0000"}:
            tried.update(self.outcomes.get(above, {}))
        if not tried:
            return "not_tried", None
        if any(outcome in GOOD_OUTCOMES for outcome in tried):
            return "not_found", None
        return "failing", tried.most_common(1)[0][0]


def _gaps(cells: Sequence[Cell], years: range, why: tuple[str, str | None]) -> Iterator[Cell]:
    """The years of which there is no report; other kinds of documents do not fill a gap."""
    present = {cell.report_year for cell in cells if cell.kind == REPORT}
    first = cells[0]
    for year in years:
        if year not in present:
            yield Cell(
                first.place_code, first.place, first.level, year, REPORT, "final", "gap", *why,
                within=first.within, place_key=first.place_key,
            )  # fmt: skip


def _state(row: sqlite3.Row) -> str:
    for verdict in ("hijacked", "suspect"):
        if row[verdict]:
            return verdict
    if row["extent"] == "whole":
        return "repaired" if row["replaced"] else "full"
    return "unknown" if row["extent"] == "unknown" else "partial"


def _order(cell: Cell) -> tuple[bool, int, str, str, str]:
    return (
        cell.report_year is None, cell.report_year or 0, cell.kind, cell.stage, cell.work or "",
    )  # fmt: skip

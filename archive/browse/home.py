"""The home page: which reports are here, place by year, and what happened lately."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from archive.browse.stock import work_address
from archive.browse.web import Answer, Asked, MissingError
from archive.collate.works import REPORT
from archive.known import shipped
from archive.store.coverage import Asked as Attempts
from archive.store.coverage import Cell, holdings

TEXTS_SHOWN: Final = 12
RUNS_SHOWN: Final = 6
CHANGES_SHOWN: Final = 8
ALL_OPEN_UP_TO: Final = 1_000
"""Cells; a smaller matrix is shown unfolded, since nothing is gained by folding it."""

YEARS_SHOWN: Final = 30
"""Columns; earlier years are one click away."""

_LOOSE_TEXTS = """
SELECT texts.id, texts.shape, texts.clean_chars, texts.page_verdict, texts.created_at,
  (SELECT value_json FROM identities WHERE text_id = texts.id AND field = 'title') AS title,
  (SELECT value_json FROM identities WHERE text_id = texts.id AND field = 'kind') AS kind,
  (SELECT pages.url FROM captures JOIN pages ON pages.id = captures.page_id
   WHERE captures.payload_sha256 = texts.payload_sha256
     AND captures.context_sha256 = texts.context_sha256 ORDER BY captures.id LIMIT 1) AS url
FROM texts
WHERE texts.ruleset_id = (SELECT ruleset_id FROM current_ruleset)
  AND NOT EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = texts.id)
ORDER BY texts.id DESC LIMIT ?
"""

_RUNS = """
SELECT runs.id, runs.kind, runs.started_at, run_ends.ended_at, run_ends.reason,
  (SELECT count(*) FROM captures WHERE captures.run_id = runs.id) AS captures
FROM runs LEFT JOIN run_ends ON run_ends.run_id = runs.id ORDER BY runs.id DESC LIMIT ?
"""

_LATELY = """
SELECT works.*, max(texts.id) AS newest, max(texts.created_at) AS at
FROM (SELECT id, created_at FROM texts ORDER BY id DESC LIMIT 200) AS texts
JOIN witness_texts ON witness_texts.text_id = texts.id
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id
GROUP BY works.id ORDER BY newest DESC LIMIT ?
"""


@dataclass(slots=True)
class PlaceRow:
    """One row of the matrix: a place, its reports by year, and how many lie below it."""

    code: str
    name: str
    depth: int
    cells: dict[int, Cell] = field(default_factory=dict)
    others: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    below: Counter[int] = field(default_factory=Counter)
    children: int = 0
    is_open: bool = False
    why: str = "not_tried"


def home(asked: Asked) -> Answer:
    """`/`: coverage, what changed lately, texts that are no work yet, the last runs."""
    everything = holdings(asked.connection)
    here = [cell for cell in everything if cell.report_year is not None]
    opened = asked.arguments.get("open", "")
    years = shown_years(here, everything="years" in asked.arguments)
    return asked.page(
        "home.html",
        rows=list(matrix(here, opened, Attempts.of(asked.connection))),
        years=years,
        earlier=bool(here) and bool(years) and min(c.report_year or 0 for c in here) < years[0],
        undated=[cell for cell in everything if cell.report_year is None],
        totals=totals(asked, everything),
        lately=[
            {**dict(row), "path": work_address(row["name"])}
            for row in asked.rows(_LATELY, CHANGES_SHOWN)
        ],
        loose=asked.rows(_LOOSE_TEXTS, TEXTS_SHOWN),
        runs=asked.rows(_RUNS, RUNS_SHOWN),
        address=lambda cell: work_address(cell.work),
    )


def gap_page(asked: Asked) -> Answer:
    """`/gap/CODE/YEAR`: why a report is not here, and the command that would get it."""
    code, year = asked.parts["code"], int(asked.parts["year"])
    name = shipped().gazetteer.full_name(code, year)
    if not name:
        raise MissingError("error.no_place", code=code)
    reason, detail = Attempts.of(asked.connection).why(code)
    sites = asked.rows(
        "SELECT DISTINCT name, title FROM site_facts WHERE place_code IN (?, ?, ?)",
        code, f"{code[:4]}00", f"{code[:2]}0000",
    )  # fmt: skip
    return asked.page(
        "gap.html", code=code, year=year, name=name, reason=reason, detail=detail, sites=sites
    )


def shown_years(here: Sequence[Cell], *, everything: bool) -> range:
    """The years of the columns: from the first to the last, the newest ones only if many."""
    if not here:
        return range(0)
    years = [cell.report_year for cell in here if cell.report_year is not None]
    first = min(years) if everything else max(min(years), max(years) - YEARS_SHOWN + 1)
    return range(first, max(years) + 1)


def matrix(here: Sequence[Cell], opened: str, attempts: Attempts) -> Iterator[PlaceRow]:
    """The rows that are visible: provinces, and what lies below those that are open."""
    rows = _all_rows(here)
    years = {cell.report_year for row in rows.values() for cell in row.cells.values()}
    everything = len(rows) * len(years) <= ALL_OPEN_UP_TO
    for code in sorted(rows):
        row = rows[code]
        above = [a for a in _above(code) if a in rows]
        row.depth = len(above)
        row.is_open = everything or opened.startswith(_stem(code))
        row.why = attempts.why(code)[0]
        if everything and above:
            if not (row.cells or row.others):
                continue  # its name goes before those below it
            nearest = rows[above[-1]]
            if row.depth > 1 and not (nearest.cells or nearest.others):
                row.name, row.depth = nearest.name + row.name, row.depth - 1
        if everything or all(opened.startswith(_stem(a)) for a in above):
            yield row


def totals(asked: Asked, here: Sequence[Cell]) -> dict[str, Any]:
    """Figures for the line under the title."""
    rows = asked.rows("SELECT outcome, count(*) AS captures FROM captures GROUP BY outcome")
    outcomes = {str(row["outcome"]): int(row["captures"]) for row in rows}
    failures = sum(
        count for name, count in outcomes.items() if name not in ("ok", "unchanged", "redirect")
    )
    return {
        "works": len(here),
        "places": len({cell.place_code for cell in here}),
        "captures": sum(outcomes.values()),
        "failures": failures,
        "last": asked.value("SELECT recorded_at FROM captures ORDER BY id DESC LIMIT 1"),
    }


def _all_rows(here: Sequence[Cell]) -> dict[str, PlaceRow]:
    gazetteer = shipped().gazetteer
    rows: dict[str, PlaceRow] = {}

    def row(code: str, name: str) -> PlaceRow:
        if code not in rows:
            division = gazetteer.division(code)
            rows[code] = PlaceRow(code, division.name if division else name, 0)
            for above in _above(code):
                row(above, above).children += 1
        return rows[code]

    for cell in here:
        if cell.report_year is None:
            continue
        place = row(cell.place_code, cell.place)
        if cell.kind == REPORT and cell.stage == "final":
            place.cells[cell.report_year] = cell
        else:
            place.others[cell.report_year].append(cell)
        for above in _above(cell.place_code):
            row(above, above).below[cell.report_year] += 1
    return rows


def _above(code: str) -> list[str]:
    """The codes of the places above `code`, the highest first; the nation stands by itself."""
    if len(code) < 6 or code == "000000":  # noqa: PLR2004  (a division code has six digits)
        return []
    chain = [f"{code[:2]}0000", f"{code[:4]}00", code[:6]]
    return [above for above in dict.fromkeys(chain) if above != code and _stem(above) != code[:6]]


def _stem(code: str) -> str:
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code

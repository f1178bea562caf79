"""The crosswalk of divisions as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from archive.catalogue.crosswalk import RELATIONS, Boundaries, Crosswalk
from archive.export.tables import Column

_RELATION: Final = "; ".join(f"{name}: {words}" for name, words in RELATIONS.items())

CHANGE_COLUMNS: Final = [
    Column("year", "The year by whose 31 December the change was in force.", "int", "year"),
    Column("code", "Code of the division before."),
    Column("name", "Its name."),
    Column("relation", f"What became of it. {_RELATION}; part: it went on without a part."),
    Column("successor", "Code of the division in which its area, or the part, lies."),
    Column("successor_name", "Its name."),
]
"""A row is a division that changed and one of its successors."""

ALIGNMENT_COLUMNS: Final = [
    Column("unit", "Code of the division of the chosen year."),
    Column("unit_name", "Its name."),
    Column("report_year", "The year of the reports.", "int", "year"),
    Column("relation", f"How the sources relate to it. {_RELATION}.", values=tuple(RELATIONS)),
    Column("sources", "Codes of the divisions whose reports are counted for it."),
    Column("reason", "Why nothing can be counted; else empty."),
    Column("boundary_notes", "Parts that changed hands meanwhile; not taken into account."),
]
"""A row is a division of the chosen year in a year of reports."""


def changes(crosswalk: Crosswalk, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the changes of the divisions with some codes or names; of all if there are none."""
    for change in crosswalk.changes():
        ends = ((change.code, change.name), (change.successor, change.successor_name))
        if any(_is_named(code, name, names) for code, name in ends):
            yield change._asdict()


def alignments(
    boundaries: Boundaries, years: tuple[int, int], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield what is counted for the divisions of a year in the years of reports."""
    for code, era in sorted(boundaries.units.items()):
        if _is_named(code, era.name, names):
            for year in range(years[0], years[1] + 1):
                found = boundaries.aligned(code, year)
                yield {
                    "unit": code, "unit_name": era.name, "report_year": year,
                    "relation": found.relation, "sources": " ".join(found.sources),
                    "reason": found.why, "boundary_notes": "; ".join(found.notes),
                }  # fmt: skip


def _is_named(code: str, name: str, names: Sequence[str]) -> bool:
    return not names or any(asked == code or asked in name for asked in names)

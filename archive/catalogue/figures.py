"""The figures of the home page, counted once while the archive stays the same."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from archive.catalogue.counted import Kept
from archive.store import holdings, witnesses
from archive.store.substitutions import number_of_substitutions
from archive.store.unassigned import number_of_unassigned

ARCHIVES_KEPT: Final = 256
"""More than the archives of a folder that are read as one."""


@dataclass(frozen=True, slots=True)
class ArchiveFigures:
    """Copies of reports, places where a copy changed words, texts that belong to no report."""

    copies: int
    changed: int
    unassigned: int


_figures: Final = Kept[ArchiveFigures](ARCHIVES_KEPT, lambda _: 1)


def figures(connection: sqlite3.Connection) -> ArchiveFigures:
    """Return the figures of an archive."""

    def count() -> ArchiveFigures:
        return ArchiveFigures(
            copies=witnesses.number(connection),
            changed=number_of_substitutions(connection)["places"],
            unassigned=number_of_unassigned(connection),
        )

    return _figures.get(holdings.state_of_collation(connection), count)

"""What a run did, in words: the same story for a crawl, a backfill and the demo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archive.console import table

WORDS_SHOWN = 36


def tell(summary: Mapping[str, Any]) -> Iterator[str]:
    """The lines that tell a person what a run captured, found, removed and flagged.

    Args:
        summary: what `Archive.summary` gives.
    """
    yield from _section("Captures", summary["captures"], ("outcome", "captures"))
    yield from _section("Works found", summary["works"], ("work", "place", "witnesses"))
    yield from _section(
        "Removed, and why", summary["removed"], ("rule", "lines", "characters", "why")
    )
    yield from _section("Flagged, nothing changed", summary["flags"], ("kind", "flags", "words"))


def _section(title: str, rows: list[Mapping[str, Any]], columns: tuple[str, ...]) -> Iterator[str]:
    yield ""
    if not rows:
        yield f"{title}: none"
        return
    yield f"{title}:"
    cells = [[str(row.get(column, "")) for column in columns] for row in rows]
    yield from ("  " + line for line in table([list(columns), *cells]).splitlines())

"""Summarises a run in words, for crawls, backfills and the demo alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.console import Console, print_json, shortened, table

WHY_COLUMNS = 64
"""Columns of a reason shown in a table; the archive has all of it."""

ROWS_SHOWN = 20
"""The most rows of a table that are printed; `--json` and the archive have all of them."""

LAYOUT = "layout-"
"""Rules that drop only white space are reported in one line, after the others."""


def report(summary: Mapping[str, Any], console: Console, db: str, *, as_json: bool) -> None:
    """Print the summary of a run, as JSON on stdout or as messages; see `summary_lines`."""
    if as_json:
        print_json(summary)
        return
    for line in summary_lines(summary):
        console.say(line)
    console.say(f"\nNext: baogao works {db} --table      baogao serve {db}")


def summary_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Yield lines on what a run captured, found, removed and flagged.

    Args:
        summary: the result of `Archive.summary`.
    """
    yield from _section("Captures", summary["captures"], ("outcome", "captures"))
    yield from _section("Works found", summary["works"], ("work", "place", "witnesses"))
    from archive.store.unassigned import in_words

    if words := in_words(summary["unassigned"]):
        yield words
    yield from _removed(summary["removed"])
    yield from _section("Flagged, nothing changed", summary["flags"], ("kind", "flags", "words"))
    yield ""
    yield f"Ledger head: {summary['ledger_head']} (keep it, to prove later that nothing changed)"


def _removed(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    words = [
        {**row, "why": shortened(row["why"], WHY_COLUMNS)}
        for row in rows
        if not row["rule"].startswith(LAYOUT)
    ]
    yield from _section("Removed, and why", words, ("rule", "lines", "characters", "why"))
    layout = sum(row["characters"] for row in rows if row["rule"].startswith(LAYOUT))
    if layout:
        yield f"  and {layout} characters of blank lines, indents and joined lines"


def _section(
    title: str, rows: Sequence[Mapping[str, Any]], columns: tuple[str, ...]
) -> Iterator[str]:
    yield ""
    if not rows:
        yield f"{title}: none"
        return
    yield f"{title}:"
    cells = [[str(row[column]) for column in columns] for row in rows[:ROWS_SHOWN]]
    yield from ("  " + line for line in table([list(columns), *cells]).splitlines())
    if len(rows) > ROWS_SHOWN:
        yield f"  and {len(rows) - ROWS_SHOWN} more"

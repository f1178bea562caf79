"""Says what an import made of each file: which report it became, or why none, and what to do."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive.console import shortened, table
from archive.errors import UsageError
from archive.spreadsheet_cells import safe_cell

if TYPE_CHECKING:
    from archive.store.imports import MadeOfFile

FILES_SHOWN: Final = 20
"""The most files that are listed; those that became no report come first."""

WHY_COLUMNS: Final = 70
COLUMNS: Final = ("file", "became", "works", "why", "text_id", "chars", "next")

_IN_WORDS: Final = (("report", "became copies of reports"), ("no report", "belong to no report"),
                    ("no text", "gave no text"))  # fmt: skip


def outcome_lines(made: Sequence[MadeOfFile], db: str) -> Iterator[str]:
    """Yield what became of the files: a table, the counts, and how to decide what is open."""
    if not made:
        return
    ordered = sorted(made, key=lambda each: each.became == "report")
    shown = ordered[:FILES_SHOWN]
    yield ""
    yield "What became of each file:"
    rows = [[each.file, _became(each), shortened(each.why, WHY_COLUMNS)] for each in shown]
    yield from (f"  {line}" for line in table([["file", "became", "why"], *rows]).splitlines())
    if len(made) > len(shown):
        yield f"  and {len(made) - len(shown)} more; all of them: --report FILE"
    counts = Counter(each.became for each in made)
    yield "; ".join(f"{counts[key]} {words}" for key, words in _IN_WORDS if counts[key])
    open_ones = [each for each in ordered if each.may_be_decided]
    if open_ones:
        yield "Say which report a text is, or answer one question after the other:"
        yield f"  {next_step(open_ones[0], db)}"
        yield f"  baogao decide {db}"


def next_step(made: MadeOfFile, db: str) -> str:
    """Return the command with which a person says which report a text is; empty if it is known."""
    if not made.may_be_decided:
        return ""
    return f"baogao decide {db} {made.text_id} --report PLACE+YEAR --why '…'"


def as_rows(made: Sequence[MadeOfFile], db: str) -> list[dict[str, Any]]:
    """Return the same for programs."""
    return [
        {**asdict(each), "works": list(each.works), "next": next_step(each, db)} for each in made
    ]


def write_outcomes(target: Path, made: Sequence[MadeOfFile], db: str) -> None:
    """Write the same to a file: CSV by its ending, otherwise JSON lines."""
    found = as_rows(made, db)
    try:
        if target.suffix.lower() != ".csv":
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in found)
            target.write_text("".join(lines), encoding="utf-8", errors="replace")
            return
        with target.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
            write = csv.writer(file)
            write.writerow(COLUMNS)
            for row in found:
                cells = [" ".join(row["works"]) if key == "works" else row[key] for key in COLUMNS]
                write.writerow(map(safe_cell, cells))
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}; the files were imported") from error


def _became(made: MadeOfFile) -> str:
    return ", ".join(made.works) or (f"text {made.text_id}, " if made.text_id else "") + made.became

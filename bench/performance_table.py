"""Print the table of docs/performance.md from the figures that benches handed to it.

    python bench/performance_table.py [SCRIPT …] [--figures FILE]

Without scripts the benches of the table are run, which takes an hour on a quiet machine. `make
bench` names all benches, so that the table is printed at their end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from measuring import ROWS as ROWS_FILE

HERE = Path(__file__).parent
BENCHES = (
    ("bench_derive.py",),
    ("bench_crawl.py", "--rounds", "5"),
    ("bench_backfill_warc.py",),
    ("bench_audit.py",),
    ("bench_panel.py",),
    ("bench_startup.py",),
    ("bench_browse_scale.py",),
    ("bench_panel.py", "--memory"),
)
"""The benches whose figures are in the table, with their options; the last one uses the archive
that the one before makes and keeps."""


class Row(NamedTuple):
    """A line of the table: the name of its figure, and how it is shown."""

    name: str
    label: str
    least: float | None = None
    most: float | None = None
    unit: str = "×"


ROWS = (
    Row("read, saved", "read / readability-lxml, 40 saved pages", least=4),
    Row("read, furnished", "… reports in the furniture of a site (91 kB)", least=4),
    Row("read, bare", "… bare reports (25 kB)", least=4),
    Row("derive, saved", "derive / readability-lxml, 40 saved pages", least=1.6),
    Row("derive, furnished", "… reports in the furniture of a site (91 kB)", least=2),
    Row("derive, bare", "… bare reports (25 kB)", least=1),
    Row("slowest, saved", "slowest saved page, of readability's time", most=3),
    Row("slowest, mutated", "slowest damaged page, of readability's time", most=3),
    Row("whole crawl, bare", "whole crawl / a plain spider, bare reports", least=1),
    Row("whole crawl, furnished", "… in the furniture of a site", least=1.5),
    Row("whole crawl, saved", "… saved pages", least=1.5),
    Row("backfill warc, CPU", "backfill warc / warcio + readability + sqlite-utils, CPU", least=1),
    Row("backfill warc, wall time of two workers", "… wall time with two workers", least=1.8),
    Row("audit", "audit / readability-lxml", least=2),
    Row("panel, exact", "panel of 50 words, exact, of the time of str.count", most=1.5),
    Row("panel with jieba, second time", "… with jieba, second time", most=2.5),
    Row("panel --jieba, memory", "panel by county and year of 100,000 works", most=200, unit="MB"),
    Row("pages over 300 ms", "kinds of pages over 300 ms at 100,000 works", most=0, unit=""),
    Row("baogao --help", "baogao --help", most=100, unit="ms"),
    Row("baogao text", "first page of baogao text", most=500, unit="ms"),
)


def table(measured: dict[str, float]) -> str:
    """Return the table in Markdown; what was not measured says so."""
    lines = ["| CPU time, medians | now | goal | |", "|---|---|---|---|"]
    for row in ROWS:
        goal = f"≤ {row.most:g}" if row.least is None else f"≥ {row.least:g}"
        cells = (row.label, *_cells(row, measured.get(row.name)))
        lines.append(f"| {cells[0]} | {cells[1]} | {goal} {row.unit} | {cells[2]} |")
    return "\n".join(lines)


def _cells(row: Row, value: float | None) -> tuple[str, str]:
    """Return what was measured, and whether the goal is reached."""
    if value is None:
        return "not measured", ""
    reached = (row.least is None or value >= row.least) and (row.most is None or value <= row.most)
    digits = 2 if row.unit == "×" else 0
    return f"{value:.{digits}f} {row.unit}", "reached" if reached else "missed"


def figures(path: Path) -> dict[str, float]:
    """Return the figures in a file by their names; the last of a name counts."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["name"]: row["value"] for row in rows}


def asked_for(scripts: Sequence[str]) -> list[list[str]]:
    """Return the scripts to run, each with the options that the table needs; by default its own."""
    if not scripts:
        return [[str(HERE / name), *options] for name, *options in BENCHES]
    return [
        [script, *options]
        for script in scripts
        for options in ([o for name, *o in BENCHES if name == Path(script).name] or [[]])
    ]


def run(scripts: Sequence[Sequence[str]], rows: Path) -> None:
    """Run scripts with their options one after the other; their figures go to `rows`.

    Raises:
        CalledProcessError: one of them failed.
    """
    environment = {**os.environ, ROWS_FILE: str(rows)}
    for script, *options in scripts:
        print(f"== {script}", *options, flush=True)
        subprocess.run([sys.executable, script, *options], check=True, env=environment)


def main() -> None:
    """Run what is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("scripts", nargs="*", help="all benches of the table, if none is named")
    parser.add_argument("--figures", type=Path, help="a file of figures, instead of running")
    chosen = parser.parse_args()
    if chosen.figures:
        print(table(figures(chosen.figures)))
        return
    with tempfile.TemporaryDirectory() as name:
        rows = Path(name) / "rows.jsonl"
        rows.touch()
        try:
            run(asked_for(chosen.scripts), rows)
        finally:
            print(table(figures(rows)))


if __name__ == "__main__":
    main()

"""Messages of `baogao backfill warc`: its progress, and what the files contain."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.console import Console, table
from archive.visible import visible

if TYPE_CHECKING:
    from archive.progress_line import ProgressLine
    from archive.store.warc.importing import Meter
    from archive.store.warc.report import FileReport
    from archive.store.warc.survey import Survey

ROWS_SHOWN = 10
"""How many rows of a count are printed; `--json` has all of them."""

_MEGABYTE = 1_000_000

_VERDICTS = ("match", "differs-encoded", "differs", "not checkable", "none claimed")


@contextmanager
def meter(paths: Sequence[Path], console: Console) -> Iterator[Meter]:
    """Return a progress bar on stderr, if a terminal, with megabytes a second and the time left."""
    line = console.progress_line()
    if line is None:
        yield lambda *_: None
        return
    drawn = _Drawn(line, sum(path.stat().st_size for path in paths))
    try:
        yield drawn
    finally:
        drawn.close()


class _Drawn:
    """Progress by bytes of files; each member of a WACZ counts as a file."""

    def __init__(self, line: ProgressLine, total: int) -> None:
        self._line = line
        self._total = total
        self._began = time.monotonic()
        self._file = ""
        self._at = self._done = 0

    def __call__(self, name: str, read_bytes: int, size: int) -> None:  # noqa: ARG002
        """Note that `read_bytes` of the file `name` were read."""
        if name != self._file:
            self._file, self._at = name, 0
            self._line.label = visible(name[-40:], kept="")
        self._done += read_bytes - self._at
        self._at = read_bytes
        rate = self._done / _MEGABYTE / max(time.monotonic() - self._began, 1)
        self._line.at(f"{rate:.1f} MB/s", self._done, self._total)

    def close(self) -> None:
        """End the line."""
        self._line.label = ""
        self._line.close(f"{self._done / _MEGABYTE:.0f} MB")


def verdicts(counts: Counter[str]) -> dict[str, Any]:
    """Return what was known, checked and skipped, as in `--json`."""
    return {
        "already_there": counts["already there"],
        "digests": {name: counts[f"digest:{name}"] for name in _VERDICTS},
        "revisits": {
            "resolved": counts["revisits resolved"],
            "never resolved": counts["revisits never resolved"],
        },
        "passed_over": _passed_over(counts),
        "damaged_places": counts["damaged places"],
    }


def tell_files(reports: Sequence[FileReport], counts: Counter[str], console: Console) -> None:
    """Print the records of each file, and the reasons for those that are not captures."""
    rows = [
        [each.name, str(each.records.total()), _listed(each.records.most_common(6)), _state(each)]
        for each in reports
    ]
    _say_table(["file", "records", "of which", "state"], rows, console)
    if known := counts["already there"]:
        console.say(f"{known} already there, passed over")
    found = verdicts(counts)
    for name in ("passed_over", "digests", "revisits"):
        if shown := _listed((kind, count) for kind, count in found[name].items() if count):
            console.say(f"{name.replace('_', ' ')}: {shown}")


def tell_survey(survey: Survey, console: Console) -> None:
    """Print what would be imported."""
    from archive.store.warc.survey import is_furniture

    counts = survey.as_json()
    for title, name in (
        ("Outcomes", "outcomes"), ("Statuses", "statuses"), ("Content types", "types"),
        ("Hosts", "hosts"),
    ):  # fmt: skip
        _say_counts(title, counts[name], console)
    furniture = sum(count for name, count in survey.types.items() if is_furniture(name))
    size = survey.payload_bytes / _MEGABYTE
    console.say(f"\n{survey.counts['captures']} new captures, {size:.1f} MB. Nothing was written.")
    if furniture * 2 > survey.counts["captures"]:
        console.say(
            f"{furniture} of them are pictures, styles and scripts:"
            ' --type "html|pdf|word|text/plain" leaves them out'
        )


def _state(report: FileReport) -> str:
    if report.damaged_places:
        return f"damaged ({report.damaged_places})"
    if not report.ended:
        return "not read to its end"
    return "whole" if report.whole else "no end that can be checked"


def _passed_over(counts: Mapping[str, int]) -> dict[str, int]:
    mark = "passed over: "
    return {name.removeprefix(mark): n for name, n in counts.items() if name.startswith(mark)}


def _say_counts(title: str, counts: Mapping[str, int], console: Console) -> None:
    console.say(f"\n{title}:")
    rows = [[name, str(count)] for name, count in list(counts.items())[:ROWS_SHOWN]]
    for line in table(rows).splitlines() if rows else ("none",):
        console.say(f"  {line}")
    if len(counts) > ROWS_SHOWN:
        console.say(f"  and {len(counts) - ROWS_SHOWN} more")


def _say_table(columns: list[str], rows: list[list[str]], console: Console) -> None:
    for line in table([columns, *rows]).splitlines():
        console.say(line)


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts)

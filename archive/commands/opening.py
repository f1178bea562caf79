"""Opens the files that a user names, in a worker process, with a progress bar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.console import Console
from archive.deadline import DEADLINE_S

if TYPE_CHECKING:
    from archive.intake import Columns, Gathered, Table
    from archive.model import Capture

deadline_option = click.option(
    "--deadline", type=click.FloatRange(min=1), default=DEADLINE_S, show_default=True, metavar="S",
    help="Processor seconds for each text or member; ten times as many by the clock.",
)  # fmt: skip

OTHERS_TOLD = 12
"""The most other columns of a table that are reported by name; all of them are kept."""


@dataclass(slots=True)
class Alike:
    """Tables whose columns were understood the same way: the first of them, and their number."""

    first: Table
    count: int = 0

    def in_words(self) -> str:
        """Return one line for a person."""
        table = self.first
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        parts = [f"{table.name}{more}: texts in {table.text}"]
        parts.append(", ".join(f"{known} in {key}" for known, key in table.claims.items()))
        if table.others:
            dots = " …" if len(table.others) > OTHERS_TOLD else ""
            parts.append(f"also {', '.join(table.others[:OTHERS_TOLD])}{dots}")
        parts += [f"no column {key}" for key in table.absent]
        if table.more:
            named = ", ".join(table.more)
            parts.append(f"texts also in {named}: --text-column takes another one")
        return "; ".join(filter(None, parts))

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        table = self.first
        return {
            "table": table.name, "tables": self.count, "text": table.text, "claims": table.claims,
            "others": list(table.others), "absent": list(table.absent),
            "more": list(table.more),
        }  # fmt: skip


class Intake:
    """The captures of the files, with a progress bar; remembers what to report about them."""

    def __init__(
        self, found: Gathered, columns: Columns, deadline_s: float, console: Console
    ) -> None:
        self.found = found
        self.deadline_s = deadline_s
        self.console = console
        self.tables: dict[str, Alike] = {}
        self.passed_over: Counter[str] = Counter(found.passed_over)
        self._columns = columns
        self._total = sum(map(_size, found))
        self._reached = 0

    def captures(self) -> Iterator[Capture]:
        """Yield all captures in order; containers are opened in a worker process."""
        yield from self.console.progress(self._captures(), "captures", self._bytes_read)

    def tell(self) -> None:
        """Print how tables were understood, and what was skipped."""
        for alike in self.tables.values():
            self.console.say(alike.in_words())
        if self.passed_over:
            reasons = ", ".join(f"{n} {reason}" for reason, n in self.passed_over.most_common())
            self.console.say(f"passed over: {reasons}")

    def _captures(self) -> Iterator[Capture]:
        from archive.intake import TASK, PassedOver, Table, all_pieces
        from archive.workers import Workers

        workers = Workers(TASK, 1, deadline_s=self.deadline_s)
        try:
            for piece, reached in all_pieces(self.found, self._columns, workers):
                self._reached = reached
                if isinstance(piece, Table):
                    columns = repr(replace(piece, name=""))
                    self.tables.setdefault(columns, Alike(piece)).count += 1
                elif isinstance(piece, PassedOver):
                    self.passed_over.update(piece.reasons)
                else:
                    yield piece
        finally:
            workers.close(at_once=True)

    def _bytes_read(self) -> tuple[float, float]:
        """Return how many bytes of the files are read: how many texts they hold is not known."""
        return self._reached, max(self._total, self._reached)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

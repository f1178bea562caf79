"""The content of one WARC file, and what was wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from archive.store.warc.framing import Damage


@dataclass(slots=True)
class FileReport:
    """The content of one WARC file; see `Reader` for the counts.

    `ended`: it was read to its end.
    """

    name: str
    bytes: int
    ended: bool = False
    whole: bool | None = None
    records: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    damages: list[Damage] = field(default_factory=list)
    damaged_places: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the report as in `--json`."""
        return {
            "file": self.name,
            "bytes": self.bytes,
            "read_to_its_end": self.ended,
            "whole": self.whole,
            "records": dict(self.records.most_common()),
            "passed_over": dict(self.passed_over.most_common()),
            "damaged_places": self.damaged_places,
            "damages": [
                {"byte": each.place, "what": each.what, "went_on_at": each.resumed}
                for each in self.damages
            ],
        }

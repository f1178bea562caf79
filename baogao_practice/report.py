"""An invented report: its paragraphs and its identity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from baogao_practice.places import Place


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a report and its kind: title, session, heading1, paragraph, …."""

    text: str
    kind: str


@dataclass(frozen=True)
class Report:
    """An invented report: its paragraphs with full-width marks, and its identity."""

    place: Place
    year: int
    lines: tuple[Line, ...]
    delivered_on: str
    session: str
    office: str
    speaker: str

    @property
    def title(self) -> str:
        """The first line."""
        return self.lines[0].text

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The words of the paragraphs."""
        return tuple(line.text for line in self.lines)

    @property
    def chars(self) -> int:
        """The number of characters of the paragraphs, without white space."""
        return sum(len("".join(text.split())) for text in self.texts)

    @property
    def names_reviewed_year(self) -> bool:
        """Whether a heading names the reviewed year, instead of 过去一年."""
        return any(
            line.kind == "heading1" and f"{self.year - 1}年" in line.text for line in self.lines
        )

    def identity(self) -> dict[str, Any]:
        """Return the fields that a reader of the whole report can know."""
        return {
            "kind": "政府工作报告",
            "title": self.title,
            "place": self.place.full,
            "place_code": self.place.code,
            "level": self.place.level,
            "report_year": self.year,
            "reviewed_year": self.year - 1,
            "delivered_on": self.delivered_on,
            "session": self.session,
            "office": self.office,
            "speaker": self.speaker,
        }

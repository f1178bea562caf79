"""Documents that resemble reports: resolutions, news, plans, budgets, …."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from baogao_practice.phrases import alternatives, fill
from baogao_practice.places import Place, numeral, places
from baogao_practice.report import Line

KINDS = {
    "resolution": "决议",
    "news": "新闻",
    "plan": "计划报告",
    "budget": "预算报告",
    "interpretation": "解读",
    "tasks": "分工方案",
    "statistics": "统计公报",
    "committee": "人大常委会工作报告",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """An invented text that is not a government work report."""

    place: Place
    year: int
    kind: str
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """The first line."""
        return self.lines[0].text

    @property
    def texts(self) -> tuple[str, ...]:
        """The paragraphs."""
        return tuple(line.text for line in self.lines)


def notice(what: str, code: str, year: int) -> Notice:
    """The text of the kind `what` (a key of `KINDS`) for a place and year."""
    place = places()[code]
    dice = Random(f"{what} {code} {year}")  # noqa: S311  (no secret)
    congress, session = map(numeral, place.congress(year))
    words = {
        "name": place.name, "short": place.short, "unit": place.unit, "year": str(year),
        "review": str(year - 1), "congress": congress, "session": session,
        "office": f"{place.unit}长", "speaker": dice.choice(alternatives("names")["speaker"]),
    }  # fmt: skip
    lines = [fill(line, words, dice) for line in alternatives("notices")[what]]
    return Notice(
        place, year, KINDS[what],
        tuple(Line(line, "paragraph" if index else "title") for index, line in enumerate(lines)),
    )  # fmt: skip

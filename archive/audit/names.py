"""Reads what a file name, or the cells beside a text, state about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from archive.known import Knowledge
from archive.model import Capture

_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_NOISE: Final = re.compile(
    r"\d+|政府工作报告|人民政府|工作报告|报告|全文|正文|report|年|[_\-\u2014\s()\uff08\uff09\u3010\u3011\[\].\u00b7\u3001,\uff0c]+",
    re.IGNORECASE,
)
_YEAR_COLUMNS: Final = frozenset({"year", "report_year", "年份", "年度", "年"})


@dataclass(frozen=True, slots=True)
class Claimed:
    """The year and place in a name; `codes` are all divisions it may mean."""

    year: int | None
    place: str
    codes: frozenset[str]


def expected(capture: Capture, knowledge: Knowledge) -> Claimed:
    """Return what the claims and the name of `capture` state.

    Understands names such as `2023_鞍山市.txt`, `鞍山市_2023.txt`, `2023辽宁省鞍山市.txt`. A name
    with two years gives none.
    """
    claims = {name.strip().lower(): value for name, value in capture.claims}
    stem = PurePath(capture.filename or "").stem
    years = {int(year) for year in _YEAR.findall(stem)}
    column = next((claims[name] for name in claims if name in _YEAR_COLUMNS), "")
    if match := _YEAR.search(column):
        years = {int(match[0])}
    place = _NOISE.sub("", stem)
    divisions = knowledge.gazetteer.parse(place) if place else ()
    return Claimed(
        years.pop() if len(years) == 1 else None,
        place,
        frozenset(division.code for division in divisions),
    )

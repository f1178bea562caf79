"""A word over the years: how many reports each point is based on, with gaps drawn as gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.browse.finding import QUALITIES, Filters
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked
from archive.catalogue.trend import Point, Series, trend
from archive.model import LEVELS

TERMS_AT_MOST: Final = 4

COUNTING_S: Final = 4.0
"""Processor time for counting in one request; the next request continues."""

WIDTH: Final = 860
HEIGHT: Final = 320
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 14, 46


def trend_page(asked: Asked) -> Answer:
    """`/trend?q=WORD WORD`: a line for each word."""
    found = found_series(asked)
    return asked.page(
        "trend.html",
        filters=Filters.of(asked.arguments),
        choices={"level": LEVELS, "quality": QUALITIES},
        series=found,
        chart=chart(found) if found else None,
    )


def trend_csv(asked: Asked) -> Answer:
    """`/trend.csv`: the same figures; a year without reports has empty cells, never zeros."""
    columns = (
        "term", "year", "reports", "han", "reports_with_term", "hits", "per_10000", "jieba_tokens",
    )  # fmt: skip
    return csv_file("trend.csv", columns, _rows(found_series(asked)))


def _rows(found: Iterable[Series]) -> Iterator[Sequence[Any]]:
    for series in found:
        for p in series.points:
            measured = [p.having, p.hits, f"{p.per_10_000 or 0:.4f}", p.tokens]
            shown = measured if p.reports else [""] * len(measured)
            yield [series.term, p.year, p.reports, p.han, *shown]


def found_series(asked: Asked) -> list[Series]:
    """Return the series of the words in the URL, with its filters."""
    filters = Filters.of(asked.arguments)
    terms = filters.query.terms[:TERMS_AT_MOST]
    return list(trend(asked.connection, terms, filters.of_works(), seconds=COUNTING_S))


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the chart, in its coordinates."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """The data of the SVG: lines that break at gaps, points, both axes."""

    width: int
    height: int
    lines: tuple[tuple[str, tuple[str, ...], tuple[Mark, ...]], ...]
    years: tuple[tuple[float, int, int], ...]
    levels: tuple[tuple[float, str], ...]
    gaps: tuple[tuple[float, float], ...]


def chart(found: Sequence[Series]) -> Chart:
    """Lay the series out: years from left to right, hits per 10,000 characters upwards."""
    points = found[0].points
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    top = max((p.per_10_000 or 0 for s in found for p in s.points), default=0) or 1
    height = HEIGHT - TOP - BOTTOM

    def x(place: int) -> float:
        return round(LEFT + step * (place + 0.5), 1)

    def y(value: float) -> float:
        return round(TOP + height * (1 - value / top), 1)

    lines = []
    for series in found:
        marks = [
            None if p.per_10_000 is None else Mark(x(i), y(p.per_10_000), p)
            for i, p in enumerate(series.points)
        ]
        lines.append((series.term, tuple(_paths(marks)), tuple(m for m in marks if m)))
    every = max(1, -(-len(points) // 14))
    return Chart(
        WIDTH,
        HEIGHT,
        tuple(lines),
        tuple((x(i), p.year, p.reports) for i, p in enumerate(points) if i % every == 0),
        tuple((y(top * part), f"{top * part:.1f}") for part in (0, 0.5, 1)),
        tuple((x(i) - step / 2, step) for i, p in enumerate(points) if not p.reports),
    )


def _paths(marks: Sequence[Mark | None]) -> Iterator[str]:
    """Return one path for each stretch of years without a gap."""
    stretch: list[Mark] = []
    for mark in [*marks, None]:
        if mark is not None:
            stretch.append(mark)
        elif stretch:
            yield "M" + "L".join(f"{m.x} {m.y}" for m in stretch)
            stretch = []

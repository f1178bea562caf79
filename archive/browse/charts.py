"""Lays out a chart of lines over years; the template draws it as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from archive.catalogue.trend import Point

WIDTH: Final = 960
HEIGHT: Final = 400
LEFT, RIGHT, BOTTOM = 56, 44, 52
LEGEND_LINE: Final = 22
CHARACTER: Final = 13
"""Width of a Han character in the legend."""

YEAR_WIDTH: Final = 38
"""The least room for the label of a year."""

TICKS: Final = 6
"""About so many lines of the grid."""

TONES: Final = (
    "#a3341f", "#1d4f76", "#2c6138", "#7a4b00", "#6b2c7a", "#00687a", "#8a1c52", "#4a4a4a",
)  # fmt: skip
DASHES: Final = ("", "7 3", "2 3", "9 3 2 3", "12 4", "4 2", "1 2", "10 2 2 2 2 2")
_MARKS: Final = (
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
    "M-4.5 -4.5h9v9h-9z",
    "M0 -6l5.5 10h-11z",
    "M0 -6.2l6.2 6.2l-6.2 6.2l-6.2 -6.2z",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line to draw: its points, and the value of each, which may be smoothed."""

    name: str
    term: str
    place: str
    points: Sequence[Point]
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the chart, in its coordinates."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line in the coordinates of the chart; `paths` break at gaps, `marks` are the raw values."""

    name: str
    term: str
    place: str
    tone: str
    dash: str
    shape: str
    paths: tuple[str, ...]
    marks: tuple[Mark, ...]
    key: tuple[float, float]


@dataclass(frozen=True, slots=True)
class YearMark:
    """A year of the axis: its middle, the reports of all lines, and whether it has a label."""

    x: float
    year: int
    reports: str
    labelled: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: lines, both axes, and the years of which no line has a report."""

    width: int
    height: int
    top: float
    bottom: float
    left: int
    right: int
    smooth: int
    lines: tuple[DrawnLine, ...]
    years: tuple[YearMark, ...]
    levels: tuple[tuple[float, str], ...]
    gaps: tuple[tuple[float, float, int], ...]


def chart(lines: Sequence[Line], *, smooth: int = 0) -> Chart:
    """Lay lines out: years from left to right, hits per 10,000 characters upwards."""
    keys = list(_keys(lines))
    top = keys[-1][1] + LEGEND_LINE
    points = lines[0].points
    step = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    raw = [p.per_10_000 or 0 for line in lines for p in line.points]
    levels = ticks(max([*raw, *(value or 0 for line in lines for value in line.values)]))
    height = HEIGHT - BOTTOM

    def x(place: int) -> float:
        return round(LEFT + step * (place + 0.5), 1)

    def y(value: float) -> float:
        return round(height - (height - top) * value / levels[-1], 1)

    def marks(line: Line, values: Sequence[float | None]) -> list[Mark | None]:
        pairs = enumerate(zip(values, line.points, strict=True))
        return [None if value is None else Mark(x(i), y(value), p) for i, (value, p) in pairs]

    drawn = tuple(
        DrawnLine(
            name=line.name, term=line.term, place=line.place,
            tone=TONES[n % len(TONES)], dash=DASHES[n % len(DASHES)],
            shape=_MARKS[n % len(_MARKS)], paths=tuple(_paths(marks(line, line.values))),
            marks=tuple(m for m in marks(line, [p.per_10_000 for p in line.points]) if m),
            key=keys[n],
        )
        for n, line in enumerate(lines)
    )  # fmt: skip
    every = max(1, -(-YEAR_WIDTH // int(step or 1)))
    reported = [[line.points[i].reports for line in lines] for i in range(len(points))]
    return Chart(
        WIDTH, HEIGHT, top, height, LEFT, WIDTH - RIGHT, smooth, drawn,
        years=tuple(
            YearMark(x(i), p.year, _numbers(reported[i]), (len(points) - 1 - i) % every == 0)
            for i, p in enumerate(points)
        ),
        levels=tuple((y(level), f"{level:g}") for level in levels),
        gaps=tuple(
            (round(x(i) - step / 2, 1), round(step, 1), p.year)
            for i, p in enumerate(points)
            if not any(reported[i])
        ),
    )  # fmt: skip


def ticks(most: float) -> list[float]:
    """Return round values from 0 to `most` or above, evenly spaced.

    >>> ticks(34.9), ticks(0)
    ([0, 5, 10, 15, 20, 25, 30, 35], [0, 1])
    """
    if most <= 0:
        return [0, 1]
    power = 10.0 ** floor(log10(most / TICKS))
    step = next(n * power for n in (1, 2, 5, 10) if n * power * TICKS >= most * 0.8)
    number = floor(most / step - 1e-9) + 1
    return [float(f"{n * step:.6g}") for n in range(number + 1)]


def moving_average(values: Sequence[float | None], years: int) -> list[float | None]:
    """Return the mean of the values around each one; a gap stays a gap and fills none.

    >>> moving_average([1, 3, None, 5], 3)
    [2.0, 2.0, None, 5.0]
    """
    half = years // 2
    around = [values[max(0, i - half) : i + half + 1] for i in range(len(values))]
    known = [[value for value in some if value is not None] for some in around]
    return [
        None if value is None else sum(some) / len(some)
        for value, some in zip(values, known, strict=True)
    ]


def _keys(lines: Sequence[Line]) -> Iterator[tuple[float, float]]:
    """Yield where the name of each line stands in the legend above the chart."""
    x, y = float(LEFT), float(LEGEND_LINE)
    for line in lines:
        width = 44 + CHARACTER * len(line.name) + 18
        if x > LEFT and x + width > WIDTH - RIGHT:
            x, y = float(LEFT), y + LEGEND_LINE
        yield x, y
        x += width


def _numbers(reports: Sequence[int]) -> str:
    """Return the number of reports; the smallest and the largest if lines differ in it."""
    return "–".join(map(str, dict.fromkeys((min(reports), max(reports)))))


def _paths(marks: Sequence[Mark | None]) -> Iterator[str]:
    """Return one path for each stretch of years without a gap."""
    stretch: list[Mark] = []
    for mark in [*marks, None]:
        if mark is not None:
            stretch.append(mark)
        elif stretch:
            yield "M" + "L".join(f"{m.x} {m.y}" for m in stretch)
            stretch = []

"""Words over the years, place against place; what is missing is drawn as a gap, with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.browse.api import json_answer
from archive.browse.charts import Chart, Line, chart, moving_average
from archive.browse.finding import QUALITIES, Filters, number
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked, attachment
from archive.catalogue.counted import selection
from archive.catalogue.trend import Point, Series, trend, why_uncounted, years_of
from archive.known.kinds import REPORT
from archive.model import LEVELS
from archive.store import holdings

TERMS_AT_MOST: Final = 4
PLACES_AT_MOST: Final = 4
LINES_AT_MOST: Final = 8

COUNTING_S: Final = 4.0
"""Processor time for counting in one request; the next request continues."""

SMOOTH: Final = (3, 5, 7)
"""Years of a moving average; always odd, so that it has a middle."""

_BETWEEN_PLACES: Final = re.compile(r"[\s,;、，；]+")
_COLUMNS: Final = (
    "term", "place", "year", "reports", "han", "reports_with_term", "hits", "per_10000",
    "moving_average", "jieba_tokens", "why_empty",
)  # fmt: skip

Reasons = Mapping[str, Mapping[int, list[tuple[str, str | int]]]]
"""Place, or '' for all → year without counted reports → why."""


@dataclass(frozen=True, slots=True)
class Trends:
    """What is drawn: a series for each place and word, and why years are empty, by place."""

    lines: tuple[tuple[str, Series], ...]
    why: Reasons
    smooth: int
    without_reports: tuple[str, ...] = ()

    def values(self, series: Series) -> list[float | None]:
        """Return the values of a line: smoothed, if that is asked for."""
        found = [point.per_10_000 for point in series.points]
        return moving_average(found, self.smooth) if self.smooth else found

    def rows(self) -> Iterator[tuple[str, str, Point, float | None]]:
        """Yield word, place, point and moving average of each year of each line."""
        for place, series in self.lines:
            for point, value in zip(series.points, self.values(series), strict=True):
                yield series.term, place, point, value


def trend_page(asked: Asked) -> Answer:
    """`/trend?q=WORD WORD&place=PLACE PLACE`: a line for each word in each place."""
    found = trends(asked)
    return asked.page(
        "trend.html",
        filters=Filters.of(asked.arguments),
        choices={"level": LEVELS, "quality": QUALITIES},
        smooths=SMOOTH,
        found=found,
        chart=drawn(found),
        why=lambda place, year: in_words(asked, found.why[place].get(year, ())),
        sentences=lambda term, place, year: sentences(asked, term, place, year),
    )


def trend_csv(asked: Asked) -> Answer:
    """`/trend.csv`: the same figures; a year without reports has empty cells, never zeros."""
    return csv_file("trend.csv", _COLUMNS, _rows(asked, trends(asked)))


def trend_json(asked: Asked) -> Answer:
    """`/api/trend`: the same figures as numbers; those of a year without reports are null."""
    found = trends(asked)
    points = [
        {
            "term": term, "place": place or None, "year": p.year, "reports": p.reports,
            "han": p.han, "reports_with_term": p.having if p.reports else None,
            "hits": p.hits if p.reports else None, "per_10000": _rounded(p.per_10_000),
            "moving_average": _rounded(value) if found.smooth else None,
            "jieba_tokens": p.tokens if p.reports else None,
            "why_empty": None if p.reports else _why(asked, found, place, p.year),
        }
        for term, place, p, value in found.rows()
    ]  # fmt: skip
    return json_answer({"trend": points, "smooth": found.smooth or None})


def trend_svg(asked: Asked) -> Answer:
    """`/trend.svg`: the chart as a file, also the source of the PNG that the browser makes."""
    found = trends(asked)
    made = asked.rendered(
        "trend_file.html",
        chart=drawn(found),
        found=found,
        why=lambda place, year: in_words(asked, found.why[place].get(year, ())),
        sentences=None,
    )
    headers = attachment("trend.svg") if "save" in asked.arguments else {}
    return Answer(made, "image/svg+xml; charset=utf-8", headers=headers)


def trends(asked: Asked) -> Trends:
    """Return the series of the words and places in the URL, with its filters."""
    filters = Filters.of(asked.arguments)
    terms = filters.query.terms[:TERMS_AT_MOST]
    places = [one for one in _BETWEEN_PLACES.split(filters.place) if one][:PLACES_AT_MOST] or [""]
    smooth = number(asked.arguments.get("smooth")) or 0
    narrowed = {place: replace(filters.of_works(), place=place) for place in places}
    chosen = {place: selection(asked.connection, about) for place, about in narrowed.items()}
    known = [years_of(found) for found in chosen.values() if found.years]
    if not known or not terms:
        return Trends((), {}, 0, tuple(places) if terms else ())
    years = _axis(asked, filters, min(years.start for years in known))
    lines = [
        (place, series)
        for place, about in narrowed.items()
        for series in trend(
            asked.connection, terms, about, seconds=COUNTING_S, years=years,
            all_tokens="tokens" in asked.arguments,
        )
    ]  # fmt: skip
    why = {
        place: why_uncounted(asked.connection, about, years) for place, about in narrowed.items()
    }
    without = tuple(place for place, found in chosen.items() if not found.years)
    return Trends(tuple(lines[:LINES_AT_MOST]), why, smooth if smooth in SMOOTH else 0, without)


def _axis(asked: Asked, filters: Filters, first: int) -> range:
    """Return the years of the chart: from the first report to the last of the whole archive."""
    last = holdings.years(asked.connection, REPORT).stop - 1
    if filters.last_year is not None:
        last = min(last, filters.last_year)
    return range(first, max(first, last) + 1)


def drawn(found: Trends) -> Chart | None:
    """Return the chart; None if there is nothing to draw."""
    if not found.lines:
        return None
    several = len({place for place, _ in found.lines}) > 1
    lines = [
        Line(
            name=f"{series.term} · {place}" if several else series.term,
            term=series.term,
            place=place,
            points=series.points,
            values=found.values(series),
        )
        for place, series in found.lines
    ]
    return chart(lines, smooth=found.smooth)


def sentences(asked: Asked, term: str, place: str, year: int) -> str:
    """Return the URL of the sentences of a point."""
    kept = {name: asked.arguments.get(name) for name in ("level", "quality")}
    return asked.link("find", q=f'"{term}"', place=place, **{"from": year, "to": year}, **kept)


def in_words(asked: Asked, reasons: Sequence[tuple[str, str | int]]) -> str:
    """Return why no report of a year is counted."""
    t = asked.words
    found = [
        t(f"uncounted.{reason}", n=detail)
        if isinstance(detail, int)
        else f"{t(f'gap.{reason}')} {detail and t.name('outcome', detail)}".strip()
        for reason, detail in reasons
    ]
    return " ".join(found) or t("trend.gap")


def _rows(asked: Asked, found: Trends) -> Iterator[Sequence[Any]]:
    for term, place, p, value in found.rows():
        measured = [p.having, p.hits, f"{p.per_10_000 or 0:.4f}"]
        shown = measured if p.reports else [""] * len(measured)
        average = f"{value:.4f}" if found.smooth and value is not None else ""
        tokens = "" if p.tokens is None or not p.reports else p.tokens
        why = "" if p.reports else _why(asked, found, place, p.year)
        yield [term, place, p.year, p.reports, p.han, *shown, average, tokens, why]


def _why(asked: Asked, found: Trends, place: str, year: int) -> str:
    return in_words(asked, found.why[place].get(year, ()))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

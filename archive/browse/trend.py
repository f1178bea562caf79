"""A word over the years: how many reports stand behind each point, gaps drawn as gaps."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from archive.browse.finding import Filters
from archive.browse.web import Answer, Asked
from archive.collate.works import REPORT
from archive.known.segmenter import segmenter, segmenter_digest
from archive.store.indexing import TEXT_DOCUMENTS

TERMS_AT_MOST: Final = 4
SENTENCES_CUT: Final = 1_000
"""jieba cuts about 1,000 sentences a second; beyond this many its count is left out and said so."""

WIDTH: Final = 860
HEIGHT: Final = 320
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 14, 46

_SENTENCE: Final = re.compile(r"[^。！？；\n]+[。！？；]?")

_REPORTS: Final = """
SELECT works.report_year AS year, count(*) AS reports, sum(search_documents.chars) AS chars
FROM search_documents JOIN works ON works.id = search_documents.work_id
JOIN texts ON texts.id = search_documents.text_id
WHERE works.kind = ? AND works.report_year NOT NULL {} GROUP BY works.report_year
"""

_WORDS: Final = "coalesce(search_passages.text, passages.text)"
_HAS_LATIN: Final = f"{_WORDS} LIKE '%' || ? || '%' ESCAPE '~'"
_HAS: Final = f"instr({_WORDS}, ?)"
"""Four times as fast as LIKE, but it tells capitals from small letters."""

_PASSAGES: Final = """
SELECT works.report_year AS year, works.id AS work,
  coalesce(search_passages.text, passages.text) AS text
FROM search_index
JOIN search_documents ON search_documents.id = search_index.rowid
JOIN works ON works.id = search_documents.work_id
JOIN texts ON texts.id = search_documents.text_id
JOIN search_passages ON search_passages.document_id = search_documents.id
JOIN passages ON passages.id = search_passages.passage_id
WHERE search_index MATCH ? AND works.kind = ? AND works.report_year NOT NULL
  AND {} {}
"""


@dataclass(slots=True)
class Point:
    """One year: how many reports there are, how many have the word, how often; jieba's apart."""

    year: int
    reports: int = 0
    chars: int = 0
    having: int = 0
    hits: int = 0
    tokens: int | None = 0

    @property
    def per_10_000(self) -> float | None:
        """Hits per 10,000 characters; None where there is no report: a gap, not a zero."""
        return 10_000 * self.hits / self.chars if self.chars else None


@dataclass(frozen=True, slots=True)
class Series:
    """A word and its points, one for every year from the first to the last."""

    term: str
    points: tuple[Point, ...]


def trend_page(asked: Asked) -> Answer:
    """`/trend?q=WORD WORD`: each word is a line of its own."""
    found = list(trend(asked))
    return asked.page(
        "trend.html",
        filters=Filters.of(asked.arguments),
        series=found,
        chart=chart(found) if found else None,
        digest=segmenter_digest()[:12] if found else "",
    )


def trend_csv(asked: Asked) -> Answer:
    """`/trend.csv`: the same figures; a year without reports has empty cells, never zeros."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(
        ["term", "year", "reports", "characters", "reports_with_term", "hits", "per_10000",
         "jieba_tokens"]
    )  # fmt: skip
    for series in trend(asked):
        for p in series.points:
            measured = [p.having, p.hits, f"{p.per_10_000 or 0:.4f}", p.tokens]
            write.writerow(
                [_harmless(series.term), p.year, p.reports, p.chars,
                 *(measured if p.reports else [""] * len(measured))]
            )  # fmt: skip
    headers = {"content-disposition": 'attachment; filename="trend.csv"'}
    return Answer("\ufeff" + out.getvalue(), "text/csv; charset=utf-8", headers=headers)


def trend(asked: Asked) -> Iterator[Series]:
    """The series of the words in the address, under its filters."""
    filters = Filters.of(asked.arguments)
    where, values = filters.where()
    where = where.replace(f" AND search_index.rowid < {TEXT_DOCUMENTS}", "")
    base = asked.rows(_REPORTS.format(where), REPORT, *values)
    if not base or not filters.query.terms:
        return
    years = range(min(row["year"] for row in base), max(row["year"] for row in base) + 1)
    for term in filters.query.terms[:TERMS_AT_MOST]:
        points = {year: Point(year) for year in years}
        for row in base:
            points[row["year"]].reports = row["reports"]
            points[row["year"]].chars = row["chars"]
        _count(asked, term, points, where, values)
        yield Series(term, tuple(points.values()))


def _count(
    asked: Asked, term: str, points: Mapping[int, Point], where: str, values: Sequence[Any]
) -> None:
    query = Filters.of({"q": f'"{term}"'}).query
    pattern = query.pattern
    assert pattern is not None  # noqa: S101  (a term is never empty)
    having: dict[int, set[int]] = defaultdict(set)
    sentences: list[tuple[int, str]] = []
    latin = re.search("[A-Za-z]", term)
    has, wanted = (_HAS_LATIN, re.sub(r"([%_~])", r"~\1", term)) if latin else (_HAS, term)
    select = _PASSAGES.format(has, where)
    for row in asked.rows(select, query.match, REPORT, wanted, *values):
        hits = sum(1 for _ in pattern.finditer(row["text"]))
        if not hits:
            continue
        points[row["year"]].hits += hits
        having[row["year"]].add(row["work"])
        if len(sentences) <= SENTENCES_CUT:
            sentences += [
                (row["year"], s) for s in _SENTENCE.findall(row["text"]) if pattern.search(s)
            ]
    for year, point in points.items():
        point.having = len(having[year])
    _count_tokens(term, sentences, points)


def _count_tokens(
    term: str, sentences: Sequence[tuple[int, str]], points: Mapping[int, Point]
) -> None:
    """How often jieba cuts `term` as a word, in the sentences that have it."""
    if len(sentences) > SENTENCES_CUT:
        for point in points.values():
            point.tokens = None
        return
    cut = _segmenter().lcut
    for year, sentence in sentences:
        found = sum(token == term for token in cut(sentence))
        points[year].tokens = (points[year].tokens or 0) + found


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    return segmenter()


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the chart, in its coordinates."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the SVG needs: lines that break at gaps, points, both axes."""

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
    """One path for each stretch of years without a gap."""
    stretch: list[Mark] = []
    for mark in [*marks, None]:
        if mark is not None:
            stretch.append(mark)
        elif stretch:
            yield "M" + "L".join(f"{m.x} {m.y}" for m in stretch)
            stretch = []


def _harmless(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words

"""A word over the years: counted exactly, gaps kept apart from zeros."""

import csv
import io
from itertools import pairwise
from urllib.parse import quote

from browse.test_pages import page
from lxml import etree

from archive.browse.charts import Line, chart, moving_average, ticks
from archive.browse.trend import Trends
from archive.catalogue import counted
from archive.catalogue.trend import Point, Series


async def rows(get, words):
    response = await get(f"/trend.csv?q={quote(words, safe='&=')}")
    assert response.content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read Chinese"
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_exact_and_token_counts_stand_apart(get):
    (row,) = await rows(get, "营商环境")
    assert (row["year"], row["reports"], row["reports_with_term"], row["hits"]) == (
        "2024", "1", "1", "2",
    )  # fmt: skip
    assert row["jieba_tokens"].isdecimal()
    assert row["per_10000"] == f"{10_000 * 2 / int(row['han']):.4f}"


async def test_whole_numbers_only(get):
    assert [row["hits"] for row in await rows(get, "3个 13个")] == ["1", "1"]


async def test_points_lead_to_their_sentences(get):
    shown = await page(get, "/trend?q=" + quote("钢铁"))
    (point,) = shown.cssselect("svg a")
    sentences = await page(get, point.get("href"))
    assert sentences.cssselect(".snippet mark")[0].text == "钢铁"


async def test_no_cell_of_the_csv_is_a_formula(get):
    response = await get("/trend.csv?q=" + quote('"=1+1"'))
    assert "\n'=1+1" in response.text


async def test_odd_words_are_answered(get):
    for words in ("", "100%", "_", "~", "<script>", "没有", '"', "a b c d e f"):
        response = await get("/trend?q=" + quote(words))
        assert response.status_code == 200
        assert "<script>" not in response.text


def test_a_year_without_reports_is_a_gap_and_no_zero():
    points = (Point(2020, 2, 20_000, 1, 4), Point(2021), Point(2022, 1, 10_000))
    drawn = chart([Line("词", "词", "", points, [p.per_10_000 for p in points])])
    (line,) = drawn.lines
    assert len(line.paths) == 2
    assert [mark.point.year for mark in line.marks] == [2020, 2022]
    assert len(drawn.gaps) == 1
    assert points[1].per_10_000 is None
    assert points[2].per_10_000 == 0


def test_ticks_are_round_and_enough():
    for most in (0.013, 0.7, 3.2, 17.5, 34.9, 999, 12_345):
        found = ticks(most)
        assert found[0] == 0
        assert found[-1] >= most > found[-2]
        assert 4 <= len(found) - 1 <= 12
        assert {f"{b - a:.6g}" for a, b in pairwise(found)} == {f"{found[1]:.6g}"}


def test_every_year_and_the_last_one_are_on_the_axis():
    points = tuple(Point(year, 1, 10_000, 1, 1) for year in range(1955, 2027))
    drawn = chart([Line("词", "词", "", points, [p.per_10_000 for p in points])])
    assert [year.year for year in drawn.years] == list(range(1955, 2027))
    labelled = [year for year in drawn.years if year.labelled]
    assert labelled[-1].year == 2026
    assert min(b.x - a.x for a, b in pairwise(labelled)) >= 37
    assert len(labelled) > 15


def test_a_moving_average_fills_no_gap():
    assert moving_average([3.0, 6.0, None, 9.0, 3.0], 3) == [4.5, 4.5, None, 6.0, 6.0]


async def test_places_are_compared_in_one_chart(practice_get):
    shown = await page(practice_get, "/trend?q=" + quote("项目") + "&place=" + quote("保定 承德"))
    names = [text.text for text in shown.cssselect("svg text.name")]
    assert names == ["项目 · 保定", "项目 · 承德"]
    both = list(csv.DictReader(io.StringIO((await practice_get(
        "/trend.csv?q=" + quote("项目") + "&place=" + quote("保定 承德")
    )).content.decode("utf-8-sig"))))  # fmt: skip
    for place in ("保定", "承德"):
        alone = list(csv.DictReader(io.StringIO((await practice_get(
            "/trend.csv?q=" + quote("项目") + "&place=" + quote(place)
        )).content.decode("utf-8-sig"))))  # fmt: skip
        hits = {row["year"]: row["hits"] for row in alone if row["hits"]}
        assert hits
        assert hits == {r["year"]: r["hits"] for r in both if r["place"] == place and r["hits"]}


async def test_the_axis_ends_where_the_archive_ends_and_gaps_say_why(practice_get):
    everything = await rows(practice_get, "项目")
    last = max(row["year"] for row in everything)
    for place in ("保定", "承德", "正定", "武安", "迁安"):
        some = await rows(practice_get, "项目&place=" + place)
        assert some[-1]["year"] == last
        for row in some:
            empty = [row[name] for name in ("hits", "per_10000", "jieba_tokens")]
            assert (row["reports"] == "0") == bool(row["why_empty"]) == (empty == ["", "", ""])


async def test_smoothing_is_said_and_leaves_the_raw_points(practice_get):
    plain = await page(practice_get, "/trend?q=" + quote("项目"))
    smooth = await page(practice_get, "/trend?smooth=3&q=" + quote("项目"))
    marks = [
        [mark.get("transform") for mark in shown.cssselect("svg a .mark")]
        for shown in (plain, smooth)
    ]
    assert marks[0] == marks[1]
    assert plain.cssselect(".newest svg .stroke")[0].get("d") != smooth.cssselect(
        ".newest svg .stroke"
    )[0].get("d")
    assert "3 年移动平均" in smooth.cssselect("figcaption")[0].text_content()
    assert "移动平均" not in plain.cssselect("figcaption")[0].text_content()


async def test_the_chart_is_a_file_that_stands_alone(practice_get):
    response = await practice_get("/trend.svg?save=1&q=" + quote('项目 "<b>"'))
    assert response.headers["content-type"].startswith("image/svg+xml")
    assert 'filename="trend.svg"' in response.headers["content-disposition"]
    drawn = etree.fromstring(response.content)
    assert "项目" in "".join(drawn.itertext())
    assert "&lt;b&gt;" in response.text
    assert not drawn.xpath("//*[local-name()='a']")


async def test_tokens_of_any_number_of_passages_are_counted_when_asked_for(get, monkeypatch):
    monkeypatch.setattr("archive.catalogue.trend.PASSAGES_CUT", 0)
    counted.forget()
    shown = await page(get, "/trend?q=" + quote("营商环境"))
    (link,) = [a.get("href") for a in shown.cssselect("td a") if "tokens=1" in a.get("href")]
    assert (await rows(get, "营商环境"))[0]["jieba_tokens"] == ""
    assert "tokens=1" not in "".join((await page(get, link)).xpath("//td/a/@href"))
    assert (await rows(get, "营商环境&tokens=1"))[0]["jieba_tokens"] == "2"


async def test_the_same_figures_as_json_are_numbers_or_null(practice_get):
    words = quote("项目") + "&place=" + quote("保定 承德") + "&smooth=3"
    read = await practice_get(f"/trend.csv?q={words}")
    cells = list(csv.DictReader(io.StringIO(read.content.decode("utf-8-sig"))))
    answer = (await practice_get(f"/api/trend?q={words}")).json()
    assert answer["smooth"] == 3
    assert len(answer["trend"]) == len(cells) > 5
    for point, row in zip(answer["trend"], cells, strict=True):
        assert list(point) == sorted(row), "canonical JSON sorts its keys"
        for name in ("year", "reports", "han", "reports_with_term", "hits"):
            assert ("" if point[name] is None else str(point[name])) == row[name]
        for name in ("per_10000", "moving_average"):
            assert ("" if point[name] is None else f"{point[name]:.4f}") == row[name]
        assert (point["why_empty"] or "") == row["why_empty"]
        assert point["place"] == row["place"]


async def test_a_year_without_reports_is_null_in_json(get, monkeypatch):
    series = Series("词", (Point(2020, 2, 20_000, 1, 4), Point(2021)), "digest")
    found = Trends((("", series),), {"": {2021: []}}, 0)
    monkeypatch.setattr("archive.browse.trend.trends", lambda _: found)
    there, missing = (await get("/api/trend?q=x")).json()["trend"]
    assert (there["hits"], there["per_10000"], there["why_empty"]) == (4, 2.0, None)
    assert (missing["hits"], missing["per_10000"], missing["reports"]) == (None, None, 0)
    assert missing["why_empty"]


async def test_a_trend_of_nothing_as_json(get):
    assert (await get("/api/trend")).json() == {"trend": [], "smooth": None}

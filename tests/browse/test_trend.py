"""A word over the years: counted exactly, gaps kept apart from zeros."""

import csv
import io
from urllib.parse import quote

from browse.test_pages import page

from archive.browse.trend import chart
from archive.catalogue.trend import Point, Series


async def rows(get, words):
    response = await get(f"/trend.csv?q={quote(words)}")
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
    drawn = chart([Series("词", points, "")])
    ((_, paths, marks),) = drawn.lines
    assert len(paths) == 2
    assert [mark.point.year for mark in marks] == [2020, 2022]
    assert len(drawn.gaps) == 1
    assert points[1].per_10_000 is None
    assert points[2].per_10_000 == 0

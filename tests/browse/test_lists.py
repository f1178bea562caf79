"""Lists as pages, CSV and JSON: the same rows, the same filters, in pieces."""

import csv
import io
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import quote, urlsplit

import pytest
from browse.test_browser import serving
from browse.test_pages import page

from archive.browse import finding, lists, web

LISTS = ("works", "gaps", "unassigned")


def table(response):
    assert response.status_code == 200
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def every_row(get, path, name):
    """Follow the pages of JSON to the end."""
    found = []
    while path:
        answer = (await get(path)).json()
        found += answer[name]
        path = answer["next"]
    return found


@pytest.mark.parametrize("name", LISTS)
async def test_page_csv_and_json_have_the_same_rows(practice_get, name):
    shown = await page(practice_get, f"/list/{name}")
    data = [a.get("href") for a in shown.cssselect("p.note a")]
    assert [link.split("?")[0] for link in data] == [f"/list/{name}.csv", f"/api/{name}"]
    rows = table(await practice_get(data[0]))
    same = await every_row(practice_get, data[1], name)
    assert len(rows) == len(same) > 5
    key = {"works": "name", "gaps": "place", "unassigned": "text_id"}[name]
    assert [row[key] for row in rows] == [str(row[key]) for row in same]
    assert len(shown.cssselect("tbody tr")) == min(len(rows), lists.ROWS_A_PAGE)


async def test_filters_go_into_the_data(practice_get):
    query = "?level=prefecture&from=2023&to=2024&place=" + quote("保定")
    for name in ("works", "gaps"):
        shown = await page(practice_get, f"/list/{name}{query}")
        for link in [a.get("href") for a in shown.cssselect("p.note a")]:
            assert "from=2023" in link
            assert "to=2024" in link
        rows = table(await practice_get(f"/list/{name}.csv{query}"))
        assert {row["report_year"] for row in rows} <= {"2023", "2024"}
        assert all("保定" in row["place"] for row in rows)
    assert table(await practice_get(f"/list/works.csv{query}"))


@pytest.mark.parametrize("name", ["gaps", "unassigned"])
async def test_a_reason_can_be_chosen(practice_get, name):
    rows = table(await practice_get(f"/list/{name}.csv"))
    reasons = {row["reason"] for row in rows}
    for reason in reasons:
        some = table(await practice_get(f"/list/{name}.csv?reason={reason}"))
        assert some == [row for row in rows if row["reason"] == reason]
    assert table(await practice_get(f"/list/{name}.csv?reason=none-such")) == []


async def test_pieces_add_up_to_the_whole(practice_get, monkeypatch):
    paths = [f"/list/{name}.csv" for name in LISTS] + [
        "/coverage.csv",
        "/find.csv?q=" + quote("的"),
    ]
    whole = [(await practice_get(path)).text for path in paths]
    for constant, value in {
        "ROWS_A_PIECE": 2, "PLACES_AT_ONCE": 1, "TEXTS_AT_ONCE": 2, "TEXTS_AT_MOST": 3,
    }.items():  # fmt: skip
        monkeypatch.setattr(lists, constant, value)
    monkeypatch.setattr(finding, "RESULTS_A_PIECE", 2)
    again = [(await practice_get(path)).text for path in paths[:-1]]
    assert again == whole[:-1]
    pieces = (await practice_get(paths[-1])).text
    assert sorted(pieces.splitlines()) == sorted(whole[-1].splitlines())
    assert len(whole[-1].splitlines()) > 2


def test_a_download_that_fails_midway_is_broken_off(practice_archive, monkeypatch):
    monkeypatch.setattr(lists, "ROWS_A_PIECE", 2)
    read = lists.holdings.listed_works

    def failing(connection, narrowed, most, skipped):
        if skipped > 2:
            raise MemoryError
        return read(connection, narrowed, most, skipped)

    monkeypatch.setattr(lists.holdings, "listed_works", failing)
    with serving(practice_archive) as address:
        where = urlsplit(address).netloc
        with closing(HTTPConnection(where)) as connection:
            connection.request("GET", "/list/works.csv")
            with pytest.raises(IncompleteRead) as broken, connection.getresponse() as response:
                response.read()
        assert broken.value.partial.count(b"\r\n") == 5
        monkeypatch.undo()
        with closing(HTTPConnection(where)) as connection:
            connection.request("GET", "/list/works.csv?whole=1")
            with connection.getresponse() as response:
                assert response.read().count(b"\r\n") > 5


async def test_too_many_downloads_at_a_time_are_refused(practice_get, monkeypatch):
    monkeypatch.setattr(lists, "ROWS_A_PIECE", 2)
    monkeypatch.setattr(web, "MOST_STREAMS", 0)
    response = await practice_get("/list/works.csv")
    assert response.status_code == 503
    assert response.headers["retry-after"]


async def test_results_of_a_search_as_csv(practice_get):
    query = "?q=" + quote("项目") + "&sort=oldest"
    shown = await page(practice_get, "/find" + query)
    links = [a.get("href") for a in shown.cssselect("p.lead a")]
    (data,) = [link for link in links if link.startswith("/find.csv")]
    rows = table(await practice_get(data))
    found = (await practice_get("/api/find" + query)).json()
    assert len(rows) == found["total"]
    assert [row["name"] for row in rows][:20] == [hit["work"] for hit in found["hits"]]
    assert [row["hits"] for row in rows][:20] == [str(hit["hits"]) for hit in found["hits"]]
    removed = "?scope=removed&q=" + quote("打印")
    assert (
        len(table(await practice_get("/find.csv" + removed)))
        == (await practice_get("/api/find" + removed)).json()["total"]
    )


async def test_variants_of_a_report_as_data(practice_get):
    shown = await page(practice_get, "/changed")
    (example, *_) = [
        a.get("href") for a in shown.cssselect("td a") if "/variants/" in a.get("href")
    ]
    variants = await page(practice_get, example)
    links = [a.get("href") for a in variants.cssselect("p.switches a")]
    (as_csv,) = [link for link in links if link.startswith("/variants.csv/")]
    (as_json,) = [link for link in links if link.startswith("/api/variants/")]
    rows, places = table(await practice_get(as_csv)), (await practice_get(as_json)).json()
    assert len(rows) == sum(len(place["says"]) for place in places["variants"])
    assert len(variants.cssselect("table.variants tbody tr")) == len(places["variants"])
    more = table(await practice_get(as_csv + "?all=1"))
    assert len(more) >= len(rows)


async def test_changed_words_as_json(practice_get):
    rows = table(await practice_get("/changed.csv"))
    found = (await practice_get("/api/changed")).json()["changed"]
    assert [row["words"] for row in rows] == [row["words"] for row in found]


async def test_coverage_of_some_places(practice_get):
    query = "?place=130600&from=2022"
    rows = table(await practice_get("/coverage.csv" + query))
    same = await every_row(practice_get, "/api/coverage" + query, "coverage")
    assert [row["work"] for row in rows] == [row["work"] or "" for row in same]
    assert {row["place_key"] for row in rows} == {"130600"}
    everything = table(await practice_get("/coverage.csv"))
    assert len(everything) == len(await every_row(practice_get, "/api/coverage", "coverage"))


@pytest.mark.parametrize("query", ["after=-1", "after=999999999999999", "from=x", "level=%00"])
async def test_odd_arguments_are_answered(get, query):
    for name in LISTS:
        for path in (f"/list/{name}", f"/list/{name}.csv", f"/api/{name}"):
            response = await get(f"{path}?{query}")
            assert response.status_code == 200

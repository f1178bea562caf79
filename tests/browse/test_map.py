"""The map of tiles and the dense table: the same states as the table, each a link."""

from urllib.parse import quote

import pytest
from browse.test_pages import page
from datasette.app import Datasette

from archive.browse.tiles import PROVINCES, best_year
from archive.known import shipped
from archive.store import Archive

REPORT, GAP, WITHIN = "full", "gap", "within"


def test_every_province_has_its_own_place_on_the_map():
    provinces = {d.code for d in shipped().gazetteer.children("100000")}
    assert provinces | {"100000"} == set(PROVINCES)
    assert len(set(PROVINCES.values())) == len(PROVINCES)


def test_the_map_opens_at_the_newest_year_that_is_not_nearly_empty():
    assert best_year({2023: 28, 2024: 32, 2025: 17, 2026: 3}) == 2025
    assert best_year({}) is None


def tiles(shown):
    return {tile.cssselect("b")[0].text: tile for tile in shown.cssselect(".tiles li")}


async def test_a_province_with_reports_within_unfolds_to_its_places(practice_get):
    shown = await page(practice_get, "/map?year=2023")
    hebei = tiles(shown)["河北"]
    (into,) = hebei.cssselect("a.into")
    inside = tiles(await page(practice_get, into.get("href")))
    within = int(into.text.strip("+"))
    below = [a.text for tile in inside.values() for a in tile.cssselect("a.into")]
    assert within == sum(int(text) for text in below if text.startswith("+")) + sum(
        tile.get("class").split()[0] not in (GAP, WITHIN) for tile in inside.values()
    )
    assert len(inside) == 12, "the province and its eleven prefectures"


async def test_a_tile_leads_to_its_report_or_to_the_reason_of_its_gap(practice_get):
    shown = await page(practice_get, "/map?open=130000&year=2023")
    for tile in tiles(shown).values():
        link = tile.cssselect("a")[0]
        state = tile.get("class").split()[0]
        expected = {GAP: "/gap/", WITHIN: "/map?"}.get(state, "/r/")
        assert link.get("href").startswith(expected)
        assert link.cssselect(".unseen")[0].text.strip(), "a state is said in words"
        if state == REPORT:
            assert (await practice_get(link.get("href"))).status_code == 200


async def test_a_place_without_a_code_of_the_gazetteer_has_a_tile(get):
    shown = await page(get, "/map")
    other = tiles(shown)["990000"]
    inside = tiles(await page(get, other.cssselect("a")[0].get("href")))
    assert inside["演示省演示市"].cssselect("a")[0].get("href") == "/r/990100/2024"


@pytest.mark.parametrize("query", ["open=abc", "open=999999", "open=" + quote("<script>")])
async def test_an_unknown_division_is_refused(get, query):
    response = await get(f"/map?{query}")
    assert response.status_code == 404
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("query", ["year=0", "year=99999", "year=x", "open=130000&year=1"])
async def test_any_year_is_answered(practice_get, query):
    assert (await practice_get(f"/map?{query}")).status_code == 200


async def test_the_dense_table_has_a_cell_for_each_place_and_year(practice_get):
    dense, table = await page(practice_get, "/dense"), await page(practice_get, "/")
    assert len(dense.cssselect("table thead th")) == len(table.cssselect(".matrix thead th")) - 1
    reports = {link.get("href") for link in dense.cssselect("td a:not([class^=g])")}
    shown = {link.get("href") for link in table.cssselect(".matrix td a:not(.gap):not(.other)")}
    assert {address.split("/")[2] for address in shown} == {a.split("/")[2] for a in reports}
    gap = dense.cssselect("td a[class^=g]")[0]
    reason = dense.cssselect(".dense")[0].get("data-" + gap.get("class"))
    assert reason.startswith("缺: ")
    assert (await practice_get(gap.get("href"))).status_code == 200


async def test_an_empty_archive_has_an_empty_map(tmp_path):
    with Archive.open(tmp_path / "empty.db", create=True):
        pass
    served = Datasette([str(tmp_path / "empty.db")])
    await served.invoke_startup()
    for path in ("/map", "/dense", "/"):
        shown = await page(served.client.get, path)
        assert "还没有报告" in shown.text_content()

"""Addresses of works: two reports of one place and year, and places that are no divisions."""

import json
import sqlite3
from urllib.parse import quote

import pytest
from collate.test_two_reports import AREA, FIRST, PAGES, PLAIN, SECOND, put
from datasette.app import Datasette
from lxml import html

from archive.browse.datasette_tables import work_address
from archive.browse.static_site import write_site
from archive.store import Archive


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """An archive with two reports of one place and year, and one of a functional area."""
    path = tmp_path_factory.mktemp("names") / "two.db"
    with Archive.open(path, create=True) as archive:
        for url in PAGES:
            put(archive, url)
        archive.collate()
    return path


@pytest.fixture
async def get(two):
    served = Datasette([str(two)])
    await served.invoke_startup()
    yield served.client.get
    for opened in served.databases.values():
        opened.close()


def links(words: str) -> set[str]:
    return {element.get("href") for element in html.fromstring(words).iter("a")}


async def test_a_plain_address_lists_both_reports(get):
    shown = await get(f"/{work_address(PLAIN)}")
    assert shown.status_code == 300
    assert {f"/{work_address(FIRST)}", f"/{work_address(SECOND)}"} <= links(shown.text)
    assert "2024-10-17" in shown.text
    for page in ("compare", "variants", "cite"):
        assert (await get(f"/{page}/340523/2024")).status_code == 300


@pytest.mark.parametrize("address", ["340523/2024/10-17", "340523/2024/18-1"])
async def test_day_and_session_lead_to_the_report(get, address):
    shown = await get(f"/r/{address}")
    assert shown.status_code == 200
    assert "和县第十八届人民代表大会第一次会议" in shown.text


async def test_the_home_page_leads_to_every_report(get):
    shown = await get("/")
    assert shown.status_code == 200
    addresses = {f"/{work_address(name)}" for name in (FIRST, SECOND, AREA)}
    assert addresses <= links(shown.text)
    assert "坪山新区" in shown.text
    every_year = await get("/?years=all")
    assert f"/gap/{quote('440300~坪山新区', safe='')}/2015" in links(every_year.text)


async def test_a_functional_area_has_pages_of_its_own(get):
    shown = await get(f"/{work_address(AREA)}")
    assert shown.status_code == 200
    assert "广东省深圳市坪山新区管理委员会" in shown.text
    gap = await get(f"/gap/{quote('440300~坪山新区', safe='')}/2015")
    assert gap.status_code == 200
    assert "广东省深圳市坪山新区" in gap.text
    assert (await get("/r/440300/2014")).status_code == 404


async def test_the_interface_lists_both_too(get):
    shown = await get("/api/r/340523/2024")
    assert shown.status_code == 300
    works = json.loads(shown.text)["works"]
    assert [work["name"] for work in works] == [FIRST, SECOND]
    for work in works:
        told = json.loads((await get(work["api"].split("//")[1].partition("/")[2])).text)
        assert told["work"]["name"] == work["name"]
    listed = json.loads((await get("/api/works")).text)["works"]
    assert [(work["name"], work["within"]) for work in listed][-1] == (AREA, "440300")
    assert (await get("/api")).status_code == 200


def test_the_site_of_files_has_a_page_for_each_and_one_to_choose(two, tmp_path):
    with Archive.open(two, read_only=True) as archive:
        archive.connection.row_factory = sqlite3.Row
        write_site(archive.connection, tmp_path, database="two")
    chosen = (tmp_path / "r" / "340523" / "2024.html").read_text("utf-8")
    for name in (FIRST, SECOND):
        assert (tmp_path / f"r/{name.replace('-', '/', 1)}.html").is_file()
        assert f"../../r/{name.replace('-', '/', 1)}.html" in links(chosen)
    home = links((tmp_path / "index.html").read_text("utf-8"))
    assert f"./r/{quote('440300~坪山新区/2014')}.html" in home

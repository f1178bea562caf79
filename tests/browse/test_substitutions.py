"""What mirrors changed: the words, how often, and an example that can be traced."""

import csv
import io

from browse.test_pages import page
from datasette.app import Datasette

from archive.store import Archive


async def test_each_host_is_listed_with_the_words_it_changed(practice_get):
    shown = await page(practice_get, "/changed")
    (host,) = shown.cssselect("th.host")
    assert host.text_content().startswith("jyt.jiahuo.test")
    rows = [
        [cell.text_content().strip() for cell in row.cssselect("td")]
        for row in shown.cssselect("tbody tr")
        if row.cssselect("td")
    ]
    assert {row[0] for row in rows} == {"广告词"}
    assert "省委" in {row[1] for row in rows}
    (brand,) = {row[2] for row in rows}
    assert "云顶" in brand
    places = [int(row[3]) for row in rows]
    assert places == sorted(places, reverse=True)
    assert sum(places) == int(host.cssselect(".note")[0].text_content().split()[0])


async def test_the_example_leads_to_the_captured_bytes(practice_get):
    shown = await page(practice_get, "/changed")
    (trace,) = [
        link.get("href")
        for link in shown.cssselect("tbody tr:nth-child(2) a")
        if "/trace/" in link.get("href")
    ]
    traced = await page(practice_get, trace)
    assert "云顶体育" in traced.text_content()


async def test_the_csv_has_the_same_rows(practice_get):
    response = await practice_get("/changed.csv")
    found = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    shown = await page(practice_get, "/changed")
    assert len(found) == len([row for row in shown.cssselect("tbody tr") if row.cssselect("td")])
    assert {row["host"] for row in found} == {"jyt.jiahuo.test"}


async def test_an_archive_without_changed_copies_says_so(tmp_path):
    with Archive.open(tmp_path / "empty.db", create=True):
        pass
    served = Datasette([str(tmp_path / "empty.db")])
    await served.invoke_startup()
    shown = await page(served.client.get, "/changed")
    assert not shown.cssselect("table.variants")
    assert "没有发现" in shown.cssselect(".lead")[0].text_content()


async def test_the_page_is_linked_from_the_home_page(get):
    home = await page(get, "/")
    assert "/changed" in [link.get("href") for link in home.cssselect("nav a")]

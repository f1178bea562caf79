"""Datasette's own pages: exact search, saved queries, a policy, and nothing of it elsewhere."""

import sqlite3
from urllib.parse import quote

import pytest
from browse.test_pages import page
from datasette.app import Datasette

from archive.browse.policy import stock_policy


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("营商环境", 1),
        ("钢", 1),
        ("改革开放", 0),
        ("PM2.5", 1),
        ("3个 营商", 1),
        ('"', 0),
        ("钢*", 0),
    ],
)
async def test_the_stock_search_box_is_exact(get, words, rows):
    answer = await get(f"/demo/works.json?_search={quote(words)}&_shape=array")
    assert len(answer.json()) == rows


async def test_saved_queries_answer(get):
    rows = (await get(f"/demo/find.json?words={quote('营商环境')}&_shape=array")).json()
    assert [row["name"] for row in rows] == ["990100-2024"]
    rows = (await get(f"/demo/sentences.json?words={quote('营商环境')}&_shape=array")).json()
    assert (
        rows[0]["words"]
        == "过去一年，【营商环境】持续优化，PM2.5平均浓度下降3个百分点，新建13个口袋公"
    )
    for name in ("removed_by_rule", "failures_by_host", "nothing_lost"):
        answer = await get(f"/demo/{name}.json?_shape=array")
        assert answer.status_code == 200
        assert bool(answer.json()) == (name != "nothing_lost")


@pytest.mark.parametrize("path", ["/demo", "/demo/works", "/demo/texts/3", "/demo?sql=select+1"])
async def test_stock_pages_have_a_policy_too(get, path):
    policy = (await get(path)).headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert policy == stock_policy()


async def test_archived_text_is_escaped_in_stock_pages_too(get):
    shown = await page(get, "/demo/passages?text_id=3")
    assert "<script>document.title" in shown.cssselect("td.col-text")[0].text_content()
    assert not shown.cssselect("td script, td img, td svg")


async def test_list_pages_are_light(get):
    for path in ("/", "/demo/works", "/demo/passages", "/find?q=" + quote("营商环境")):
        assert len((await get(path)).content) < 60_000, path


async def test_elsewhere_stock_search_and_headers_are_as_ever(tmp_path, database):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE notes USING fts5(words)")
    connection.execute("INSERT INTO notes VALUES ('one two'), ('two three')")
    connection.commit()
    connection.close()
    both = Datasette([str(path), str(database)])
    await both.invoke_startup()
    answer = await both.client.get("/other/notes.json?_search=two&_shape=array")
    assert len(answer.json()) == 2
    assert "content-security-policy" not in (await both.client.get("/other/notes")).headers
    assert "报告" in (await both.client.get("/")).text


@pytest.mark.parametrize("path", ["/demo", "/demo/works", "/demo/works/1", "/demo/find?words=x"])
async def test_stock_pages_have_the_frame_of_our_pages(get, path):
    shown = await page(get, path)
    assert shown.get("lang") == "zh-CN"
    assert [link.get("href") for link in shown.cssselect("header.top a.brand")] == ["/"]
    assert shown.cssselect("header.top input[name=q]")
    assert "账本" in shown.cssselect("footer.foot")[0].text_content()


async def test_stock_pages_speak_the_readers_language(get):
    assert (await page(get, "/demo/works?_lang=en")).get("lang") == "en"
    (other,) = (await page(get, "/demo/works?_lang=en")).cssselect("a[hreflang]")
    assert "_lang=zh" in other.get("href")


async def test_the_page_of_all_tables_says_where_to_begin(get):
    shown = await page(get, "/demo")
    links = [link.get("href") for link in shown.cssselect(".metadata-description a")]
    assert links[:2] == ["/demo/works", "/demo/captures"]


async def test_other_databases_keep_the_pages_of_datasette(database, tmp_path):
    other = tmp_path / "other.db"
    sqlite3.connect(other).execute(
        "CREATE TABLE things (id INTEGER PRIMARY KEY)"
    ).connection.close()
    served = Datasette([str(database), str(other)])
    await served.invoke_startup()
    shown = await page(served.client.get, "/other/things")
    assert not shown.cssselect("header.top")
    assert (await page(served.client.get, "/demo/works")).cssselect("header.top")

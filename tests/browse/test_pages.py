"""The pages: what they show, what they escape, what they refuse."""

import sqlite3
from urllib.parse import urlsplit

import pytest
from browse.made_up import answer, derivation
from datasette.app import Datasette
from lxml import html

from archive import Capture, derive
from archive.store import Archive

WORK = "/r/990100/2024"


async def page(get, path, **headers):
    response = await get(path, **headers)
    assert response.status_code == 200, response.text[:500]
    return html.fromstring(response.text)


async def test_home_leads_to_the_report(get):
    shown = await page(get, "/")
    (cell,) = shown.cssselect("table.matrix td a")
    assert cell.get("href") == WORK
    assert cell.text == "全"
    assert "演示省演示市" in shown.cssselect("table.matrix")[0].text_content()


async def test_home_lists_loose_texts_and_runs(get):
    shown = await page(get, "/")
    assert shown.cssselect('a[href="/text/3"]')
    assert shown.cssselect('a[href="/run/1"]')


async def test_report_shows_the_clean_text_and_where_it_comes_from(get):
    shown = await page(get, WORK)
    words = shown.cssselect("article")[0].text_content()
    assert "营商环境持续优化" in words
    beside = shown.cssselect("aside.beside")[0].text_content()
    for piece in ("http://www.demo.test/report.html", "2026-01-02 03:04 UTC", "演示市人民政府"):
        assert piece in beside
    assert len(shown.cssselect(".digest")[0].get("title").split()[1]) == 64
    assert [a.text for a in shown.cssselect("#rules tbody a")] == [
        "footer-copyright", "nav-crumbs", "页面工具", "分享按钮",
    ]  # fmt: skip


async def test_the_best_witness_is_the_one_that_was_not_hijacked(get):
    shown = await page(get, WORK)
    assert "演示博彩" not in shown.cssselect("article")[0].text_content()
    assert len(shown.cssselect("#witnesses li")) == 2


async def test_removed_words_stand_in_place_with_their_rule(get):
    shown = await page(get, WORK)
    cuts = [
        (cut.cssselect(".why a")[0].text, cut.cssselect("del")[0].text_content())
        for cut in shown.cssselect("article .cut")
    ]
    assert cuts == [
        ("nav-crumbs", "首页 > 政务公开"),
        ("页面工具", "【打印】【关闭】"),
        ("分享按钮", "分享到微信"),
        ("footer-copyright", "版权所有 演示市人民政府"),
    ]


async def test_headings_parts_and_permalinks(get):
    shown = await page(get, WORK)
    assert [h.text_content().strip("0123456789 \n")[:2] for h in shown.cssselect("h2.passage")] == [
        "一、", "二、",
    ]  # fmt: skip
    assert shown.cssselect(".contents li.level3 a")[0].get("href") == "#p6"
    assert shown.cssselect("#p6 .anchor")
    appendix = shown.cssselect("article .appendix")
    assert [p.get("id") for p in appendix] == ["p10", "p11"]


async def test_hijacked_slots_are_visible_with_proposals_and_never_mended(get):
    shown = await page(get, "/text/2")
    (slot,) = shown.cssselect("mark.flag ruby")
    assert slot.text == "演示博彩"
    assert slot.cssselect("rt")[0].text == "全部／全面？"
    assert "全部、全面" in shown.cssselect("#doubts")[0].text_content()


async def test_addresses_of_hijacked_hosts_are_words(get):
    shown = await page(get, "/text/2")
    assert not shown.cssselect('a[href*="hijacked.test"]')
    assert "http://www.hijacked.test/report.html" in shown.text_content()
    good = (await page(get, "/text/1")).cssselect('a[href*="demo.test"]')
    assert {link.get("rel") for link in good} == {"nofollow noopener noreferrer"}


async def test_archived_text_is_shown_never_run(get):
    shown = await page(get, "/text/3")
    assert [s.get("src") is not None for s in shown.cssselect("script")] == [True]
    assert not shown.cssselect("article img, article svg, article style, article script")
    assert not [a for a in shown.cssselect("a") if a.get("href", "").startswith("javascript:")]
    words = shown.cssselect("article")[0].text_content()
    assert "<script>document.title = 'run'</script>" in words
    assert "{{ 7*7 }}" in words
    assert "长" * 1000 in words
    assert len(words) < 60_000, "a line of any length is shortened, and says by how much"
    assert "(+190,0" in words


async def test_every_page_has_a_strict_policy(get):
    for path in ("/", WORK, "/text/3", "/text/999"):
        policy = (await get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/text/999", "/r/990100/1999", "/r/990100/2024/统计公报"])
async def test_missing_things_are_told_in_a_sentence(get, path):
    response = await get(path)
    assert response.status_code == 404
    assert "本档案没有" in response.text


async def test_two_languages(get):
    chinese, english = await page(get, "/"), await page(get, "/?lang=en")
    assert chinese.get("lang") == "zh-CN"
    assert english.get("lang") == "en"
    assert english.cssselect("h1")[0].text == "Government work reports"
    browser = await page(get, WORK, **{"accept-language": "en-GB,en;q=0.9"})
    assert browser.get("lang") == "en"


async def test_an_unchanged_page_is_not_sent_again(get):
    first = await get(WORK)
    again = await get(WORK, **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content


async def test_assets_are_kept_forever(get):
    shown = await page(get, "/")
    response = await get(shown.cssselect('link[rel="stylesheet"]')[0].get("href"))
    assert response.status_code == 200
    assert "immutable" in response.headers["cache-control"]
    assert (await get("/-/baogao/000000000000/none.txt")).status_code == 404


async def test_another_database_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (url TEXT)")
    connection.execute("INSERT INTO t VALUES ('http://www.example.test/')")
    connection.commit()
    connection.close()
    other = Datasette([str(path)])
    await other.invoke_startup()
    assert "Datasette" in (await other.client.get("/")).text
    assert (await other.client.get("/text/1")).status_code == 404
    assert 'href="http://www.example.test/"' in (await other.client.get("/other/t")).text
    assert "baogao" not in (await other.client.get("/other")).text


async def test_stock_pages_are_readable(get):
    tables = (await get("/demo")).text
    assert "works" in tables
    assert "packed_texts" not in tables
    works = await page(get, "/demo/works")
    assert works.cssselect(f'td a[href="{WORK}"]')
    pages = await page(get, "/demo/pages")
    assert "http://www.demo.test/report.html" in pages.text_content()
    hosts = {urlsplit(link.get("href", "")).hostname for link in pages.cssselect("a")}
    assert not [host for host in hosts if host and host.endswith(".test")]


async def test_a_suspect_text_says_why_and_what_would_clear_it(tmp_path):
    words = "各位代表：\n预料增长百分之八，让农夫得到实惠。\n".encode()
    with Archive.open(tmp_path / "spun.db", create=True) as archive, archive.run("crawl") as run:
        capture = Capture.from_bytes(
            words, url="http://www.demo.test/spun.txt", filename="spun.txt"
        )
        run.text(run.capture(capture), derive(capture))
    served = Datasette([str(tmp_path / "spun.db")])
    await served.invoke_startup()
    english = html.fromstring((await served.client.get("/text/1?lang=en")).text)
    told = english.cssselect("#doubts")[0]
    assert "预料增长、农夫 (2 times, 2 make a text suspect)" in told.text_content()
    assert "cleared by a copy of the report from another site" in told.text_content()
    told = html.fromstring((await served.client.get("/text/1")).text).cssselect("#doubts")[0]
    assert "预料增长、农夫（2 次，达到 2 次即为可疑）" in told.text_content()
    assert "另一网站上用词正常的副本可以消除此疑" in told.text_content()


async def test_a_long_text_comes_in_sheets_and_every_passage_has_its_place(tmp_path):
    lines = [(f"第{n}段，" + "改革" * 200, "body") for n in range(1, 400)]
    with Archive.open(tmp_path / "long.db", create=True) as archive, archive.run("crawl") as run:
        capture = answer("http://www.demo.test/long.html", lines)
        run.text(run.capture(capture), derivation(capture, lines, place_code=None))
    served = Datasette([str(tmp_path / "long.db")])
    await served.invoke_startup()
    seen = []
    path = "/text/1"
    while path:
        response = await served.client.get(path)
        assert len(response.content) < 400_000
        shown = html.fromstring(response.text)
        seen += [p.get("id") for p in shown.cssselect("article .passage")]
        path = next((a.get("href") for a in shown.cssselect('.pager a[rel="next"]')), None)
    assert seen == [f"p{n}" for n in range(1, 400)]
    middle = html.fromstring((await served.client.get("/text/1?p=250")).text)
    assert middle.cssselect("#p250")

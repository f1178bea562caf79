"""Search: exact hits, snippets from the original words, filters, what was removed."""

import json
from urllib.parse import quote

import pytest
from browse.test_pages import page
from click.testing import CliRunner

from archive.commands.search import search


def find(words, **more):
    return "/find?q=" + quote(words) + "".join(f"&{name}={value}" for name, value in more.items())


@pytest.mark.parametrize(
    ("words", "hits"),
    [("营商环境", 2), ("钢铁", 2), ("钢", 2), ("PM2.5", 1), ("2+10", 1), ("3个", 1), ("13个", 1)],
)
async def test_hits_are_counted_in_the_original_words(get, words, hits):
    shown = await page(get, find(words))
    (hit,) = shown.cssselect(".hits > li")
    assert f"{hits} 处" in hit.text_content()
    assert hit.cssselect("mark")[0].text == words


async def test_a_snippet_leads_to_its_passage(get):
    shown = await page(get, find("2+10"))
    (link,) = shown.cssselect(".snippet a")
    assert link.get("href") == "/r/990100/2024?q=2%2B10#p7"
    report = await page(get, link.get("href").partition("#")[0])
    (hit,) = report.cssselect("#p7 mark.hit")
    assert hit.text == "2+10"
    assert not (await page(get, "/r/990100/2024")).cssselect("mark.hit")


async def test_words_that_go_on_in_the_next_passage_are_a_hit(get, database):
    words = (
        '"次会议上 各位代表"'  # the last ones of the byline and the first ones of the salutation
    )
    (found,) = (await get("/api/find?q=" + quote(words))).json()["hits"]
    assert found["hits"] == 1
    listed = CliRunner().invoke(search, [str(database), words])
    assert json.loads(listed.stdout)["hits"] == 1


async def test_nothing_found_is_said(get):
    shown = await page(get, find("没有这个词"))
    assert "找到 0 份" in shown.text_content()


async def test_filters(get):
    for more, expected in (
        ({"level": "province"}, 0), ({"level": "prefecture"}, 1), ({"from": 2025}, 0),
        ({"from": 2024, "to": 2024}, 1), ({"place": "9901"}, 1), ({"place": quote("演示市")}, 1),
        ({"place": "210000"}, 0), ({"quality": "complete"}, 1), ({"sort": "oldest"}, 1),
    ):  # fmt: skip
        shown = await page(get, find("营商环境", **more))
        assert len(shown.cssselect(".hits > li")) == expected, more


async def test_what_was_removed_can_be_searched_on_request(get):
    shown = await page(get, find("分享到微信", scope="removed"))
    assert len(shown.cssselect(".hits > li")) == 2
    assert not (await page(get, find("分享到微信"))).cssselect(".hits > li")


async def test_texts_that_are_no_report_on_request(get):
    assert not (await page(get, find("反向"))).cssselect(".hits > li")
    (hit,) = (await page(get, find("反向", scope="all"))).cssselect(".hits > li")
    assert hit.cssselect("h2 a")[0].get("href") == f"/text/3?q={quote('反向')}"


@pytest.mark.parametrize(
    "words", ["", " ", '"', "-x", "* OR", "')--", "a" * 500, "<script>", "NEAR("]
)
async def test_odd_queries_are_answered(get, words):
    response = await get(find(words, page="999999999", sort="x", scope="'"))
    assert response.status_code == 200
    assert "<script>" not in response.text

"""Permanent links: they lead to the passage, also after the text was made again."""

from urllib.parse import quote

import pytest
from browse.made_up import answer, derivation
from browse.test_pages import page
from datasette.app import Datasette

from archive.browse.permalinks import permalink, target
from archive.store import Archive

WORDS = [
    "各位代表：",
    "一、2023年工作回顾",
    "过去一年，营商环境持续优化，新建十三个口袋公园，群众反映很好，空气更加清新。",
    "钢铁产业转型升级，重点项目全部开工，规模以上工业增加值增长百分之六点五左右。",
    "一、2023年工作回顾",
]
PASSAGES = list(enumerate(WORDS, 1))
LINK = permalink(3, WORDS[2])


def led(passages):
    found = target(LINK, passages)
    return found.number, found.is_same


def test_a_link_leads_to_its_passage():
    assert led(PASSAGES) == (3, True)


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        (["新的一行", *WORDS], 4),
        (WORDS[2:], 1),
        ([*WORDS[:2], WORDS[2].replace("十三个", "十五个"), *WORDS[3:]], 3),
        ([*WORDS[:2], WORDS[2].replace("，", ",").replace("。", " ."), *WORDS[3:]], 3),
        ([*WORDS[:2], WORDS[2][:20], WORDS[2][20:], *WORDS[3:]], 3),
        ([*WORDS[:1], WORDS[1] + WORDS[2], *WORDS[3:]], 2),
    ],
)
def test_a_link_leads_there_after_the_text_was_made_again(changed, number):
    assert led(list(enumerate(changed, 1))) == (number, True)


def test_of_two_passages_with_the_same_words_the_nearer_one_is_taken():
    assert target(permalink(5, WORDS[4]), PASSAGES).number == 5
    assert target(permalink(2, WORDS[1]), PASSAGES).number == 2


def test_a_passage_that_is_gone_is_told():
    assert led([*PASSAGES[:2], (3, "别的内容")]) == (3, False)
    assert led(PASSAGES[:2]) == (2, False)


@pytest.mark.parametrize("at", ["", "3", "x-123", "0-" + "a" * 12, "3-" + "g" * 12, "9" * 30])
def test_what_is_no_link_leads_nowhere(at):
    assert target(at, PASSAGES) is None


async def test_the_number_of_a_passage_is_its_permanent_link(get):
    shown = await page(get, "/r/990100/2024")
    (anchor,) = shown.cssselect("#p6 .anchor")
    led_to = await get(anchor.get("href"))
    assert led_to.status_code == 302
    assert led_to.headers["location"] == "/r/990100/2024#p6"
    gone = await get("/r/990100/2024?at=" + quote("6-000000000000"))
    assert gone.headers["location"] == "/r/990100/2024?moved=1#p6"
    told = await get("/r/990100/2024?moved=1&lang=en")
    assert "The passage of this link has changed" in told.text
    assert (await get("/r/990100/2024?at=nonsense")).status_code == 200


async def test_a_link_into_a_long_text_leads_to_its_sheet(tmp_path):
    lines = [(f"第{number}段" + "长" * 25_000, "body") for number in range(4)]
    with Archive.open(tmp_path / "a.db", create=True) as archive, archive.run("crawl") as run:
        capture = answer("http://www.demo.test/long.html", lines)
        run.text(run.capture(capture), derivation(capture, lines))
    served = Datasette([str(tmp_path / "a.db")])
    await served.invoke_startup()
    led_to = await served.client.get("/text/1?at=" + permalink(4, lines[3][0]))
    assert led_to.headers["location"] == "/text/1?p=4#p4"
    for opened in served.databases.values():
        opened.close()

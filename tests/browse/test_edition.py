"""Editions: every passage in order with its source, who agrees, and what copies say otherwise."""

import pytest
from browse.test_pages import page

from archive.store import Archive


@pytest.fixture(scope="module")
def edition(practice_archive):
    """The work with the most brand words among its variant readings, and its edition."""
    with Archive.open(practice_archive, read_only=True) as archive:
        (name,) = archive.connection.execute(
            "SELECT works.name FROM readings JOIN works ON works.id = work_id"
            " WHERE readings.kind = 'brand' GROUP BY works.id ORDER BY count(*) DESC LIMIT 1"
        ).fetchone()
        yield name, list(archive.edition(name)), list(archive.readings(name))


def address(name):
    return name.replace("-", "/", 1)


async def test_the_page_shows_the_edition_word_for_word(practice_get, edition):
    name, passages, _ = edition
    shown = await page(practice_get, f"/r/{address(name)}")
    found = shown.cssselect("article .passage")
    assert [p.get("id") for p in found] == [f"p{n}" for n in range(1, len(passages) + 1)]
    for element, passage in zip(found, passages, strict=True):
        for aside in element.cssselect(".anchor, rt, rp, del"):
            aside.drop_tree()
        assert element.text_content().split() == passage["text"].split()
        assert element.get("data-source") == str(passage["text_id"])
        assert len((element.get("data-agree") or "").split()) == passage["supports"]


async def test_every_cut_of_the_base_is_on_the_page(practice_get, edition):
    name, passages, _ = edition
    shown = await page(practice_get, f"/r/{address(name)}")
    text = await page(practice_get, f"/text/{passages[0]['text_id']}")
    if len({passage["text_id"] for passage in passages}) == 1:
        assert [d.text_content() for d in shown.cssselect(".cut del")] == [
            d.text_content() for d in text.cssselect(".cut del")
        ]


async def test_which_words_did_this_mirror_change_and_how_do_you_know(practice_get, edition):
    name, _, readings = edition
    report = await page(practice_get, f"/r/{address(name)}")
    (link,) = [a for a in report.cssselect("#witnesses a") if a.text == "异文一览"]
    shown = await page(practice_get, link.get("href"))
    weighty = [r for r in readings if r["kind"] in ("number", "brand", "word", "missing", "extra")]
    rows = shown.cssselect(".variants tbody tr")
    assert len(rows) == len(weighty)
    words = shown.cssselect(".variants")[0].text_content()
    for reading in weighty:
        for said in reading["says"]:
            assert said["words"] in words
            assert said["host"] in words


async def test_search_finds_what_the_edition_says_and_where(practice_get, edition):
    name, passages, _ = edition
    number, words = next(
        (p["seq"] + 1, p["text"][:12])
        for p in passages
        if len(p["text"]) > 60 and '"' not in p["text"]
    )
    found = (await practice_get("/api/find", params={"q": f'"{words}"'})).json()
    hit = next(hit for hit in found["hits"] if hit["work"] == name)
    assert hit["snippets"][0]["passage"] == number


async def test_every_work_has_its_page_and_every_text_too(practice_get, practice_archive):
    with Archive.open(practice_archive, read_only=True) as archive:
        names = [name for (name,) in archive.connection.execute("SELECT name FROM works")]
        texts = [i for (i,) in archive.connection.execute("SELECT id FROM texts")]
    for path in [f"/r/{address(name)}" for name in names] + [f"/text/{i}" for i in texts]:
        response = await practice_get(path)
        assert response.status_code == 200, path
        assert len(response.content) < 400_000, path

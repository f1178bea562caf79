"""Grouping: by what texts say of themselves, then by what they share; in any order."""

import random

import pytest

from archive.collate.articles import Article, Described, articles
from archive.collate.names import Key
from archive.collate.recognition import _may_both_be
from archive.collate.sections import PassagePlace, Read, split
from archive.collate.works import Grouping, Link, group

REPORT = {"kind": "政府工作报告", "place_code": "990100", "report_year": 2024}


def text(text_id: int, identity=None, url="", **more) -> Described:
    given = {"chars": 9000, "clean": f"digest-{text_id}", **more}
    return Described(text_id, identity or {}, url or f"http://a.test/{text_id}.html", **given)


def shape(found: Grouping) -> dict[str, list[tuple[int, ...]]]:
    return {work.id: [w.text_ids for w in work.witnesses] for work in found.works}


def test_copies_of_one_report_are_one_work_the_best_first() -> None:
    found = group(
        [
            text(1, REPORT, site_kind="mirror"),
            text(2, REPORT, site_kind="official", verdict="hijacked"),
            text(3, REPORT, site_kind="official"),
            text(4, REPORT, site_kind="official", chars=400),
            text(5, {**REPORT, "report_year": 2023}),
            text(6, {**REPORT, "stage": "draft"}),
            text(7, {**REPORT, "kind": "新闻"}),
        ],
        [Link(1, 2, 8000), Link(2, 3, 8000), Link(3, 4, 400), Link(3, 6, 8000)],
    )
    assert shape(found) == {
        "990100-2023": [(5,)],
        "990100-2024": [(3,), (1,), (2,), (4,)],
        "990100-2024/draft": [(6,)],
    }


def test_a_headless_text_takes_the_work_of_the_copy_it_shares_text_with() -> None:
    found = group([text(1, REPORT), text(2), text(3)], [Link(1, 2, 2000), Link(2, 3, 900)])
    assert shape(found) == {"990100-2024": [(1,), (2,), (3,)]}
    assert [(w.how, w.basis) for w in found.works[0].witnesses] == [
        ("identity", None), ("text", 1), ("text", 2),
    ]  # fmt: skip


def test_two_years_of_one_city_never_merge() -> None:
    last_year = {**REPORT, "report_year": 2023}
    found = group([text(1, REPORT), text(2, last_year)], [Link(1, 2, 8900)])
    assert shape(found) == {"990100-2023": [(2,)], "990100-2024": [(1,)]}
    assert "990100-2023" in found.notes[1]


def test_formulas_that_several_works_share_prove_nothing() -> None:
    others = {**REPORT, "place_code": "990200"}
    found = group([text(1, REPORT), text(2, others), text(3)], [Link(1, 3, 300), Link(2, 3, 290)])
    assert shape(found) == {"990100-2024": [(1,)], "990200-2024": [(2,)]}
    assert "several works" in found.notes[3]


def test_what_a_text_says_is_not_overruled_by_what_it_shares() -> None:
    other_place = {"place_code": "990200"}
    found = group([text(1, REPORT), text(2, other_place)], [Link(1, 2, 5000)])
    assert shape(found) == {"990100-2024": [(1,)]}


def test_a_guess_gives_way_to_a_copy_that_knows() -> None:
    guessed = {**REPORT, "report_year": 2022}
    found = group(
        [text(1, REPORT), text(2, guessed, weak=frozenset({"report_year"}))], [Link(1, 2, 5000)]
    )
    assert shape(found) == {"990100-2024": [(1,), (2,)]}
    alone = group([text(2, guessed, weak=frozenset({"report_year"}))])
    assert shape(alone) == {"990100-2022": [(2,)]}


def test_a_report_without_a_year_is_a_work_of_its_own() -> None:
    undated = {**REPORT, "report_year": None}
    found = group([text(1, undated), text(2, undated), text(3, undated)], [Link(2, 3, 5000)])
    assert shape(found) == {
        "990100-undated-digest-1": [(1,)],
        "990100-undated-digest-2": [(2,), (3,)],
    }


def test_a_compilation_is_a_witness_of_each_report_in_it() -> None:
    other = {**REPORT, "place_code": "990200"}
    found = group(
        [text(1, REPORT), text(2, other), text(3, shape="compilation", chars=40000)],
        [Link(1, 3, 8000), Link(2, 3, 7000)],
    )
    assert shape(found) == {"990100-2024": [(1,), (3,)], "990200-2024": [(2,), (3,)]}


def test_news_that_quotes_a_report_is_an_excerpt() -> None:
    news = {"kind": "新闻"}
    found = group([text(1, REPORT), text(2, news, chars=900)], [Link(1, 2, 500)])
    assert [w.extent for w in found.works[0].witnesses] == ["unknown", "excerpt"]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_does_not_matter(seed: int) -> None:
    texts = [
        text(1, REPORT), text(2), text(3), text(4, {**REPORT, "place_code": "990200"}), text(5),
        text(6, {**REPORT, "report_year": None}), text(7, shape="compilation"),
    ]  # fmt: skip
    links = [
        Link(1, 2, 900), Link(2, 3, 800), Link(4, 5, 700), Link(1, 5, 690), Link(4, 7, 300),
        Link(1, 7, 500),
    ]  # fmt: skip
    expected = group(texts, links)
    chance = random.Random(seed)  # noqa: S311  (no secret)
    chance.shuffle(texts)
    chance.shuffle(links)
    assert group(texts, links) == expected


def test_pages_are_joined_in_order_with_their_gaps() -> None:
    url = "http://m.test/baogao/12"
    pages = [
        text(9, {"page_no": 3, "page_count": 5}, f"{url}_3.html"),
        text(4, REPORT, f"{url}.html"),
        text(6, {"page_no": 5, "page_count": 5}, f"{url}_5.html", clean="last"),
        text(7, {}, f"{url}_6.html", clean="last"),
    ]
    (article,) = articles(pages)
    assert [page.text_id for page in article.texts] == [4, 9, 6]
    assert article.missing == (2, 4)
    assert article.repeated == (6,)
    (work,) = group(pages).works
    assert (work.witnesses[0].text_ids, work.witnesses[0].extent) == ((4, 9, 6), "part")


def test_numbers_in_an_address_are_no_pages_by_themselves() -> None:
    found = articles(
        [
            text(1, url="http://g.test/t20240131_101.html"),
            text(2, url="http://g.test/t20240131_102.html"),
        ]
    )
    assert [len(article.texts) for article in found] == [1, 1]


def test_an_address_that_changed_is_two_articles() -> None:
    same = "http://g.test/a.html"
    found = articles([text(1, url=same), text(2, url=same), text(3, url=same, clean="digest-1")])
    assert [article.first.text_id for article in found] == [2, 3]


def test_of_the_same_words_at_one_address_those_with_other_facts_speak() -> None:
    same = "http://g.test/a.html"
    told = {**REPORT, "report_year": 2023}
    pages = [text(1, REPORT, url=same, clean="d"), text(2, REPORT, url=same, clean="d")]
    assert [a.first.text_id for a in articles(pages)] == [1]
    assert [a.first.text_id for a in articles([*pages, text(3, told, url=same, clean="d")])] == [3]
    moved = text(4, REPORT, url=same, clean="d", site_kind="official")
    assert [a.first.text_id for a in articles([*pages, moved])] == [4]


def test_a_compilation_is_split_where_reports_begin() -> None:
    lines = [
        "（接上页）继续抓好各项工作。",
        "甲市政府工作报告",
        "各位代表：",
        "现在，我代表甲市人民政府报告工作。",
        "乙市政府工作报告",
        "——在乙市人民代表大会上",
        "现在报告工作。",
    ]
    page = text(1, shape="compilation")
    more = text(2, shape="compilation")
    places = [PassagePlace(0, n, words) for n, words in enumerate(lines)]
    places += [
        PassagePlace(1, 0, "乙市的报告在下一页继续。"),
        PassagePlace(1, 1, "丙市政府工作报告已经印发。"),
    ]
    parts = split(Article((page, more)), places, lambda words: Read({"place": words[:2]}))
    assert [part.value("place") for part in parts] == ["甲市", "乙市"]
    assert [part.ranges for part in parts] == [((1, 3),), ((4, 6), (0, 1))]


def test_a_list_of_titles_begins_no_report() -> None:
    places = [PassagePlace(0, n, f"{name}市政府工作报告") for n, name in enumerate("甲乙丙丁")]
    assert split(Article((text(1),)), places, lambda _: Read({})) == ()


@pytest.mark.parametrize(
    ("page_no", "belongs"), [(None, False), (1, False), (2, True), (3, True), (4, False)]
)
def test_a_page_belongs_to_an_article_if_its_number_is_that_of_its_address(page_no, belongs):
    """Some systems count from 0 in addresses: page 3 of an article is _2.html."""
    page = text(7, {"page_no": page_no}, url="http://a.test/123_2.html")
    other = text(8, url="http://a.test/another.html")
    first = text(9, url="http://a.test/123_1.html", identity={"page_no": 2 if belongs else None})
    found = {
        tuple(sorted(t.text_id for t in each.texts)) for each in articles([page, other, first])
    }
    assert found == ({(7, 9), (8,)} if belongs else {(7,), (8,), (9,)})


@pytest.mark.parametrize(
    ("weak", "years", "may"),
    [
        (True, (2023, 2024), False),
        (True, (2024, 2024), True),
        (True, (None, 2024), True),
        (True, (2024, None), True),
        (False, (2023, 2024), True),
    ],
)
def test_two_works_may_both_be_meant_if_they_agree_on_what_was_not_read(weak, years, may):
    said = text(1, REPORT, weak=frozenset({"report_year"} if weak else ()))
    (article,) = articles([said])
    own, other = (Key("990100", year) for year in years)
    assert _may_both_be(article, own, other) is may

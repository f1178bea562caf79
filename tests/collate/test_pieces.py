"""Pieces of one article at different addresses of a site are put together, and nothing else."""

import pytest
from collate.test_works import REPORT, shape, text

from archive.collate.articles import articles
from archive.collate.pieces import folder, joined, neighbours
from archive.collate.works import Link, group

HEAD = {**REPORT, "completeness": {"state": "tail_missing"}}
TAIL = {"kind": "政府工作报告", "completeness": {"state": "head_missing"}}
ON, BACK = frozenset({"on"}), frozenset({"back"})
PAPER = "http://p.test/2024-01/09/"


def piece(text_id: int, number: int, identity=None, **more):
    return text(text_id, identity, url=f"http://s.test/a/t2024_{number:04}.html", **more)


def numbered(text_id: int, page: int, count: int = 3, number: int | None = None, **more):
    said = {"page_no": page, "page_count": count, **(HEAD if page == 1 else {}), **more}
    return piece(text_id, 100 + page if number is None else number, said)


def series(*texts, linked=()) -> list[tuple[int, ...]]:
    return [tuple(t.text_id for t in a.texts) for a in joined(articles(texts), linked)]


def paper(text_id: int, name: str, identity, leads, **more):
    return text(text_id, identity, url=PAPER + name, leads=leads, **more)


def test_addresses() -> None:
    assert neighbours("http://a.test/x/c_099.html?k=1") == (
        "http://a.test/x/c_098.html?k=1", "http://a.test/x/c_100.html?k=1",
    )  # fmt: skip
    assert neighbours("http://a.test/2024/report.html") == ()
    assert neighbours("http://a.test/0.html") == ("http://a.test/1.html",)
    assert folder("http://a.test/x/c_099.html?k=/1") == "http://a.test/x/"


def test_pages_k_of_n_whose_addresses_count_as_they_do() -> None:
    assert series(numbered(5, 1), numbered(3, 2), numbered(9, 3)) == [(5, 3, 9)]
    (work,) = group([numbered(5, 1), numbered(9, 3)]).works
    assert [(w.text_ids, w.missing, w.extent) for w in work.witnesses] == [((5, 9), (2,), "part")]


@pytest.mark.parametrize(
    "other",
    [
        numbered(2, 2, count=4),
        numbered(2, 2, number=300),
        numbered(2, 2, report_year=2023),
        numbered(2, 2, place_code="990200"),
        numbered(2, 2, kind="新闻"),
        numbered(2, 1, number=101),
        text(2, {"page_no": 2, "page_count": 3}, url="http://other.test/a/t2024_0102.html"),
    ],
)
def test_pages_of_something_else_are_left_alone(other) -> None:
    assert len(series(numbered(1, 1), other)) == (1 if other.url == numbered(1, 1).url else 2)


def test_a_newspaper_leads_from_page_to_page() -> None:
    texts = [
        paper(1, "a1.html", HEAD, ON), paper(2, "a4.html", TAIL, BACK | ON),
        paper(3, "a9.html", TAIL, BACK), paper(4, "a5.html", {"kind": "新闻"}, BACK),
    ]  # fmt: skip
    assert series(*texts[:2]) == [(1, 2)]
    assert series(texts[0], texts[3]) == [(1,), (4,)]
    assert shape(group(texts[:2])) == {"990100-2024": [(1, 2)]}


def test_where_two_pages_fit_none_is_chosen() -> None:
    first, second = paper(1, "a1.html", HEAD, ON), paper(2, "a4.html", TAIL, BACK)
    assert series(first, second, paper(3, "a5.html", TAIL, BACK)) == [(1,), (2,), (3,)]
    assert series(first, second, paper(3, "a2.html", HEAD, ON)) == [(1,), (2,), (3,)]
    elsewhere = text(3, TAIL, url="http://p.test/2024-01/10/a5.html", leads=BACK)
    assert series(first, second, elsewhere) == [(1, 2), (3,)]


def test_a_whole_report_leads_nowhere() -> None:
    whole = {**REPORT, "completeness": {"state": "complete"}}
    assert series(paper(1, "a1.html", whole, ON), paper(2, "a4.html", TAIL, BACK)) == [(1,), (2,)]


def test_neighbours_that_lack_what_the_other_has() -> None:
    second = {**TAIL, "place_code": "990100"}
    assert series(piece(1, 7, HEAD), piece(2, 8, second)) == [(1, 2)]
    assert shape(group([piece(1, 7, HEAD), piece(2, 8, second)])) == {"990100-2024": [(1, 2)]}


@pytest.mark.parametrize(
    "other",
    [
        piece(2, 9, {**TAIL, "place_code": "990100"}),
        piece(2, 6, {**TAIL, "place_code": "990100"}),
        piece(2, 8, {**TAIL, "place_code": "990200"}),
        piece(2, 8, {**TAIL, "place_code": "990100", "report_year": 2023}),
        piece(2, 8, TAIL),
        piece(2, 8, {**HEAD, "place_code": "990100"}),
    ],
)
def test_neighbours_that_are_something_else(other) -> None:
    assert series(piece(1, 7, HEAD), other) == [(1,), (2,)]


def test_texts_that_share_words_are_copies_and_no_pieces() -> None:
    texts = [piece(1, 7, HEAD), piece(2, 8, {**TAIL, "place_code": "990100"})]
    assert series(*texts, linked={frozenset((1, 2))}) == [(1,), (2,)]
    assert shape(group(texts, [Link(1, 2, 900, ends=True)])) == {"990100-2024": [(1,), (2,)]}

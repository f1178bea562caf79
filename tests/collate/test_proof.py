"""A work is proven: texts of one place and year are one report only if their words show it."""

import random

import pytest
from collate.test_works import REPORT, shape, text

from archive.collate.articles import Article
from archive.collate.works import Link, group

WHOLE = {**REPORT, "completeness": {"state": "complete", "ratio": 1.0}}
FIRST = {**WHOLE, "delivered_on": "2024-01-20"}
SECOND = {**WHOLE, "delivered_on": "2024-10-17"}
PLACE = frozenset({"place_code", "place"})


def test_two_reports_of_one_place_and_year_are_two_works() -> None:
    found = group([text(1, FIRST), text(2, SECOND), text(3, FIRST)], [Link(1, 3, 8000)])
    assert shape(found) == {"990100-2024/01-20": [(1,), (3,)], "990100-2024/10-17": [(2,)]}
    assert {work.plain for work in found.works} == {"990100-2024"}


def test_the_same_words_are_one_report_however_few() -> None:
    found = group([text(1, REPORT, chars=30, clean="d"), text(2, REPORT, chars=30, clean="d")])
    assert shape(found) == {"990100-2024": [(1,), (2,)]}


def test_halves_that_overlap_are_one_report() -> None:
    halves = [text(1, REPORT, chars=5000), text(2, {}, chars=4800)]
    assert shape(group(halves, [Link(1, 2, 900, ends=True)])) == {"990100-2024": [(1,), (2,)]}


def test_a_part_belongs_to_the_report_that_holds_it() -> None:
    texts = [text(1, FIRST), text(2, SECOND), text(3, REPORT, chars=1200)]
    links = [Link(1, 3, 300), Link(2, 3, 1100)]
    assert shape(group(texts, links)) == {
        "990100-2024/01-20": [(1,)], "990100-2024/10-17": [(2,), (3,)],
    }  # fmt: skip


def test_a_formula_joins_no_reports_and_is_a_copy_of_none() -> None:
    texts = [text(1, FIRST), text(2, SECOND), text(3, REPORT, chars=400), text(4, chars=390)]
    links = [Link(1, 3, 390), Link(2, 3, 380), Link(1, 4, 380), Link(2, 4, 380), Link(3, 4, 380)]
    found = group(texts, links)
    assert shape(found) == {"990100-2024/01-20": [(1,)], "990100-2024/10-17": [(2,)]}
    assert "2 reports of 990100-2024" in found.notes[3]
    assert "2 reports of 990100-2024" in found.notes[4]


def test_parts_that_only_the_whole_holds_are_one_report() -> None:
    texts = [text(1, REPORT), text(2, REPORT, chars=3000), text(3, REPORT, chars=3000)]
    found = group(texts, [Link(1, 2, 2900), Link(1, 3, 2900)])
    assert shape(found) == {"990100-2024": [(1,), (2,), (3,)]}


def test_a_text_with_two_whole_reports_is_a_witness_of_both() -> None:
    texts = [text(1, FIRST), text(2, SECOND), text(3, REPORT, chars=18100)]
    found = group(texts, [Link(1, 3, 8000), Link(2, 3, 8000)])
    assert shape(found) == {
        "990100-2024/01-20": [(1,), (3,)], "990100-2024/10-17": [(2,), (3,)],
    }  # fmt: skip
    assert [w.of_many for work in found.works for w in work.witnesses] == [False, True] * 2


def test_words_are_compared_where_no_link_tells() -> None:
    asked = []

    def alike(one: Article, other: Article) -> bool:
        asked.append({one.first.text_id, other.first.text_id})
        return asked[-1] == {1, 2}

    found = group([text(1, REPORT), text(2, REPORT), text(3, REPORT)], alike=alike)
    assert sorted(shape(found).values()) == [[(1,), (2,)], [(3,)]]
    assert {1, 2} in asked


def test_a_weighed_place_gives_way_to_a_copy_whose_header_reads_it() -> None:
    city = {**REPORT, "place_code": "990000"}
    found = group([text(1, city, weak=PLACE, chars=12000), text(2, REPORT)], [Link(1, 2, 8000)])
    assert shape(found) == {"990100-2024": [(1,), (2,)]}
    assert [w.how for w in found.works[0].witnesses] == ["text", "identity"]


def test_of_two_weighings_the_one_that_had_more_to_go_by_is_believed() -> None:
    city = {**REPORT, "place_code": "990000"}
    texts = [text(1, REPORT, weak=PLACE), text(2, city, weak=PLACE, chars=2000)]
    assert shape(group(texts, [Link(1, 2, 1900)])) == {"990100-2024": [(1,), (2,)]}


def test_of_two_weighings_of_one_text_none_is_believed() -> None:
    city = {**REPORT, "place_code": "990000"}
    texts = [text(1, REPORT, weak=PLACE), text(2, city, weak=PLACE)]
    found = group(texts, [Link(1, 2, 8000)])
    assert shape(found) == {}
    assert "neither is believed" in found.notes[1]
    assert "990100-2024" in found.notes[2]


def test_a_guess_gives_way_to_what_was_weighed() -> None:
    city = {**REPORT, "place_code": "990000"}
    guess = text(2, city, weak=PLACE, guessed=PLACE, chars=12000)
    found = group([text(1, REPORT, weak=PLACE), guess], [Link(1, 2, 8000)])
    assert shape(found) == {"990100-2024": [(2,), (1,)]}


def test_a_weighed_place_that_a_copy_contradicts_is_no_place() -> None:
    """It cannot take the copy's place: the years that both read differ."""
    other = {**REPORT, "place_code": "990000", "report_year": 2023}
    found = group([text(1, REPORT, weak=PLACE), text(2, other)], [Link(1, 2, 8000)])
    assert shape(found) == {"990000-2023": [(2,)]}
    assert "neither is believed" in found.notes[1]


def test_a_header_that_two_families_of_copies_contradict_is_not_believed() -> None:
    wrong = {**REPORT, "report_year": 2023}
    doubtful = {"contradicted": frozenset({"report_year"})}
    texts = [text(1, wrong, **doubtful), text(2, REPORT), text(3, REPORT)]
    links = [Link(1, 2, 8900), Link(1, 3, 8900), Link(2, 3, 8900)]
    found = group(texts, links)
    assert shape(found) == {"990100-2024": [(2,), (3,)]}
    assert "990100-2024" in found.notes[1]
    clones = [texts[0], *(text(n, REPORT, url=f"http://{n}.test/x.html") for n in (2, 3))]
    assert set(shape(group(clones, links))) == {"990100-2023", "990100-2024"}
    seconded = [*texts, text(4, wrong)]
    both = [*links, Link(1, 4, 8900), Link(2, 4, 8900), Link(3, 4, 8900)]
    assert set(shape(group(seconded, both))) == {"990100-2023", "990100-2024"}


def test_reports_that_are_alike_but_for_the_year_stay_apart() -> None:
    """A form filled in anew each year: no header is outvoted that its own text confirms."""
    years = {n: {**REPORT, "report_year": 2010 + n} for n in range(1, 8)}
    texts = [text(n, identity, site_kind="official") for n, identity in years.items()]
    again = text(8, years[3], site_kind="official")
    links = [Link(a, b, 8990) for a in range(1, 9) for b in range(a + 1, 9)]
    found = group([*texts, again], links)
    assert set(shape(found)) == {f"990100-{2010 + n}" for n in years}
    part = [text(n, i, contradicted=frozenset({"report_year"})) for n, i in years.items()]
    less = [Link(a, b, 8600) for a in range(1, 8) for b in range(a + 1, 8)]
    assert len(shape(group(part, less))) == len(years)


def test_an_official_header_is_believed_against_a_copy_of_it() -> None:
    wrong = {**REPORT, "place_code": "990200"}
    doubtful = {"contradicted": frozenset({"place_code"}), "site_kind": "mirror"}
    texts = [text(1, wrong, **doubtful), text(2, REPORT, site_kind="official")]
    assert shape(group(texts, [Link(1, 2, 8900)])) == {"990100-2024": [(2,)]}
    district = [text(1, wrong, site_kind="mirror"), texts[1]]
    assert set(shape(group(district, [Link(1, 2, 8990)]))) == {"990100-2024", "990200-2024"}
    part = [text(1, wrong, site_kind="mirror", chars=900), texts[1]]
    assert set(shape(group(part, [Link(1, 2, 900)]))) == {"990100-2024", "990200-2024"}


def test_what_copies_know_together_is_known() -> None:
    place, year = {**REPORT, "report_year": None}, {"kind": "政府工作报告", "report_year": 2024}
    texts = [text(1, place), text(2, year), text(3)]
    found = group(texts, [Link(1, 2, 900, ends=True), Link(2, 3, 700)])
    assert shape(found) == {"990100-2024": [(1,), (2,), (3,)]}
    other = text(4, {**year, "report_year": 2023})
    found = group([*texts, other], [Link(1, 2, 900, ends=True), Link(1, 4, 900, ends=True)])
    assert [name[:14] for name in shape(found)] == ["990100-undated"]


def test_a_functional_area_is_a_place_of_its_own() -> None:
    area = {
        "kind": "政府工作报告", "report_year": 2014, "place": "演示省演示市坪山新区",
        "level": "functional area", "within": "990100", "area": "坪山新区", "area_code": "990172",
    }  # fmt: skip
    city = {**REPORT, "report_year": 2014}
    texts = [text(1, area), text(2, area), text(3, city), text(4, {**area, "within": "990200"})]
    found = group(texts, [Link(1, 2, 8000), Link(1, 3, 8000), Link(1, 4, 8000)])
    assert shape(found) == {
        "990100-2014": [(3,)], "990100~坪山新区-2014": [(1,), (2,)], "990200~坪山新区-2014": [(4,)],
    }  # fmt: skip
    work = found.works[1]
    facts = work.facts
    assert (facts["place_code"], facts["within"], facts["area_code"]) == (None, "990100", "990172")
    assert (facts["place"], facts["level"]) == ("演示省演示市坪山新区", "functional area")


@pytest.mark.parametrize("seed", range(8))
def test_names_and_works_are_the_same_for_every_order(seed: int) -> None:
    """Texts get their ids as they come; what they say and share is the same."""
    city = {**REPORT, "place_code": "990000"}
    kinds = [
        (FIRST, {}), (SECOND, {}), (FIRST, {}), (WHOLE, {"chars": 18100}), (REPORT, {"chars": 400}),
        (city, {"weak": PLACE}), (city, {"weak": PLACE}), (REPORT, {"weak": PLACE, "chars": 2000}),
        ({}, {"chars": 3000}), ({**REPORT, "delivered_on": "2024-03-03"}, {}),
    ]  # fmt: skip
    pairs = [
        (0, 2, 8000), (0, 3, 8000), (1, 3, 8000), (2, 3, 8000), (0, 4, 390), (1, 4, 380),
        (1, 5, 8000), (6, 7, 1900), (1, 8, 2900),
    ]  # fmt: skip
    ids = list(range(1, len(kinds) + 1))
    random.Random(seed).shuffle(ids)  # noqa: S311  (no secret)
    texts = [
        text(ids[n], identity, url=f"http://a.test/{n}.html", clean=f"{n}" * 9, **more)
        for n, (identity, more) in enumerate(kinds)
    ]
    links = [Link(ids[one], ids[other], shared) for one, other, shared in pairs]
    numbers = {text_id: n for n, text_id in enumerate(ids)}
    found = group(texts, links)
    assert {
        work.id: [[numbers[t] for t in w.text_ids] for w in work.witnesses] for work in found.works
    } == {
        "990000-2024": [[6], [7]],
        "990100-2024/01-20": [[0], [2], [3]],
        "990100-2024/10-17": [[1], [5], [3], [8]],
        "990100-2024/03-03": [[9]],
    }

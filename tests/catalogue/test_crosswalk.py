"""The crosswalk says which division of one year is which of another, and where it cannot."""

from __future__ import annotations

import csv
import json

import pytest

from archive.catalogue.crosswalk import (
    FIRST,
    LAST,
    Boundaries,
    Crosswalk,
    Era,
    load_crosswalk,
)
from archive.errors import DataFileError, UsageError
from archive.known import shipped


@pytest.fixture(scope="module")
def known_changes():
    return load_crosswalk()


def aligned(crosswalk, year, unit, report_year):
    return Boundaries(crosswalk, year).aligned(unit, report_year)


# year of boundaries, unit, year of the report, relation, sources: changes as they were published
FACTS = [
    (2020, "420600", 2005, "renamed", "420600"),  # 襄樊市 became 襄阳市 in 2010
    (2010, "420600", 2010, "renamed", "420600"),  # the report of that year was given before
    (2020, "210381", 1984, "raised", "210322"),  # 海城县 became 海城市
    (2020, "460400", 2012, "recoded", "469003"),  # 儋州 rose from county to prefecture in 2015
    (2020, "310106", 2010, "merged", "310106 310108"),  # 闸北区 joined 静安区 in 2015
    (2020, "310106", 2016, "same", "310106"),
    (2020, "110101", 2009, "merged", "110101 110103"),  # 崇文区 joined 东城区 in 2010
    (2020, "370100", 2015, "merged", "370100 371200"),  # 莱芜市 joined 济南市 in 2018
    (2020, "500000", 1996, "merged", "510200 511200 511400 513500"),  # 重庆 became a province
    (2020, "341202", 2015, "same", "341202"),
    (2010, "310108", 2020, "split", "310106"),  # what was merged is not divided
    (2010, "341400", 2023, "split", "340100 340200 340500"),  # 巢湖市 was divided in 2011
    (2020, "330102", 2023, "split", "330102"),
    (2024, "330102", 2020, "split", "330102 330104"),  # 江干区 was divided between two districts
    (2020, "460302", 2015, "new", ""),  # 西沙区 was made in 2020
    (2020, "210300", 1950, "unknown", ""),
    (2020, "100000", 2023, "same", "100000"),
]


@pytest.mark.parametrize("fact", FACTS)
def test_published_changes_are_known(known_changes, fact):
    year, unit, report_year, relation, sources = fact
    found = aligned(known_changes, year, unit, report_year)
    assert (found.relation, " ".join(found.sources)) == (relation, sources)
    assert bool(found.why) == (relation in ("split", "new", "unknown"))


def test_a_reason_names_the_divisions(known_changes):
    assert aligned(known_changes, 2024, "330102", 2020).why == (
        "split: by the boundaries of 2024, 330104 江干区 lies in 330102 上城区, 330114 钱塘区"
    )
    assert aligned(known_changes, 2020, "460302", 2015).why == (
        "new: no division of 2014 became 460302 西沙区 as a whole"
    )


def test_what_became_of_a_division_is_named(known_changes):
    found = {(each.code, each.year): each.relation for each in known_changes.changes()}
    assert found["320602", 2020] == found["320611", 2020] == "merged"  # both became 320613
    assert found["310108", 2015] == "merged"  # into one that was there
    assert found["341400", 2011] == found["330104", 2021] == "split"
    assert (found["420600", 2010], found["210322", 1985]) == ("renamed", "raised")
    assert found["469003", 2015] == "recoded"
    assert found["341402", 2011] == "raised"  # a district became a city


def test_a_part_that_changed_hands_is_a_note(known_changes):
    found = aligned(known_changes, 2020, "130427", 2010)
    assert found.relation == "same"
    assert found.notes[0] == "2016: a part of 130427 磁县 went to 130402 邯山区"
    assert aligned(known_changes, 2020, "130427", 2017).notes == ()


def test_every_year_divides_among_its_units_and_no_source_counts_twice(known_changes):
    """For every pair of years, a source belongs to one unit alone, unless it is split."""
    for year in (FIRST, 1995, 2010, LAST):
        boundaries = Boundaries(known_changes, year)
        for report_year in range(FIRST + 1, LAST + 2, 7):
            used = {}
            for unit in boundaries.units:
                found = boundaries.aligned(unit, report_year)
                for source in () if found.why else found.sources:
                    assert used.setdefault(source, unit) == unit
                    assert boundaries.units_of(source, report_year) == (unit,)


def test_the_table_agrees_with_itself_and_with_the_gazetteer(known_changes):
    for era in known_changes.eras:
        assert FIRST <= era.since <= LAST
        assert era.until is None or era.since < era.until <= LAST
        assert era.until is None or era.successors, era
        for year, code in era.links:
            assert known_changes.at(code, year), (era, year, code)
            assert era.since <= year <= (era.until or LAST)
    ours = {each.code for each in shipped().gazetteer.divisions if each.valid(2020)}
    theirs = set(known_changes.of_year(2019))
    assert len(ours & theirs) / len(ours) > 0.98


ERAS = (
    Era("110101", "甲县", 1981, 1990, ((1990, "110102"),)),
    Era("110102", "甲市", 1990, 2000, ((2000, "110103"),)),
    Era("110103", "丙市", 1981, None, ()),
    Era("110104", "丁县", 1981, 2005, ((2005, "110105"), (2005, "110106"))),
    Era("110105", "戊县", 2005, None, ()),
    Era("110106", "己县", 2005, None, ()),
    Era("110107", "庚县", 1981, None, ((1995, "110103"),)),
)


def test_changes_are_followed_through_years():
    crosswalk = Crosswalk(ERAS)
    found = aligned(crosswalk, 2010, "110103", 1986)
    assert (found.relation, found.sources) == ("merged", ("110101", "110103"))
    assert found.notes == ("1995: a part of 110107 庚县 went to 110103 丙市",)
    found = aligned(crosswalk, 1985, "110104", 2010)
    assert (found.relation, found.sources) == ("merged", ("110105", "110106"))
    assert aligned(crosswalk, 2010, "110105", 2003).relation == "split"
    assert [change.relation for change in crosswalk.changes()] == [
        "raised", "part", "merged", "split", "split",
    ]  # fmt: skip


def test_an_old_code_is_a_source_if_its_area_is_the_same():
    boundaries = Boundaries(Crosswalk(ERAS), 2010)
    assert boundaries.source_of("110101", 1986) == "110101"
    assert boundaries.source_of("110101", 1992) == "110102"  # a year late
    assert boundaries.source_of("110101", 1999) is None
    assert boundaries.source_of("110102", 2001) is None  # it was merged
    assert boundaries.source_of("110102", 1990) == "110102"  # as early as it can be
    assert boundaries.source_of("999999", 2001) is None


@pytest.mark.parametrize("year", [FIRST - 1, LAST + 1])
def test_an_unknown_year_is_a_sentence(known_changes, year):
    with pytest.raises(UsageError, match=f"--boundaries {year}: the crosswalk knows 1981 to 2024"):
        Boundaries(known_changes, year)


@pytest.mark.parametrize("row", ["110101,甲县,x,,", "110101,甲县", "110101,甲县,1981,,1@2@3"])
def test_a_broken_table_names_its_line(tmp_path, row):
    (tmp_path / "crosswalk.csv").write_text(f"code,name,since,until,becomes\n{row}\n", "utf-8")
    with pytest.raises(DataFileError, match=r"crosswalk.csv:2: invalid row"):
        load_crosswalk(tmp_path)


def test_the_command_lists_changes_and_exports_the_crosswalk(baogao, tmp_path):
    shown = baogao("divisions", "莱芜")
    rows = [json.loads(line) for line in shown.stdout.decode().splitlines()]
    assert {"year": 2018, "code": "371200", "name": "莱芜市", "relation": "merged",
            "successor": "370100", "successor_name": "济南市"} in rows  # fmt: skip
    assert all("莱芜" in row["name"] + row["successor_name"] for row in rows)
    made = baogao(
        "divisions", "310106", "--boundaries", "2020", "--years", "2015-2017", "-o", "x.csv"
    )
    assert made.returncode == 0, made.stderr.decode()
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(row["report_year"], row["relation"]) for row in lines] == [
        ("2015", "merged"), ("2016", "same"), ("2017", "same"),
    ]  # fmt: skip
    refused = baogao("divisions", "--boundaries", "2020")
    assert (refused.returncode, b"belong together" in refused.stderr) == (2, True)

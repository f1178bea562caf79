"""The matrix: provinces unfold, every gap has its reason and the way to fill it."""

import sqlite3
from collections import Counter

from browse.test_pages import page

from archive.browse.columns import columns
from archive.browse.home import fill, matrix
from archive.catalogue.coverage import Absences, Cell, coverage


def rows(census, opened=None, folded=()):
    found = matrix([(code, year, 1) for code, year in census], opened, folded)
    return {row.code: row for row in found}


def many():
    years = range(2001, 2021)
    return [(f"13{n:02}00", year) for n in range(1, 12) for year in years] + [
        (f"1301{n:02}", year) for n in range(1, 60) for year in years
    ]


def test_a_large_archive_is_folded_to_provinces():
    shown = rows(many(), "")
    assert list(shown) == ["130000"]
    assert shown["130000"].below[2020] == 70
    assert shown["130000"].name == "河北省"


def test_what_lies_below_a_folded_province_is_counted():
    shown = rows([("130000", 2020)], "", [("130000", 2020, 70), ("210000", 2019, 3)])
    assert shown["130000"].below[2020] == 70
    assert (shown["210000"].name, shown["210000"].own, shown["210000"].children) == ("辽宁省", 0, 1)


def test_a_province_unfolds_and_so_does_a_city():
    assert set(rows(many(), "130000")) == {"130000", *(f"13{n:02}00" for n in range(1, 12))}
    assert "130102" in rows(many(), "130100")
    assert "130200" in rows(many(), "130100")


def test_other_kinds_fill_no_gap():
    shown = rows([("130600", 2021), ("130600", 2022)])
    assert set(shown) == {"130000", "130600"}
    fill(shown.values(), [cell("130600", 2021, "统计公报"), cell("130600", 2022)])
    assert list(shown["130600"].cells) == [2022]
    assert [c.kind for c in shown["130600"].others[2021]] == ["统计公报"]


def cell(code, year, kind="政府工作报告"):
    return Cell(code, code, None, year, kind, "final", "full", work=f"{code}-{year}", witnesses=1,
                place_key=code)  # fmt: skip


def test_a_place_above_that_has_nothing_itself_takes_no_row():
    shown = rows([("130123", 2022), ("130283", 2022), ("130200", 2022)])
    assert [(row.code, row.name, row.depth) for row in shown.values()] == [
        ("130000", "河北省", 0),
        ("130123", "石家庄市正定县", 1),
        ("130200", "唐山市", 1),
        ("130283", "迁安市", 2),
    ]


def test_years_without_any_report_are_folded_and_the_newest_are_kept():
    assert list(map(str, columns([1980, 2024]))) == ["1980", "1981–2023", "2024"]
    assert list(map(str, columns([2020, 2022]))) == ["2020", "2021", "2022"]
    assert len(columns([1980, 2024], everything=True)) == 45
    assert [column.first for column in columns(range(1950, 2025))] == list(range(1995, 2025))
    assert columns([]) == []


def test_why_a_report_is_missing(database):
    connection = sqlite3.connect(database)
    absences = Absences(connection)
    assert absences.why("990100", 2023) == ("not_found", None)
    assert absences.why("130600", 2023) == ("not_tried", None)
    assert absences.why("990100", 2024) is None
    absences = Absences(connection)
    absences.__dict__["_outcomes"] = {"130000": Counter(blocked=3, dns=1)}
    assert absences.why("130600", 2023) == ("failing", "blocked")
    assert [(c.report_year, c.state) for c in coverage(connection)] == [(2024, "full")]
    connection.close()


async def test_a_gap_says_how_to_fill_it(get):
    shown = await page(get, "/gap/130600/2021")
    assert "河北省保定市" in shown.cssselect("h1")[0].text
    assert "baogao backfill files demo.db" in shown.cssselect("pre")[0].text_content()
    assert (await get("/gap/999999/2021")).status_code == 404


async def test_a_report_with_altered_copies_is_marked(practice_get):
    shown = await page(practice_get, "/")
    marked = shown.cssselect("table.matrix a[data-altered]")
    assert marked
    for link in marked:
        report = await page(practice_get, link.get("href"))
        assert any("被植入" in badge.text_content() for badge in report.cssselect(".badges *"))
    assert shown.cssselect('.legend a[href="/changed"]')

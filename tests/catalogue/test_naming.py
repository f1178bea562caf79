"""What a person may call a report, and what is said where no report fits."""

import pytest
from browse.made_up import REPORT, answer, derivation, group

from archive.catalogue.naming import find_reports, in_words
from archive.store import Archive

WORKS = (
    "210300-2021", "210300-2022", "210300-2023", "220104-2023", "110105-2023", "110105-2024",
    "220104-2022",
)  # fmt: skip


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("naming") / "x.db"
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        works = {}
        for number, name in enumerate(WORKS, 1):
            code, year = name.split("-")
            page = answer(f"http://www.demo.test/{number}.html", REPORT)
            made = derivation(page, REPORT, place_code=code, year=int(year))
            works[name] = (run.text(run.capture(page), made),)
        group(archive, works)
    with Archive.open(path, read_only=True) as archive:
        yield archive.connection


def found(connection, asked):
    return [work.name for work in find_reports(connection, asked).works]


@pytest.mark.parametrize(
    "asked",
    [
        "210300-2023", "210300/2023", "210300 2023", "210300_2023", "鞍山2023", "鞍山 2023",
        "鞍山市2023年", "辽宁省鞍山市2023", "2023年鞍山市政府工作报告", "2023鞍山", "鞍山-2023",
        "辽宁鞍山2023年政府工作报告", "/r/210300/2023", "http://127.0.0.1:8001/r/210300/2023",
        "２１０３００－２０２３", "鞍山（2023）", "r/%32%31%30300/2023",
    ],
)  # fmt: skip
def test_a_report_is_found_by_what_people_call_it(connection, asked):
    assert found(connection, asked) == ["210300-2023"]


def test_a_name_of_several_places_means_the_one_that_has_such_a_report(connection):
    assert found(connection, "朝阳区2024") == ["110105-2024"]
    assert found(connection, "朝阳区2022") == ["220104-2022"]


def test_a_name_of_two_reports_lists_both_with_their_places(connection):
    both = find_reports(connection, "朝阳区2023").works
    assert [work.name for work in both] == ["110105-2023", "220104-2023"]
    assert in_words(both) == "110105-2023 北京市朝阳区; 220104-2023 吉林省长春市朝阳区"


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        ("鞍山2020", "in 2020; there are 2021, 2022, 2023"),
        ("210300-2020", "in 2020; there are 2021, 2022, 2023"),
        ("鞍山", "say which report of"),
        ("安山2023", "did you mean 辽宁省鞍山市 (2021, 2022, 2023)?"),
        ("保定2023", "no report of 河北省保定市"),
        ("保定", "no report of 河北省保定市"),
        ("xyz2023", "no place with reports is called xyz"),
        ("999999-2023", "no place with reports has the code 999999"),
        ("鞍山2023/draft", "no draft of"),
        ("鞍山2023预算报告", "no 预算报告 of"),
        ("2023", "by its place and year"),
        ("", "by its place and year"),
        ("%", "no place with reports is called %"),
        ("鞍" * 5000, "no place with reports is called"),
    ],
)
def test_what_fits_no_report_is_answered_with_what_there_is(connection, asked, instead):
    nothing = find_reports(connection, asked)
    assert not nothing.works
    assert instead in nothing.instead

"""Names of works: made of what reports say, so that every archive gives the same ones."""

import pytest

from archive.collate.names import Key, Signs, names

PLAIN = "440303-2021"
OLD = "演示区第七届人民代表大会第八次会议"
NEW = "演示区第八届人民代表大会第一次会议"
DIGESTS = ("3f0c51d2" + "a" * 56, "3f0c51d2" + "b" * 56, "77" * 32)


def test_plain_names() -> None:
    assert Key("210300", 2023).name == "210300-2023"
    assert Key("210300", 2023, stage="draft").name == "210300-2023/draft"
    assert Key("210300", 2023, "统计公报").name == "210300-2023/统计公报"
    assert Key("210300", None, mark="3f0c51d2").name == "210300-undated-3f0c51d2"
    assert Key("440300~坪山新区", 2014).name == "440300~坪山新区-2014"


def test_the_only_report_of_a_place_and_year_has_the_plain_name() -> None:
    assert names(PLAIN, [Signs("2021-10-17", NEW, DIGESTS[0])]) == [PLAIN]


MARKS = [digest[:9] for digest in DIGESTS]


@pytest.mark.parametrize(
    ("several", "suffixes"),
    [
        ([("2021-01-20", OLD), ("2021-10-17", NEW)], ["01-20", "10-17"]),
        ([(None, OLD), ("2021-10-17", NEW)], ["7-8", "10-17"]),
        ([(None, OLD), (None, NEW)], ["7-8", "8-1"]),
        ([("2021-01-20", OLD), ("2021-01-20", NEW)], ["7-8", "8-1"]),
        ([(None, OLD), (None, None)], ["7-8", MARKS[1]]),
        ([(None, None), (None, None)], MARKS[:2]),
        ([(None, OLD), (None, OLD)], MARKS[:2]),
        ([("2021-10-12", None), (None, "第十届人民代表大会第十二次会议")], ["10-12", MARKS[1]]),
    ],
)
def test_two_reports_are_distinguished_by_day_else_session_else_words(several, suffixes) -> None:
    signs = [Signs(*each, digest) for each, digest in zip(several, DIGESTS, strict=False)]
    expected = [f"{PLAIN}/{suffix}" for suffix in suffixes]
    assert names(PLAIN, signs) == expected
    assert names(PLAIN, signs[::-1]) == expected[::-1]


@pytest.mark.parametrize("suffix", ["01-09", "1-9", "7-8", "3f0c51d2", "3f0c51d2aa"])
def test_a_report_answers_to_its_day_its_session_and_its_words(suffix: str) -> None:
    assert Signs("2021-01-09", OLD, DIGESTS[0]).answer_to(suffix)


@pytest.mark.parametrize("suffix", ["01-10", "8-7", "3f0c", "77777777", "", "draft"])
def test_a_report_answers_to_no_other_name(suffix: str) -> None:
    assert not Signs("2021-01-09", OLD, DIGESTS[0]).answer_to(suffix)


@pytest.mark.parametrize(
    ("title", "day", "sitting"),
    [
        ("演示区政府工作报告（2021年10月7日）", "10-07", None),
        ("2021年演示区二届人大一次会议政府工作报告", None, "2-1"),
        ("在演示区第七届人民代表大会第八次会议上作政府工作报告", None, "7-8"),
        ("2021年政府工作报告", None, None),
    ],
)
def test_a_title_may_say_the_day_or_the_session(title, day, sitting) -> None:
    signs = Signs(None, None, DIGESTS[0], title)
    assert (signs.day, signs.sitting) == (day, sitting)
    printed = Signs("2021-03-04", NEW, DIGESTS[0], title)
    assert (printed.day, printed.sitting) == ("03-04", "8-1")


@pytest.mark.parametrize("session", [None, "", "演示区人民代表大会", "第三届政协会议"])
def test_a_session_without_numbers_names_nothing(session: str | None) -> None:
    assert Signs(None, session, DIGESTS[0]).sitting is None

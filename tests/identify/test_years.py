"""Which year a report is for, by its day, its headings and the season of its congress."""

import pytest

REPORT = """临江县人民政府工作报告

——{day}在临江县第十六届人民代表大会第三次会议上

县长 演示甲

各位代表：
现在，我代表县人民政府向大会报告工作，请予审议。
一、工作回顾
全县经济平稳运行，民生持续改善，各项事业取得新的进步。{more}
二、工作安排
继续扩大投资，办好实事，加强政府自身建设。
"""


@pytest.mark.parametrize(
    ("day", "more", "year"),
    [
        ("2021年1月15日", "", 2021),
        ("2021年9月28日", "", 2021),
        ("2021年10月28日", "", 2021),
        ("2021年10月28日", "明年要更好。2022年的目标已定。", 2021),
        ("2021年10月28日", "明年要更好。2022年的目标已定。来年再接再厉。", 2022),
        ("2021年11月3日", "", 2022),
        ("2021年12月23日", "", 2022),
        ("1985年12月23日", "", 1985),
        ("1985年12月23日", "明年要更好。1986年的目标已定。来年再接再厉。", 1986),
        ("1990年12月23日", "", 1991),
        ("1989年12月23日", "", 1989),
    ],
)
def test_a_session_late_in_a_year_is_for_the_next(identity_of, day, more, year):
    found = identity_of(REPORT.format(day=day, more=more))["report_year"]
    assert found.value == year


@pytest.mark.parametrize(
    ("headings", "report", "reviewed"),
    [
        (("一、2022年工作回顾", "二、2023年工作安排"), 2023, 2022),
        (("一、2022年工作回顾", "二、今后工作"), 2023, 2022),
        (("一、过去一年的工作回顾", "二、2023年主要工作"), 2023, 2022),
        (("一、2022年主要工作", "二、2023年主要工作"), 2023, 2022),
        (("一、2022年工作回顾", "二、2035年远景目标"), 2023, 2022),
        (("一、2022年工作回顾", "二、2026年发展计划"), 2023, 2022),
        (("一、2022年工作回顾和总体要求", "二、今后工作"), 2023, 2022),
    ],
)
def test_headings_tell_which_way_they_look(values_of, headings, report, reviewed):
    text = "政府工作报告\n\n各位代表：\n我代表县人民政府报告工作，请予审议。\n{}\n{}\n{}\n{}\n"
    prose = "全县经济平稳运行，民生持续改善，各项事业取得新的进步。"
    found = values_of(text.format(headings[0], prose, headings[1], prose))
    assert (found["report_year"], found["reviewed_year"]) == (report, reviewed)


def test_what_is_printed_outweighs_a_late_session_and_the_name_of_a_file(identity_of):
    """A heading says 2021; the day of the session alone would make it 2022."""
    text = REPORT.format(day="2021年12月23日", more="").replace(
        "二、工作安排", "二、2021年工作安排"
    )
    assert identity_of(text)["report_year"].value == 2021
    named = identity_of(REPORT.format(day="2021年1月15日", more=""), filename="2019年报告.txt")
    assert named["report_year"].value == 2021


@pytest.mark.parametrize(
    ("words", "is_report"),
    [
        ("我们将奋力推进。今年在市委坚强领导下，过去一年成绩很大。", True),
        ("我们将奋力推进。今年在市委坚强领导下，过去一年成绩很大，记者看到。", False),
        ("我们将奋力推进民生实事。今年在市委坚强领导下，过去一年成绩很大，记者看到。", True),
        ("我们将奋力推进。今年在市委坚强领导下。", True),
        ("我们将奋力推进。今年在市委坚强领导下，记者看到。", False),
        ("我们将奋力推进。今年在市委，记者看到，会议指出。", False),
        ("我们将奋力推进。", False),
    ],
)
def test_words_about_a_speech_weigh_twice_against_its_own(values_of, words, is_report):
    """Without a header and a salutation a text is a report only by the words of the speech."""
    assert (values_of(words)["kind"] == "政府工作报告") is is_report


@pytest.mark.parametrize(
    ("day", "named", "year"),
    [
        ("2021年1月15日", "2019年临江县政府工作报告.txt", 2021),
        ("2021年9月28日", "2019年临江县政府工作报告.txt", 2021),
        ("2021年12月23日", "2021年临江县政府工作报告.txt", 2021),
        ("2021年12月23日", "工作报告.txt", 2022),
    ],
)
def test_the_name_of_a_file_decides_only_where_the_session_is_late(identity_of, day, named, year):
    """The report of a late session may be for the year or for the next: its title knows better."""
    found = identity_of(REPORT.format(day=day, more=""), filename=named)["report_year"]
    assert found.value == year

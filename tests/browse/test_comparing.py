"""Comparing copies: pairs in order, numbers first, nothing lost on either side."""

import sqlite3

import pytest
from browse.test_pages import page
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalogue.comparison import compare

LINES = st.lists(st.text(alphabet="改革开放3.5%，\n", min_size=1, max_size=12), max_size=8)


def kinds(a, b):
    return [(pair.kind, pair.a, pair.b) for pair in compare(a, b)]


def test_layout_and_the_width_of_marks_do_not_differ():
    assert kinds(["改革，开放", "第二段"], ["改革,\u3000开放", "第二段"]) == [
        ("same", 1, 1), ("same", 2, 2),
    ]  # fmt: skip


def test_a_changed_number_is_told_by_itself():
    (pair,) = compare(["地区生产总值增长5.5%，就业稳定"], ["地区生产总值增长6.5%，就业稳定"])
    assert (pair.kind, pair.numbers_a, pair.numbers_b) == ("differ", ("5.5%",), ("6.5%",))


def changed(a, b, heads=(0, 0)):
    """The numbers that differ, passage by passage."""
    return [(p.numbers_a, p.numbers_b) for p in compare(a, b, heads) if p.numbers_a or p.numbers_b]


SPEECH = "各位代表：现在，我代表市人民政府向大会报告工作，请予审议。"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (["2023年演示市政府工作报告"], ["演示市人民政府工作报告（2023年1月15日）"]),
        (
            ["演示市政府工作报告", "2023年1月15日"],
            ["2023年演示市政府工作报告", "二〇二三年一月十五日"],
        ),
        (["政府工作报告", "——2023年1月5日在会议上"], ["政府工作报告——２０２３年01月05日在会议上"]),
        (["演示市政府工作报告（2023年）"], ["演示市政府工作报告", "2023-01-15"]),
    ],
)
def test_a_title_that_is_worded_otherwise_has_no_other_number(a, b):
    left, right = [*a, SPEECH], [*b, SPEECH]
    assert changed(left, right, (len(a), len(b))) == []
    assert changed(right, left, (len(b), len(a))) == []


def test_another_year_in_a_title_is_told():
    a = ["演示市政府工作报告", "——2024年1月10日在第五届会议第三次会议上", SPEECH]
    b = ["演示市政府工作报告", "——2012年1月10日在第五届会议第三次会议上", SPEECH]
    assert changed(a, b, (2, 2)) == [(("2024",), ("2012",))]


def test_a_number_is_the_same_however_lines_end_and_in_either_width():
    a = ["一、2023年工作回顾", "过去一年，生产总值达到1,234亿元，增长5.5%，城镇新增就业61万人。"]
    b = ["一、2023年工作回顾过去一年，生产总值达到１２３４亿元，增长５．５％，城镇新增就业61万人。"]
    assert changed(a, b) == []
    told = changed(a, [b[0].replace("61", "6")])
    assert told == [(("61",), ("6",))]


@pytest.mark.parametrize(
    ("a", "b", "shown"),
    [
        ("——2024年1月10日在会议上", "——2012年1月10日在会议上", [("2024", "2012")]),
        ("增长5.5%左右的目标", "增长6.5%左右的目标", [("5.5", "6.5")]),
        ("就业61万人的目标完成", "就业6万人的目标完成", [("61", "6")]),
        ("增长5.5%左右的目标", "增长15.52%左右的目标", [("5.5", "15.52")]),
    ],
)
def test_a_changed_number_is_shown_whole(a, b, shown):
    (pair,) = compare([a], [b])
    assert [(each.a, each.b) for each in pair.changes if each.a != each.b] == shown


def test_a_number_that_one_side_lacks_is_told_outside_the_head():
    a = ["全年完成投资518亿元，新建学校13所，改造老旧小区40个。"]
    b = ["全年完成投资518亿元，新建学校，改造老旧小区40个。"]
    assert changed(a, b) == [(("13",), ())]


def test_what_only_one_side_has_stands_alone():
    a = ["开头一段话", "钢铁产业转型升级", "结尾一段话"]
    assert kinds(a, [a[0], a[2]]) == [("same", 1, 1), ("only_a", 2, None), ("same", 3, 2)]
    assert kinds([a[0], a[2]], a) == [("same", 1, 1), ("only_b", None, 2), ("same", 2, 3)]


@given(LINES, LINES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_passage_of_both_sides_is_there_once_and_whole(a, b):
    pairs = compare(a, b)
    assert [pair.a for pair in pairs if pair.a] == list(range(1, len(a) + 1))
    assert sorted(pair.b for pair in pairs if pair.b) == list(range(1, len(b) + 1))
    for pair in pairs:
        if pair.a:
            assert "".join(change.a for change in pair.changes) == a[pair.a - 1]
        if pair.b and pair.kind != "same":
            assert "".join(change.b for change in pair.changes).translate(
                str.maketrans("，", ",")
            ) == b[pair.b - 1].translate(str.maketrans("，", ","))


async def test_which_words_did_this_mirror_change(get):
    report = await page(get, "/r/990100/2024")
    (link,) = [a for a in report.cssselect("#witnesses a") if a.text == "与最佳文本比较"]
    shown = await page(get, link.get("href"))
    (changed,) = shown.cssselect("tr.differ")
    assert [d.text for d in changed.cssselect("del.true")] == ["全部"]
    assert [i.text for i in changed.cssselect("mark.injected")] == ["演示博彩"]
    assert not changed.cssselect("ins, del:not(.true)")
    assert shown.cssselect("th .badge.hijacked")


async def test_the_best_copy_is_compared_with_a_hijacked_one(practice_get, practice_archive):
    with sqlite3.connect(practice_archive) as connection:
        (name,) = connection.execute(
            "SELECT works.name FROM readings JOIN works ON works.id = work_id"
            " WHERE brand IS NOT NULL LIMIT 1"
        ).fetchone()
    connection.close()
    shown = await page(practice_get, "/compare/" + name.replace("-", "/", 1))
    assert shown.cssselect("th .badge.hijacked")
    assert shown.cssselect("td + td mark.injected")
    assert {d.text for d in shown.cssselect("tr.differ td:first-child del")} >= {"省委"}


async def test_words_that_both_copies_were_given_are_still_shown(get, database):
    with sqlite3.connect(database) as connection:
        (text,) = connection.execute(
            "SELECT text_id FROM flags WHERE kind = 'hijack' AND start < stop LIMIT 1"
        ).fetchone()
    connection.close()
    shown = await page(get, f"/compare?a={text}&b={text}")
    assert shown.cssselect("tr.same mark.injected")
    assert not shown.cssselect("tr.differ")


async def test_inline_and_everything(get):
    inline = await page(get, "/compare/990100/2024?view=inline")
    assert len(inline.cssselect("tr.differ td")) == 1
    assert len((await page(get, "/compare/990100/2024?all=1")).cssselect("tr.same")) == 10


async def test_any_two_texts(get):
    assert (await page(get, "/compare?a=1&b=2")).cssselect("tr.differ")
    assert (await page(get, "/compare?a=3&b=3")).cssselect("p")
    for path in ("/compare", "/compare?a=1&b=99", "/compare?a=x&b=1", "/compare/990100/1999"):
        assert (await get(path)).status_code == 404

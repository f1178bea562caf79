"""Where a line stands decides which rules may take it; edits and wraps keep to their limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archive.clean import clean
from archive.clean.edits import SelectedText, edits_of, searched
from archive.clean.lines import lines_of, zones
from archive.known import shipped
from archive.model import Block, Decoding, Page

PROSE = "过去的一年，全市上下团结一心，经济社会发展取得了新的成绩。"
JUNK = "版权所有"


def page_of_lines(words, *, outside=()):
    blocks, start = [], 0
    for number, line in enumerate(words):
        blocks.append(Block(start, start + len(line), main=number not in outside))
        start += len(line) + 1
    return Page("\n".join(words), tuple(blocks), Decoding("utf-8", "test"), "text")


@pytest.mark.parametrize(
    ("words", "junk", "expected"),
    [
        ((JUNK, PROSE, JUNK, PROSE, JUNK), (), "head body body body tail"),
        ((PROSE, PROSE), (), "body body"),
        ((JUNK, PROSE, PROSE), (1,), "head head body"),
        ((PROSE, PROSE, JUNK), (1,), "body tail tail"),
        ((JUNK, JUNK), (), "any any"),
        ((PROSE, JUNK), (0,), "any any"),
    ],
)
def test_the_body_reaches_from_its_first_line_to_its_last(words, junk, expected):
    lines = lines_of(page_of_lines(words))
    assert zones(lines, [line.index in junk for line in lines]) == expected.split()


def test_lines_outside_the_main_part_are_open_to_both_margins():
    lines = lines_of(page_of_lines((PROSE, PROSE, PROSE, JUNK), outside=(0, 3)))
    assert zones(lines, [False] * 4) == ["any", "body", "body", "any"]


def test_a_known_speech_is_the_body_whatever_reads_like_one():
    lines = lines_of(page_of_lines((PROSE, JUNK, JUNK, PROSE)))
    assert zones(lines, [False] * 4, (1, 2)) == ["head", "body", "body", "tail"]


def wrapped(lines, even, width=24):
    """A text in lines without stops, of which `even` are of one width and the others are not."""
    words = "推动高质量发展改善民生保障安全生产建设现代化产业体系扩大对外开放" * 3
    widths = [width if number < even else 12 + 3 * (number - even) for number in range(lines)]
    return [words[number : number + size] for number, size in enumerate(widths)]


@pytest.mark.parametrize(
    ("even", "joined"), [(20, True), (12, True), (11, True), (10, False), (9, False)]
)
def test_lines_are_wrapped_where_most_are_of_one_width(page_of, even, joined):
    lines = wrapped(20, even)
    spans = clean(page_of("\n".join(lines)), shipped()).spans
    assert any(span.rule == "layout-joined-line" for span in spans) is joined


@pytest.mark.parametrize(("count", "joined"), [(8, True), (7, False)])
def test_few_lines_show_no_wrap(page_of, count, joined):
    spans = clean(page_of("\n".join(wrapped(count, count))), shipped()).spans
    assert any(span.rule == "layout-joined-line" for span in spans) is joined


def edited(text, *patterns, action="drop", kept=True):
    """What rules with these patterns do to a text of one line: (rule, words, action)."""
    shape = next(r for r in shipped().rules if r.scope == "inline" and r.method == "search")
    rules = [
        replace(shape, id=pattern, pattern=pattern, action=action, needs=(), least=0, unless="")
        for pattern in patterns
    ]
    lines = tuple(lines_of(page_of_lines((text,))))
    document = SelectedText(text, lines if kept else (), () if kept else lines, shipped())
    found = edits_of(document, rules, {"search": searched})
    return [(each.rule.id, text[each.start : each.stop], each.action) for each in found]


def test_where_two_rules_would_change_the_same_words_the_first_does():
    text = "甲乙丙丁戊"
    assert edited(text, "乙丙", "丙丁") == [("乙丙", "乙丙", "drop")]
    assert edited(text, "丙丁", "乙丙") == [("丙丁", "丙丁", "drop")]
    assert edited(text, "乙丙丁", "丙") == [("乙丙丁", "乙丙丁", "drop")]
    assert edited(text, "丁", "乙丙") == [("乙丙", "乙丙", "drop"), ("丁", "丁", "drop")]


def test_flags_may_overlap_and_stand_in_dropped_lines_where_nothing_changes():
    both = [("乙丙", "乙丙", "flag"), ("丙丁", "丙丁", "flag")]
    assert edited("甲乙丙丁戊", "乙丙", "丙丁", action="flag") == both
    assert edited("甲乙丙丁戊", "乙丙", "丙丁", action="flag", kept=False) == both
    assert edited("甲乙丙丁戊", "乙丙", kept=False) == []

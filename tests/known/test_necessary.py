"""What a pattern cannot do without is never more than what its matches have."""

from __future__ import annotations

import re

import pytest

from archive.known import shipped
from archive.known.required_strings import beginnings, needed


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("首页", "首"),
        ("(?:首页|尾页)", "首尾"),
        (r"[【\[]?编辑", "【[编"),
        (r"第?\d", "第0123456789"),
        ("[a-c]{0,2}x", "abcx"),
        ("(?=首)首页", "首"),
        ("(?>甲|乙)丙", "甲乙"),
        (".{0,9}页", None),
        ("[^。]页", None),
        ("[一-龥]{2}网", None),
        (r"\w页", None),
        ("(首)?", None),
        ("(?i)top", None),
        ("(?i:top)", None),
        (r"(首)?\1页", None),
    ],
)
def test_beginnings(pattern, expected):
    found = beginnings(pattern)
    assert found == (None if expected is None else frozenset(expected))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (".{0,9}第[0-9]篇文章", {"篇文章"}),
        (".{0,9}(?:小编|扫一扫)", {"小编", "扫一扫"}),
        ("(?=.{0,80}首页).{4,90}", {"首页"}),
        (".{0,9}[|｜].{0,9}", {"|", "｜"}),
        (".(?:网站)?", set()),
        (".(?:网站|.)", set()),
        (".(?:网站){1,2}", {"网站"}),
        (".(?!网站)", set()),
        ("(?i).{0,9}top", set()),
        ("(?i:.{0,9}top)页", {"页"}),
    ],
)
def test_needed_strings(pattern, expected):
    assert needed(pattern) == expected


@pytest.mark.parametrize("rule", shipped().rules, ids=lambda rule: rule.id)
def test_what_the_examples_show_is_never_ruled_out(rule):
    first, words = beginnings(rule.pattern), needed(rule.pattern)
    for line in rule.example.split("\n"):
        for match in re.finditer(rule.pattern, line):
            assert first is None or not match[0] or match[0][0] in first
            assert not words or any(word in line for word in words)

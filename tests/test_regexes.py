"""Regular expressions take no more than twice the time for twice the text; the bench asks all."""

import re

import pytest
from hostile import regexes

from archive.identify.beside import _without_site
from archive.identify.furniture import _ICP, _SITE_ID
from archive.identify.publisher import _LABEL
from archive.intake.columns import _stem
from crawler import traps
from crawler.spiders.hanweb import records

FAST = [
    (_ICP.search, "沪" + " " * 9000 + "ICP" + " " * 9000 + "备" + " " * 9000),
    (_SITE_ID.search, "网站标识码" + " " * 30_000),
    (_LABEL.search, "主办" + "\u3000" * 30_000),
    (_stem, "a" + " _" * 20_000 + "b"),
    (traps.pattern_of, "http://a.test/" + "a" * 30_000),
    (_without_site, "-" * 30_000 + "\nx"),
    (records, "<record><![CDATA[" * 20_000),
]


@pytest.mark.parametrize(("ask", "words"), FAST)
def test_what_was_slow_once_is_fast(ask, words):
    assert regexes._time(ask, words) < 0.5


def test_every_pattern_is_known():
    """By its name, and from rules and calls; those of the examples among them."""
    where = {pattern.where for pattern in regexes.patterns()}
    assert {"archive.identify.furniture._ICP", "crawler.traps._TOKEN"} <= where
    assert any(each.startswith("rule ") for each in where)
    assert len(where) > 400
    assert not where & set(regexes.WINDOWS)


@pytest.mark.parametrize("pattern", [r"a+b", r"<!--.*?-->"])
def test_a_slow_pattern_is_found(pattern):
    found = regexes.measured(regexes.Pattern(pattern, int(re.DOTALL), "here", anchored=False))
    assert found.ratio > regexes.RATIO


@pytest.mark.parametrize("pattern", [r"(?<!a)a++b", r"[0-9]{1,4}年", r"x.{0,40}?y"])
def test_a_fast_pattern_is_not(pattern):
    found = regexes.measured(regexes.Pattern(pattern, 0, "here", anchored=False))
    assert found.ratio <= regexes.RATIO

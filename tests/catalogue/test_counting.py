"""Counting is fast, and gives what the plain way gives."""

import random
import re
import sqlite3
from collections import Counter

import pytest

from archive.catalogue.words import Counting, TermGroups
from archive.configuration import cache_folder
from archive.known.characters import comparison_forms, to_simplified
from archive.store.search import bounded
from archive.store.token_cache import TokenCache

GROUPS = {
    "发展": ("发展", "高质量发展", "展发"),
    "展展": ("展展",),
    "环境": ("环境", "環境", "低碳"),
    "词": ("AI", "ai", "GDP", "R&D", "k", "s"),
    "数": ("5G", "PM2.5", "3个", "25", "2.5"),
    "A1A": ("A1A",),
    "希腊": ("\u03b2粒", "\u0391\u0392"),
    "空": ("A B", "发 展"),
    "单": ("5G",),
    "碳": ("低碳", "绿色", "双碳"),
}
PIECES = [
    "发展", "高质量", "展", "发", "环境", "環境", "低碳", "绿色", "双碳", "A", "a", "I", "i", "1",
    "G", "g", "DP", "R&D", "r&d", "5", "2", ".", "PM", "pm", "3", "个", "k", "\u212a", "\u017f",
    "s", "\u0131", "\u03b2", "\u0392", "\u0391", "粒", " ", "\n", "，",
]  # fmt: skip
"""Among them what `re` takes for k, s and i if it ignores case, and Greek letters."""


def plainly(terms: tuple[str, ...], text: str) -> int:
    """Count with one pattern, the longest term first."""
    longest_first = sorted(map(to_simplified, terms), key=len, reverse=True)
    pattern = re.compile("|".join(map(bounded, longest_first)), re.IGNORECASE)
    return sum(1 for _ in pattern.finditer(to_simplified(text)))


def test_counts_are_those_of_one_pattern_a_group():
    counting = Counting(TermGroups(GROUPS), by_jieba=False)
    draw, found = random.Random(1), Counter()  # noqa: S311
    for _ in range(400):
        text = "".join(draw.choices(PIECES, k=60))
        for name, terms in GROUPS.items():
            expected = plainly(terms, text)
            assert counting.count(name, text) == expected, (name, text)
            found[name] += expected
        assert counting.has_any(text) == any(plainly(t, text) for t in GROUPS.values())
    assert found.keys() == GROUPS.keys()
    assert min(found.values()) > 0


def test_few_other_forms_are_simplified_like_many():
    table = str.maketrans(dict(comparison_forms()))
    others = list(comparison_forms())
    for first in range(0, len(others), 40):
        few = "国" + "".join(others[first : first + 40])
        assert to_simplified(few) == few.translate(table)
    assert to_simplified("".join(others)) == "".join(others).translate(table)
    assert to_simplified("薴苧") == "薴苧".translate(table)


TEXT = "推动高质量发展，优化营商环境，改善生态环境，绿色发展。" * 3
WORDS = TermGroups({"环境": ("环境", "生态环境"), "高质量发展": ("高质量发展",)})


def counted(remembered=None, words=WORDS, text=TEXT):
    """The counts, and whether jieba was asked."""
    counting = Counting(words, remembered=remembered)
    found = counting.counts(text)
    return found, "_tokenizer" in vars(counting)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "tokens.db"


def test_jieba_is_asked_once_for_a_text(path):
    expected, _ = counted()
    assert expected["高质量发展_jieba"] == 3
    for asked in (True, False):
        with TokenCache(path) as cache:
            assert counted(cache) == (expected, asked)
    with TokenCache(path) as cache:
        assert counted(cache, text=TEXT + "环境")[1]


def test_other_words_or_the_same_in_another_order_are_counted_anew(path):
    backwards = TermGroups(dict(reversed(WORDS.groups.items())))
    more = TermGroups({**WORDS.groups, "绿色": ("绿色",)})
    for words in (WORDS, backwards, more):
        with TokenCache(path) as cache:
            assert counted(cache, words) == (counted(words=words)[0], True)


def test_a_damaged_cache_is_made_anew(path):
    expected, _ = counted()
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to look at" * 99)
    for asked in (True, False):
        with TokenCache(path) as cache:
            assert counted(cache) == (expected, asked)
    for damage in ("[1]", "{}", '["x", 2, 3]', "[", "[1.5, 2, 3]"):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE counts SET counts_json = ?", (damage,))
        connection.close()
        with TokenCache(path) as cache:
            assert counted(cache) == (expected, True)


def test_what_fails_while_counting_only_costs_time(path):
    expected, _ = counted()
    with TokenCache(path) as cache:
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TABLE counts")
        connection.close()
        assert counted(cache) == (expected, True)
        assert counted(cache) == (expected, True)


def test_without_a_place_for_the_cache_everything_is_counted(tmp_path):
    (tmp_path / "file").write_text("x")
    with TokenCache(tmp_path / "file" / "tokens.db") as cache:
        assert counted(cache) == (counted()[0], True)


def test_the_cache_does_not_grow_forever(path):
    with TokenCache(path) as cache:
        counted(cache)
    with TokenCache(path, largest=path.stat().st_size) as cache:
        assert not counted(cache)[1]
    with TokenCache(path, largest=path.stat().st_size - 1) as cache:
        assert counted(cache)[1]


def test_the_cache_is_the_users_own(monkeypatch, tmp_path):
    for name in ("XDG_CACHE_HOME", "BAOGAO_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == tmp_path / ".cache/baogao"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder() == tmp_path / "Library/Caches/baogao"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "all"))
    assert cache_folder() == tmp_path / "all/baogao"
    monkeypatch.setenv("BAOGAO_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"

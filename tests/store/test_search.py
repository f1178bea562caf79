"""Tokens and queries: exactly what LIKE finds, whole numbers and Latin words."""

import random
import re
import sqlite3

import pytest

import baogao_practice as practice
from archive.store.search import Query, _tokens, match, needed, tokens

TEXTS = (
    "过去一年，优化营商环境，PM2.5平均浓度下降3个百分点。\n落实“2+10”部署",
    "新建13个口袋公园，5G基站超过1,200座，R&D投入强度2.5%",
    "钢铁产业占比下降\n深化国有企业改革，开放合作",
    "改革开放再出发；钢",
)


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE i USING fts5(tokens, content='', tokenize='ascii', detail=none)"
    )
    connection.executemany(
        "INSERT INTO i(rowid, tokens) VALUES (?, ?)",
        [(at, tokens(text)) for at, text in enumerate(TEXTS)],
    )
    return connection


def found(index, typed, texts=TEXTS):
    query = Query.parse(typed)
    rows = {row for (row,) in index.execute("SELECT rowid FROM i WHERE i MATCH ?", [match(typed)])}
    checked = {row for row in rows if query.accepts(texts[row])}
    assert rows == checked or not query.is_exact, typed
    return checked


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("营商环境", {0}),
        ("钢", {2, 3}),
        ("改革", {2, 3}),
        ("改革开放", {3}),  # in text 2 a mark stands between
        ("PM2.5", {0}),
        ("pm2.5", {0}),
        ("2+10", {0}),
        ("R&D", {1}),
        ("3个", {0}),  # whole numbers: not 13个
        ("13个", {1}),
        ("2.5", {0, 1}),
        ("2.5%", {1}),
        ("1,200", {1}),
        ("改革 钢铁", {2}),
        ("改革 -钢铁", {3}),
        ('"部署"', {0}),
        ("占比下降深化", set()),  # not across a line end
        ("", set()),
        ('"', set()),
        ("AND OR NOT (", set()),
        ("-改革", set()),
        ("*", set()),
    ],
)
def test_finds(index, typed, expected):
    assert found(index, typed) == expected


def test_equals_substring_search_for_chinese_words(index):
    draw = random.Random(2023)  # noqa: S311  (a repeatable draw, no secret)
    runs = [run for text in TEXTS for run in _han_runs(text)]
    for _ in range(300):
        run = draw.choice(runs)
        start = draw.randrange(len(run))
        query = run[start : start + draw.randint(1, 6)]
        assert found(index, query) == {at for at, t in enumerate(TEXTS) if query in t}, query


def test_every_character_begins_one_token():
    for text in TEXTS:
        assert "".join(token[0] for token in tokens("改革，开放").split()) == "改革，开放"
        assert len(tokens(text).split()) <= len(text)


def test_marks_whole_numbers_in_the_original_words():
    assert [m.group() for m in Query.parse("3个").pattern.finditer("3个，13个")] == ["3个"]
    assert Query.parse("").pattern is None
    assert needed("  ") == ()


def _han_runs(text):
    return "".join(c if c >= "一" and c <= "鿿" else " " for c in text).split()


HAN = re.compile("[一-鿿]+")


def draw_queries(texts, count=600):
    """Pieces of 1 to 6 characters, cut at random out of the texts."""
    draw = random.Random(6)  # noqa: S311  (a repeatable draw, no secret)
    found = set()
    while len(found) < count:
        run = draw.choice(HAN.findall(draw.choice(texts)))
        start = draw.randrange(len(run))
        found.add(run[start : start + draw.randint(1, 6)])
    return found


def check_equal_to_like(texts):
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE i USING fts5(tokens, content='', tokenize='ascii', detail=none)"
    )
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, words TEXT)")
    rows = list(enumerate(texts))
    connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
    connection.executemany(
        "INSERT INTO i (rowid, tokens) VALUES (?, ?)", [(at, tokens(words)) for at, words in rows]
    )
    for query in draw_queries(texts):
        like = connection.execute("SELECT id FROM t WHERE words LIKE ?", [f"%{query}%"])
        assert found(connection, query, texts) == {at for (at,) in like}, query
    connection.close()


def test_600_queries_equal_like_on_reports_of_the_practice_web():
    works = practice.matrix(works=24)
    check_equal_to_like(["\n".join(work.original) for work in works])


def test_600_queries_equal_like_on_real_reports(shared):
    folder = shared / "reports" / "provinces-2026"
    check_equal_to_like([path.read_text("utf-8-sig") for path in sorted(folder.glob("*.csv"))])


def test_tokens_of_runs_are_those_of_pieces() -> None:
    chance = random.Random(1)  # noqa: S311  (no secret)
    letters = "甲乙丙丁〇Ⅲ 5aZé％。\n，x𠮷²\0·"
    for _ in range(3_000):
        some = letters[: chance.randrange(3, len(letters))]
        text = "".join(chance.choice(some) for _ in range(chance.randrange(25)))
        assert tokens(text) == _tokens(text)

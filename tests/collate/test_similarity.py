"""Similarity: copies are recognised whole or in part; formulas and other years are not."""

import os
import random

import pytest
from collate.made_up import BRAND, report
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.collate import similarity
from archive.collate.keys import key
from archive.collate.similarity import (
    GRAM,
    Comparable,
    _agreeing,
    _beginning_in,
    compare,
    compare_ends,
)

TEXT = "".join(report(21, 60))


def alike(one: str, other: str):
    return compare(Comparable(key(one)), Comparable(key(other)))


def noisy(text: str, share: float) -> str:
    chance = random.Random(5)  # noqa: S311  (no secret)
    return "".join("的" if chance.random() < share else letter for letter in text)


@pytest.mark.parametrize(
    "copy",
    [
        TEXT,
        TEXT[1000:2000],
        TEXT[3000:3300],
        TEXT.replace("省委", BRAND),
        noisy(TEXT, 0.06),
        noisy(TEXT[2000:2800], 0.06),
        "".join(report(77)) + TEXT + "".join(report(78)),
    ],
)
def test_copies(copy: str) -> None:
    found = alike(TEXT, copy)
    assert found.copies
    assert found.share > 0.6


@pytest.mark.parametrize(
    "other",
    ["", "各位代表：", "".join(report(22, 60)), TEXT[500:560] + "".join(report(23, 4))],
)
def test_others(other: str) -> None:
    assert not alike(TEXT, other).copies


HEAD, TAIL = TEXT[:3000], TEXT[2400:6000]
OTHER_FIGURES = "".join(str(9 - int(c)) if c.isdigit() else c for c in TAIL)
CHROME = "网站首页政务公开互动交流字号大中小打印本页关闭窗口"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (HEAD, TAIL),
        (HEAD + CHROME, CHROME + TAIL),
        (HEAD, TAIL.replace("省委", BRAND)),
        (noisy(HEAD, 0.04), TAIL),
    ],
)
def test_pieces_overlap_where_one_ends_and_the_other_begins(one: str, other: str) -> None:
    found = alike(one, other)
    assert (found.copies, found.ends) == (True, True)
    assert alike(other, one) == found
    assert compare_ends(Comparable(key(one)), Comparable(key(other))) == found
    assert found.share < 0.3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TEXT[:3000], TEXT[3000:6000]),
        (TEXT[:3000], TEXT[2900:6000]),
        (TEXT[:3000], "".join(report(22, 20)) + TEXT[2400:3000]),
        (TEXT[:3000] + "".join(report(22, 20)), TEXT[2400:6000]),
        ("".join(report(22, 60))[:4000], "".join(report(24, 60))[:4000]),
        ("", ""),
        ("省" * 5000, "省" * 4000 + "市" * 3000),
    ],
)
def test_pieces_that_only_have_a_passage_in_common_do_not_overlap(one: str, other: str) -> None:
    assert not compare_ends(Comparable(key(one)), Comparable(key(other))).copies


@pytest.mark.parametrize(("shared", "begins"), [(4, 50), (3, 900)])
def test_a_text_begins_where_four_of_its_first_passages_stand(shared: int, begins: int) -> None:
    second = TEXT[:800]
    first = [chr(0x3400 + number) for number in range(900)]
    for at in range(0, 30 * shared, 30):
        first[50 + at : 50 + at + GRAM] = second[at : at + GRAM]
    assert _beginning_in("".join(first), second) == begins


def test_an_overlap_with_other_figures_is_another_year() -> None:
    other = Comparable(key(OTHER_FIGURES))
    assert not compare_ends(Comparable(key(HEAD)), other).copies


def test_a_formula_with_other_figures_is_another_year() -> None:
    chance = random.Random(6)  # noqa: S311  (no secret)
    window = TEXT[800:1100]
    next_year = "".join(str(chance.randrange(10)) if c.isdigit() else c for c in window)
    assert alike(TEXT, window).copies
    assert not alike(TEXT, next_year).copies


def test_what_differs_in_figures_is_not_aligned(monkeypatch) -> None:
    """Aligning costs a hundred times what comparing the figures costs."""
    aligned = []
    monkeypatch.setattr(similarity, "matches", lambda *texts: aligned.append(texts) or [])
    one, other = Comparable(key(HEAD)), Comparable(key(OTHER_FIGURES))
    assert not compare_ends(one, other).copies
    assert aligned == []


@given(st.text("一二", max_size=60), st.text("一二", max_size=60))
@settings(max_examples=80, deadline=None)
def test_runs_are_as_long_as_they_are(one: str, other: str) -> None:
    head = "三" * GRAM
    expected = len(os.path.commonprefix([head + one, head + other]))  # noqa: RUF071
    assert _agreeing(head + one, 0, head + other, 0) == expected


def test_the_order_of_two_texts_does_not_matter() -> None:
    assert alike(TEXT, TEXT[2000:2900]) == alike(TEXT[2000:2900], TEXT)


@pytest.mark.parametrize("hostile", ["省" * 200_000, "省委" * 100_000])
def test_hostile_texts_are_compared_in_bounded_time(hostile: str) -> None:
    assert compare(Comparable(hostile), Comparable(hostile[:-1])).copies
    assert not alike(hostile, TEXT).copies


def test_places_of_grams_are_the_same_however_they_are_found() -> None:
    grams = [TEXT[start : start + GRAM] for start in range(0, 3_000, 7)] + ["省" * GRAM]
    asked = Comparable(TEXT)
    found = [asked.place(gram) for gram in grams]
    assert asked.is_spread
    assert found == [TEXT.find(gram) for gram in grams]
    asked.free_places()
    assert not asked.is_spread
    assert asked.place(grams[5]) == found[5]

"""Alignment: exact, complete, and at peace with a text beside itself."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.collate.alignment import Alignment, align
from archive.collate.keys import fold

WORDS = st.text(alphabet='经济发展省委，。“”"\n5G', max_size=80)


def pieces(found: Alignment) -> tuple[str, str]:
    return (
        "".join(found.one[op.a0 : op.a1] for op in found.ops),
        "".join(found.other[op.b0 : op.b1] for op in found.ops),
    )


def changes(found: Alignment) -> list[tuple[str, str]]:
    return [
        (found.one[op.a0 : op.a1], found.other[op.b0 : op.b1])
        for op in found.ops
        if op.tag != "equal"
    ]


@given(WORDS, WORDS)
@settings(max_examples=150, deadline=None)
def test_no_character_of_either_text_disappears(one: str, other: str) -> None:
    found = align(one, other)
    assert pieces(found) == (one, other)
    for op in found.ops:
        if op.tag == "equal":
            assert fold(one[op.a0 : op.a1]) == fold(other[op.b0 : op.b1])


@given(WORDS)
@settings(max_examples=60, deadline=None)
def test_a_text_equals_itself(text: str) -> None:
    assert changes(align(text, text)) == []


REPORT = "".join(
    f"第{n}项重点工作全面完成，投资增长{n}.5%，省委、省政府给予肯定。\n" for n in range(1, 60)
)


def test_substituted_words_are_found_exactly() -> None:
    found = align(REPORT, REPORT.replace("省委", "鸿图体育"))
    assert set(changes(found)) == {("省委", "鸿图体育")}
    assert len(changes(found)) == 59


def test_quotes_script_and_case_do_not_disturb() -> None:
    one = "实施“十四五”規劃，VOCs治理完成；省委肯定。"
    found = align(one, '实施"十四五"规划,vocs治理完成;鸿图体育肯定。')
    assert changes(found) == [("省委", "鸿图体育")]


def test_a_missing_paragraph_is_one_deletion() -> None:
    lines = REPORT.splitlines(keepends=True)
    found = align(REPORT, "".join(lines[:20] + lines[25:]))
    assert changes(found) == [("".join(lines[20:25]), "")]


def test_a_fragment_has_an_extent() -> None:
    lines = REPORT.splitlines(keepends=True)
    fragment = "".join(lines[10:20])
    found = align(REPORT, "网站首页\n" + fragment + "上一篇")
    start, stop = found.extent
    assert REPORT[start:stop].strip() == fragment.strip()
    assert found.other[slice(*found.there(start, stop))] == REPORT[start:stop]


def test_moved_sentences_are_reported() -> None:
    lines = REPORT.splitlines(keepends=True)
    other = "".join([*lines[:10], *lines[11:30], lines[10], *lines[30:]])
    (move,) = align(REPORT, other).moves
    assert REPORT[move.a0 : move.a1].strip() == lines[10].strip()
    assert other[move.b0 : move.b1].strip() == lines[10].strip()


@pytest.mark.parametrize("hostile", ["省" * 60_000, "省委。" * 20_000, "\n" * 60_000])
def test_hostile_texts_take_bounded_time(hostile: str) -> None:
    started = time.perf_counter()
    found = align(hostile, hostile[: len(hostile) // 2] + REPORT + hostile[-999:])
    assert pieces(found)[0] == hostile
    assert time.perf_counter() - started < 20


def test_noise_everywhere_takes_bounded_time() -> None:
    chance = random.Random(3)  # noqa: S311  (no secret)
    noisy = "".join("的" if chance.random() < 0.2 else c for c in REPORT * 5)
    started = time.perf_counter()
    align(REPORT * 5, noisy)
    assert time.perf_counter() - started < 20

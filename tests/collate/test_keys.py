"""Comparison keys level what copying changes, and nothing else."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.collate.keys import _keying, _level, fold, key, sentence_keys, sentences_key
from archive.collate.sentences import fingerprints, sentences


@pytest.mark.parametrize(
    ("copied", "original"),
    [
        ("政府工作報告", "政府工作报告"),
        ("政 府 工 作 报 告", "政府工作报告"),
        ("ＧＤＰ增长５．８％", "gdp增长5.8%"),
        ("vocs、pm2.5和ⅲ类", "VOCs、PM2.5和Ⅲ类"),
        ('实施"十四五"规划', "实施“十四五”规划"),
        ("实施「十四五」规划", "实施“十四五”规划"),
        ("政zhèng府fǔ工gōng作zuò", "政府工作"),
        ("政 zheng 府 fu 工 gong 作 zuo 报 bao 告 gao", "政府工作报告"),
    ],
)
def test_what_copies_change_leaves_the_key_alone(copied: str, original: str) -> None:
    assert key(copied) == key(original)


@pytest.mark.parametrize(
    ("one", "other"),
    [("增长5.8%", "增长5.9%"), ("省委", "市委"), ("5G建设", "建设"), ("", "报告")],
)
def test_other_words_have_another_key(one: str, other: str) -> None:
    assert key(one) != key(other)


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(alphabet="报告。！;\n“a一二", max_size=60))
@settings(max_examples=60, deadline=None)
def test_sentences_are_a_partition(text: str) -> None:
    assert "".join(text[each.start : each.stop] for each in sentences(text)) == text


def test_fingerprints_do_not_depend_on_paragraphs() -> None:
    one = "全市地区生产总值增长百分之六点二，一般公共预算收入增长。\n粮食总产量达到历史最高水平。"
    keys = [each.key for each in sentences(one)]
    assert fingerprints(keys) == fingerprints(each.key for each in sentences(one.replace("\n", "")))
    assert fingerprints([]) == frozenset()


def test_every_character_has_its_own_key_whatever_is_around_it() -> None:
    characters = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    every = "一".join(characters)
    assert _level(every) == every.translate(_keying())


@given(st.text(alphabet="報告。；\naéàGDP５体 zh\U00020000", max_size=80))
@settings(max_examples=200, deadline=None)
def test_the_key_of_sentences_is_that_of_each_together(text: str) -> None:
    assert sentences_key(text) == "".join(each.key for each in sentences(text))


@pytest.mark.parametrize(
    "text",
    [
        "政zhèng府fǔ工gōng作zuò。报bào告gào。",
        "报告。GDP增长；就业稳定。",
        "政府工作報告\n经济发展。",
    ],
)
def test_keys_of_sentences_leave_annotations_out(text: str) -> None:
    expected = [each.key for each in sentences(text) if each.key]
    assert [each for each in sentence_keys(text) if each] == expected


def test_one_gram_in_eighteen_is_kept_and_the_same_one_everywhere() -> None:
    chance = random.Random(4)  # noqa: S311  (no secret)
    text = "".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(40_000))
    kept = fingerprints([text])
    assert 2_000 < len(kept) < 2_400
    part = fingerprints([text[3_001:9_000]])
    assert part < kept
    assert len(part) > 280

"""The laws of cleaning for arbitrary text: partition, borders, undo, and a second cleaning."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.clean import clean
from archive.known import shipped
from archive.model import Block, Decoding, Page, check_partition, kept_words
from baogao_practice import twins

KNOWN = shipped()
PIECES = (
    "政府工作报告", "各位代表:", "一、过去一年工作回顾", "我代表市政府向大会报告,请予审议。",
    "发布时间:2023-01-31", "来源:", "admin 分享", "领取福利", "12345", "- 3 -", "】",
    "\u3000\u3000", "𠮷野家", "🌃", "ꦏ", "(bào)", "(ban)", "vocs", "?", ",,", "“5 1”",
    "。ㄒ唬┙(jīng)濟", "?,F(xiàn)代", "% ^1 D; D2 a) \\/", "pbY", "乐鱼体育", "20XX年",
    "ᠮᠣᠩᠭᠣᠯ", "\u200b", "\u00a0", "\ufeff",
)  # fmt: skip
ENDS = ("\n", "\r\n", "\r", "\n\n")
lines = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=5).map("".join)


@st.composite
def pages(draw):
    """A page of lines made of pieces; any line may be hidden, a link, or outside the main part."""
    visible, blocks = "", []
    for line in draw(st.lists(lines, min_size=1, max_size=14)):
        words = re.sub(r"[\r\n]", "", line)
        flags = {
            "hidden": draw(st.sampled_from((False, False, False, True))),
            "main": draw(st.sampled_from((True, True, True, False))),
            "link_chars": draw(st.sampled_from((0, 0, len(words)))),
            "tag": draw(st.sampled_from(("p", "li", "h1", "line"))),
        }
        blocks.append(Block(len(visible), len(visible) + len(words), **flags))
        visible += words + draw(st.sampled_from(ENDS[:3]))
    return Page(visible, tuple(blocks), Decoding("utf-8", "test"), "html")


def text(spans, visible):
    return "".join(kept_words(spans, visible))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(pages())
def test_spans_are_a_partition_that_keeps_to_lines(page):
    cleaning = clean(page, KNOWN)
    check_partition(cleaning.spans, page.visible)
    starts = {block.start for block in page.blocks}
    for span in cleaning.spans:
        assert not any(span.start < start < span.stop for start in starts)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(pages())
def test_undoing_every_span_gives_back_the_visible_text(page):
    spans = clean(page, KNOWN).spans
    assert "".join(page.visible[span.start : span.stop] for span in spans) == page.visible
    assert all(span.rule for span in spans)
    known = {rule.id for rule in KNOWN.rules}
    built_in = {
        "text", "hidden", "outside-main", "title-outside-main", "layout-blank", "layout-indent",
        "layout-joined-line", "outside-report", "repeated",
    }  # fmt: skip
    assert {span.rule for span in spans} <= known | built_in


@settings(max_examples=100, deadline=None, derandomize=True)
@given(pages())
def test_flags_change_nothing_and_stand_where_they_say(page):
    cleaning = clean(page, KNOWN)
    for flag in cleaning.flags:
        assert flag.words == page.visible[flag.start : flag.stop] != ""
    without = tuple(rule for rule in KNOWN.rules if rule.action != "flag")
    assert clean(page, with_rules(without)).spans == cleaning.spans


def with_rules(rules):
    known = replace(KNOWN)
    known.__dict__["rules"] = rules
    return known


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=300))
@example("各位代表:\r\n\u3000\u3000现在𠮷\u2028报告。\r\n")
def test_any_text_is_cleaned(page_of_text):
    page = page_from(page_of_text)
    check_partition(clean(page, KNOWN).spans, page.visible)


def page_from(visible):
    blocks, start = [], 0
    for match in re.finditer(r"\r\n|\n|\r|\Z", visible):
        blocks.append(Block(start, match.start()))
        start = match.end()
    return Page(visible, tuple(blocks), Decoding("utf-8", "test"), "text")


def cleaned_twice(visible):
    page = page_from(visible)
    once = text(clean(page, KNOWN).spans, visible)
    again = page_from(once)
    return once, text(clean(again, KNOWN).spans, once)


@pytest.mark.parametrize("variant", range(4))
@pytest.mark.parametrize("number", range(5))
def test_a_second_cleaning_changes_nothing_on_the_twins(variant, number):
    once, twice = cleaned_twice(twins.twins(variant)[number].content())
    assert once == twice


def test_a_second_cleaning_changes_nothing_on_real_texts(shared):
    for path in sorted((shared / "seeds").glob("*.txt")):
        once, twice = cleaned_twice(path.read_bytes().decode())
        assert once == twice, path.name


HOSTILE = (
    "a",
    "(",
    '"a ',
    "?",
    "一?,",
    "*",
    "%^ a",
    "a|",
    ",，",
    "。ㄒ唬",
    "x",
    "“",
    "来源:\n",
    "1\n",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_page_is_cleaned_in_linear_time(piece):
    def seconds(length):
        page = page_from((piece * length)[:length])
        start = time.process_time()
        check_partition(clean(page, KNOWN).spans, page.visible)
        return time.process_time() - start

    seconds(1000)
    # four times the length may take eight times as long; a quadratic rule takes sixteen
    assert seconds(120_000) < 8 * seconds(30_000) + 0.2

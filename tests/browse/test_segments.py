"""Blocks of a page: the passages of the model, one for one, and every visible cut."""

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.browse.segments import Cut, Paragraph, blocks
from archive.model import Flag, Span, passages

PIECES = st.lists(
    st.tuples(
        st.text(alphabet="改革开放，。一、 （\n", min_size=1, max_size=8),
        st.sampled_from(["keep", "drop", "replace"]),
        st.booleans(),
    ),
    max_size=12,
)


def spans_of(pieces):
    at, visible, spans = 0, "", []
    for words, action, ends in pieces:
        visible += words + ("\n" if ends else "")
        part = None if action == "drop" else "body"
        replacement = "补\n" if action == "replace" else None
        spans.append(Span(at, len(visible), action, f"rule-{action}", part, replacement))
        at = len(visible)
    return visible, spans


@given(PIECES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_paragraphs_are_the_passages_of_the_model(pieces):
    visible, spans = spans_of(pieces)
    shown = [b for b in blocks(visible, spans) if isinstance(b, Paragraph)]
    assert [p.words for p in shown] == [p.text for p in passages(spans, visible)]
    assert [p.number for p in shown] == list(range(1, len(shown) + 1))


@given(PIECES)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_removed_character_that_can_be_seen_is_shown(pieces):
    visible, spans = spans_of(pieces)
    removed = "".join(visible[s.start : s.stop] for s in spans if s.action == "drop")
    shown = list(blocks(visible, spans))
    words = "".join(b.words for b in shown if isinstance(b, Cut)) + "".join(
        piece.words
        for b in shown
        if isinstance(b, Paragraph)
        for piece in b.pieces
        if piece.kind == "cut"
    )
    assert sorted("".join(words.split())) == sorted("".join(removed.split()))


def test_flags_mark_their_words_and_nothing_else():
    visible = "省委决定，必赢体育决定\n"
    flags = [Flag("hijack", 5, 9, "必赢体育", "", ("省委",)), Flag("hijack", 7, 11, "体育决定", "")]
    (paragraph,) = blocks(visible, [Span(0, 12, "keep", "text", "body")], flags)
    assert [(p.kind, p.words.strip(), p.flag) for p in paragraph.pieces] == [
        ("text", "省委决定，", None),
        ("flag", "必赢体育", 0),
        ("flag", "决定", 1),
        ("text", "", None),
    ]


def test_headings():
    words = "一、工作回顾\n（一）工业\n二、工作安排。今年要做的事很多。\n正文\n"
    shown = list(blocks(words, [Span(0, len(words), "keep", "text", "body")]))
    assert len(shown) == 1, "one span is one passage: cleaning never joins lines in a span"
    lines = [line + "\n" for line in words.splitlines()]
    starts = [sum(map(len, lines[:n])) for n in range(len(lines))]
    spans = [
        Span(at, at + len(line), "keep", "text", "body")
        for at, line in zip(starts, lines, strict=True)
    ]
    assert [b.level for b in blocks(words, spans)] == [2, 3, None, None]
    assert [b.heading for b in blocks(words, spans)] == [
        (2, "一、工作回顾"),
        (3, "（一）工业"),
        (2, "二、工作安排。"),
        None,
    ]


def test_a_cut_in_a_line_that_is_otherwise_blank_is_shown():
    spans = [
        Span(0, 1, "keep", "text", "body"),
        Span(1, 3, "drop", "share"),
        Span(3, 4, "keep", "text", "body"),
    ]
    (cut,) = blocks(" 分享\n", spans)
    assert (cut.rule, cut.words) == ("share", "分享")

"""Names of characters that stand in a text are read as the characters, and that is reported."""

import pytest

from archive.known import shipped
from archive.model import Capture
from archive.read import read


def page(text, name="a.txt"):
    return read(Capture.from_bytes(text.encode(), filename=name), shipped())


def told(made):
    return [flag.evidence for flag in made.flags if flag.kind == "escapes"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&nbsp;&nbsp;政府工作报告", "\u00a0\u00a0政府工作报告"),
        ("&mdash;&mdash;2031年1月9日", "——2031年1月9日"),
        ("&ldquo;十五五&rdquo;&#65292;&#x4E8C;", "“十五五”，二"),
        ("<U+00A0><U+3000>2030年", "\u00a0\u30002030年"),
        ("<U+4DAE>头镇<U+0001F33B>", "䶮头镇🌻"),
        ("\\u3000\\u653f\\u5e9c\\xa0工作", "\u3000政府\u00a0工作"),
        ("\\ud83c\\udf3b", "🌻"),
    ],
)
def test_a_name_is_read_as_its_character(written, meant):
    made = page(written)
    assert made.visible == meant
    (evidence,) = told(made)
    assert "were read as characters" in evidence


@pytest.mark.parametrize(
    "text",
    ["R&D;经费", "A&B;", "<U+XYZW>", "&unknownname;", "\\u12", "<U+FFFFFFFF>", "AT&T公司"],
)
def test_what_names_no_character_stays(text):
    made = page(text)
    assert (made.visible, told(made)) == (text, [])


def test_a_lone_half_of_a_pair_is_a_lost_character():
    assert page("甲\\ud83c乙").visible == "甲\ufffd乙"


def test_references_that_were_escaped_twice_are_read_in_a_page():
    made = page(
        "<html><body><p>政&amp;nbsp;府&amp;mdash;工作&amp;#25253;告，A&amp;B公司。</p>", "a.html"
    )
    assert made.visible == "政\u00a0府—工作报告，A&B公司。"
    assert told(made) == ["3 names of characters were read as characters: &amp;…;"]


def test_a_page_without_them_has_no_flag():
    assert told(page("<html><body><p>&nbsp;政府&mdash;工作，A&amp;B。</p>", "a.html")) == []


def test_markdown_reads_its_own_references():
    assert page("# 报告\n\n**各位代表**\n\n&lt;附&gt; <U+00A0>件\n", "a.md").visible.endswith(
        "<附> \u00a0件"
    )

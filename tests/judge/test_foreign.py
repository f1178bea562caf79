"""Recurring foreign names: where they begin and end, and which of them may be brands."""

import pytest

from archive.judge.foreign import Name, foreign_names
from archive.judge.forms import forms
from archive.judge.hijack import _MOST_NAMES, _likely
from archive.judge.slots import slot_words
from archive.known import shipped


def names(text):
    """The names found in a text, each with the words at its places."""
    known = shipped()
    found = foreign_names(text, known.figures, slot_words(known).vocabulary, forms(known).is_ending)
    for name in found:
        assert {text[start : start + len(name.words)] for start in name.starts} == {name.words}
    return {name.words: len(name.starts) for name in found}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("认真落实博亿巡视意见，融入博亿都市圈，对接博亿发展。", {"博亿": 3}),
        ("在博亿、省政府领导下。在博亿、市政府领导下。", {"博亿": 2}),
        ("被博亿了！被博亿了。", {"博亿": 2}),
        ("被博亿了！被博亿了。被博亿了；", {"博亿": 3}),
        ("博亿在我市投资。博亿在我市建厂。", {"博亿": 2}),
        ("对接博亿，只有一处。", {}),
        ("推进博亿体育发展，支持博亿体育建设。", {"博亿体育": 2}),
    ],
)
def test_a_name_is_what_its_places_share_without_the_words_around_it(text, found):
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("登录365bet查看，访问365bet首页。", {"365bet": 2}),
        ("登录365bet查看，访问bet首页。", {"bet": 2}),
        ("登录365bet查看，访问365bet首页，转到bet。", {"bet": 3, "365bet": 2}),
        ("营业（BET）大厅，营业（BET）中心。", {}),
    ],
)
def test_a_latin_name_is_looked_for_with_and_without_a_number_before_it(text, found):
    assert names(text) == found


@pytest.mark.parametrize(("alone", "found"), [(3, 5), (2, 2)])
def test_a_name_that_stands_three_times_by_itself_is_no_part_of_a_longer_one(alone, found):
    longer = "推进金亚博亿建设，加快金亚博亿发展。"
    text = longer + "".join(["依托博亿转型，", "利用博亿升级，", "支持博亿合作，"][:alone])
    assert names(text)["博亿"] == found


@pytest.mark.parametrize(
    ("words", "is_foreign"),
    [
        ("博亿", True), ("某某", False), ("xx", False), ("XXX", False), ("省政府", False),
        ("美国", False), ("沈阳", False), ("沈阳市", False),
    ],
)  # fmt: skip
def test_placeholders_places_and_words_of_the_genre_are_not_foreign(words, is_foreign):
    assert slot_words(shipped()).is_foreign(words) is is_foreign


def test_of_many_names_those_made_like_brands_are_kept_then_the_frequent_ones():
    known = shipped()
    form, figures = forms(known), known.figures
    possible = (f"{chr(0x9000 + number)}鼋鼍" for number in range(2 * _MOST_NAMES))
    rare = [Name(words, (1, 2)) for words in possible if form.of(words, figures).may_be_brand]
    rare = rare[:_MOST_NAMES]
    frequent, brand = Name("鼋鼍龘", (1, 2, 3)), Name("金鼎娱乐", (1, 2))
    kept = _likely([*rare, frequent, brand], form, figures)
    assert (kept[:2], len(kept)) == ([brand, frequent], _MOST_NAMES)
    assert _likely([*rare[1:], brand], form, figures) == [*rare[1:], brand]

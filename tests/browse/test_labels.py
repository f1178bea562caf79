"""The interface's words: none missing, none left over, both languages."""

import re
from pathlib import Path
from string import Formatter

import pytest

import archive.browse
from archive.browse.labels import Labels, labels, preferred

HOME = Path(archive.browse.__file__).parent
STORED_VALUES = {
    "verdict", "kind", "stage", "completeness", "extent", "shape", "site_kind", "method", "run",
    "reason", "flag", "field", "state", "mark", "outcome", "level", "part", "action", "origin",
    "scope", "sort", "quality", "filter", "side", "gap", "feed", "api", "reading", "officialness",
    "half", "unassigned", "no_picture", "keys", "script", "source", "locator", "rule_kind", "count",
    "check",
    "asks", "asked_because", "effect", "evidence_of",
    "figure", "views", "uncounted", "list", "column", "why",
}  # fmt: skip


def used_keys():
    sources = [*HOME.rglob("*.html"), *HOME.rglob("*.py")]
    words = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    called = re.findall(r"""(?:\bt|words|MissingError)\(\s*["']([a-z_]+\.[a-z_]+)["']""", words)
    called += re.findall(r"""heading=["'](error\.[a-z_]+)["']""", words)
    return {*called, *re.findall(r'\bfound\(.*?"(error\.[a-z_]+)"', words, re.DOTALL)}


def test_every_key_that_a_page_uses_is_there():
    assert used_keys() <= set(labels())


def test_no_key_is_left_over():
    spare = {key for key in labels() if key.split(".")[0] not in STORED_VALUES} - used_keys()
    assert not spare


def test_every_kind_has_a_name_in_english():
    kinds = {key: words["en"] for key, words in labels().items() if key.startswith("kind.")}
    assert len(kinds) > 10
    assert {key: words for key, words in kinds.items() if not re.search("[a-z]", words)} == {}


def test_both_languages_fill_in_the_same_values():
    for key, words in labels().items():
        fields = [{f for _, f, _, _ in Formatter().parse(w) if f} for w in words.values()]
        assert fields[0] == fields[1], key
        assert all(words.values()), key


def test_the_language_that_is_asked_for():
    assert preferred("en", "zh", "zh") == "en"
    assert preferred(None, "en", "zh") == "en"
    assert preferred(None, None, "fr, en-GB;q=0.5") == "en"
    assert preferred("xx", None, "") == "zh"


def test_a_stored_value_without_words_is_shown_as_it_is():
    assert Labels("en").name("outcome", "some-new-outcome") == "some-new-outcome"
    assert Labels("zh")("report.chars", n=12345) == "12,345 字"


@pytest.mark.parametrize("name", ["baogao.css", "stock.css"])
def test_style_sheets_are_whole(name):
    """A stray brace makes a browser skip the next rule in silence."""
    depth = 0
    for number, line in enumerate((HOME / "assets" / name).read_text("utf-8").splitlines(), 1):
        for mark in re.findall(r"[{}]", line):
            depth += 1 if mark == "{" else -1
            assert depth >= 0, number
    assert depth == 0

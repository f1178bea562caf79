"""Each shipped rule does what its example says, and leaves its counter-examples alone."""

import re

import pytest

from archive.clean import clean
from archive.errors import DataFileError
from archive.known import shipped
from archive.known.linear import nested_quantifier
from archive.known.rules import KINDS, load_rules
from archive.model import check_partition

RULES = shipped().rules


def fired(page, known):
    cleaning = clean(page, known)
    check_partition(cleaning.spans, page.visible)
    return {span.rule for span in cleaning.spans} | {flag.kind for flag in cleaning.flags}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_example_and_counter_examples(rule, page_of, known):
    assert rule.id in fired(page_of(rule.example, all_links=rule.links > 0), known)
    for counter in rule.counter_examples:
        assert rule.id not in fired(page_of(counter, all_links=rule.links > 0), known), counter


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_why(rule):
    assert len(rule.why) > 15
    assert rule.kind in KINDS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_pattern_is_quick_on_a_long_line(rule):
    for line in ("1" * 1_000_000, " " * 1_000_000, "来源:" + "一" * 1_000_000):
        rule.regex.match(line)


def written(tmp_path, body):
    (tmp_path / "odd.toml").write_text('family = "odd"\n[[rules]]\n' + body, encoding="utf-8")
    return tmp_path


GOOD = (
    'id = "a"\nkind = "nav"\nscope = "line"\npattern = "菜单"\n'
    'why = "a menu is no text"\nexample = "菜单"\n'
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("pattern =", "patern ="), "rule 'a': unknown key 'patern' (did you mean 'pattern'?)"),
        (('kind = "nav"', 'kind = "navi"'), "unknown value 'navi' (did you mean 'nav'?)"),
        (('"菜单"\nwhy', '"(a+)+"\nwhy'), "nested quantifiers can run away"),
        (('"菜单"\nwhy', '"(菜"\nwhy'), "not a regular expression"),
        (('"菜单"\nwhy', '"(?<=首|网页)菜单"\nwhy'), "look-behind requires fixed-width"),
        (('"菜单"\nwhy', '"(?&whem)"\nwhy'), "unknown piece 'whem'"),
        (('why = "a menu is no text"\n', ""), "lacks 'why'"),
        (('scope = "line"', "scope = 3"), "'scope' has a value of the wrong type"),
    ],
)
def test_a_broken_rule_file_is_named_with_its_key(tmp_path, change, message):
    folder = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(DataFileError, match=re.escape(message)) as error:
        load_rules(folder)
    assert "odd.toml" in str(error.value)


def test_an_id_belongs_to_one_rule(tmp_path):
    folder = written(tmp_path, GOOD)
    (tmp_path / "second.toml").write_text('family = "b"\n[[rules]]\n' + GOOD, encoding="utf-8")
    with pytest.raises(DataFileError, match="already taken"):
        load_rules(folder)


@pytest.mark.parametrize(
    ("pattern", "risky"),
    [
        (r"(a+)+", True),
        (r"(?:\d{1,2}-?)+", True),
        (r"(?:a|b+)*", True),
        (r"(?:ab?)+", False),
        (r"(?:\d{4}-)+", False),
        (r"(?:x\d+)?", False),
        (r"(?:a++)+", False),
        (r"(?=(a+)+)b", True),
    ],
)
def test_the_lint_knows_nested_quantifiers(pattern, risky):
    assert nested_quantifier(pattern) is risky


def test_the_shipped_patterns_are_safe(known):
    """They are not checked each time a process starts."""
    assert load_rules(known.folder / "rules") == known.rules

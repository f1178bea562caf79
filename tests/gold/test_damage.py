"""Damaged lines are repaired by a rule, or flagged and left unchanged."""

from __future__ import annotations

import pytest
from gold.stored_results import derived

import baogao_practice as practice

MENDED = {
    "pinyin_inserted", "gbk_shift", "token_at_line_end", "discuz_jammer", "stray_character",
    "watermark_suffix",
}  # fmt: skip
"""Kinds that a deterministic rule repairs."""
FLAGGED = {"plus_lost_to_space", "unencodable_char_as_question_mark"}
LEFT = {"curly_quotes_to_straight", "traditional"}


def pages():
    return [
        (url, gold)
        for url in practice.urls()
        if (gold := practice.gold(url))["damage"] and gold["shape"] != "attachment"
    ]


def damage_of(*kinds):
    return [
        (url, damage)
        for url, gold in pages()
        for damage in gold["damage"]
        if damage["kind"] in kinds
    ]


def squeezed(text):
    return "".join(text.split())


def undone(line, damage):
    """Return the line with all damage of these kinds repaired."""
    for one in damage:
        line = line.replace(one["text"], one["right"], 1)
    return line


@pytest.mark.parametrize("kind", sorted(MENDED))
def test_damage_with_a_rule_is_repaired(kind):
    """Lines with this kind of damage are restored, even if they have other damage too."""
    lines = {}
    for url, damage in damage_of(*MENDED):
        lines.setdefault((url, damage["line"]), []).append(damage)
    lines = {at: damage for at, damage in lines.items() if any(d["kind"] == kind for d in damage)}
    assert lines
    spoilt = [
        (url, line, undone(line, damage))
        for (url, line), damage in lines.items()
        if squeezed(undone(line, damage)) not in squeezed(derived(url).text)
    ]
    print(f"{kind}: {1 - len(spoilt) / len(lines):.3f} of {len(lines)} lines mended")  # noqa: T201
    assert spoilt == []


def test_fixed_terms_get_their_capitals_back():
    texts = {url: squeezed(derived(url).text) for url, _ in damage_of("lowercased")}
    assert texts
    for url, text in texts.items():
        for spoilt in ("pm2.5", "vocs", "ⅲ类"):
            assert spoilt not in text, url


@pytest.mark.parametrize("kind", sorted(FLAGGED))
def test_unproven_damage_is_flagged_and_left(kind):
    found = damage_of(kind)
    assert found
    missed = []
    for url, damage in found:
        derivation = derived(url)
        at = derivation.visible.find(damage["line"].strip())
        here = range(at, at + len(damage["line"]))
        if not any(flag.start in here for flag in derivation.flags):
            missed.append((url, damage["line"]))
    assert missed == []


def test_quotes_and_script_of_a_copy_are_left():
    """Quotes and script belong to the copy; only another copy shows the original."""
    for url, damage in damage_of(*LEFT):
        assert squeezed(damage["line"]) in squeezed(derived(url).text), url


def test_brands_are_flagged_where_they_stand_and_left():
    kinds = ("brand_substitution", "brand_insertion")
    missed = []
    for url, damage in damage_of(*kinds):
        derivation = derived(url)
        assert squeezed(damage["line"]) in squeezed(derivation.text), url
        at = derivation.visible.find(damage["line"].strip())
        brand = derivation.visible.find(damage["text"], at)
        if not any(f.start <= brand < f.stop for f in derivation.flags):
            missed.append((url, damage["line"][:60]))
    assert missed == []


def test_blanked_and_spun_texts_are_flagged():
    for kind in ("name_blanked", "spun_synonym", "digits_starred"):
        for url in {url for url, _ in damage_of(kind)}:
            assert derived(url).flags, (kind, url)


def test_a_replaced_year_contradicts_and_nothing_else_does():
    """A page whose congress and year do not fit is reported; no sound page is accused."""
    replaced = {url for url, _ in damage_of("year_replaced")}
    assert replaced
    accused = {
        url
        for host in practice.hosts(behaving=True)
        for url in practice.urls(host)
        if practice.gold(url)["shape"] in {"report", "piece", "compilation"}
        and any(flag.kind.startswith("contradicted") for flag in derived(url).flags)
    }
    assert accused == replaced

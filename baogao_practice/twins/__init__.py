"""Twins of five real scraped texts: the same template lines and damage, but invented words.

A variant has its own places, brands, slogans, numbers and page counts; its reports are invented.
`tests/gold` keeps the first variant as files; the others are generated, so that no rule can be
written for them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from baogao_practice.damage import straight_quotes
from baogao_practice.twins.pages import (
    compilation_page,
    cut_single,
    hijacked_portal,
    last_page,
    lowered_piece,
)
from baogao_practice.twins.sheet import Twin
from baogao_practice.twins.variant import Variant

__all__ = ["Twin", "Variant", "gold", "twins"]


@lru_cache(maxsize=64)
def twins(number: int = 0) -> tuple[Twin, ...]:
    """The five twins of a variant."""
    variant = Variant(number)
    city = variant.city()
    return (
        compilation_page(variant, city),
        hijacked_portal(variant, city),
        cut_single(variant, variant.county("single", 11_000, appendix=False, early=True)),
        last_page(variant, variant.county("last", 7000, appendix=True, early=True)),
        lowered_piece(variant, variant.county("lowered", 8000, appendix=False, early=False)),
    )


def gold(number: int = 0) -> dict[str, Any]:
    """The gold of a variant, in the shape of the real texts' gold."""
    found = twins(number)
    return {
        "note": "Own-written twins of five real texts; invented contents, marked as such where the "
        "front matter is there. 1-based line numbers, 0-based half-open offsets inside the line. "
        "label: keep / meta (harvest, then drop) / junk / blank. Made by bench/build_twins.py.",
        "seeds": {twin.name: twin.gold() for twin in found},
        "relations": [overlap(found[0], found[1])],
    }


def overlap(fragment: Twin, whole: Twin) -> dict[str, Any]:
    """Return the lines of the fragment that are in the whole text, ignoring indent and quotes."""
    known = {
        straight_quotes(text.strip()): n for n, text in enumerate(whole.texts, 1) if text.strip()
    }
    aligned = [
        {"line_000": n, "line_001": known[text], "chars": len(text)}
        for n, text in enumerate(fragment.texts, 1)
        if fragment.labels[n - 1][0] == "keep" and text in known
    ]
    return {"a": "000", "b": "001", "type": "same_report_fragment", "aligned": aligned}

"""The quality gate: what extraction reached, it keeps reaching.

Floors are renewed by `python bench/renew_floors.py`, which refuses to lower one silently.
"""

import tomllib
from pathlib import Path

import pytest
from extraction import development_pages
from renew_floors import FLOORS, PAGES, digest, fallen, figures, made, measured

FIGURES = tomllib.loads(FLOORS.read_text(encoding="utf-8"))


def pages_of(name):
    if name == "development" and not PAGES.exists():
        pytest.skip("the development pages (../shared/pages) are not here")
    return development_pages(Path(PAGES)) if name == "development" else list(made())


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_no_figure_falls_under_its_floor(name):
    pages = pages_of(name)
    assert digest(pages) == FIGURES[name]["digest"], "other pages or gold: renew the floors"
    now = {group: figures(scores) for group, scores in measured(pages).items()}
    floors = FIGURES[name]["groups"]
    assert now.keys() == floors.keys()
    assert {group: now[group] for group in now if fallen(floors[group], now[group])} == {}


def test_no_floor_is_below_what_was_promised():
    groups = FIGURES["made"]["groups"] | FIGURES["development"]["groups"]
    promised = {
        "gov": (0.998, 0.99), "news": (0.985, 0.95), "magic_zh": (0.955, 0.8),
        "made": (0.999, 0.995), "made, disguised": (0.999, 0.995),
    }  # fmt: skip
    reached = {group: (facts["text"], facts["line"]) for group, facts in groups.items()}
    assert reached.keys() == promised.keys()
    for group, (text, line) in promised.items():
        assert reached[group][0] >= text, group
        assert reached[group][1] >= line, group

"""Words that a browser would run stay words, on every kind of page, in a real Chromium.

`bench/bench_hostile.py` opens all of `hostile.markup.places`; here are some of each kind.
"""

import pytest
from browse.test_browser import chromium, serving  # noqa: F401  (a fixture)
from hostile import markup


@pytest.fixture
def page(chromium):  # noqa: F811
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_no_page_lets_markup_in(page, tmp_path):
    db = markup.make(tmp_path / "demo.db")
    wrong = {}
    with serving(db) as home:
        told = markup.watched(page, home)
        for path in list(markup.places("demo", len(markup.PAYLOADS)))[::15]:
            if found := markup.let_in(page, home, path) + told:
                wrong[path] = found
                told.clear()
    assert wrong == {}


def test_markup_that_is_not_escaped_is_detected(page):
    """Each payload that is markup by itself is detected on a page that does not escape it."""
    told = markup.watched(page, "about:")
    page.goto("about:blank")
    unseen = []
    for payload in markup.PLAIN:
        page.evaluate("() => { window.__pwned = false }")
        page.set_content(f"<p>{payload}</p>")
        if not page.evaluate(markup.LOOK) and not told:
            unseen.append(payload)
        told.clear()
    assert unseen == []

"""The gate on real reports: what is wrong on them stays at what docs/identify.md says."""

import pytest
from real_texts import CORPUS, real_texts, score, score_headers

GROUPS = 4
MOST_WRONG = {"place": 0, "year": 0, "kind": 0}
LEAST_RIGHT = {"place": 0.99, "year": 0.995, "kind": 0.998}
MOST_NULL_BARE = 0.1


@pytest.fixture(scope="module")
def texts():
    if not CORPUS.is_dir():
        pytest.skip("the real texts (../shared/corpus) are not here")
    return real_texts()


@pytest.mark.parametrize("group", range(GROUPS))
def test_real_reports_as_they_are(group, texts):
    found = score(texts[group::GROUPS], bare=False)
    assert {what: found.wrong[what] for what in MOST_WRONG if found.wrong[what]} == {}
    assert {w: found.share(w) for w, least in LEAST_RIGHT.items() if found.share(w) < least} == {}


@pytest.mark.parametrize("group", range(GROUPS))
def test_real_reports_bare_of_what_stands_beside_them(group, texts):
    found = score(texts[group::GROUPS], bare=True)
    assert {what: found.wrong[what] for what in ("place", "year") if found.wrong[what]} == {}
    assert max(found.share(what, "null") for what in ("place", "year")) <= MOST_NULL_BARE


def test_days_and_speakers_that_headers_print(texts):
    found = score_headers(texts)
    assert {what: found.wrong[what] for what in found.wrong if found.wrong[what]} == {}
    assert min(found.share("delivered_on"), found.share("speaker")) >= 0.98

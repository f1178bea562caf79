"""The gate on real reports: the errors remain those listed in docs/identify.md.

Every text is derived unchanged, every eighth bare; texts of places with two reports in one year
are collated.
"""

from collections import defaultdict

import pytest
from real_texts import CORPUS, real_texts, score

from archive import Archive, Capture, derive

GROUPS = 4
BARE = 8
NEVER_WRONG = ("place", "year", "kind", "verdict", "delivered_on", "speaker")
LEAST_RIGHT = {
    "place": 0.99, "year": 0.995, "kind": 0.998, "verdict": 1.0, "delivered_on": 0.98,
    "speaker": 0.98,
}  # fmt: skip
MOST_WRONG_COMPLETE = 0.002
MOST_NULL_BARE = 0.1


@pytest.fixture(scope="module")
def texts():
    if not CORPUS.is_dir():
        pytest.skip("the real texts (../shared/corpus) are not here")
    return real_texts()


def wrong(found, fields):
    return {what: found.wrong[what] for what in fields if found.wrong[what]}


@pytest.mark.parametrize("group", range(GROUPS))
def test_real_reports_as_they_are(group, texts):
    found = score(texts[group::GROUPS], bare=False)
    assert wrong(found, NEVER_WRONG) == {}
    assert {w: found.share(w) for w, least in LEAST_RIGHT.items() if found.share(w) < least} == {}
    assert len(found.wrong["complete"]) <= max(1, MOST_WRONG_COMPLETE * len(texts) / GROUPS)


def test_real_reports_bare(texts):
    found = score(texts[::BARE], bare=True)
    assert wrong(found, ("place", "year", "verdict")) == {}
    assert max(found.share(what, "null") for what in ("place", "year")) <= MOST_NULL_BARE


def test_no_work_holds_two_reports(texts, tmp_path):
    by_year = defaultdict(set)
    for text in texts:
        by_year[text.place, text.report_year].add(text.report)
    twice = {place for (place, _), both in by_year.items() if len(both) > 1}
    some = [text for text in texts if text.place in twice and text.is_report]
    assert len(twice) >= 4
    with Archive.open(tmp_path / "real.db", create=True) as archive:
        with archive.run("backfill") as run:
            reports = {}
            for text in some:
                capture = Capture.from_bytes(
                    text.payload, url=f"file:///{text.name}", filename=text.path.name
                )
                reports[run.text(run.capture(capture), derive(capture))] = text.report
        archive.collate(run.id)
        held = defaultdict(set)
        select = (
            "SELECT text_id, work_id FROM witness_texts JOIN witnesses ON witnesses.id = witness_id"
        )
        for text_id, work_id in archive.connection.execute(select):
            held[work_id].add(reports[text_id])
    assert len(held) >= len(set(reports.values()))
    assert [both for both in held.values() if len(both) > 1] == []

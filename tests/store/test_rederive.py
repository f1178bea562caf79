"""What is to be derived again, and `baogao rederive`, which does it in workers."""

from __future__ import annotations

import pytest
from store.made_up import RULESET, answer, derivation_of

from archive.store import Archive

PAGE = (
    "<html><body><h1>政府工作报告</h1>" + "<p>各位代表，现在报告工作。</p>" * 30 + "</body></html>"
).encode()


def waiting(archive, ruleset=RULESET):
    return [number for number, _ in archive.captures_to_derive(ruleset)]


@pytest.fixture
def frontier_row(archive):
    """Put a row into the frontier whose last capture came to `outcome`."""

    def put(capture_id, outcome):
        archive.connection.execute(
            "INSERT INTO frontier (fingerprint, url, site, host, request_json, created_at, due_at,"
            " changed_at, state, last_capture_id, outcome)"
            " VALUES (?, 'u', 's', 'h', '{}', '', '', '', 'done', ?, ?)",
            (str(capture_id), capture_id, outcome),
        )

    return put


def test_a_list_of_links_is_no_report_that_waits_for_a_text(archive):
    with archive.run("crawl") as run:
        run.capture(answer(1))
        run.text(run.capture(answer(2)), derivation_of(answer(2)))
    assert waiting(archive) == []
    assert waiting(archive, "another ruleset") == [2]


def test_what_cost_its_worker_waits_for_another_attempt(archive, frontier_row):
    with archive.run("crawl") as run:
        for number, outcome in enumerate(("derive_timeout", "ok", "derive_crash")):
            frontier_row(run.capture(answer(number)), outcome)
        run.capture(answer(4, origin="file", outcome="derive_timeout"))
    assert waiting(archive) == [1, 3, 4]


def test_refusals_that_were_brought_in_have_no_text(archive):
    with archive.run("backfill") as run:
        for number, outcome in enumerate(("ok", "blocked", "truncated", "http", "gone")):
            run.capture(answer(number, origin="warc", outcome=outcome))
    assert waiting(archive) == [1, 3]


def test_rederive_makes_what_waits_once(baogao, tmp_path):
    with Archive.open(tmp_path / "x.db", create=True) as archive, archive.run("backfill") as run:
        for number in range(3):
            run.capture(answer(number, origin="warc", payload=PAGE + b"<!--%d-->" % number))
    first = baogao("rederive", "x.db", "--jobs", "2")
    assert (first.returncode, "3 texts made" in first.stderr.decode()) == (0, True), first.stderr
    again = baogao("rederive", "x.db")
    assert (again.returncode, "0 texts made" in again.stderr.decode()) == (0, True)

"""All that shows a report, a gap or a count says the same of it."""

import sys
from pathlib import Path

import pytest
from collate.test_commands import page
from collate.test_incremental import head, local, pool, put

from archive import Archive, Capture, SiteFacts, derive
from archive.catalogue.coverage import GAP, Absences, coverage, some_coverage
from archive.catalogue.trend import trend
from archive.catalogue.words import Counting
from archive.store.bodies import Narrowed
from archive.store.reports import reports
from archive.store.unassigned import by_reason, unassigned

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from bench_one_answer import Said, asked

WORDS = ("省委", "推进", "工业", "绝无此词", "VOCs", "行动")
TO_TRADITIONAL = str.maketrans("业务财进动国产实环养", "業務財進動國產實環養")


def report(url, lines, heading):
    body = page([line.translate(TO_TRADITIONAL) for line in lines], heading)
    return Capture(url, body, status=200, site=SiteFacts("t", kind="official"))


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Works of every condition, two of one place and year, a report in traditional script."""
    path = tmp_path_factory.mktemp("one") / "one.db"
    captures = [
        report("http://t.test/1.html", local(41), head("兴城市", 2019)),
        report("http://t.test/2.html", local(42)[:9], head("兴城市", 2021)),
    ]
    with Archive.open(path, create=True) as archive:
        put(archive, [*pool(), *((capture, derive(capture)) for capture in captures)])
        archive.collate()
    return path


def test_everybody_says_the_same(db):
    said = asked(db, WORDS)
    kinds = {question.split()[0] for question in said.answers}
    assert kinds == {"state", "gap", "counted", "words"}
    states = {str(answer) for q, told in said.answers.items() if q.startswith("state")
              for answer in told.values()}  # fmt: skip
    assert len(states) >= 3
    assert said.differences() == []


@pytest.mark.parametrize("most", [1, 3, 7, 1000])
def test_coverage_in_pages_is_the_whole_of_it(db, most, monkeypatch):
    monkeypatch.setattr("archive.catalogue.coverage.PLACES_AT_ONCE", 2)
    with Archive.open(db, read_only=True) as archive:
        everything = list(coverage(archive.connection))
        starts = range(0, len(everything) + 1, most)
        pages = [some_coverage(archive.connection, most, start) for start in starts]
    assert GAP in {cell.state for cell in everything}
    assert [len(page) for page in pages[:-1]] == [most] * (len(pages) - 1)
    assert [cell for page in pages for cell in page] == everything


def test_who_differs_and_who_is_silent_is_found():
    said = Said()
    said.add("state a", "works", "full")
    said.add("state a", "page", "partial")
    said.add("state b", "works", "full")
    assert [line.split(":")[0] for line in said.differences()] == ["state a", "state b"]


def test_both_scripts_are_counted_in_the_year_of_the_report(db):
    with Archive.open(db, read_only=True) as archive:
        (series,) = trend(archive.connection, ["工业"])
        (same,) = trend(archive.connection, ["工業"])
    points = {point.year: point for point in series.points}
    text = "".join(local(41))
    assert points[2019].hits == text.count("工业") > 5
    assert points[2019].tokens
    assert [p.hits for p in same.points] == [p.hits for p in series.points]


def test_a_place_with_two_reports_in_a_year_is_counted_for_neither(db):
    with Archive.open(db, read_only=True) as archive:
        names = [w["work"] for w in archive.works() if w["work"].startswith("210781-2018/")]
        (series,) = trend(archive.connection, ["推进"])
    assert len(names) == 2
    assert {p.year: p.reports for p in series.points}[2018] == 0


def test_a_text_of_no_report_is_seen_wherever_the_report_is_missed(db):
    with Archive.open(db, read_only=True) as archive:
        (text_id,) = archive.connection.execute(
            "SELECT text_id FROM witness_texts JOIN witnesses ON witnesses.id = witness_id"
            " JOIN works ON works.id = work_id WHERE works.name = '211481-2021'"
        ).fetchone()
    with Archive.open(db) as archive:
        connection = archive.connection
        connection.execute("BEGIN")
        connection.execute("DELETE FROM works WHERE name = '211481-2021'")
        connection.execute(
            "UPDATE sketches SET doubt = 'contradicted' WHERE text_id = ?", (text_id,)
        )
        try:
            (loose,) = [each for each in unassigned(connection) if each.text_id == text_id]
            assert (loose.reason, loose.detail) == ("doubted", "contradicted")
            (run_id,) = connection.execute("SELECT max(id) FROM runs").fetchone()
            assert by_reason(connection, run_id)["doubted"] >= 1
            why = Absences(connection).why("211481", 2021)
            assert why == ("not_assigned", str(text_id))
            assert str(why) == f"in the archive, but no report was made of it: text {text_id}"
            cells = [c for c in coverage(connection) if c.place_key == "211481" and c.state == GAP]
            assert ("not_assigned", 2021) in [(c.reason, c.report_year) for c in cells]
        finally:
            connection.execute("ROLLBACK")


def test_only_an_abstract_is_a_gap_that_says_so(db):
    with Archive.open(db) as archive:
        connection = archive.connection
        connection.execute("BEGIN")
        connection.execute("UPDATE works SET stage = 'abstract' WHERE name = '211481-2019'")
        try:
            assert Absences(connection).why("211481", 2019) == ("other_stage", "abstract")
            states = [c.state for c in coverage(connection) if c.report_year == 2019
                      and c.place_key == "211481"]  # fmt: skip
            assert sorted(states) == sorted({"gap", *states})
            assert len(states) == 2
        finally:
            connection.execute("ROLLBACK")


@pytest.mark.parametrize("term", ["工业", "产业", "高质量发展", "VOCs", "绝无此词", "后台"])
def test_a_passage_is_looked_for_in_every_way_a_term_may_be_written(db, term):
    """Few ways to write a term are asked for in SQL; of a term with many all passages are read."""
    with Archive.open(db, read_only=True) as archive:
        counting = Counting.of_term(term)
        bodies = [report.words("body") for report in reports(archive.connection)
                  if report.unfit == "" and report.work.startswith("211481")]  # fmt: skip
        (series,) = trend(archive.connection, [term], Narrowed(place="211481"))
    assert len(bodies) == 2
    assert sum(p.hits for p in series.points) == sum(counting.count(term, b) for b in bodies)

"""What was counted is kept: for the next request, for other filters, until the archive changes."""

import pytest
from browse.made_up import REPORT, answer, derivation, group, make

from archive.browse import trend as page
from archive.catalogue import counted
from archive.catalogue.trend import StillCountingError, trend
from archive.store import Archive, edition_passages
from archive.store.bodies import Narrowed

YEARS = (2020, 2021, 2022, 2023)
WORD = "营商环境"


@pytest.fixture
def archive(tmp_path):
    """Reports of several years, and the one of the made-up archive."""
    counted.forget()
    with Archive.open(make(tmp_path / "counted.db")) as opened:
        with opened.run("crawl") as run:
            texts = {}
            for year in YEARS:
                capture = answer(f"http://www.demo.test/{year}.html", REPORT)
                texts[f"990100-{year}"] = (
                    run.text(run.capture(capture), derivation(capture, REPORT, year=year)),
                )
        group(opened, {**texts, "990100-2024": (1, 2)})
        yield opened
    counted.forget()


@pytest.fixture
def read(monkeypatch):
    """The works whose passages are read."""
    seen = []
    of_work = edition_passages.of_work

    def noted(connection, work_id):
        seen.append(work_id)
        return of_work(connection, work_id)

    monkeypatch.setattr(edition_passages, "of_work", noted)
    return seen


def points(archive, narrowed=None, **more):
    (series,) = trend(archive.connection, [WORD], narrowed, **more)
    return [(p.year, p.reports, p.having, p.hits, p.tokens) for p in series.points]


def test_a_report_is_read_once(archive, read):
    first = points(archive)
    assert [hits for _, _, _, hits, _ in first] == [2] * 5
    assert len(read) == 5
    assert points(archive) == first
    some = Narrowed(first_year=2022)
    assert points(archive, some) == first[2:]
    assert len(read) == 5


def test_filters_first_and_all_later_are_the_same(archive, read):
    some = points(archive, Narrowed(last_year=2021))
    assert len(read) == 2
    everything = points(archive)
    assert everything[:2] == some
    assert len(read) == 5
    counted.forget()
    assert points(archive) == everything


def test_a_changed_report_is_counted_again(archive):
    before = points(archive)
    with archive.run("crawl") as run:
        lines = [(words.replace("营商", "经营"), fate) for words, fate in REPORT]
        capture = answer("http://www.demo.test/new.html", lines)
        text_id = run.text(run.capture(capture), derivation(capture, lines, year=2021))
    with archive.transaction():
        archive.connection.execute("DELETE FROM works WHERE name <> '990100-2024'")
    group(archive, {"990100-2021": (text_id,), "990100-2024": (1, 2)})
    assert points(archive) != before
    assert {year: hits for year, _, _, hits, _ in points(archive)}[2021] == 0


def test_counting_goes_on_where_it_stopped(archive, read, monkeypatch):
    monkeypatch.setattr("archive.catalogue.trend._STEP", 1)
    everything = points(archive)
    counted.forget()
    times = iter(range(100))
    monkeypatch.setattr("archive.catalogue.trend.thread_time", lambda: next(times))
    done = []
    while True:
        try:
            assert points(archive, seconds=2) == everything
            break
        except StillCountingError as counting:
            done.append((counting.done, counting.of))
    assert done == [(2, 5), (4, 5)]


async def test_the_page_says_how_far_it_is_and_asks_again(get, monkeypatch):
    counted.forget()
    monkeypatch.setattr(page, "COUNTING_S", -1.0)
    for path in ("/trend", "/trend.csv"):
        response = await get(f"{path}?q={WORD}&lang=en")
        assert response.status_code == 503
        assert "0 of 1 reports" in response.text
        assert (response.headers["retry-after"], response.headers["refresh"]) == ("2", "2")
    monkeypatch.undo()
    assert (await get(f"/trend?q={WORD}")).status_code == 200

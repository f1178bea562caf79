"""The way into the archive: together, in order, and no further after the machine has failed."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest

from archive import BaogaoError, Capture, StorageError, derive
from archive.errors import BrokenLawError
from crawler.recorder import BATCH_S, BATCH_WRITES, Recorder, need_contact, workers_for
from crawler.site_files import load_sites

SITES = load_sites().chosen(["practice-gov"])


@pytest.fixture
def recorder(tmp_path):
    made = Recorder(tmp_path / "r.db", SITES)
    yield made
    made.close()


def capture(number):
    return Capture(url=f"http://a.test/{number}", payload=b"<p>x</p>", status=200)


def stored(recorder):
    with sqlite3.connect(recorder.archive.path) as rows:
        return rows.execute("SELECT count(*) FROM captures").fetchone()[0]


async def test_writes_wait_for_each_other_but_not_long(recorder):
    ticket = recorder.capture("a", capture(1))
    recorder.text("a", ticket, derive(capture(1)))
    assert ticket.id is None
    assert stored(recorder) == 0
    await asyncio.sleep(BATCH_S + 0.2)
    assert ticket.id is not None
    assert stored(recorder) == 1
    assert recorder.captured == {("a", "ok"): 1}
    assert recorder.texts == {"a": 1}


async def test_a_full_batch_does_not_wait(recorder):
    for number in range(BATCH_WRITES):
        recorder.capture("a", capture(number))
    assert stored(recorder) == BATCH_WRITES


async def test_what_breaks_a_law_is_reported_and_takes_nothing_with_it(recorder):
    recorder.capture("a", capture(1))
    wrong = recorder.capture("a", capture(2))
    other = Capture(url="http://a.test/other", payload=b"<p>y</p>")
    recorder.text("a", wrong, derive(other))
    recorder.capture("a", capture(3))
    recorder.flush()
    assert stored(recorder) == 3
    assert len(recorder.failures) == 1
    assert recorder.broken is None


async def test_after_the_machine_failed_nothing_more_is_written(recorder):
    class Crawler:
        stopped = False

        async def stop_async(self):
            self.stopped = True

    def full():
        raise StorageError("r.db: the disk is full; make room and run again")

    crawler = Crawler()
    recorder.join(crawler)
    recorder.capture("a", capture(1))
    recorder.flush()
    recorder.capture("a", capture(2))
    recorder.write(full)
    with pytest.raises(StorageError, match="disk is full"):
        recorder.flush()
    with pytest.raises(BaogaoError, match="disk is full"):
        recorder.capture("a", capture(3))
    await asyncio.sleep(0)
    assert crawler.stopped
    assert stored(recorder) == 1, "the batch that failed left nothing behind"


async def test_a_text_before_its_capture_is_a_defect_that_is_reported(recorder):
    ticket = recorder.capture("a", capture(1))
    recorder._writes.reverse()
    recorder.text("a", ticket, derive(capture(1)))
    recorder._writes.reverse()
    recorder.flush()
    assert "before its capture" in recorder.failures[0]
    assert isinstance(BrokenLawError(""), BaogaoError)


def test_a_real_site_needs_a_contact():
    need_contact(SITES, "")
    need_contact(load_sites().chosen(["beijing"]), "you@example.org")
    with pytest.raises(BaogaoError, match="beijing: a contact is required"):
        need_contact(load_sites().chosen(["beijing"]), "  ")


def test_polite_sites_need_few_workers():
    polite = replace(SITES[0], delay_s=1.0, hosts=("www.x.test",))
    assert workers_for([polite]) == 1
    assert workers_for([polite] * 10) == 1
    assert workers_for([polite] * 31) == 4
    assert workers_for([replace(polite, delay_s=0.0)] * 3) == 3
    assert workers_for([replace(polite, hosts=("a.test", "b.test"), delay_s=0.0)]) == 2
    assert workers_for([]) == 1


async def test_a_machine_that_starts_no_worker_stops_the_crawl_and_keeps_what_came(recorder):
    recorder.capture("a", capture(1))
    error = StorageError("a worker process cannot be started")
    recorder.give_up(error)
    assert recorder.broken is error
    assert stored(recorder) == 1
    with pytest.raises(StorageError, match="cannot be started"):
        recorder.capture("a", capture(2))

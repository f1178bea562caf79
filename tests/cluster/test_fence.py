"""One crawl a host: leases in PostgreSQL, also when a holder stops, dies or is cut off."""

import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

from archive import StorageError
from archive.process import Process
from crawler.cluster import fence as fences
from crawler.cluster.fence import Fence, FencedLeases
from crawler.frontier import seconds_until
from crawler.leases import AskedForTime, Holder

LEASE_S = 0.8
SPACING_S = 0.3


@pytest.fixture
def crawl(dsn, monkeypatch):
    """The leases of a crawl with a fence of its own, as if it were on another machine."""
    monkeypatch.setattr(Holder, "here", lambda site: Holder(f"machine-{site}", 1, site))
    with ExitStack() as running:

        def begin(site="x"):
            fence = Fence(dsn, {site: SPACING_S}, lease_s=LEASE_S)
            running.enter_context(fence)
            monkeypatch.setattr(fences, "_in_use", [fence])
            return FencedLeases(None, site)

        yield begin


def stop(leases, seconds):
    """Keep the fence of a crawl from doing anything, as if its process were stopped."""
    leases._fence._loop.call_soon_threadsafe(time.sleep, seconds)


def taken(leases, host):
    """Wait until a host can be taken; how long that took."""
    began = time.monotonic()
    while isinstance(leases.take(host), AskedForTime):
        assert time.monotonic() < began + 10
        time.sleep(0.01)
    assert leases.held == {host}
    return time.monotonic() - began


def test_a_host_is_held_by_one_crawl(crawl):
    one, two = crawl("one"), crawl("two")
    assert one.take("a.test") is None
    assert one.take("a.test") is None
    assert one.may_send("a.test")
    found = two.take("a.test")
    assert isinstance(found, AskedForTime), "it may be gone"
    time.sleep(LEASE_S / 2)
    found = two.take("a.test")
    assert isinstance(found, Holder), "it lives: its lease was confirmed"
    assert found.site == "one"
    assert not two.may_send("a.test")
    assert not one.may_send("b.test"), "a host that was never taken"


def test_leases_are_confirmed_while_the_crawl_lives(crawl):
    one, two = crawl(), crawl()
    one.take("a.test")
    two.take("a.test")
    time.sleep(2 * LEASE_S)
    assert one.may_send("a.test")
    assert isinstance(two.take("a.test"), Holder)


def test_a_crawl_that_was_stopped_sends_nothing_and_another_takes_its_host(crawl):
    one, two = crawl(), crawl()
    one.take("a.test")
    assert one.may_send("a.test")
    stop(one, 3 * LEASE_S)
    began = time.monotonic()
    while one.may_send("a.test"):
        time.sleep(0.01)
    assert time.monotonic() - began < LEASE_S, "it stops before its lease ends"
    assert one.held == set()
    waited = time.monotonic() - began + taken(two, "a.test")
    assert waited >= LEASE_S - 0.05 + SPACING_S, "the delay of the host begins with the lease's end"
    time.sleep(3 * LEASE_S - (time.monotonic() - began))
    assert not one.may_send("a.test")
    assert one.take("a.test") is not None
    assert two.may_send("a.test")


def test_a_short_stop_costs_nothing(crawl):
    one = crawl()
    one.take("a.test")
    stop(one, LEASE_S / 4)
    time.sleep(LEASE_S / 3)
    assert one.may_send("a.test")
    assert one.beat() == set()


def test_who_was_taken_over_is_told_at_the_next_beat(crawl, postgres, dsn):
    one = crawl()
    one.take("a.test")
    database = dsn.partition("@/")[2].partition("?")[0]
    postgres.sql("UPDATE baogao.leases SET token = 'another'", database)
    due = time.monotonic() + 10
    while not (lost := one.beat()):
        assert time.monotonic() < due
        time.sleep(0.01)
    assert lost == {"a.test"}
    assert one.held == set()


def test_a_successor_waits_the_delay_since_the_last_request(crawl):
    one, two = crawl(), crawl()
    one.take("a.test")
    one.sent("a.test", 2 * SPACING_S)
    assert one.may_send("a.test")
    one.give_back("a.test")
    asked = two.take("a.test")
    assert isinstance(asked, AskedForTime)
    assert SPACING_S < seconds_until(asked.until) <= 2 * SPACING_S, "the delay of who asked last"
    taken(two, "a.test")


def test_a_host_that_was_not_requested_is_free_at_once(crawl):
    one, two = crawl(), crawl()
    one.take("a.test")
    one.release()
    assert two.take("a.test") is None


def test_a_host_that_asks_for_time_keeps_it(crawl):
    one, two = crawl(), crawl()
    one.take("a.test")
    one.leave("a.test", 3600)
    asked = two.take("a.test")
    assert isinstance(asked, AskedForTime)
    assert 3500 < seconds_until(asked.until) <= 3600


def test_the_host_of_a_process_that_died_here_is_free_after_its_delay(crawl, monkeypatch):
    script = "from archive.process import Process; print(Process.here().written())"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    dead = Process.read(told.stdout.decode().strip())
    one, two = crawl(), crawl()
    with monkeypatch.context() as patch:
        dead_holder = Holder(dead.place, dead.number, "x", dead.started)
        patch.setattr(Holder, "here", lambda _: dead_holder)
        one.take("a.test")
    assert SPACING_S - 0.05 < taken(two, "a.test") < LEASE_S


def test_two_site_files_of_a_crawl_know_of_each_other(crawl, monkeypatch):
    monkeypatch.undo()
    one = crawl("one")
    other = FencedLeases(None, "other")
    one.take("a.test")
    assert other.take("a.test") == Holder.here("one")


def test_without_postgresql_nothing_is_sent_and_nothing_is_lost(crawl, postgres):
    one = crawl()
    one.take("a.test")
    postgres.stop()
    try:
        time.sleep(LEASE_S)
        assert not one.may_send("a.test")
        assert isinstance(one.take("a.test"), AskedForTime)
    finally:
        postgres.start()
    assert taken(one, "a.test") < 5
    assert one.may_send("a.test")


def test_a_fence_without_tables_ends_the_crawl(empty_dsn, monkeypatch):
    with Fence(empty_dsn, lease_s=LEASE_S) as fence:
        monkeypatch.setattr(fences, "_in_use", [fence])
        leases = FencedLeases(None, "x")
        with pytest.raises(StorageError, match="refuses the host leases"):
            leases.take("a.test")

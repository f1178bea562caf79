"""A host has one crawl at a time."""

import os
import subprocess
import sys

import pytest

from archive import Archive
from crawler.leases import Holder, HostLeases


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "a.db", create=True) as opened, opened.transaction():
        yield opened


def test_two_site_files_do_not_share_a_host_at_the_same_time(archive):
    one, two = HostLeases(archive, "one"), HostLeases(archive, "two")
    assert one.take("a.test") is None
    assert one.take("a.test") is None
    holder = two.take("a.test")
    assert holder == Holder.here("one")
    assert holder.is_this_process()
    one.release()
    assert two.take("a.test") is None


def test_the_lease_of_a_dead_process_is_free_at_once(archive):
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                           capture_output=True, check=True)  # fmt: skip
    dead = HostLeases(archive, "x")
    dead._me = str(Holder(Holder.here("x").machine, int(child.stdout), "x"))
    assert dead.take("a.test") is None
    mine = HostLeases(archive, "x")
    assert mine.take("a.test") is None
    assert dead.beat() == {"a.test"}, "who comes back from the dead is told"


def test_another_machine_is_believed_until_its_heartbeat_is_old(archive):
    far = HostLeases(archive, "x")
    far._me = str(Holder("elsewhere", os.getpid(), "x"))
    assert far.take("a.test") is None
    mine = HostLeases(archive, "x")
    assert mine.take("a.test") == Holder("elsewhere", os.getpid(), "x")
    archive.connection.execute("UPDATE leases SET expires_at = '2020-01-01T00:00:00.000Z'")
    assert mine.take("a.test") is None


def test_a_heartbeat_keeps_the_lease(archive):
    mine = HostLeases(archive, "x")
    mine.take("a.test")
    archive.connection.execute("UPDATE leases SET expires_at = '2020-01-01T00:00:00.000Z'")
    assert mine.beat() == set()
    assert HostLeases(archive, "y").take("a.test") == Holder.here("x")

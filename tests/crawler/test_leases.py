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


def taken_by(archive, holder):
    other = HostLeases(archive, "x")
    other._me = str(holder)
    assert other.take("a.test") is None
    return Holder.parse(str(holder))


def test_another_container_of_this_name_is_not_this_process(archive):
    """There a process of our number lives, which we cannot see; nor do we know it to be dead."""
    here = Holder.here("x")
    machine, boot, space = here.machine.split("/")
    for number in (here.process, 4_000_000):
        other = taken_by(archive, Holder(f"{machine}/{boot}/1{space}", number, "x", here.started))
        assert not other.is_this_process()
        assert not other.is_dead()
        found = HostLeases(archive, "y").take("a.test")
        assert found == other
        assert found.shown == f"process {number} on {machine} for x"
        archive.connection.execute("DELETE FROM leases")


def test_a_number_that_was_used_again_is_not_the_process(archive):
    here = Holder.here("x")
    before = taken_by(archive, Holder(here.machine, here.process, "x", here.started - 1))
    assert not before.is_this_process()
    assert before.is_dead()
    assert HostLeases(archive, "y").take("a.test") is None


def test_a_machine_that_was_started_again_is_another_one(archive):
    """Of what ran before nobody can be sure: its heartbeat tells."""
    here = Holder.here("x")
    machine, _, space = here.machine.split("/")
    before = taken_by(
        archive, Holder(f"{machine}/00000000/{space}", here.process, "x", here.started)
    )
    assert not before.is_dead()
    archive.connection.execute("UPDATE leases SET expires_at = '2020-01-01T00:00:00.000Z'")
    assert HostLeases(archive, "y").take("a.test") is None


def test_what_an_older_version_wrote_is_read(archive):
    holder = taken_by(archive, "elsewhere 7 a name")
    assert holder == Holder("elsewhere", 7, "a name")
    assert not holder.is_dead()

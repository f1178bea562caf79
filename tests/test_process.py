"""Which process on which machine: no two are taken for one, and none is dead that may live."""

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from multiprocessing import forkserver

import pytest
from commands import forks

from archive.process import Process, machine_of, place
from archive.store import Archive

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's /proc")
TELL = """
import json, sys
from dataclasses import asdict
from archive.process import Process
asked = Process(*json.loads(sys.argv[1]))
print(json.dumps([asdict(Process.here()), asked.is_gone(), asked.is_this()]))
"""


def test_this_process_is_this_one_and_lives():
    here = Process.here()
    assert here.is_this()
    assert not here.is_gone()
    assert machine_of(here.place) == here.machine
    assert "/" not in here.machine
    assert not replace(here, number=here.number + 1).is_this()


def test_a_client_that_is_killed_while_it_asks_for_a_fork_does_not_end_the_server(baogao):
    forks()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(forkserver._forkserver._forkserver_address)
    pid = forkserver._forkserver._forkserver_pid
    assert baogao("--version").returncode == 0
    assert forkserver._forkserver._forkserver_pid == pid


def test_processes_of_the_tests_are_forked_from_one_that_is_loaded(apart):
    assert apart(is_loaded)


def is_loaded():
    return "loaded" in sys.modules and "crawler.settings" not in sys.modules


@linux
def test_a_process_is_gone_when_its_number_is_or_is_anothers():
    here = Process.here()
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                           capture_output=True, check=True)  # fmt: skip
    assert Process(here.place, int(child.stdout)).is_gone()
    assert replace(here, started=here.started - 1).is_gone()
    assert not replace(here, started=None).is_gone(), (
        "where the start is not known the number tells"
    )
    assert not Process("elsewhere", int(child.stdout)).is_gone()


@linux
def test_a_container_of_the_same_name_is_another_place():
    unshare = shutil.which("unshare")
    spaces = [unshare, "--user", "--map-root-user", "--pid", "--fork"]
    if (
        unshare is None
        or subprocess.run([*spaces, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine makes no PID namespaces")
    here = Process.here()
    asked = json.dumps([here.place, here.number, here.started])
    command = [sys.executable, "-c", TELL, asked]
    seen = subprocess.run(command, capture_output=True, check=True)
    there = subprocess.run([*spaces, *command], capture_output=True, check=True)
    (same, _, _), (other, is_gone, is_this) = json.loads(seen.stdout), json.loads(there.stdout)
    assert same["place"] == here.place
    assert other["place"] != here.place
    assert machine_of(other["place"]) == here.machine
    assert (is_gone, is_this) == (False, False)


def test_a_writer_in_another_container_stays_named(tmp_path):
    machine = place().partition("/")[0]
    rows = [
        ("gone", 4_000_000, place()), ("other", 4_000_000, f"{machine}/0/0"),
        ("old", os.getpid(), machine),
        ("reused", os.getpid(), f"{place()}@1"),
    ]  # fmt: skip
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        archive.connection.executemany(
            "INSERT INTO writers VALUES (?, ?, ?, 'crawl', '2026')", rows
        )
        archive.start_run("crawl")
        left = {token for (token,) in archive.connection.execute("SELECT token FROM writers")}
    assert left & {row[0] for row in rows} == {"other", "old"}

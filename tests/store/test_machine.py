"""When the machine fails: one plain sentence, and nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from store.made_up import answer, page

from archive import clock
from archive.errors import StorageError
from archive.model import sha256
from archive.store import Archive


def captured(path):
    with Archive.open(path, read_only=True) as archive:
        return [capture_id for capture_id, _ in archive.captures(with_payload=True)]


def in_a_process(words, *arguments):
    """Run `words` in a Python of its own, where a limit or a kill harms nobody else."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(words), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_full_disk_keeps_what_was_acknowledged(path):
    """RLIMIT_FSIZE makes the kernel refuse to let any file grow, as a full disk does."""
    done = in_a_process(
        """
        import random, resource, signal, sys
        from archive.errors import StorageError
        from archive.model import Capture
        from archive.store import Archive
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        chance = random.Random(1)
        with Archive.open(sys.argv[1], create=True) as archive:
            run = archive.start_run("crawl")
            resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
            try:
                for number in range(1000):
                    payload = chance.randbytes(20_000)
                    print(run.capture(Capture(url=f"http://a.test/{number}", payload=payload)))
            except StorageError as error:
                print(error, file=sys.stderr)
                sys.exit(error.exit_code)
        """,
        path,
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("\n") == 1
    acknowledged = [int(line) for line in done.stdout.split()]
    assert len(acknowledged) > 10
    assert captured(path) == acknowledged
    with Archive.open(path) as archive:
        assert list(archive.verification().findings()) == []
        with archive.run("crawl") as run:  # and it goes on
            run.capture(answer())


OPEN_AS_NOBODY = """
    import os, sys
    from archive.errors import StorageError
    from archive.store import Archive
    if os.geteuid() == 0:  # who may write everything, also what is marked read-only
        os.setuid(65534)
    try:
        with Archive.open(sys.argv[1], read_only=sys.argv[2] == "read") as archive:
            print(len(list(archive.captures(with_payload=True))))
    except StorageError as error:
        sys.exit(str(error))
"""


@pytest.fixture
def shelf(closed):
    """A folder that everybody may look into, with a database in it that nobody may write."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "demo.db"
        database.write_bytes(closed.read_bytes())
        database.chmod(0o444)
        folder.chmod(0o555)
        yield database
        folder.chmod(0o755)


def test_a_read_only_file_is_reported(shelf):
    done = in_a_process(OPEN_AS_NOBODY, shelf, "write")
    assert done.returncode == 1
    assert "read-only" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_read_only_disk_can_be_read(shelf):
    """Opened as immutable, because no file may be made beside the database."""
    done = in_a_process(OPEN_AS_NOBODY, shelf, "read")
    assert (done.stdout, done.stderr) == ("5\n", "")


@pytest.mark.parametrize("harm", ["remove", "replace"])
def test_a_file_that_vanished_is_reported_before_anything_is_acknowledged(archive, path, harm):
    with archive.run("crawl") as run:
        run.capture(answer())
    run = archive.start_run("crawl")
    moved = path.rename(path.with_name("moved.db"))
    if harm == "replace":
        path.write_bytes(moved.read_bytes())
    with pytest.raises(StorageError, match="removed or replaced"):
        run.capture(answer(1))
    with pytest.raises(StorageError, match="removed or replaced"):
        run.end()


def test_a_second_writer_is_named(archive, path):
    run = archive.start_run("crawl")
    with Archive.open(path, wait_s=0.2) as second, archive.transaction():
        before = time.monotonic()
        with pytest.raises(StorageError) as caught:
            second.start_run("backfill")
        assert 0.15 < time.monotonic() - before < 5
    assert f"crawl run {run.id} (process {os.getpid()} on " in str(caught.value)
    assert "run again" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_second_writer_waits_its_turn(archive, path):
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent("""
            import sys, time
            from archive.store import Archive
            with Archive.open(sys.argv[1]) as archive, archive.transaction():
                print("held", flush=True)
                time.sleep(0.5)
        """), str(path)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout.readline() == "held\n"
    with archive.run("crawl") as run:
        assert run.capture(answer()) == 1
    assert holder.wait(10) == 0
    holder.stdout.close()


def test_a_program_that_is_not_ours_is_reported_as_such(archive, path):
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    with Archive.open(path, wait_s=0.1) as second, pytest.raises(StorageError, match="another pro"):
        second.start_run("crawl")
    foreign.close()


def test_writers_that_died_are_not_named(archive, path):
    gone = in_a_process(
        """
        import os, sys
        from archive.store import Archive
        archive = Archive.open(sys.argv[1])
        archive.start_run("crawl")
        os._exit(1)
        """,
        path,
    )
    assert gone.returncode == 1
    archive.start_run("backfill")
    doing = archive.connection.execute("SELECT doing FROM writers").fetchall()
    assert doing == [("backfill run 2",)]


def test_a_closed_archive_leaves_no_writer(archive, path):
    archive.start_run("crawl").end()
    archive.close()
    with Archive.open(path, read_only=True) as again:
        assert again.connection.execute("SELECT * FROM writers").fetchall() == []


def test_a_clock_that_jumps_back_loses_nothing_and_is_reported(archive, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: "2030-01-01T00:00:00.000Z")
    with archive.run("crawl") as run:
        first = run.capture(answer())
    monkeypatch.setattr(clock, "now", lambda: "2026-01-01T00:00:00.000Z")
    with archive.run("crawl") as run:
        second = run.capture(answer(1))
    assert [number for number, _ in archive.captures()] == [first, second]
    assert list(archive.verification().findings()) == []
    [(detail,)] = archive.connection.execute("SELECT detail FROM alerts WHERE name = 'clock'")
    assert "2030-01-01T00:00:00.000Z" in detail


def test_the_clock_is_held_against_the_newest_entry_of_the_ledger(archive, monkeypatch):
    """Not against the first, and not against the latest time of them all."""
    detail = "SELECT detail FROM alerts WHERE name = 'clock'"
    for number, (year, told) in enumerate(
        [(2026, None), (2026, None), (2030, None), (2028, "from 2030"), (2029, "from 2030"),
         (2028, "from 2029")]
    ):  # fmt: skip
        monkeypatch.setattr(clock, "now", lambda year=year: f"{year}-01-01T00:00:00.000Z")
        with archive.run("crawl") as run:
            run.capture(answer(number))
        found = archive.connection.execute(detail).fetchone()
        assert (found is None) is (told is None)
        assert told is None or told in found[0]


def test_a_killed_creation_can_be_taken_up(path):
    path.write_bytes(b"")
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        run.capture(answer())
    assert len(captured(path)) == 1


def test_two_processes_may_create_one_archive(path):
    words = """
        import sys
        from archive.model import Capture
        from archive.store import Archive
        with Archive.open(sys.argv[1], create=True) as archive, archive.run("crawl") as run:
            run.capture(Capture(url=f"http://a.test/{sys.argv[2]}", payload=b"x"))
    """
    writers = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(words), str(path), str(number)])
        for number in range(3)
    ]
    assert [writer.wait(30) for writer in writers] == [0, 0, 0]
    assert len(captured(path)) == 3


def test_reading_goes_on_while_somebody_writes(archive, path):
    run = archive.start_run("crawl")
    with archive.transaction():
        run.capture(answer())
        assert captured(path) == []
    assert captured(path) == [1]
    with Archive.open(path, read_only=True) as reader:
        assert reader.payload(sha256(page())) == page()

"""The PostgreSQL of tests and of the demonstration ends with what started it, or says why not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from baogao_practice import postgres

ROOT = Path(__file__).parents[2]
LATEST_S = 60

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="no /proc to find processes in"
)


@pytest.fixture
def folder():
    """A folder for temporary files that other users may enter."""
    made = Path(tempfile.mkdtemp(prefix="pg-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def start(folder):
    """Start a script whose temporary files lie in `folder`; it is killed at the end."""
    try:
        postgres.PostgreSQL()
    except postgres.AbsentError as absent:
        pytest.skip(str(absent))
    started = []

    def begin(*words, within=folder):
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(within)}, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=LATEST_S)


def running_in(folder):
    """The processes whose command line names a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder) in each.read_text("utf-8", "replace"):
                found.append(int(each.parent.name))
        except OSError:
            continue
    return found


def until_nothing_runs_in(folder):
    due = time.monotonic() + LATEST_S
    while running_in(folder):
        assert time.monotonic() < due, "it does not end"
        time.sleep(0.02)


def test_a_server_ends_with_a_process_that_is_killed(start, folder):
    script = (
        "import time; from baogao_practice.postgres import PostgreSQL\n"
        "with PostgreSQL(): print('started', flush=True); time.sleep(600)"
    )
    process = start("-c", script)
    assert process.stdout.readline() == "started\n"
    assert running_in(folder)
    process.kill()
    until_nothing_runs_in(folder)


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(monkeypatch, folder):
    long = folder / ("x" * 100)
    long.mkdir()
    long.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    try:
        server = postgres.PostgreSQL()
    except postgres.AbsentError as absent:
        pytest.skip(str(absent))
    with pytest.raises(postgres.FailedError, match=r"PostgreSQL does not start: .*"), server:
        pass
    assert list(long.iterdir()) == []


def test_the_demonstration_can_be_interrupted(start, folder):
    process = start("contrib/cluster_demo.py")
    while not process.stdout.readline().startswith("$ baogao enqueue"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=LATEST_S)
    assert process.returncode == 3
    assert said.splitlines()[-1] == "Stopped; nothing is left running."
    assert list(folder.iterdir()) == []
    until_nothing_runs_in(folder)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (postgres.AbsentError("PostgreSQL is not installed"), 2),
        (postgres.FailedError("initdb fails: no space"), 3),
    ],
)
def test_the_demonstration_says_why_it_cannot_be_shown(monkeypatch, capsys, error, code):
    monkeypatch.syspath_prepend(ROOT / "contrib")
    import cluster_demo  # noqa: PLC0415  (a script, found by the line above)

    def absent():
        raise error

    monkeypatch.setattr(cluster_demo, "PostgreSQL", absent)
    monkeypatch.setattr(cluster_demo.signal, "signal", lambda *_: None)
    assert cluster_demo.main() == code
    assert capsys.readouterr().err == f"Error: {error}\n"

"""What a killed maker leaves behind is removed by the next; what somebody makes is left alone."""

import os
import subprocess
import sys
import time

import pytest

from archive.unfinished import BESIDE, ENDING, sweep, unfinished

MAKER = """
import sys, time
from pathlib import Path
from archive.unfinished import unfinished
with unfinished(Path(sys.argv[1]), folder=sys.argv[2] == "folder") as made:
    (made / "x" if made.is_dir() else made).write_text("half")
    made.with_name(made.name + "-journal").write_text("j")
    print(made, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def maker(tmp_path):
    """A process that makes something and does not come to its end."""
    running = []

    def start(kind):
        command = [sys.executable, "-c", MAKER, str(tmp_path / "new.db"), kind]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return running[-1], running[-1].stdout.readline().strip()

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks there")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_killed_maker_leaves_nothing_for_ever(maker, tmp_path, kind):
    process, made = maker(kind)
    with unfinished(tmp_path / "other.db"):
        assert os.path.exists(made), "somebody is still at it"  # noqa: PTH110
    process.kill()
    process.wait()
    assert os.path.exists(made)  # noqa: PTH110
    with unfinished(tmp_path / "other.db") as mine:
        assert {path.name for path in tmp_path.iterdir()} == {mine.name}
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_is_left_alone(tmp_path):
    names = [
        f".x.0123456{ENDING}", f".x.012345678{ENDING}", f"x.01234567{ENDING}",
        f".x.01234567{ENDING}x",        ".new.db.4711", ".x.01234567", f".x.zzzzzzzz{ENDING}",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).write_text("x")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (tmp_path / f".link.01234567{ENDING}").symlink_to(elsewhere)
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} >= {*names, "elsewhere"}
    assert (elsewhere / "kept").exists()


def test_what_lay_beside_a_database_goes_too(tmp_path):
    for ending in BESIDE:
        (tmp_path / f".x.01234567{ENDING}{ending}").write_text("x")
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_has_room(tmp_path):
    with unfinished(tmp_path / ("报" * 80 + ".db")) as made:
        assert len(made.name.encode()) < 160
    with unfinished(tmp_path / os.fsdecode(b"\xff" * 200)) as made:
        assert made.exists()


def test_two_at_once_do_not_sweep_each_other(tmp_path):
    with unfinished(tmp_path / "a") as one, unfinished(tmp_path / "b", folder=True) as two:
        sweep(tmp_path)
        time.sleep(0)
        assert one.exists()
        assert two.exists()
    assert list(tmp_path.iterdir()) == []

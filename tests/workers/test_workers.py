"""Worker processes: what is asked is answered, and nothing that is asked can stop a run."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from archive.errors import BaogaoError, StorageError, WorkFailedError
from archive.workers import Limits, Worker, Workers, command_for

HERE = Path(__file__).parent
TASKS = "worker_tasks"


@pytest.fixture(autouse=True)
def tasks_can_be_found(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture(params=[0, 2], ids=["here", "in processes"])
def workers(request):
    made = []

    def pool(task, **options):
        made.append(Workers(f"{TASKS}:{task}", request.param, **options))
        return made[-1]

    yield pool
    for each in made:
        each.close()


def alone(task, **options):
    return Workers(f"{TASKS}:{task}", 1, **options)


def test_each_question_has_its_answer(workers):
    pool = workers("doubled")
    assert [each.result() for each in map(pool.submit, range(5))] == [0, 2, 4, 6, 8]


def test_an_answer_comes_in_pieces(workers):
    pool = workers("counted")
    assert list(pool.stream(3)) == [0, 1, 2]
    assert list(pool.stream(0)) == []


def test_an_error_is_reported_and_the_next_question_answered(workers):
    pool = workers("doubled")
    with pytest.raises(WorkFailedError, match="TypeError") as caught:
        pool.submit(None).result()
    assert caught.value.how == "error"
    assert pool.submit(2).result() == 4


def test_pieces_before_an_error_hold(workers):
    found = []
    with pytest.raises(WorkFailedError, match="ValueError"):
        found.extend(workers("counted_down_below_zero").stream(2))  # extend keeps what came
    assert found == [2, 1, 0]


def program(words):
    """A worker that says it is ready, and then does something else."""
    ready = "import sys; from archive.workers import READY, send; send(sys.stdout.buffer, READY); "
    return [sys.executable, "-c", ready + words]


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("import time; time.sleep(30)", "timeout"),
        ("import os; os._exit(3)", "crash"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "crash"),
        ("import sys; sys.stdout.buffer.write(bytes(8) + b'x')", "crash"),
        ("import sys; sys.stdout.buffer.write(b'short')", "crash"),
    ],
)
def test_a_worker_that_hangs_or_dies_costs_its_question_only(words, how):
    pool = alone("doubled", patience_s=0.5, command=program(words))
    for answer in [pool.submit(1), pool.submit(2)]:
        with pytest.raises(WorkFailedError) as caught:
            answer.result()
        assert caught.value.how == how
    with pytest.raises(WorkFailedError):
        list(pool.stream(1))
    pool.close()


@pytest.mark.parametrize(
    "command", [["/nowhere/python"], [sys.executable, "-c", "raise SystemExit(3)"]]
)
def test_a_worker_that_cannot_start_is_no_fault_of_the_question(command):
    pool = alone("doubled", command=command)
    with pytest.raises(StorageError, match="a worker process"):
        pool.submit(1).result()
    with pytest.raises(StorageError):
        list(pool.stream(1))
    pool.close()


def test_the_time_that_a_worker_needs_to_start_is_not_the_questions():
    slow = "import time; time.sleep(1); from archive.workers import *; serve(lambda x: x, Limits())"
    pool = alone("doubled", command=[sys.executable, "-c", slow], patience_s=0.5)
    assert pool.submit(7).result() == 7
    pool.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is POSIX's")
def test_memory_has_a_limit():
    pool = alone("so_many_bytes")
    with pytest.raises(WorkFailedError) as caught:
        pool.submit(3 * 1024**3).result()
    assert caught.value.how == "crash"
    assert pool.submit(3).result() == 3
    pool.close()


def test_what_a_library_prints_is_no_answer(capfd):
    pool = alone("printed")
    assert pool.submit("words").result() == "words"
    pool.close()
    assert "words" in capfd.readouterr().err


def test_a_stream_that_is_left_does_not_answer_the_next_question():
    pool = alone("counted")
    pieces = pool.stream(1000)
    assert next(pieces) == 0
    pieces.close()
    assert list(pool.stream(2)) == [0, 1]
    pool.close()


def test_a_pool_that_is_closed_at_once_waits_for_nobody():
    pool = alone("slept")
    asked = [pool.submit(30), pool.submit(30)]
    while not any(worker._started for worker in tuple(pool._alive)):
        time.sleep(0.01)
    began = time.monotonic()
    pool.close(at_once=True)
    assert time.monotonic() - began < 10
    assert asked[1].cancelled()
    with pytest.raises(WorkFailedError, match="died"):
        asked[0].result()


def test_a_pool_that_is_closed_while_a_worker_starts_waits_for_nobody():
    pool = alone("slept")
    asked = pool.submit(30)
    began = time.monotonic()
    pool.close(at_once=True)
    assert time.monotonic() - began < 10
    assert asked.cancelled() or isinstance(asked.exception(), BaogaoError)


def test_a_missed_deadline_ends_what_the_worker_started(tmp_path):
    pool = alone("started_a_sleeper", patience_s=1.0)
    with pytest.raises(WorkFailedError, match="took longer"):
        pool.submit(str(tmp_path / "pid")).result()
    pool.close()
    assert gone(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
def test_a_worker_whose_asker_is_gone_ends_by_itself():
    worker = Worker(command_for(f"{TASKS}:slept", Limits(clock_s=-4)))  # and 5 s of grace
    with pytest.raises(WorkFailedError, match=rf"exit code -{signal.SIGALRM}\b"):
        worker.ask(30, Limits(clock_s=20))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
@pytest.mark.parametrize("task", ["burned", "burned_in_c", "burned_in_pieces"])
def test_processor_time_is_what_is_bounded(task):
    pool = alone(task, deadline_s=0.3)
    began = time.monotonic()
    with pytest.raises(WorkFailedError, match=r"^took longer than 0\.3 s$") as caught:
        list(pool.stream(60)) if "pieces" in task else pool.submit(60).result()
    assert caught.value.how == "timeout"
    assert time.monotonic() - began < 30
    pool.close()


def test_a_worker_that_gets_little_of_the_machine_is_not_late():
    """It works half of its deadline, and four times the deadline goes by on the clock."""
    pool = alone("starved", deadline_s=0.5)
    assert pool.submit((0.25, 2.0)).result() is True
    pool.close()


def gone(process, within_s=5.0):
    due = time.monotonic() + within_s
    while time.monotonic() < due:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{process}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see processes")
def test_no_worker_is_left_behind():
    before = set(Path("/proc").iterdir())
    pool = Workers(f"{TASKS}:doubled", 2)
    assert [pool.submit(1).result(), pool.submit(2).result()] == [2, 4]
    pool.close()
    new = [place / "cmdline" for place in set(Path("/proc").iterdir()) - before]
    assert not any(TASKS.encode() in c.read_bytes() for c in new if c.exists())

"""What the tests ask worker processes to do."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def doubled(number):
    return number + number


def counted(number):
    yield from range(number)


def counted_down_below_zero(number):
    yield from range(number, -1, -1)
    raise ValueError("below zero")


def so_many_bytes(number):
    return len(bytearray(number))


def printed(words):
    print(words, flush=True)  # noqa: T201  (as a library might)
    return words


def slept(seconds):
    time.sleep(seconds)


def started_a_sleeper(path):
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(path).write_text(str(sleeper.pid))
    sleeper.wait()


def burned(cpu_seconds):
    until = time.process_time() + cpu_seconds
    while time.process_time() < until:
        pass
    return True


def burned_in_c(_):
    return pow(3, 10**9) > 0  # one call that looks at no signal


def burned_in_pieces(cpu_seconds):
    yield burned(0.1)
    yield burned(0.1)
    yield burned(cpu_seconds)


def starved(work_and_wait):
    work, wait = work_and_wait
    time.sleep(wait)
    return burned(work)

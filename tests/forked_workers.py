"""The workers of a process that was forked are forked as well, from the process that is loaded.

A worker that starts anew loads all its knowledge before its first page, which takes longer than
what most tests do. `tests/workers` starts workers as the program does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import forkserver, get_context
from multiprocessing.reduction import DupFd
from types import SimpleNamespace

from archive import workers

OURS = (sys.executable, "-m", "archive.workers")


class ForkedWorker:
    """What `archive.workers` uses of a `subprocess.Popen`, for a worker that is a fork."""

    def __init__(self, command, *, stderr, env, **_):
        (asked, stdin), (stdout, answers) = os.pipe(), os.pipe()
        said, errors = os.pipe() if stderr == subprocess.PIPE else (None, os.dup(2))
        streams = [DupFd(number) for number in (asked, answers, errors)]
        self._process = get_context("forkserver").Process(
            target=_serve, args=(command[len(OURS) :], streams, dict(env)), daemon=True
        )
        self._process.start()
        for number in (asked, answers, errors):
            os.close(number)
        self.pid = self._process.pid
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")
        self.stderr = None if said is None else os.fdopen(said, "rb")

    @property
    def returncode(self):
        return self._process.exitcode

    def wait(self):
        self._process.join()
        return self.returncode


def _serve(arguments, streams, environment):
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(stream.detach(), number)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = open(number, "w" if number else "r", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
    task, cpu_s, clock_s, memory_bytes = arguments
    limits = workers.Limits(float(cpu_s), float(clock_s), int(memory_bytes))
    workers.serve(workers.named(task), limits)


def start(command, **how):
    """Start a worker of ours as a fork, anything else as it is."""
    return (ForkedWorker if tuple(command[: len(OURS)]) == OURS else subprocess.Popen)(
        command, **how
    )


def fork_workers():
    """Have this process and its forks fork their workers from the process that forked them."""
    forkserver._forkserver.ensure_running = lambda: None
    workers.subprocess = SimpleNamespace(PIPE=subprocess.PIPE, Popen=start)

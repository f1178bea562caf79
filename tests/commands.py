"""The real command in a process of its own that need not import anything: a fork of one that has.

Importing the program and its knowledge costs more than what most commands of the tests do: see
`loaded`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from multiprocessing import get_context
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from tempfile import TemporaryDirectory

DEADLINE_S = 120
WRITTEN = os.O_WRONLY | os.O_APPEND
STREAMS = (("stdin", os.O_RDONLY), ("stdout", WRITTEN), ("stderr", WRITTEN))


def forks():
    """Processes forked from one that has imported `loaded`."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["loaded"])
    with chdir(Path(__file__).parent):  # where it looks for the module; it skips an absent one
        ensure_running()
    return context


class Started:
    """`baogao` that runs in a fork, with the methods of `subprocess.Popen` that tests need.

    Args:
        arguments: what stands behind `baogao`.
        folder: where it runs.
        files: for stdin, stdout and stderr.
    """

    def __init__(self, arguments, folder, files=(os.devnull, os.devnull, os.devnull)) -> None:
        self._arguments = [*map(str, arguments)]
        given = (self._arguments, str(folder), [*map(str, files)], dict(os.environ))
        self._process = forks().Process(target=_command, args=given)
        self._process.start()

    def poll(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._arguments, timeout)
        return self._process.exitcode


def forked(
    arguments: list[str], folder: Path, stdin: bytes = b"", *, together: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """`baogao` with `arguments` in `folder`: what it printed, and its exit code.

    Args:
        arguments: what stands behind `baogao`.
        folder: where it runs.
        stdin: what it can read.
        together: both outputs come in one, as `2>&1` gives it.
    """
    with TemporaryDirectory() as beside:
        files = [Path(beside) / name for name, _ in STREAMS]
        for file, content in zip(files, (stdin, b"", b""), strict=True):
            file.write_bytes(content)
        running = Started(arguments, folder, [*files[:2], files[1 if together else 2]])
        try:
            code = running.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            running.kill()
            raise
        out, err = (file.read_bytes() for file in files[1:])
        return subprocess.CompletedProcess(arguments, code, out, err)


def _command(
    arguments: list[str], folder: str, files: list[str], environment: dict[str, str]
) -> None:
    from crawler.cli import main  # noqa: PLC0415  (the process that forks has imported it)

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, (file, (name, flags)) in enumerate(zip(files, STREAMS, strict=True)):
        os.dup2(os.open(file, flags), number)
        errors = {"stdin": "strict", "stdout": "strict", "stderr": "backslashreplace"}[name]
        mode = "r" if name == "stdin" else "w"
        lines = 1 if name == "stderr" else -1
        stream = open(number, mode, lines, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["baogao", *arguments]
    main(prog_name="baogao")

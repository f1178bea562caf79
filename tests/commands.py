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
STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))


def forks():
    """Processes forked from one that has imported `loaded`."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["loaded"])
    with chdir(Path(__file__).parent):  # where it looks for the module; it skips an absent one
        ensure_running()
    return context


def forked(
    arguments: list[str], folder: Path, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """`baogao` with `arguments` in `folder`: what it printed, and its exit code."""
    with TemporaryDirectory() as beside:
        files = [Path(beside) / name for name, _ in STREAMS]
        for file, content in zip(files, (stdin, b"", b""), strict=True):
            file.write_bytes(content)
        process = forks().Process(
            target=_command, args=(arguments, str(folder), [*map(str, files)], dict(os.environ))
        )
        process.start()
        process.join(DEADLINE_S)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, DEADLINE_S)
        out, err = (file.read_bytes() for file in files[1:])
        return subprocess.CompletedProcess(arguments, process.exitcode, out, err)


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
        stream = open(number, mode, errors=errors, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["baogao", *arguments]
    main(prog_name="baogao")

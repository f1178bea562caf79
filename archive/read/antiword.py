"""The program antiword, which reads documents of Word 6 and 95.

It stands apart from the readers of documents, because every derivation says its version.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

DEADLINE_S: Final = 30
"""Seconds for a document, less than a worker has for the whole page."""


def words_of(payload: bytes) -> str:
    """Return what antiword prints of a document.

    Raises:
        FileNotFoundError: the program is not installed.
        subprocess.SubprocessError: it refused the document, or took longer than `DEADLINE_S`.
    """
    program = shutil.which("antiword")
    if program is None:
        raise FileNotFoundError("antiword")
    with tempfile.NamedTemporaryFile(suffix=".doc") as file:
        file.write(payload)
        file.flush()
        shown = subprocess.run(  # noqa: S603  (a fixed program; the payload is its input only)
            [program, "-m", "UTF-8.txt", "-w", "0", file.name],
            capture_output=True, check=True, timeout=DEADLINE_S,
            env={"HOME": str(Path(file.name).parent), "LANG": "C.UTF-8"},
        )  # fmt: skip
    return shown.stdout.decode("utf-8", "replace")


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the program, which prints it with its usage only."""
    program = shutil.which("antiword")
    if program is None:
        return "not installed"
    try:
        usage = subprocess.run([program], capture_output=True, check=False, timeout=5)  # noqa: S603
    except (subprocess.SubprocessError, OSError):
        return "of unknown version"
    words = (usage.stdout + usage.stderr).decode("utf-8", "replace").split()
    return next((word for word in words if word[:1].isdigit() and "." in word), "unknown")

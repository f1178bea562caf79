"""Files and folders in the making: they take their name when they are whole.

Until then they lie beside their place under a name of ours, and whoever makes one holds a lock on
it. The system drops the lock of a process that ends, however it ends: so what a killed one has left
is known, and the next that makes something in the same folder removes it.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

if sys.platform == "win32":  # no such locks there: nothing is swept

    def _lock(_: int) -> bool:
        return False

else:
    import fcntl

    def _lock(handle: int) -> bool:
        """Whether the lock could be had at once."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


ENDING: Final = ".baogao-unfinished"
BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite makes beside a database."""

_OURS: Final = re.compile(rf"\..+\.[0-9a-f]{{8}}{re.escape(ENDING)}(?:{'|'.join(BESIDE)})?")
_LONGEST_BYTES: Final = 100
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def unfinished(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """An empty file, or a folder, beside `target`; it is gone afterwards, if it was not renamed.

    Raises:
        OSError: it cannot be made.
    """
    sweep(target.parent)
    made, handle = _begun(target, folder=folder)
    try:
        yield made
    finally:
        remove(made)
        if handle is not None:
            os.close(handle)


def _begun(target: Path, *, folder: bool) -> tuple[Path, int | None]:
    """An empty thing under a name of ours, and the handle that holds its lock."""
    stem = os.fsencode(target.name)[:_LONGEST_BYTES].decode("utf-8", "ignore")
    while True:
        made = target.with_name(f".{stem}.{secrets.token_hex(4)}{ENDING}")
        if folder:
            made.mkdir()
        else:
            made.touch(exist_ok=False)
        handle = _locked(made)
        if handle is not None or made.exists():  # else it was swept before it was locked
            return made, handle


def sweep(folder: Path) -> None:
    """Remove what makers that were killed have left in a folder."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _OURS.fullmatch(path.name):
                _remove_if_left(path)


def remove(made: Path) -> None:
    """Remove a file with what lies beside it, or a folder with all in it."""
    if made.is_dir() and not made.is_symlink():
        shutil.rmtree(made, ignore_errors=True)
    for path in (made, *(made.with_name(made.name + ending) for ending in BESIDE)):
        with suppress(OSError):
            path.unlink()


def _remove_if_left(path: Path) -> None:
    """Remove an unfinished thing that nobody holds; files beside a database go with it."""
    main = path.with_name(path.name[: path.name.index(ENDING) + len(ENDING)])
    if main.exists():
        handle = _locked(main)
        if handle is None:
            return
        remove(main)
        os.close(handle)
    else:
        remove(path)


def _locked(path: Path) -> int | None:
    """A handle that holds the lock on `path`; None where somebody else has it."""
    try:
        handle = os.open(path, _OPEN)
    except OSError:
        return None
    if _lock(handle):
        return handle
    os.close(handle)
    return None

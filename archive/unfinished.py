"""Creates files and folders that get their name only when they are complete.

Until then they have a temporary name in the same folder, and their maker holds a lock. The system
releases the lock of any process that ends. Leftovers of a killed process are thus recognised, and
removed by the next one that creates something in the folder.
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

if sys.platform == "win32":  # without such locks nothing is swept

    def _lock(_: int) -> bool:
        return False

else:
    import fcntl

    def _lock(handle: int) -> bool:
        """Whether the lock was obtained at once."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


ENDING: Final = ".baogao-unfinished"
BESIDE: Final = ("-wal", "-shm", "-journal")
"""Files that SQLite creates beside a database."""

_OURS: Final = re.compile(rf"\..+\.[0-9a-f]{{8}}{re.escape(ENDING)}(?:{'|'.join(BESIDE)})?")
_LONGEST_BYTES: Final = 100
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def unfinished(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Create an empty file or a folder beside `target`; it is removed at the end unless renamed.

    Raises:
        OSError: it cannot be created.
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
    """Create an empty file or folder with a temporary name, and return the handle of its lock."""
    stem = os.fsencode(target.name)[:_LONGEST_BYTES].decode("utf-8", "ignore")
    while True:
        made = target.with_name(f".{stem}.{secrets.token_hex(4)}{ENDING}")
        if folder:
            made.mkdir()
        else:
            made.touch(exist_ok=False)
        handle = _locked(made)
        if handle is not None or made.exists():  # otherwise it was swept before it was locked
            return made, handle


def sweep(folder: Path) -> None:
    """Remove what killed processes have left in a folder."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _OURS.fullmatch(path.name):
                _remove_if_left(path)


def remove(made: Path) -> None:
    """Remove a file with its companions, or a folder with its content."""
    if made.is_dir() and not made.is_symlink():
        shutil.rmtree(made, ignore_errors=True)
    for path in (made, *(made.with_name(made.name + ending) for ending in BESIDE)):
        with suppress(OSError):
            path.unlink()


def _remove_if_left(path: Path) -> None:
    """Remove an unlocked unfinished file or folder, with the files beside a database."""
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
    """Return a handle that holds the lock on `path`; None if another process holds it."""
    try:
        handle = os.open(path, _OPEN)
    except OSError:
        return None
    if _lock(handle):
        return handle
    os.close(handle)
    return None

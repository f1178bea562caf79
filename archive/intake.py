"""Files that people already have → captures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from archive.errors import UsageError
from archive.model import Capture

SUFFIXES: Final = frozenset({".txt", ".htm", ".html", ".shtml", ".xhtml"})
"""The endings that are taken from a folder; a file that is named itself may have any."""

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A larger file is no saved page; reading it would need some 15 times its size in memory."""


def gather(paths: Iterable[str]) -> list[Path]:
    """The files that `paths` name, folders walked in order of name, each file once.

    Raises:
        UsageError: a path does not exist, cannot be listed, or is a folder without such a file.
    """
    found: dict[Path, None] = {}
    for name in paths:
        path = Path(name)
        if path.is_dir():
            found.update(dict.fromkeys(_inside(path)))
        elif path.exists():
            found[path.resolve()] = None
        else:
            raise UsageError(f"{name}: no such file or folder")
    return list(found)


def capture_of(path: Path) -> Capture:
    """The capture of one saved file; its address is the file's own.

    A file that cannot be read, or is larger than `MAX_FILE_BYTES`, is a failed capture.
    """
    address = path.resolve().as_uri()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return _failed(address, path, "too_large", f"more than {MAX_FILE_BYTES} bytes")
        payload = path.read_bytes()
    except OSError as error:
        return _failed(address, path, "unreadable", error.strerror or str(error))
    return Capture(url=address, payload=payload, origin="file", filename=path.name)


def _failed(address: str, path: Path, outcome: str, error: str) -> Capture:
    return Capture(url=address, outcome=outcome, error=error, origin="file", filename=path.name)


def _inside(folder: Path) -> list[Path]:
    try:
        files = sorted(
            path.resolve()
            for path in folder.rglob("*")
            if path.is_file() and path.suffix.lower() in SUFFIXES
        )
    except OSError as error:
        raise UsageError(f"{folder}: cannot be listed: {error.strerror}") from error
    if not files:
        raise UsageError(f"{folder}: holds no file ending in {', '.join(sorted(SUFFIXES))}")
    return files

"""Folders that are created completely or not at all; safe file names and cells."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from archive.errors import StorageError, UsageError
from archive.spreadsheet_cells import safe_cell
from archive.unfinished import unfinished

_UNSAFE: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069]')
_LONGEST_NAME_BYTES: Final = 200


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Create a folder that becomes `path` on success and is removed otherwise.

    Raises:
        UsageError: `path` exists and is not an empty folder.
        StorageError: it cannot be written.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(f"{path}: exists already; name a new folder, nothing is overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished(path, folder=True) as made:
            yield made
            made.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Create a file that replaces `path` on success.

    Raises:
        StorageError: it cannot be written.
    """
    try:
        with unfinished(path) as made:
            yield made
            made.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error


def safe_name(words: str) -> str:
    """Return `words` as a safe file name: without separators, controls and bidi marks."""
    name = _UNSAFE.sub("_", words).strip(" .") or "_"
    return name.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore")


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write a CSV for spreadsheets: UTF-8 with a byte order mark. Returns the number of rows."""
    names = list(columns)
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in rows:
            writer.writerow([_written(row.get(name)) for name in names])
            count += 1
    return count


def write_checksums(folder: Path) -> None:
    """Write `SHA256SUMS` for every file in `folder`, for `sha256sum -c`."""
    lines = [
        f"{digest_of(path)}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _written(value: Any) -> Any:
    return "" if value is None else safe_cell(value)


def digest_of(path: Path) -> str:
    """Return the sha256 of a file without loading it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Files that people already have → captures; containers are opened before capture (law 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from archive.errors import UsageError
from archive.intake.member import Member, container_of, failed, whole_file
from archive.intake.packages import mhtml_parts, unzipped, zip_members
from archive.intake.tables import csv_rows, jsonl_records, xlsx_rows
from archive.model import Capture
from archive.read.documents import Unreadable, check_package

Opener = Callable[[Path, str | None], Iterator[Member]]

SUFFIXES: Final = frozenset(
    {".txt", ".htm", ".html", ".shtml", ".xhtml", ".mht", ".mhtml", ".csv", ".tsv", ".jsonl",
     ".xlsx", ".zip", ".pdf", ".doc", ".docx", ".wps", ".ofd"}
)  # fmt: skip
"""The endings that are taken from a folder; a file that is named itself may have any."""

_OPENERS: Final[dict[str, Opener]] = {
    ".csv": csv_rows,
    ".tsv": csv_rows,
    ".jsonl": jsonl_records,
    ".xlsx": xlsx_rows,
    ".zip": zip_members,
    ".mht": mhtml_parts,
    ".mhtml": mhtml_parts,
}
"""Tables and packages are told by their ending, and refused in words where it is not true."""


def gather(paths: Iterable[str]) -> list[Path]:
    """The files that `paths` name, folders walked in order of name, each file once.

    Links inside a folder are not followed: a folder may hold one that leads out of it.

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


def captures_of(path: Path, text_column: str | None = None) -> Iterator[Capture]:
    """The captures of one file: one, or one for each member of a container; streams.

    What cannot be read is a failed capture with its reason, never an exception.

    Args:
        path: the file.
        text_column: the column or field of a table that holds the texts; guessed when None.
    """
    opener = _OPENERS.get(path.suffix.lower())
    if opener is None:
        yield whole_file(path)
        return
    try:
        container = container_of(path)
        for member in opener(path, text_column):
            yield member.capture(container)
    except (OSError, UsageError) as error:
        yield failed(path, "unreadable", str(error))


def open_package(capture: Capture) -> Iterator[Capture]:
    """The members of a captured ZIP; nothing for any other payload, Word and OFD files included.

    Raises:
        UsageError: the ZIP holds too many files.
    """
    payload = capture.payload or b""
    if not payload.startswith(b"PK\x03\x04"):
        return
    try:
        if check_package(payload) != "zip":
            return
    except Unreadable:
        return
    container = replace(capture, container_sha256=capture.payload_sha256, filename=None)
    for member in unzipped(BytesIO(payload), capture.url):
        yield member.capture(container)


def _inside(folder: Path) -> list[Path]:
    try:
        files = sorted(
            path.resolve()
            for path in folder.rglob("*")
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()
        )
    except OSError as error:
        raise UsageError(f"{folder}: cannot be listed: {error.strerror}") from error
    if not files:
        raise UsageError(f"{folder}: holds no file ending in {', '.join(sorted(SUFFIXES))}")
    return files

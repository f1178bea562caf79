"""Turns files into captures; containers, also nested ones, are opened first (law 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from archive.errors import RefusedError, UsageError, WorkFailedError
from archive.intake.kinds import kind_of
from archive.intake.member import Member, container_of, failed, name_of, whole_file
from archive.intake.mhtml import mhtml_parts
from archive.intake.packages import (
    gzip_member,
    refuse_unread_format,
    seven_zip_members,
    zip_members,
)
from archive.intake.source import (
    MAX_DEPTH,
    Columns,
    Container,
    Opened,
    Opener,
    PassedOver,
    Room,
    Table,
)
from archive.intake.tables import (
    csv_rows,
    json_records,
    jsonl_records,
    parquet_rows,
    stata_rows,
)
from archive.intake.workbook import xlsx_rows
from archive.model import Capture
from archive.read.documents import Unreadable, check_package
from archive.workers import Workers

TASK: Final = "archive.intake.opening:opened"
"""The task of a worker that opens a container, with the arguments of `opened`."""

MAX_CAPTURED_BYTES: Final = 256 * 1024 * 1024
"""The most bytes from one captured ZIP, which a crawl holds in memory at once."""

_OPENERS: Final[dict[str, Opener]] = {
    "csv": csv_rows,
    "jsonl": jsonl_records,
    "json": json_records,
    "xlsx": xlsx_rows,
    "parquet": parquet_rows,
    "stata": stata_rows,
    "zip": zip_members,
    "7z": seven_zip_members,
    "gzip": gzip_member,
    "rar": refuse_unread_format,
    "bzip2": refuse_unread_format,
    "xz": refuse_unread_format,
    "mhtml": mhtml_parts,
}
"""Openers by the result of `kind_of`."""

_OBJECT: Final = re.compile(r"<_?io\.[^<>]{0,900}>")
"""How Python shows an open file: with a memory address, different each time."""

_MOST_WORDS: Final = 300
_ZIP: Final = b"PK\x03\x04"

Piece = Capture | Table | PassedOver
"""What is read from a file: captures, and what to report about it."""


def captures_of(path: Path, columns: Columns | None = None) -> Iterator[Capture]:
    """Yield the captures of one file: one, or one for each member of a container.

    What cannot be read is a failed capture with its reason, never an exception. The file is read in
    this process, without a deadline; `pieces_of` reads in workers.
    """
    for piece, _ in pieces_of(path, columns or Columns()):
        if isinstance(piece, Capture):
            yield piece


def pieces_of(
    path: Path, columns: Columns, workers: Workers | None = None
) -> Iterator[tuple[Piece, int]]:
    """Yield what is read from one file, each with the number of bytes read for it.

    Args:
        path: the file.
        columns: the meaning of table columns.
        workers: processes for `TASK`, in which containers are opened; None for this process.
    """
    try:
        if not is_container(path):
            capture = whole_file(path)
            yield capture, len(capture.payload or b"")
            return
        container = container_of(path)
        question = (path, container, columns)
        yield from opened(question) if workers is None else workers.stream(question)
    except OSError as error:
        yield failed(path, "unreadable", error.strerror or str(error)), 0
    except WorkFailedError as error:
        outcome = "unreadable" if error.how == "error" else f"open_{error.how}"
        yield failed(path, outcome, str(error)), 0


def is_container(path: Path) -> bool:
    """Whether a file contains several texts, or compresses one, and must be opened first.

    Raises:
        OSError: it cannot be read.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return kind_of(name_of(path), file) is not None


def opened(question: tuple[Path, Capture, Columns]) -> Iterator[tuple[Piece, int]]:
    """Yield the content of a container; takes path, the members' common data, and columns."""
    path, container, columns = question
    with path.open("rb") as file:
        size = path.stat().st_size
        source = Container(name_of(path), file, size, columns, Room.for_size(size))
        try:
            for each in _opened(source):
                piece = each.capture(container) if isinstance(each, Member) else each
                yield piece, 0 if file.closed else file.tell()
        except (RefusedError, UsageError) as error:
            outcome = error.outcome if isinstance(error, RefusedError) else "unreadable"
            yield failed(path, outcome, str(error)), size


def may_hold_members(capture: Capture) -> bool:
    """Whether a capture begins like a ZIP; `open_package` decides whether to open it."""
    return (capture.payload or b"").startswith(_ZIP)


def open_package(capture: Capture) -> Iterator[Capture]:
    """Yield the members of a captured ZIP.

    Nothing for other payloads, including Word and OFD files.

    Raises:
        RefusedError: the ZIP contains too many files.
    """
    if not may_hold_members(capture):
        return
    payload = capture.payload or b""
    try:
        if check_package(payload) != "zip":
            return
    except Unreadable:
        return
    container = replace(capture, container_sha256=capture.payload_sha256, filename=None)
    room = Room(min(Room.for_size(len(payload)).left, MAX_CAPTURED_BYTES))
    for each in _opened_by(
        zip_members, Container(capture.url, BytesIO(payload), len(payload), room=room)
    ):
        if isinstance(each, Member):
            yield each.capture(container)


def _opened(source: Container) -> Iterator[Opened]:
    kind = kind_of(source.name, source.file)
    if kind is None:
        raise RefusedError("unreadable", f"{source.name}: not a container")
    return _opened_by(_OPENERS[kind], source)


def _opened_by(opener: Opener, source: Container) -> Iterator[Opened]:
    """Yield what `opener` finds, and open nested containers.

    Raises:
        RefusedError: the container gives nothing, or nothing more.
        UsageError: a library is not installed.
    """
    try:
        for each in opener(source):
            if isinstance(each, Member) and each.payload and _is_container(each):
                yield from _inside(each, each.payload, source)
            else:
                yield each
    except (RefusedError, UsageError):
        raise
    except MemoryError as error:
        words = f"{source.name}: needs too much memory; what follows is not read"
        raise RefusedError("too_large", words) from error
    except Exception as error:
        # readers of deliberately damaged files may raise anything; it is reported
        words = f"{source.name}: cannot be read: {_words(error)}"
        raise RefusedError("unreadable", words) from error


def _words(error: BaseException) -> str:
    """Return the message of a library's first exception on one line, without addresses."""
    while error.__cause__ is not None:
        error = error.__cause__
    words = " ".join(_OBJECT.sub("the file", str(error)).split())
    return words[:_MOST_WORDS] or type(error).__name__


def _is_container(member: Member) -> bool:
    """Whether a member is a container itself; table rows are not."""
    if member.payload is None or member.filename is None:
        return False
    return kind_of(member.filename, BytesIO(member.payload)) is not None


def _inside(member: Member, payload: bytes, outer: Container) -> Iterator[Opened]:
    """Yield what is in a nested container: `outer.zip`'s member `a.csv!/row 1`."""
    if outer.depth + 1 >= MAX_DEPTH:
        words = f"lies in {outer.depth + 1} containers; it is not opened"
        yield replace(member, payload=None, outcome="too_deep", error=words)
        return
    name = member.filename or member.name
    source = Container(
        name, BytesIO(payload), len(payload), outer.columns, outer.room, outer.depth + 1
    )
    try:
        for each in _opened(source):
            named = replace(each, name=f"{member.name}!/{each.name}")
            yield (
                replace(named, filename=named.filename or name)
                if isinstance(named, Member)
                else named
            )
    except (RefusedError, UsageError) as error:
        outcome = error.outcome if isinstance(error, RefusedError) else "unreadable"
        yield replace(member, payload=None, outcome=outcome, error=str(error))


def all_pieces(
    paths: Iterable[Path], columns: Columns, workers: Workers | None = None
) -> Iterator[tuple[Piece, int]]:
    """`pieces_of` for many files; the bytes are the total read so far."""
    before = 0
    for path in paths:
        reached = 0
        for piece, reached in pieces_of(path, columns, workers):
            yield piece, before + reached
        before += max(reached, _size(path))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

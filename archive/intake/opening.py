"""Files → captures: containers, and containers in them, are opened before capture (law 5)."""

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
from archive.intake.packages import gzip_member, seven_zip_members, told_how, zip_members
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
"""What a worker is asked, with the arguments of `opened`, to open a container."""

MAX_CAPTURED_BYTES: Final = 256 * 1024 * 1024
"""All that comes out of one captured ZIP, which a crawl may hold in memory at once."""

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
    "rar": told_how,
    "bzip2": told_how,
    "xz": told_how,
    "mhtml": mhtml_parts,
}
"""By what `kind_of` says of the bytes."""

_OBJECT: Final = re.compile(r"<_?io\.[^<>]{0,900}>")
"""How Python writes an open file: with a place in memory, different each time."""

_MOST_WORDS: Final = 300
_ZIP: Final = b"PK\x03\x04"

Piece = Capture | Table | PassedOver
"""What comes out of a file: captures, and what is to be reported beside them."""


def captures_of(path: Path, columns: Columns | None = None) -> Iterator[Capture]:
    """The captures of one file: one, or one for each member of a container; streams.

    What cannot be read is a failed capture with its reason, never an exception. The file is read
    in this process, without a deadline; `pieces_of` reads in workers.
    """
    for piece, _ in pieces_of(path, columns or Columns()):
        if isinstance(piece, Capture):
            yield piece


def pieces_of(
    path: Path, columns: Columns, workers: Workers | None = None
) -> Iterator[tuple[Piece, int]]:
    """What comes out of one file, each with how many of the file's bytes were read for it.

    Args:
        path: the file.
        columns: which columns of tables hold what.
        workers: processes for `TASK`, in which containers are opened; in this one when None.
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
    """Whether a file holds several texts, or packs one, and is opened before it is read.

    Raises:
        OSError: it cannot be read.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return kind_of(name_of(path), file) is not None


def opened(question: tuple[Path, Capture, Columns]) -> Iterator[tuple[Piece, int]]:
    """What comes out of a container: path, what its members have in common, columns."""
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
    """Whether a capture begins as a ZIP does; `open_package` tells whether it is one to open."""
    return (capture.payload or b"").startswith(_ZIP)


def open_package(capture: Capture) -> Iterator[Capture]:
    """The members of a captured ZIP; nothing for any other payload, Word and OFD files included.

    Raises:
        RefusedError: the ZIP holds too many files.
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
        raise RefusedError("unreadable", f"{source.name}: is no container")
    return _opened_by(_OPENERS[kind], source)


def _opened_by(opener: Opener, source: Container) -> Iterator[Opened]:
    """What `opener` finds, containers in it opened in turn.

    Raises:
        RefusedError: the container gives nothing, or nothing any more.
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
        # readers of files that are damaged on purpose raise anything; it is reported, not hidden
        words = f"{source.name}: cannot be read: {_words(error)}"
        raise RefusedError("unreadable", words) from error


def _words(error: BaseException) -> str:
    """What a library says of its first reason, on one line and without places in memory."""
    while error.__cause__ is not None:
        error = error.__cause__
    words = " ".join(_OBJECT.sub("the file", str(error)).split())
    return words[:_MOST_WORDS] or type(error).__name__


def _is_container(member: Member) -> bool:
    """Whether a file in a container is one; the rows of a table are none."""
    if member.payload is None or member.filename is None:
        return False
    return kind_of(member.filename, BytesIO(member.payload)) is not None


def _inside(member: Member, payload: bytes, outer: Container) -> Iterator[Opened]:
    """What is in a container that lies in another: `outer.zip`'s member `a.csv!/row 1`."""
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
    """`pieces_of` for many files; the bytes are those read of all of them so far."""
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

"""Looks into a write-ahead log before SQLite opens it, and drops in silence what follows damage."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_LITTLE_ENDIAN: Final = 0x377F0682
_PAGE: Final = 4096
"""The size of a page, where the header does not say it."""
_MOMENT_S: Final = 0.1
_WORD: Final = 0xFFFFFFFF


class _Frame(NamedTuple):
    """A frame; `is_commit` means that a transaction of this log ends with it."""

    is_commit: bool
    is_valid: bool


def lost_commits(path: Path) -> int:
    """Return how many transactions end behind damage in the log of a database.

    SQLite takes the log as ending where the damage is. The last of them may be one that a crash cut
    short, which was never acknowledged; all others were.
    """
    log = path.with_name(f"{path.name}-wal")
    lost = _lost(log)
    if lost:  # another process may just be writing a frame
        time.sleep(_MOMENT_S)
        lost = min(lost, _lost(log))
    return lost


def _lost(log: Path) -> int:
    frames = list(_frames(log))
    valid = next((n for n, frame in enumerate(frames) if not frame.is_valid), len(frames))
    return sum(frame.is_commit for frame in frames[valid:])


def _frames(log: Path) -> Iterator[_Frame]:
    """Yield the frames of a log; those from before it began anew have another salt."""
    try:
        content = memoryview(log.read_bytes())
    except OSError:
        return
    if len(content) < _HEADER.size:
        return
    magic, _, page, _, *salt, one, two = _HEADER.unpack_from(content)
    order = "<" if magic == _LITTLE_ENDIAN else ">"
    sums = _checksum(order, content[:24], (0, 0))
    is_valid = sums == (one, two)
    if not is_valid:
        page, salt = _PAGE, []
    for start in range(_HEADER.size, len(content), _FRAME.size + page):
        body = start + _FRAME.size
        if body + page > len(content):
            return
        _, pages, *frame_salt, one, two = _FRAME.unpack_from(content, start)
        salt = salt or frame_salt
        sums = _checksum(order, content[start : start + 8], sums)
        sums = _checksum(order, content[body : body + page], sums)
        is_valid = is_valid and frame_salt == salt and sums == (one, two)
        yield _Frame(pages > 0 and frame_salt == salt, is_valid)


def _checksum(order: str, part: memoryview, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    for first, second in struct.iter_unpack(f"{order}2I", part):
        one = (one + first + two) & _WORD
        two = (two + second + one) & _WORD
    return one, two

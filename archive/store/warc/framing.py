"""Reads records of a WARC file strictly: damaged ones are reported and skipped.

The usual readers accept a file that ends inside a record or gzip member as complete (measured;
docs/provenance.md), and stop at the first damage, so this package has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.store.warc.digests import Check, check
from archive.store.warc.stream import MARK, Stream

LONGEST_BLOCK_BYTES: Final = 1 << 28
"""Only the beginning of a longer record is read, which is reported."""

LONGEST_HEADER_BYTES: Final = 1 << 16

LENGTH_WRONG: Final = re.compile(r".*the record says that it has \d+ bytes, and has \d+")
"""The report for a wrong record length if the end was found."""

_VERSION: Final = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])[ \t]*\r?\n")
_LENGTH: Final = re.compile(r"\d{1,18}", re.ASCII)
_ENDS: Final = (b"\r\n\r\n", b"\n\n")
_REPEATED: Final = "warc-concurrent-to"


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: its headers by lower-case name, and its block of bytes.

    `place` is the file offset of the record, or of the member that contains it. `check` is the
    result of comparing the block with its digest; `not checkable` without one. `left_out` is the
    number of bytes of the block that were not read because it is too long. `doubt` says what is
    wrong with a record that was read all the same.
    """

    headers: dict[str, str]
    block: bytes
    place: int
    check: Check = "not checkable"
    left_out: int = 0
    doubt: str = ""

    def get(self, name: str) -> str:
        """Return the header `name` (any case), or ""."""
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are not a valid record: their start in the file, and where reading resumed.

    `resumed` is None if no further record was found.
    """

    place: int
    what: str
    resumed: int | None = None

    def __str__(self) -> str:
        after = (
            "no record was found behind it"
            if self.resumed is None
            else f"reading went on at byte {self.resumed}"
        )
        return f"at byte {self.place}: {self.what}; {after}"


@dataclass(slots=True)
class _Read:
    """A record, or why it could not be read.

    `searched` is how far ahead there is no next record.
    """

    frame: WarcRecord | None = None
    fault: str | None = None
    searched: int = 0


def frames(stream: Stream) -> Iterator[WarcRecord | Damage]:
    """Yield the records of a file in order, and the damage between them.

    Holds one record in memory.
    """
    while True:
        stream.drop_blank_lines()
        if not stream.has(1) and stream.fault is None:
            return
        place, offset = stream.place, stream.offset
        found = _read(stream) if stream.has(1) else _Read()
        if found.frame is not None:
            yield found.frame
        if found.frame is None or found.fault is not None:
            yield _passed_over(stream, found, place, offset)


def _passed_over(stream: Stream, found: _Read, place: int, offset: int) -> Damage:
    """Skip to the next record that can be found, and report what was between."""
    what = found.fault or "damaged"
    if stream.fault is not None:
        place, what = stream.fault.place, stream.fault.what
    elif found.frame is not None:
        place = stream.place
    went_on = stream.go_to_record(found.searched)
    if not went_on and found.fault == _CUT:
        what = _ENDED
    inside = "" if place or not offset else f" (after {offset} bytes of what is packed)"
    return Damage(place, what + inside, stream.place if went_on else None)


_CUT: Final = "a record is longer than what is left of it, its length is wrong"
_ENDED: Final = "the file ends in the middle of a record"


def _read(stream: Stream) -> _Read:
    place = stream.place
    end, size_of_end = _end_of_headers(stream)
    if not stream.ahead.startswith(MARK):
        return _Read(fault="bytes that are not a record")
    if end < 0:
        longer = len(stream.ahead) > LONGEST_HEADER_BYTES
        return _Read(fault="a record's headers do not end" if longer else _CUT, searched=len(MARK))
    head = bytes(stream.ahead[:end])
    version = _VERSION.match(head + b"\n")
    if version is None:
        return _Read(fault="a record of no version that is known", searched=len(MARK))
    headers, fault = _headers(head[version.end() :])
    size = headers.get("content-length", "")
    if fault is None and not _LENGTH.fullmatch(size):
        fault = f"a record has no usable Content-Length ({size[:20]!r})"
    if fault is not None:
        return _Read(fault=fault, searched=len(MARK))
    return _block(stream, headers, place, end + size_of_end, int(size))


def _end_of_headers(stream: Stream) -> tuple[int, int]:
    """Return where the headers end, and the length of the separator; -1 if they do not end."""
    while True:
        crlf = stream.ahead.find(_ENDS[0], 0, LONGEST_HEADER_BYTES)
        lf = stream.ahead.find(_ENDS[1], 0, crlf if crlf >= 0 else LONGEST_HEADER_BYTES)
        if lf >= 0:
            return lf, len(_ENDS[1])
        if crlf >= 0:
            return crlf, len(_ENDS[0])
        if len(stream.ahead) > LONGEST_HEADER_BYTES or not stream.more():
            return -1, 0


def _headers(words: bytes) -> tuple[dict[str, str], str | None]:
    """Return headers by lower-case name; of repeated ones the first counts, except for lengths."""
    found: dict[str, str] = {}
    name = ""
    for line in words.decode("utf-8", "replace").split("\n"):
        if line[:1] in {" ", "\t"} and name in found:  # a long header may be folded
            found[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon:
            continue
        if name == "content-length" and found.get(name, value.strip()) != value.strip():
            return found, "a record tells two lengths"
        if name == _REPEATED and name in found:
            found[name] += " " + value.strip()
        found.setdefault(name, value.strip())
    return found, None


def _block(stream: Stream, headers: dict[str, str], place: int, start: int, size: int) -> _Read:
    """Return the block of a record, if its length is right, or its digest matches.

    Or if its end is found: that of the member it fills, or the next record a few bytes away.
    """
    if size > LONGEST_BLOCK_BYTES:
        return _long_block(stream, headers, place, start, size)
    whole_member = stream.at_member
    read = _as_long_as_it_says(stream, headers, place, start, size)
    if read.fault is None or read.frame is not None:
        return read
    end = _end_of_member(stream, start) if whole_member else _end_nearby(stream, start, size)
    return read if end is None else _other_length(stream, headers, place, start, size, end)


def _end_of_member(stream: Stream, start: int) -> int | None:
    """Return the end of the block of a valid member's only record, whatever its length."""
    count = stream.member_size(LONGEST_BLOCK_BYTES)
    if count is None or count <= start or _holds_record(stream, start, count):
        return None
    ended = next((end for end in _ENDS if stream.ahead.endswith(end, start, count)), b"")
    return count - len(ended)


def _end_nearby(stream: Stream, start: int, size: int) -> int | None:
    """Return the end of a block that is a few bytes longer or shorter than declared."""
    mark = _ENDS[0] + MARK
    stream.has(start + size + _NEAR + len(mark))
    first = max(start, start + size - _NEAR)
    found = stream.ahead.find(mark, first, start + size + _NEAR + len(mark))
    return found if found >= 0 else None


def _holds_record(stream: Stream, start: int, count: int) -> bool:
    with memoryview(stream.ahead) as ahead:
        return re.search(rb"\nWARC/1\.[01]\r?\n", ahead[start:count]) is not None


def _other_length(  # noqa: PLR0917  (called once)
    stream: Stream, headers: dict[str, str], place: int, start: int, size: int, end: int
) -> _Read:
    block = bytes(stream.ahead[start:end])
    claimed = headers.get("warc-block-digest")
    doubt = f"the record says that it has {size} bytes, and has {len(block)}"
    found = check(claimed, block) if claimed else "not checkable"
    stream.drop(end)
    return _Read(WarcRecord(headers, block, place, found, doubt=doubt))


def _as_long_as_it_says(
    stream: Stream, headers: dict[str, str], place: int, start: int, size: int
) -> _Read:
    if not _reaches(stream, start + size):
        return _Read(fault=_CUT, searched=start)
    end = _blank_lines_at(stream, start + size)
    with memoryview(stream.ahead) as ahead:
        block = bytes(ahead[start : start + size])
    claimed = headers.get("warc-block-digest")
    frame = WarcRecord(headers, block, place, check(claimed, block) if claimed else "not checkable")
    if frame.check != "match" and (fault := _doubt(stream, start + size, end)):
        return _Read(fault=fault, searched=start)
    if end is None and frame.check != "match" and _end_nearby(stream, start, size) is not None:
        return _Read(fault=_NO_END, searched=start)
    stream.drop(start + size + (end or 0))
    return _Read(frame, None if end else _NO_END)


_NEAR: Final = 8
"""The most bytes by which a record length may be wrong if nothing else shows its end."""
_NO_END: Final = "a record is not followed by two line ends"


def _doubt(stream: Stream, count: int, end: int | None) -> str | None:
    """Return why a record without a matching digest is not to be trusted."""
    stream.has(count + len(_ENDS[0]) + len(MARK))
    rest = bytes(stream.ahead[count : count + len(_ENDS[0]) + len(MARK)])
    ended = _ENDS[0].startswith(rest) or rest.lstrip(b"\r\n").startswith(MARK)
    if end is None and not ended:
        return "a record does not end where its length says"
    if stream.at_member:
        stream.has(count + len(_ENDS[0]) + 1)  # then the check sum of its member has been verified
    broken = stream.fault is not None and stream.fault.place == stream.place
    return stream.fault.what if broken and stream.fault is not None else None


def _reaches(stream: Stream, count: int) -> bool:
    """Whether `count` bytes follow without another record among them."""
    if stream.cannot_hold(count):
        return False
    whole_members = stream.at_member
    while len(stream.ahead) < count:
        if not stream.more():
            return False
        if whole_members and stream.holds_another_record(count):
            return False
    return not (whole_members and stream.holds_another_record(count))


def _blank_lines_at(stream: Stream, count: int) -> int | None:
    """Return the length of the two line ends after a record; None if there are not two."""
    for end in _ENDS:
        if stream.has(count + len(end)) and stream.ahead.startswith(end, count):
            return len(end)
    return None


def _long_block(
    stream: Stream, headers: dict[str, str], place: int, start: int, size: int
) -> _Read:
    """Read the beginning of a record that is too long, and skip the rest."""
    if stream.cannot_hold(start + size) or not _reaches(stream, start + LONGEST_HEADER_BYTES):
        return _Read(fault=_CUT, searched=start)
    whole_members = stream.at_member
    block = bytes(stream.ahead[start : start + LONGEST_HEADER_BYTES])
    left = start + size
    while left > len(stream.ahead):
        left -= len(stream.ahead)
        stream.drop(len(stream.ahead))
        if not stream.more():
            return _Read(fault=_CUT)
        if whole_members and stream.at_member and stream.ahead.startswith(MARK):
            return _Read(fault=f"a record says that it has {size} bytes, and has not")
    stream.drop(left)
    return _Read(WarcRecord(headers, block, place, left_out=size - len(block)))

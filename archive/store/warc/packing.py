"""Decompresses a file piece by piece, with the positions where members begin.

WARC files consist of consecutive gzip or zstd members, usually one for each record, so that a
reader can begin at any of them. This is also how reading resumes after a damaged one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Protocol

from archive.store.warc.codecs import PIECE_BYTES, SKIPPED_HEAD_BYTES, Codec

LARGEST_MEMBER_BYTES: Final = 1 << 28
MOST_OF_ONE_BYTE: Final = 200
"""A member that expands to more than `LARGEST_MEMBER_BYTES` and to more than this many times its
size is a bomb; Chinese pages expand to 2–20 times their size."""

_LOOK_BACK_BYTES: Final = 1 << 24
_MOST_LOOKS: Final = 100_000


@dataclass(frozen=True, slots=True)
class UnpackedChunk:
    """Some decompressed bytes; `place` is the file offset of a member, in its first piece."""

    content: bytes
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Bytes that cannot be decompressed, in the member that begins at `place` of the file."""

    place: int
    what: str


class Packing(Protocol):
    """Provides the bytes of a file."""

    packed: bool
    taken: int
    """How many bytes of the file were read."""

    def piece(self) -> UnpackedChunk | Fault | None:
        """Return the next bytes; None at the end. After a fault: None, until `resume`."""

    def resume(self) -> bool:
        """Go to the next member with a record after a fault; False if there is none."""


class Plain:
    """A file that is not compressed."""

    packed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.taken = 0

    def piece(self) -> UnpackedChunk | None:
        """Return the next bytes; None at the end."""
        content = self._file.read(PIECE_BYTES)
        place = 0 if self.taken == 0 else None
        self.taken += len(content)
        return UnpackedChunk(content, place) if content else None

    def resume(self) -> bool:
        """Return False: without compression there is no fault to skip."""
        return False


class Members:
    """Members of gzip or zstd; each is read to its end, including its check sum."""

    packed = True

    def __init__(self, file: BinaryIO, codec: Codec) -> None:
        self._file = file
        self._codec = codec
        self._window = bytearray()
        self._base = 0  # the file offset of the window's first byte
        self._place = 0  # the file offset at which the member began
        self._fed = 0  # how much of the window was decompressed
        self._member: _PackedMember | None = None
        self._broken = False
        self._looks = 0
        self.taken = 0

    def piece(self) -> UnpackedChunk | Fault | None:
        """Return the next decompressed bytes, at most a few megabytes; None at the end."""
        while not self._broken:
            begun = self._member is None
            if begun and not self._begin():
                return None
            try:
                content = self._unpack()
            except ValueError as error:
                return self._fault(str(error))
            except self._codec.errors as error:
                return self._fault(f"a {self._codec.name} member is damaged ({error})")
            if content or begun:
                return UnpackedChunk(content, self._place if begun else None)
        return None

    def resume(self) -> bool:
        """Search the file after the start of the broken member for one with a record."""
        self._member, self._fed = None, 1
        while self._looks < _MOST_LOOKS:
            found = self._window.find(self._codec.magic, self._fed)
            if found < 0:
                self._forget(max(0, len(self._window) - len(self._codec.magic)))
                if not self._read():
                    return False
                continue
            seen = found + self._codec.look_bytes
            while len(self._window) < seen and self._read():
                pass
            self._looks += 1
            if self._codec.begins_with_record(bytes(self._window[found:seen])):
                self._forget(found)
                self._broken = False
                return True
            self._fed = found + 1
        return False

    def _begin(self) -> bool:
        """Begin at the first byte of a member; False at the end of the file."""
        self._forget(self._fed)
        if not self._window and not self._read():
            return False
        while len(self._window) < SKIPPED_HEAD_BYTES and self._read():
            pass
        self._place = self._base
        self._member = _PackedMember(self._codec.unpacker(self._skipped()))
        return True

    def _skipped(self) -> bytes | None:
        """Return the content of a frame without records, such as a dictionary; usually None."""
        size = self._codec.skipped_bytes(bytes(self._window[:SKIPPED_HEAD_BYTES]))
        if size is None:
            return None
        while len(self._window) < SKIPPED_HEAD_BYTES + size and self._read():
            pass
        content = bytes(self._window[SKIPPED_HEAD_BYTES : SKIPPED_HEAD_BYTES + size])
        self._fed = min(SKIPPED_HEAD_BYTES + size, len(self._window))
        return content

    def _unpack(self) -> bytes:
        member = self._member
        if member is None:
            return b""
        if self._fed == len(self._window):
            self._read()
        piece = bytes(self._window[self._fed : self._fed + self._codec.feed_bytes])
        content, left = member.unpacked(piece)
        if not piece and not content and not member.ended:
            raise ValueError(f"the file ends in the middle of a {self._codec.name} member")
        self._fed += len(piece) - left
        if member.ended:
            self._member = None
        elif self._fed > _LOOK_BACK_BYTES:
            self._forget(self._fed - 1)
        return content

    def _fault(self, what: str) -> Fault:
        self._broken = True
        return Fault(self._place, what)

    def _read(self) -> bool:
        piece = self._file.read(PIECE_BYTES)
        self._window += piece
        self.taken += len(piece)
        return bool(piece)

    def _forget(self, count: int) -> None:
        del self._window[:count]
        self._base += count
        self._fed = max(0, self._fed - count)


class _PackedMember:
    """One member during decompression."""

    def __init__(self, unpacker: Any) -> None:
        self._unpacker = unpacker
        self._in = self._out = 0

    @property
    def ended(self) -> bool:
        return bool(self._unpacker.eof)

    def unpacked(self, piece: bytes) -> tuple[bytes, int]:
        """Decompress `piece`; also returns how many bytes of it were not needed."""
        content = self._unpacker.decompress(piece)
        rest = self._unpacker.unused_data if self.ended else self._unpacker.unconsumed_tail
        left = len(rest)
        self._in += len(piece) - left
        self._out += len(content)
        if self._out > LARGEST_MEMBER_BYTES and self._out > MOST_OF_ONE_BYTE * self._in:
            raise ValueError(f"a member unpacks to more than {MOST_OF_ONE_BYTE} times its size")
        return content, left

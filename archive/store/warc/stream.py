"""The decompressed bytes of a file as one stream that knows their file offsets."""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from archive.store.warc.packing import Fault, Packing

MARK: Final = b"WARC/"

_LINE_ENDS: Final = re.compile(rb"[\r\n]*")
_RECORD: Final = re.compile(rb"WARC/1\.[01][ \t]{0,9}\r?\n[A-Za-z-]{1,60}:")
_LONGEST_MARK: Final = 90


class Stream:
    """The bytes ahead in a file; nothing is consumed before it is known to be valid.

    `ahead` are bytes that were decompressed and not consumed yet, `offset` is their position in the
    decompressed data. `fault` is why there are no more, if the compression is broken.
    """

    def __init__(self, packing: Packing, size: int) -> None:
        self.ahead = bytearray()
        self.offset = 0
        self.fault: Fault | None = None
        self._packing = packing
        self._size = size
        self._starts: deque[tuple[int, int]] = deque([(0, 0)])  # offset and place of each member

    @property
    def read_bytes(self) -> int:
        """How many bytes of the file were read."""
        return self._packing.taken

    @property
    def place(self) -> int:
        """The file offset of the next byte, or of its member."""
        offset, place = self._starts[0]
        return place if self._packing.packed else place + self.offset - offset

    @property
    def at_member(self) -> bool:
        """Whether a compressed member begins here, as for most records."""
        return self._packing.packed and self._starts[0][0] == self.offset

    def has(self, count: int) -> bool:
        """Whether this many bytes are available."""
        while len(self.ahead) < count:
            if not self.more():
                return False
        return True

    def more(self) -> bool:
        """Decompress some more; False at the end of the file or at a fault."""
        piece = None if self.fault is not None else self._packing.piece()
        if piece is None:
            return False
        if isinstance(piece, Fault):
            self.fault = piece
            return False
        if piece.place is not None:
            self._starts.append((self.offset + len(self.ahead), piece.place))
            self._leave_members_behind()
        self.ahead += piece.content
        return True

    def take(self, count: int) -> bytes:
        """Consume the next `count` bytes, which must be available."""
        with memoryview(self.ahead) as ahead:
            taken = bytes(ahead[:count])
        self.drop(count)
        return taken

    def drop(self, count: int) -> None:
        """Skip `count` bytes, which must be available."""
        del self.ahead[:count]
        self.offset += count
        self._leave_members_behind()

    def drop_blank_lines(self) -> None:
        """Skip to the next byte that does not end a line."""
        while self.has(1) and (found := _LINE_ENDS.match(self.ahead)) and found.end():
            self.drop(found.end())

    def cannot_hold(self, count: int) -> bool:
        """Whether the rest of the file is known to be shorter."""
        left = len(self.ahead) + self._size - self._packing.taken
        return not self._packing.packed and left < count

    def member_size(self, most: int) -> int | None:
        """Return the size of the member that begins here; None if it is broken or longer.

        Its check sum has been verified once the next member, or the end of the file, is reached.
        """
        while len(self._starts) == 1:
            if len(self.ahead) > most:
                return None
            if not self.more():
                return len(self.ahead) if self.fault is None else None
        return self._starts[1][0] - self.offset

    def holds_another_record(self, count: int) -> bool:
        """Whether the last opened member begins with a record within `count` bytes."""
        ahead = self._starts[-1][0] - self.offset
        return 0 < ahead < count and self.ahead.startswith(MARK, ahead)

    def go_to_record(self, behind: int) -> bool:
        """Skip to the next bytes that begin a record, at least `behind` bytes ahead."""
        searched = behind
        if not searched and self.ahead.startswith(MARK):
            return True
        while (found := _RECORD.search(self.ahead, searched)) is None:
            gone = max(searched, len(self.ahead) - _LONGEST_MARK)
            self.drop(min(gone, len(self.ahead)))
            searched = 0
            if not self.more():
                return self._resume()
        place, found = found.start(), None  # a match keeps the bytes from being dropped
        self.drop(place)
        return True

    def _resume(self) -> bool:
        """Resume after bytes that could not be decompressed; False if no record follows."""
        broken, self.fault = self.fault is not None, None
        self.drop(len(self.ahead))
        return broken and self._packing.resume() and self.more()

    def _leave_members_behind(self) -> None:
        while len(self._starts) > 1 and self._starts[1][0] <= self.offset:
            self._starts.popleft()

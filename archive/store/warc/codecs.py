"""Compression of WARC files: gzip, and zstd with or without a dictionary."""

from __future__ import annotations

import zlib
from typing import Any, Final, Protocol

from archive.errors import UsageError
from archive.extras import how_to_install

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
ZSTD_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"

PIECE_BYTES: Final = 1 << 16
SKIPPED_HEAD_BYTES: Final = 8
_LARGEST_DICTIONARY_BYTES: Final = 1 << 24


class Codec(Protocol):
    """A compression format; its decompressors have the interface of `zlib.decompressobj`."""

    name: str
    magic: bytes
    feed_bytes: int
    look_bytes: int
    errors: tuple[type[Exception], ...]
    """The exceptions of its decompressors."""

    def unpacker(self, skipped: bytes | None) -> Any:
        """Return the decompressor of one member.

        `skipped` is the content of a frame without records.
        """

    def skipped_bytes(self, head: bytes) -> int | None:
        """Return the length of a frame without records that begins with `head`, after its head."""

    def begins_with_record(self, packed: bytes) -> bool:
        """Whether a member with a WARC record begins here."""


class Gzip:
    """gzip, with a member for each record or one for all."""

    name = "gzip"
    magic = b"\x1f\x8b\x08"
    feed_bytes = PIECE_BYTES
    look_bytes = 1 << 12
    errors: tuple[type[Exception], ...] = (zlib.error,)

    def unpacker(self, skipped: bytes | None) -> _Inflate:  # noqa: ARG002  (of zstd only)
        """Return the decompressor of one member."""
        return _Inflate()

    def skipped_bytes(self, head: bytes) -> None:  # noqa: ARG002  (of zstd only)
        """Return 0: gzip has no such frames."""
        return

    def begins_with_record(self, packed: bytes) -> bool:
        """Whether a member with a WARC record begins here."""
        try:
            return zlib.decompressobj(wbits=31).decompress(packed, 5) == b"WARC/"
        except zlib.error:
            return False


class _Inflate:
    """`zlib.decompressobj` that never returns more than a megabyte at once."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def decompress(self, piece: bytes) -> bytes:
        return self._inner.decompress(piece, PIECE_BYTES * 16)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unconsumed_tail(self) -> bytes:
        return self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


class Zstd:
    """zstd as proposed by the IIPC: a frame for each record, a dictionary before them."""

    name = "zstd"
    magic = ZSTD
    feed_bytes = 1 << 11  # from this little it can make 64 MB at most
    look_bytes = 1 << 18  # a block is decompressed as a whole

    def __init__(self) -> None:
        try:
            import zstandard  # noqa: PLC0415  (an extra)
        except ImportError as error:
            raise UsageError(f"to read .warc.zst files: {how_to_install('warc')}") from error
        self._library = zstandard
        self._dictionary: Any = None
        self.errors: tuple[type[Exception], ...] = (zstandard.ZstdError,)

    def unpacker(self, skipped: bytes | None) -> Any:
        """Return the decompressor of one frame.

        The content of a dictionary frame is used for all others.
        """
        if skipped is not None:
            if self._dictionary is None and skipped:
                self._dictionary = self._library.ZstdCompressionDict(self._plain(skipped))
            return _Nothing()
        return self._library.ZstdDecompressor(dict_data=self._dictionary).decompressobj()

    def skipped_bytes(self, head: bytes) -> int | None:
        """Return the length of a skippable frame after its head (RFC 8878, 3.1.2), if it is one."""
        if len(head) < SKIPPED_HEAD_BYTES or head[1:4] != b"\x2a\x4d\x18" or head[0] >> 4 != 5:  # noqa: PLR2004
            return None
        size = int.from_bytes(head[4:8], "little")
        return size if size <= _LARGEST_DICTIONARY_BYTES else None

    def begins_with_record(self, packed: bytes) -> bool:
        """Whether a frame with a WARC record begins here."""
        try:
            reader = self._library.ZstdDecompressor(dict_data=self._dictionary).stream_reader(
                packed
            )
            return bytes(reader.read(5)) == b"WARC/"
        except self._library.ZstdError:
            return False

    def _plain(self, dictionary: bytes) -> bytes:
        """Decompress a dictionary, which may itself be compressed."""
        if not dictionary.startswith(ZSTD):
            return dictionary
        reader = self._library.ZstdDecompressor().stream_reader(dictionary)
        return bytes(reader.read(_LARGEST_DICTIONARY_BYTES))


class _Nothing:
    """The decompressor of a skipped frame, which is already at its end."""

    eof = True
    unconsumed_tail = b""

    def __init__(self) -> None:
        self.unused_data = b""

    def decompress(self, piece: bytes) -> bytes:
        self.unused_data = piece
        return b""

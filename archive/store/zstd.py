"""zstd for compacted archives; the library is an extra, so it is imported only here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final

from archive.errors import UsageError
from archive.extras import how_to_install

if TYPE_CHECKING:
    import zstandard

LARGEST_WINDOW: Final = 1 << 27

LEVEL: Final = 9
"""The level measured in docs/provenance.md; 19 saves 3 % more and takes ten times the time."""


def check_installed() -> None:
    """Check that the library is installed before hours of work.

    Raises:
        UsageError: it is not.
    """
    _library()


def unpack(
    stored: bytes, size: int, dictionary: bytes | None = None, *, reference: bool = False
) -> bytes | None:
    """Decompress `stored`, or return None on failure.

    Args:
        stored: one frame.
        size: the expected size in bytes.
        dictionary: the trained dictionary, or the payload that it differs from.
        reference: whether `dictionary` is a payload.

    Raises:
        UsageError: the library is not installed.
    """
    library = _library()
    try:
        if library.frame_content_size(stored) != size:
            return None
        if reference and dictionary is not None:
            data = _raw(dictionary)
            unpacker = library.ZstdDecompressor(dict_data=data, max_window_size=LARGEST_WINDOW)
        else:
            unpacker = _decompressor(dictionary, get_ident())
        return bytes(unpacker.decompress(stored, max_output_size=size))
    except (library.ZstdError, MemoryError):
        return None


def pack(payload: bytes, dictionary: bytes | None = None) -> bytes:
    """Compress `payload` into one frame with its size; `dictionary` may be trained or a payload."""
    return bytes(_compressor(dictionary).compress(payload))


def pack_against(payload: bytes, reference: bytes) -> bytes:
    """Compress `payload` as the difference from `reference`; the window spans both."""
    library = _library()
    parameters = library.ZstdCompressionParameters.from_level(
        LEVEL, source_size=len(payload), dict_size=len(reference),
        window_log=_window(len(payload) + len(reference)), enable_ldm=True,
    )  # fmt: skip
    compressor = library.ZstdCompressor(dict_data=_raw(reference), compression_params=parameters)
    return bytes(compressor.compress(payload))


def train(samples: Sequence[bytes], size: int) -> bytes:
    """Return a dictionary of at most `size` bytes for payloads like `samples`; b"" for too few.

    Raises:
        UsageError: the library is not installed.
    """
    library = _library()
    try:
        return bytes(library.train_dictionary(size, list(samples)).as_bytes())
    except library.ZstdError:
        return b""


@lru_cache(maxsize=8)
def _compressor(dictionary: bytes | None) -> zstandard.ZstdCompressor:
    library = _library()
    data = None if dictionary is None else library.ZstdCompressionDict(dictionary)
    compressor: zstandard.ZstdCompressor = library.ZstdCompressor(level=LEVEL, dict_data=data)
    return compressor


@lru_cache(maxsize=32)
def _decompressor(dictionary: bytes | None, _thread: int) -> zstandard.ZstdDecompressor:
    """One for each thread, because they must not be shared."""
    library = _library()
    data = None if dictionary is None else library.ZstdCompressionDict(dictionary)
    decompressor: zstandard.ZstdDecompressor = library.ZstdDecompressor(
        dict_data=data, max_window_size=LARGEST_WINDOW
    )
    return decompressor


def _raw(content: bytes) -> Any:
    library = _library()
    return library.ZstdCompressionDict(content, dict_type=library.DICT_TYPE_RAWCONTENT)


def _window(size: int) -> int:
    return min(max(size.bit_length(), 10), 27)


@lru_cache(maxsize=1)
def _library() -> Any:
    try:
        import zstandard  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            f"this archive is compacted with zstd; to read it: {how_to_install('compact')}"
        ) from error
    return zstandard

"""One WARC file to be read, wherever it is, and its decompressor."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile

from archive.store.warc.codecs import GZIP, ZSTD, ZSTD_DICTIONARY, Gzip, Zstd
from archive.store.warc.packing import Members, Packing, Plain
from archive.store.warc.stream import MARK, Stream

ZIP: Final = b"PK"
ZIP_ERRORS: Final = (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error)
BEGINNINGS: Final = (MARK, ZSTD, ZSTD_DICTIONARY, ZIP)
"""The first bytes of a WARC or WACZ after decompression."""

_PACKED: Final = {".gz": GZIP, ".wacz": GZIP, ".zst": ZSTD}


@dataclass(frozen=True, slots=True)
class WarcFile:
    """One WARC file: its name, its size in bytes, its sha256, and how to open it.

    `faults` are known problems of the file itself. `attested` means that a manifest beside it names
    exactly this digest.
    """

    name: str
    path: Path
    size: int
    sha256: str
    open: Callable[[], BinaryIO]
    faults: tuple[str, ...] = ()
    attested: bool = False

    def records(self, file: BinaryIO) -> Stream:
        """Return the decompressed bytes of `file`, which this source opened."""
        with self.open() as looked_at:
            head = looked_at.read(len(MARK))
        return stream_of(file, head, self.name, self.size)


def stream_of(file: BinaryIO, head: bytes, name: str, size: int) -> Stream:
    """Return the decompressed bytes of a file.

    The file name substitutes for a damaged beginning.
    """
    if not head.startswith((GZIP, *BEGINNINGS)):
        named = (magic for ending, magic in _PACKED.items() if name.endswith(ending))
        head = next(named, head)
    return Stream(packing(head, file), size)


def packing(head: bytes, file: BinaryIO) -> Packing:
    """Return the decompressor of `file`, which begins with `head`.

    Raises:
        UsageError: the required library is not installed.
    """
    if head.startswith((ZSTD, ZSTD_DICTIONARY)):
        return Members(file, Zstd())
    # a WACZ that lost its end is searched for the members of its WARC files
    return Members(file, Gzip()) if head.startswith((GZIP, ZIP)) else Plain(file)


def digest_of(opened: Callable[[], BinaryIO]) -> tuple[str, str | None]:
    """Return the sha256 of a file, and what was wrong with it as a member of a ZIP."""
    digest = hashlib.sha256()
    with opened() as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
        fault = getattr(file, "fault", None)
    return digest.hexdigest(), fault and f"cannot be unpacked to its end: {fault}"

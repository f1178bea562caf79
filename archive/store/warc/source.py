"""One WARC file to be read, wherever it lies, and what unpacks it."""

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
"""How a WARC or a WACZ begins, out of gzip."""

_PACKED: Final = {".gz": GZIP, ".wacz": GZIP, ".zst": ZSTD}


@dataclass(frozen=True, slots=True)
class WarcFile:
    """One WARC file: what it is called, its size in bytes, its sha256, and how to open it.

    `faults` says what is known to be wrong with it before its records are read; `attested` that
    a manifest beside it names just this digest.
    """

    name: str
    path: Path
    size: int
    sha256: str
    open: Callable[[], BinaryIO]
    faults: tuple[str, ...] = ()
    attested: bool = False

    def records(self, file: BinaryIO) -> Stream:
        """The unpacked bytes of `file`, which this source opened."""
        with self.open() as looked_at:
            head = looked_at.read(len(MARK))
        return stream_of(file, head, self.name, self.size)


def stream_of(file: BinaryIO, head: bytes, name: str, size: int) -> Stream:
    """The unpacked bytes of a file; a damaged beginning is made up for by the file's name."""
    if not head.startswith((GZIP, *BEGINNINGS)):
        named = (magic for ending, magic in _PACKED.items() if name.endswith(ending))
        head = next(named, head)
    return Stream(packing(head, file), size)


def packing(head: bytes, file: BinaryIO) -> Packing:
    """What unpacks `file`, which begins with `head`.

    Raises:
        UsageError: the library that it needs is not installed.
    """
    if head.startswith((ZSTD, ZSTD_DICTIONARY)):
        return Members(file, Zstd())
    # a WACZ that lost its end is searched for the members of its WARC files
    return Members(file, Gzip()) if head.startswith((GZIP, ZIP)) else Plain(file)


def digest_of(opened: Callable[[], BinaryIO]) -> tuple[str, str | None]:
    """The sha256 of a file, and what was wrong with it as a member of a ZIP."""
    digest = hashlib.sha256()
    with opened() as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
        fault = getattr(file, "fault", None)
    return digest.hexdigest(), fault and f"cannot be unpacked to its end: {fault}"

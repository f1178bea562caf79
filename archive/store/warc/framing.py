"""Records out of a WARC file, strictly: what is cut short or altered is never passed over.

The reader is our own because the usual ones take a file that ends in the middle of a record, or
of a gzip member, as if it were whole (measured; docs/provenance.md).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from archive.errors import DamagedFileError, UsageError

LONGEST_BLOCK_BYTES: Final = 1 << 28
LONGEST_HEADER_BYTES: Final = 1 << 16

_CHUNK: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_WARC: Final = b"WARC/"
_VERSION: Final = re.compile(rb"WARC/1\.[01]\r\n")
_HASHES: Final = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "md5": hashlib.md5}


@dataclass(frozen=True, slots=True)
class Frame:
    """One record: its headers by lower-case name, and its block of bytes.

    `digest` says whether the block matches the digest it came with: `ok` or `not checkable`.
    """

    headers: dict[str, str]
    block: bytes
    digest: str

    def get(self, name: str) -> str:
        """The header called `name` (any case), or ""."""
        return self.headers.get(name.lower(), "")


def frames(path: Path) -> Iterator[Frame]:
    """The records of a `.warc` or `.warc.gz`, in order; memory is one record.

    Raises:
        UsageError: this is no WARC, or of a kind that is not read.
        DamagedFileError: the file ends too early, or a record does not match its digest; the
            records before it were given.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_WARC))
            file.seek(0)
            if start[:2] != _GZIP and start != _WARC:
                raise UsageError(f"{path}: is no WARC file")
            stream = _Stream(path, _unzipped(path, file) if start[:2] == _GZIP else _plain(file))
            while not stream.at_end():
                yield _frame(stream)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def matches(digest: str, content: bytes) -> bool | None:
    """Whether `content` has this labelled digest (base32 or hex); None if that cannot be told."""
    label, _, value = digest.partition(":")
    make = _HASHES.get(label.lower().replace("-", ""))
    if make is None or not value:
        return None
    actual = make(content, usedforsecurity=False).digest()
    return _bytes_of(value, len(actual)) == actual


class _Stream:
    """Bytes that come in pieces, taken by line and by count; every shortage is an error."""

    def __init__(self, path: Path, pieces: Iterator[bytes]) -> None:
        self.path = path
        self.taken = 0
        self._pieces = pieces
        self._ahead = bytearray()

    def at_end(self) -> bool:
        return not self._ahead and not self._more()

    def take(self, count: int) -> bytes:
        while len(self._ahead) < count:
            if not self._more():
                raise self.damage("the file ends in the middle of a record")
        return self._cut(count)

    def take_through(self, mark: bytes, limit: int) -> bytes:
        searched = 0
        while (found := self._ahead.find(mark, searched)) < 0:
            searched = max(0, len(self._ahead) - len(mark))
            if len(self._ahead) > limit or not self._more():
                raise self.damage("a record's headers do not end")
        return self._cut(found + len(mark))

    def damage(self, what: str) -> DamagedFileError:
        return DamagedFileError(
            f"{self.path}: {what} (after {self.taken} bytes, unpacked); get the file again"
        )

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._ahead += piece
        return True

    def _cut(self, count: int) -> bytes:
        taken = bytes(self._ahead[:count])
        del self._ahead[:count]
        self.taken += count
        return taken


def _frame(stream: _Stream) -> Frame:
    head = stream.take_through(b"\r\n\r\n", LONGEST_HEADER_BYTES)
    version = _VERSION.match(head)
    if version is None:
        raise stream.damage("a record does not begin with WARC/1.0 or WARC/1.1")
    headers = _headers(head[version.end() :])
    size = headers.get("content-length", "")
    if not size.isascii() or not size.isdigit() or int(size) > LONGEST_BLOCK_BYTES:
        raise stream.damage("a record has no usable Content-Length")
    block = stream.take(int(size))
    if stream.take(4) != b"\r\n\r\n":
        raise stream.damage("a record does not end where it says")
    told = headers.get("warc-block-digest")
    same = None if told is None else matches(told, block)
    if same is False:
        raise stream.damage("a record does not match its digest")
    return Frame(headers, block, "ok" if same else "not checkable")


def _headers(words: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in words.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_CHUNK):
        yield piece


def _unzipped(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Every gzip member to its end, its check sum included; never far more than it takes in."""
    member = zlib.decompressobj(wbits=31)
    begun = False
    while piece := file.read(_CHUNK):
        while piece:
            begun = True
            try:
                unpacked = member.decompress(piece, _CHUNK * 16)
            except zlib.error as error:
                raise DamagedFileError(f"{path}: is altered: {error}; get it again") from error
            if unpacked:
                yield unpacked
            piece = member.unconsumed_tail
            if member.eof:
                piece, member, begun = member.unused_data, zlib.decompressobj(wbits=31), False
    if begun:
        raise DamagedFileError(f"{path}: ends in the middle of a gzip member; get it again")


def _bytes_of(value: str, size: int) -> bytes | None:
    try:
        if len(value) == size * 2:
            return bytes.fromhex(value)
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except (ValueError, binascii.Error):
        return None

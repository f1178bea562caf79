"""Opens WARC and WACZ files: detects what they are, and finds the WARC files in them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from zipfile import ZipFile, is_zipfile

from archive.errors import DamagedFileError, UsageError
from archive.store.warc.codecs import GZIP
from archive.store.warc.framing import WarcRecord, frames
from archive.store.warc.members import is_archive, members
from archive.store.warc.source import BEGINNINGS, ZIP, ZIP_ERRORS, WarcFile, digest_of, stream_of
from archive.store.warc.stream import MARK
from archive.store.warc.writing import MANIFEST

ARC: Final = b"filedesc://"
_HEAD_BYTES: Final = 1 << 12


def check(path: Path) -> None:
    """Check that `path` is a WARC or WACZ, as far as its beginning shows.

    Raises:
        UsageError: it is not, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if not head:
        raise UsageError(f"{path}: is empty, no WARC file")
    begins = _unpacked(head).lstrip(b"\r\n")
    if begins.startswith(ARC):
        raise UsageError(
            f"{path}: is an ARC file, from before WARC; make a WARC of it first:"
            " warcio recompress IN.arc.gz OUT.warc.gz"
        )
    known = begins.startswith(BEGINNINGS) or MARK.startswith(begins)
    if not known and not _holds_a_record(path):
        raise UsageError(f"{path}: is not a WARC file")
    if head.startswith(ZIP) and not _may_be_wacz(path):
        raise UsageError(f"{path}: holds no WARC file under archive/; try: baogao backfill files")


def _holds_a_record(path: Path) -> bool:
    """Whether a file with an unknown beginning is a WARC damaged just there."""
    with path.open("rb") as file:
        stream = stream_of(file, b"", path.name, path.stat().st_size)
        return any(isinstance(each, WarcRecord) for each in frames(stream))


def _may_be_wacz(path: Path) -> bool:
    """Whether a ZIP contains WARC files; a damaged one may."""
    try:
        with ZipFile(path) as package:
            return any(is_archive(each) for each in package.namelist())
    except (OSError, *ZIP_ERRORS):
        return True


def _unpacked(head: bytes) -> bytes:
    """Return the decompressed beginning of a file; one damaged there counts as a WARC."""
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES) or MARK
    except zlib.error:
        return MARK


@contextmanager
def sources(path: Path) -> Iterator[list[WarcFile]]:
    """Yield the WARC files of `path`, ordered by name; nothing is extracted to disk.

    Raises:
        UsageError: it cannot be read.
        DamagedFileError: it is a WACZ without any WARC file, or a bomb.
    """
    with ExitStack() as opened:
        try:
            found = _found(path, opened)
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
        except ZIP_ERRORS as error:
            raise DamagedFileError(f"{path}: cannot be unpacked: {error}") from error
        if not found:
            raise DamagedFileError(f"{path}: holds no WARC file under archive/")
        yield found


def _found(path: Path, opened: ExitStack) -> list[WarcFile]:
    if _begins(path) == ZIP and is_zipfile(path):
        return list(members(path, opened.enter_context(ZipFile(path))))
    return [_file(path)]


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(ZIP))


def _file(path: Path) -> WarcFile:
    digest, fault = digest_of(lambda: path.open("rb"))
    claimed = _in_manifest(path)
    faults = [] if fault is None else [fault]
    if claimed not in {None, digest}:
        faults.append("differs from its manifest: it was cut short or altered")
    if _begins(path) == ZIP:
        faults.append("a WACZ that was cut short: the list of its members is missing")
    return WarcFile(
        path.name, path, path.stat().st_size, digest, lambda: path.open("rb"),
        tuple(faults), attested=claimed == digest,
    )  # fmt: skip


def _in_manifest(path: Path) -> str | None:
    """Return the digest of a file in a manifest beside it, or None."""
    try:
        listed = json.loads((path.parent / MANIFEST).read_text(encoding="utf-8"))["files"]
        named = [file for file in listed if file["file"] == path.name]
        return str(named[0]["sha256"]) if named else None
    except (OSError, ValueError, KeyError, TypeError):
        return None

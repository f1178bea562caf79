"""WARC files to be read: those that are given, and those inside a WACZ, checked by its own list."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Self, cast
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from archive.errors import DamagedFileError, UsageError
from archive.store.warc.framing import Frame, frames
from archive.store.warc.packing import (
    GZIP,
    ZSTD,
    ZSTD_DICTIONARY,
    Gzip,
    Members,
    Packing,
    Plain,
    Zstd,
)
from archive.store.warc.stream import MARK, Stream
from archive.store.warc.writing import MANIFEST

ZIP: Final = b"PK"
ZIP_ERRORS: Final = (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error)

ARC: Final = b"filedesc://"

_BEGINNINGS: Final = (MARK, ZSTD, ZSTD_DICTIONARY, ZIP)
_PACKED: Final = {".gz": GZIP, ".wacz": GZIP, ".zst": ZSTD}
_ENDINGS: Final = (".warc", ".warc.gz", ".warc.zst")
_LARGEST_LIST_BYTES: Final = 1 << 26
_LARGEST_UNPACKED_BYTES: Final = 1 << 30
_MOST_OF_ONE_BYTE: Final = 200
_HEAD_BYTES: Final = 1 << 12


@dataclass(frozen=True, slots=True)
class Source:
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
        return _stream(file, head, self.name, self.size)


def _stream(file: BinaryIO, head: bytes, name: str, size: int) -> Stream:
    """The unpacked bytes of a file; a damaged beginning is made up for by the file's name."""
    if not head.startswith((GZIP, *_BEGINNINGS)):
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


def check(path: Path) -> None:
    """See that `path` is a WARC or a WACZ, as far as its beginning tells.

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
    known = begins.startswith(_BEGINNINGS) or MARK.startswith(begins)
    if not known and not _holds_a_record(path):
        raise UsageError(f"{path}: is no WARC file")
    if head.startswith(ZIP) and not _may_be_wacz(path):
        raise UsageError(f"{path}: holds no WARC file under archive/; try: baogao backfill files")


def _holds_a_record(path: Path) -> bool:
    """Whether a file of a strange beginning is a WARC that was damaged just there."""
    with path.open("rb") as file:
        stream = _stream(file, b"", path.name, path.stat().st_size)
        return any(isinstance(each, Frame) for each in frames(stream))


def _may_be_wacz(path: Path) -> bool:
    """Whether a ZIP holds WARC files; one that is damaged may."""
    try:
        with ZipFile(path) as package:
            return any(_is_archive(each) for each in package.namelist())
    except (OSError, *ZIP_ERRORS):
        return True


def _unpacked(head: bytes) -> bytes:
    """How a file begins inside its packing; one that is damaged there is taken for a WARC."""
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES) or MARK
    except zlib.error:
        return MARK


@contextmanager
def sources(path: Path) -> Iterator[list[Source]]:
    """The WARC files of `path`, in the order of their names; nothing is unpacked to the disk.

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


def _found(path: Path, opened: ExitStack) -> list[Source]:
    if _begins(path) == ZIP and is_zipfile(path):
        return list(_members(path, opened.enter_context(ZipFile(path))))
    return [_file(path)]


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(ZIP))


def _file(path: Path) -> Source:
    digest, fault = _digest(lambda: path.open("rb"))
    told = _in_manifest(path)
    faults = [] if fault is None else [fault]
    if told not in {None, digest}:
        faults.append("differs from its manifest: it was cut short or altered")
    if _begins(path) == ZIP:
        faults.append("a WACZ that was cut short: the list of its members is missing")
    return Source(
        path.name, path, path.stat().st_size, digest, lambda: path.open("rb"),
        tuple(faults), attested=told == digest,
    )  # fmt: skip


def _in_manifest(path: Path) -> str | None:
    """The digest that a manifest beside the file tells for it; None where there is none."""
    try:
        listed = json.loads((path.parent / MANIFEST).read_text(encoding="utf-8"))["files"]
        named = [file for file in listed if file["file"] == path.name]
        return str(named[0]["sha256"]) if named else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _members(path: Path, wacz: ZipFile) -> Iterator[Source]:
    """Members are read where they lie: no name of theirs ever becomes a path."""
    members = [each for each in wacz.infolist() if _is_archive(each.filename)]
    unpacked = sum(each.file_size for each in members)
    if unpacked > max(_LARGEST_UNPACKED_BYTES, _MOST_OF_ONE_BYTE * path.stat().st_size):
        raise DamagedFileError(
            f"{path}: says that it unpacks to {unpacked} bytes, over {_MOST_OF_ONE_BYTE} times"
            " its size; it was not read"
        )
    digests = _digests(wacz)
    for member in sorted(members, key=lambda each: each.filename):
        yield _member(path, wacz, member, digests.get(member.filename))


def _is_archive(name: str) -> bool:
    place = PurePosixPath(name)
    return place.parts[:1] == ("archive",) and place.name.endswith(_ENDINGS)


def _member(path: Path, wacz: ZipFile, member: ZipInfo, told: str | None) -> Source:
    def opened() -> BinaryIO:
        return cast("BinaryIO", _Member(wacz, member))

    digest, fault = _digest(opened)
    faults = [] if fault is None else [fault]
    if told not in {None, f"sha256:{digest}"} and (told or "").startswith("sha256:"):
        faults.append("differs from the digest in its datapackage.json")
    name = f"{path.name} {member.filename}"
    return Source(name, path, member.file_size, digest, opened, tuple(faults))


class _Member:
    """A member that ends where it cannot be read on; `fault` is why."""

    def __init__(self, wacz: ZipFile, member: ZipInfo) -> None:
        self.fault: str | None = None
        try:
            self._file = cast("BufferedIOBase", wacz.open(member))
        except ZIP_ERRORS as error:
            self.fault, self._file = str(error), BytesIO()

    def read(self, count: int = -1) -> bytes:
        try:
            return self._file.read1(count)  # all that there is, before what is missing is told
        except ZIP_ERRORS as error:
            self.fault = str(error)
            return b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _digests(wacz: ZipFile) -> dict[str, str]:
    """Member → digest, as the package lists them; {} where there is no list."""
    try:
        if wacz.getinfo("datapackage.json").file_size > _LARGEST_LIST_BYTES:
            return {}
        resources = json.loads(wacz.read("datapackage.json"))["resources"]
        return {str(each["path"]): str(each["hash"]) for each in resources}
    except (KeyError, ValueError, TypeError, *ZIP_ERRORS):
        return {}


def _digest(opened: Callable[[], BinaryIO]) -> tuple[str, str | None]:
    """The sha256 of a file, and what was wrong with it as a member of a ZIP."""
    digest = hashlib.sha256()
    with opened() as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
        fault = getattr(file, "fault", None)
    return digest.hexdigest(), fault and f"cannot be unpacked to its end: {fault}"

"""The WARC files inside a WACZ, read in place and compared with the package's own list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BufferedIOBase, BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Self, cast
from zipfile import ZipFile, ZipInfo

from archive.errors import DamagedFileError
from archive.store.warc.source import ZIP_ERRORS, WarcFile, digest_of

_ENDINGS: Final = (".warc", ".warc.gz", ".warc.zst")
_LARGEST_LIST_BYTES: Final = 1 << 26
_LARGEST_UNPACKED_BYTES: Final = 1 << 30
_MOST_OF_ONE_BYTE: Final = 200


def members(path: Path, wacz: ZipFile) -> Iterator[WarcFile]:
    """Yield the WARC files of `wacz`, ordered by name; no name becomes a path.

    Raises:
        DamagedFileError: it declares that they expand to far more than it contains.
    """
    found = [each for each in wacz.infolist() if is_archive(each.filename)]
    unpacked = sum(each.file_size for each in found)
    if unpacked > max(_LARGEST_UNPACKED_BYTES, _MOST_OF_ONE_BYTE * path.stat().st_size):
        raise DamagedFileError(
            f"{path}: says that it unpacks to {unpacked} bytes, over {_MOST_OF_ONE_BYTE} times"
            " its size; it was not read"
        )
    digests = _digests(wacz)
    for member in sorted(found, key=lambda each: each.filename):
        yield _member(path, wacz, member, digests.get(member.filename))


def is_archive(name: str) -> bool:
    """Whether a member of a WACZ is one of its WARC files."""
    place = PurePosixPath(name)
    return place.parts[:1] == ("archive",) and place.name.endswith(_ENDINGS)


def _member(path: Path, wacz: ZipFile, member: ZipInfo, claimed: str | None) -> WarcFile:
    def opened() -> BinaryIO:
        return cast("BinaryIO", _WaczMember(wacz, member))

    digest, fault = digest_of(opened)
    faults = [] if fault is None else [fault]
    if claimed not in {None, f"sha256:{digest}"} and (claimed or "").startswith("sha256:"):
        faults.append("differs from the digest in its datapackage.json")
    name = f"{path.name} {member.filename}"
    return WarcFile(name, path, member.file_size, digest, opened, tuple(faults))


class _WaczMember:
    """A member that ends where it cannot be read further; `fault` is the reason."""

    def __init__(self, wacz: ZipFile, member: ZipInfo) -> None:
        self.fault: str | None = None
        try:
            self._file = cast("BufferedIOBase", wacz.open(member))
        except ZIP_ERRORS as error:
            self.fault, self._file = str(error), BytesIO()

    def read(self, count: int = -1) -> bytes:
        try:
            return self._file.read1(
                count
            )  # everything that is there, before the missing part is reported
        except ZIP_ERRORS as error:
            self.fault = str(error)
            return b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _digests(wacz: ZipFile) -> dict[str, str]:
    """Return member → digest, as listed by the package; {} without a list."""
    try:
        if wacz.getinfo("datapackage.json").file_size > _LARGEST_LIST_BYTES:
            return {}
        resources = json.loads(wacz.read("datapackage.json"))["resources"]
        return {str(each["path"]): str(each["hash"]) for each in resources}
    except (KeyError, ValueError, TypeError, *ZIP_ERRORS):
        return {}

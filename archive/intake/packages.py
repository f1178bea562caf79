"""Packages: the files in a ZIP or 7z, within limits; nothing is ever written to disk."""

from __future__ import annotations

import gzip
import lzma
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import PurePath
from typing import Any, Final

from archive.errors import RefusedError
from archive.intake.gathering import companions, why_passed_over
from archive.intake.member import MAX_FILE_BYTES, Member
from archive.intake.source import MAX_MEMBERS, Container, Opened, PassedOver, Room

_DAMAGE: Final = (
    zipfile.BadZipFile, OSError, NotImplementedError, EOFError, ValueError, OverflowError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
_UNIX: Final = 3
_DRAWN: Final = re.compile("[\u2500-\u257f]")
"""Box-drawing characters: GBK that was read as code page 437 and then written as UTF-8."""
_TAR_AT: Final = 257
"""Offset of the signature of a tar archive."""


def zip_members(source: Container) -> Iterator[Opened]:
    """Yield the files in a ZIP that may contain a text, and finally what was skipped.

    Raises:
        RefusedError: the file is not a ZIP, or contains more than `MAX_MEMBERS` files.
    """
    try:
        package = zipfile.ZipFile(source.file)
    except _DAMAGE as error:
        raise RefusedError("unreadable", f"{source.name}: not a ZIP file: {error}") from error
    with package:
        entries = [entry for entry in package.infolist() if not entry.is_dir()]
        if len(entries) > MAX_MEMBERS:
            words = f"{source.name}: holds {len(entries)} files, more than {MAX_MEMBERS}"
            raise RefusedError("too_large", words)
        beside = companions(_name(entry) for entry in entries)
        reasons: Counter[str] = Counter()
        for entry in entries:
            reason = why_passed_over(_name(entry), beside, known_endings_only=False)
            if reason is None:
                yield _unzipped(package, entry, source.room)
            else:
                reasons[reason] += 1
        if reasons:
            yield PassedOver(source.name, reasons)


def gzip_member(source: Container) -> Iterator[Opened]:
    """Yield the file in a gzip; a tar archive in it is reported.

    Raises:
        RefusedError: it is damaged, or contains a tar archive.
    """
    bound = min(MAX_FILE_BYTES, source.room.left)
    name = PurePath(source.name).stem or source.name
    try:
        with gzip.GzipFile(fileobj=source.file) as file:
            payload = file.read(bound + 1)
    except (*_DAMAGE, EOFError) as error:
        raise RefusedError("unreadable", f"{source.name}: is damaged: {error}") from error
    source.room.left -= len(payload)
    if payload[_TAR_AT : _TAR_AT + 5] == b"ustar":
        words = f"{source.name}: is a tape archive: unpack it, or repack it as ZIP"
        raise RefusedError("unreadable", words)
    if len(payload) > bound:
        words = f"unpacks to more than {bound} bytes"
        yield Member(name, filename=name, outcome="too_large", error=words)
    else:
        yield Member(name, payload, filename=name)


def seven_zip_members(source: Container) -> Iterator[Opened]:
    """Yield the files in a 7z with py7zr (the extra `sevenzip`), in memory.

    Raises:
        RefusedError: py7zr is not installed, or the file is damaged or contains too much.
    """
    if find_spec("py7zr") is None:
        words = "is a 7z archive: unpack it, repack it as ZIP, or pip install 'baogao[sevenzip]'"
        raise RefusedError("unreadable", f"{source.name}: {words}")
    import py7zr  # noqa: PLC0415  (an extra, LGPL)

    try:
        with py7zr.SevenZipFile(source.file) as package:
            if package.needs_password():
                raise RefusedError("encrypted", f"{source.name}: it needs a password")
            entries = [entry for entry in package.list() if not entry.is_directory]
            yield from _out_of_7z(package, entries, source)
    except (py7zr.Bad7zFile, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError) as error:
        raise RefusedError("unreadable", f"{source.name}: is damaged: {error}") from error


def _out_of_7z(package: Any, entries: list[Any], source: Container) -> Iterator[Opened]:
    if len(entries) > MAX_MEMBERS:
        words = f"{source.name}: holds {len(entries)} files, more than {MAX_MEMBERS}"
        raise RefusedError("too_large", words)
    beside = companions(entry.filename for entry in entries)
    reasons: Counter[str] = Counter()
    wanted = []
    for entry in entries:
        reason = why_passed_over(entry.filename, beside, known_endings_only=False)
        if reason is not None:
            reasons[reason] += 1
        elif entry.uncompressed > min(MAX_FILE_BYTES, source.room.left):
            words = f"unpacks to {entry.uncompressed} bytes"
            own = PurePath(entry.filename).name
            yield Member(entry.filename, filename=own, outcome="too_large", error=words)
        else:
            source.room.left -= entry.uncompressed
            wanted.append(entry.filename)
    yield from _members_of_7z(package, wanted)
    if reasons:
        yield PassedOver(source.name, reasons)


def _members_of_7z(package: Any, names: list[str]) -> Iterator[Member]:
    from py7zr.io import BytesIOFactory  # noqa: PLC0415  (an extra)

    factory = BytesIOFactory(MAX_FILE_BYTES)
    package.extract(targets=names, factory=factory)
    for name in names:
        made = factory.products.get(name)
        own = PurePath(name).name
        if made is None:
            yield Member(name, filename=own, outcome="unreadable", error="is not in the archive")
        else:
            made.seek(0)
            yield Member(name, made.read(), filename=own)


def refuse_unread_format(source: Container) -> Iterator[Opened]:
    """Refuse a package format that is not supported, with a message on what to do.

    Raises:
        RefusedError: always.
    """
    head = source.file.read(4)
    kind = "a RAR archive" if head == b"Rar!" else "packed by bzip2 or xz"
    raise RefusedError("unreadable", f"{source.name}: is {kind}: unpack it, or repack it as ZIP")


def _unzipped(package: zipfile.ZipFile, entry: zipfile.ZipInfo, room: Room) -> Member:
    name = _name(entry)
    filename = name.replace("\\", "/").rsplit("/", 1)[-1]
    if entry.flag_bits & _ENCRYPTED:
        return Member(name, filename=filename, outcome="encrypted", error="it needs a password")
    if _is_link(entry):
        return Member(
            name, filename=filename, outcome="unreadable", error="is a link, not followed"
        )
    bound = min(MAX_FILE_BYTES, room.left)
    words = f"unpacks to more than {bound} bytes"
    if bound < MAX_FILE_BYTES:
        words += ", which is all that is read of a file of this size"
    too_large = Member(name, filename=filename, outcome="too_large", error=words)
    if entry.file_size > bound:
        return too_large
    try:
        with package.open(entry) as file:
            payload = file.read(bound + 1)
    except MemoryError:  # declares a window of gigabytes
        return too_large
    except _DAMAGE as error:
        return Member(name, filename=filename, outcome="unreadable", error=str(error) or "damaged")
    room.left -= len(payload)
    return too_large if len(payload) > bound else Member(name, payload, filename=filename)


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the member's name; Chinese programs write GBK instead of code page 437."""
    if entry.flag_bits & _UTF8_NAME and not _DRAWN.search(entry.filename):
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename

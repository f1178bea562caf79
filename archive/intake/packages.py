"""ZIP: the files in it, each within bounds; nothing is ever written to the disk."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from archive.errors import RefusedError
from archive.intake.gathering import companions, why_passed_over
from archive.intake.member import MAX_FILE_BYTES, Member
from archive.intake.source import MAX_MEMBERS, Opened, PassedOver, Room, Source

_DAMAGE: Final = (
    zipfile.BadZipFile, OSError, NotImplementedError, EOFError, ValueError, OverflowError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
_UNIX: Final = 3


def zip_members(source: Source) -> Iterator[Opened]:
    """The files in a ZIP that may hold a text, and at its end what was passed over.

    Raises:
        RefusedError: the file is no ZIP, or holds more than `MAX_MEMBERS` files.
    """
    try:
        package = zipfile.ZipFile(source.file)
    except _DAMAGE as error:
        raise RefusedError("unreadable", f"{source.name}: is no ZIP: {error}") from error
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
    except MemoryError:  # a declared window of gigabytes
        return too_large
    except _DAMAGE as error:
        return Member(name, filename=filename, outcome="unreadable", error=str(error) or "damaged")
    room.left -= len(payload)
    return too_large if len(payload) > bound else Member(name, payload, filename=filename)


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16)


def _name(entry: zipfile.ZipInfo) -> str:
    """The member's name; Chinese programs write GBK where the standard says code page 437."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename

"""Files that hold files: ZIP and MHTML."""

from __future__ import annotations

import email
import email.policy
import zipfile
import zlib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import BinaryIO, Final

from archive.errors import UsageError
from archive.intake.member import MAX_FILE_BYTES, Member

MAX_MEMBERS: Final = 100_000
MAX_UNPACKED_BYTES: Final = 4 * 1024**3
"""All members of one ZIP together; what comes behind is told, not read."""

_DAMAGE: Final = (
    zipfile.BadZipFile, OSError, NotImplementedError, EOFError, ValueError, zlib.error,
)  # fmt: skip
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1


def zip_members(path: Path, _text_column: str | None = None) -> Iterator[Member]:
    """The files in a ZIP, each within `MAX_FILE_BYTES`; nothing is ever written to the disk.

    Raises:
        UsageError: the file is no ZIP, or holds more than `MAX_MEMBERS` files.
    """
    yield from unzipped(path, str(path))


def unzipped(file: Path | BinaryIO, name: str) -> Iterator[Member]:
    """The files in the ZIP `file`, which is called `name` in errors; see `zip_members`."""
    try:
        package = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError) as error:
        raise UsageError(f"{name}: is no ZIP: {error}") from error
    with package:
        entries = [entry for entry in package.infolist() if not entry.is_dir()]
        if len(entries) > MAX_MEMBERS:
            raise UsageError(f"{name}: holds {len(entries)} files, more than {MAX_MEMBERS}")
        unpacked = 0
        for entry in entries:
            member = _unzipped(package, entry, MAX_UNPACKED_BYTES - unpacked)
            unpacked += len(member.payload or b"")
            yield member


def mhtml_parts(path: Path, _text_column: str | None = None) -> Iterator[Member]:
    """The HTML parts of a page saved as MHTML, each with the address it was saved from.

    Raises:
        UsageError: the file is larger than `MAX_FILE_BYTES`, or holds no HTML.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UsageError(f"{path}: more than {MAX_FILE_BYTES} bytes")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = [part for part in message.walk() if part.get_content_type() == "text/html"]
    if not parts:
        raise UsageError(f"{path}: holds no HTML; is it a page saved as MHTML?")
    for number, part in enumerate(parts, 1):
        yield _part(number, part)


def _unzipped(package: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> Member:
    name = _name(entry)
    filename = name.replace("\\", "/").rsplit("/", 1)[-1]
    if entry.flag_bits & _ENCRYPTED:
        return Member(name, filename=filename, outcome="encrypted", error="it needs a password")
    try:
        with package.open(entry) as file:
            payload = file.read(min(MAX_FILE_BYTES, room) + 1)
    except _DAMAGE as error:
        return Member(name, filename=filename, outcome="unreadable", error=str(error) or "damaged")
    if len(payload) > min(MAX_FILE_BYTES, room):
        return Member(
            name, filename=filename, outcome="too_large",
            error=f"unpacks to more than {min(MAX_FILE_BYTES, room)} bytes",
        )  # fmt: skip
    return Member(name, payload, filename=filename)


def _name(entry: zipfile.ZipInfo) -> str:
    """The member's name; Chinese programs write GBK where the standard says code page 437."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _part(number: int, part: EmailMessage) -> Member:
    payload = part.get_payload(decode=True)
    location = str(part.get("Content-Location", "")).strip()
    charset = part.get_content_charset()
    return Member(
        f"part {number}",
        payload if isinstance(payload, bytes) else None,
        claims=(("url", location),) if location else (),
        content_type="text/html" + (f"; charset={charset}" if charset else ""),
    )

"""One item inside a container, or a file that is not a container."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from archive.model import Capture, Headers

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""The most bytes of a file or member; reading needs some 15 times its size."""

_SAVED_FROM: Final = re.compile(rb"<!--\s{0,9}saved from url=\(\d{1,9}\)([!-~]{1,2000})")
_SAVED_FROM_WITHIN: Final = 4096
_KINDS: Final = (
    (stat.S_ISDIR, "a folder that cannot be listed"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A row, record, page or file inside a container.

    `name` is its position (`row 3`, `a/b.html`). `claims` are the names and values that the
    container states for it. A member without payload has the reason in `outcome` and `error`.
    """

    name: str
    payload: bytes | None = None
    claims: Headers = ()
    content_type: str | None = None
    filename: str | None = None
    outcome: str = "ok"
    error: str | None = None

    def capture(self, container: Capture) -> Capture:
        """Return the capture of this member; its URL is that of the container plus the name.

        Time and source are those of the container. Headers and lengths are not, except for the time
        at which its file was last modified.
        """
        modified = container.header("Last-Modified") if container.origin == "file" else None
        headers = {"Content-Type": self.content_type, "Last-Modified": modified}
        return Capture(
            url=f"{container.url}!/{quote(self.name)}",
            payload=self.payload,
            outcome=self.outcome,
            error=self.error,
            captured_at=container.captured_at,
            origin=container.origin,
            filename=self.filename or container.filename,
            member=self.name,
            container_sha256=container.container_sha256,
            claims=self.claims or saved_from(self.payload),
            response_headers=tuple((name, value) for name, value in headers.items() if value),
            site=container.site,
        )


def whole_file(path: Path) -> Capture:
    """Return the capture of a file that is not a container; its URL is that of the file.

    The claim `url` is what a browser wrote into a saved page. `Last-Modified` is the time of the
    file.
    """
    try:
        if (reason := _no_file(path)) is not None:
            return failed(path, "unreadable", reason)
        with path.open("rb") as file:
            payload = file.read(MAX_FILE_BYTES + 1)
            modified = last_modified(os.fstat(file.fileno()))
    except OSError as error:
        return failed(path, "unreadable", error.strerror or str(error))
    if len(payload) > MAX_FILE_BYTES:
        return failed(path, "too_large", f"more than {MAX_FILE_BYTES} bytes")
    return Capture(
        url=address(path), payload=payload, origin="file", filename=name_of(path),
        claims=saved_from(payload), response_headers=modified,
    )  # fmt: skip


def failed(path: Path, outcome: str, error: str) -> Capture:
    """Return the capture of a file that could not be read, with the reason."""
    return Capture(
        url=address(path), outcome=outcome, error=error, origin="file", filename=name_of(path)
    )


def container_of(path: Path) -> Capture:
    """Return what the members of the file at `path` have in common, including its digest.

    Raises:
        OSError: it is not a file, or cannot be read.
    """
    if (reason := _no_file(path)) is not None:
        raise OSError(reason)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        modified = last_modified(os.fstat(file.fileno()))
    return Capture(
        url=address(path), origin="file", filename=name_of(path), container_sha256=digest,
        response_headers=modified,
    )  # fmt: skip


def address(path: Path) -> str:
    """Return the URL of a file; bytes of its name that are not UTF-8 are percent-encoded."""
    return path.absolute().as_uri()


def name_of(path: Path) -> str:
    """Return the file's name as text: Chinese programs left GBK names on UTF-8 file systems."""
    name = os.fsencode(path.name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "replace")


def last_modified(facts: os.stat_result) -> Headers:
    """Return a `Last-Modified` header, or nothing if the time is not a date."""
    try:
        when = datetime.fromtimestamp(int(facts.st_mtime), UTC)
    except (OverflowError, ValueError, OSError):
        return ()
    return (("Last-Modified", format_datetime(when, usegmt=True)),)


def saved_from(payload: bytes | None) -> Headers:
    """Return the claim `url` of a saved page, from the comment that the browser wrote into it."""
    found = _SAVED_FROM.search(payload[:_SAVED_FROM_WITHIN]) if payload else None
    return (("url", found[1].decode("ascii")),) if found else ()


def _no_file(path: Path) -> str | None:
    """Return what is there in place of a readable file, or None."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return None
    kind = next((words for is_it, words in _KINDS if is_it(mode)), "a device")
    return f"is {kind}, no file"

"""One thing inside a container, and a file that is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from archive.model import Capture, Headers

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A larger file or member is no saved page; reading it would need some 15 times its size."""


@dataclass(frozen=True, slots=True)
class Member:
    """A row, record, page or file inside a container.

    `name` says where it stands (`row 3`, `a/b.html`); `claims` are the names and values that the
    container gives beside it; a member without payload carries why in `outcome` and `error`.
    """

    name: str
    payload: bytes | None = None
    claims: Headers = ()
    content_type: str | None = None
    filename: str | None = None
    outcome: str = "ok"
    error: str | None = None

    def capture(self, container: Capture) -> Capture:
        """The capture of this member; its address is the container's with the name behind it.

        When, whence and by whom are the container's; headers and lengths are not.
        """
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
            claims=self.claims,
            response_headers=(("Content-Type", self.content_type),) if self.content_type else (),
            site=container.site,
        )


def whole_file(path: Path) -> Capture:
    """The capture of a file that is no container; its address is the file's own."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return failed(path, "too_large", f"more than {MAX_FILE_BYTES} bytes")
        payload = path.read_bytes()
    except OSError as error:
        return failed(path, "unreadable", error.strerror or str(error))
    return Capture(url=path.resolve().as_uri(), payload=payload, origin="file", filename=path.name)


def failed(path: Path, outcome: str, error: str) -> Capture:
    """The capture of a file that gave nothing, with the reason."""
    return Capture(
        url=path.resolve().as_uri(), outcome=outcome, error=error, origin="file",
        filename=path.name,
    )  # fmt: skip


def container_of(path: Path) -> Capture:
    """What the members of the file at `path` have in common, with its digest."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Capture(
        url=path.resolve().as_uri(), origin="file", filename=path.name, container_sha256=digest
    )

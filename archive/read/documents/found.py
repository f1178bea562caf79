"""What a document gave, and what keeps it from giving anything."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

MAX_PACKAGE_BYTES: Final = 64 * 1024 * 1024
"""All parts of one DOCX or OFD together, unpacked; a larger one is a bomb or no report."""

DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, KeyError, ValueError,
)  # fmt: skip
"""What reading a damaged package raises."""


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a document, what it is, and with which program they were read.

    `doubt` is the evidence where a second reader gives another order of the same characters.
    """

    lines: tuple[str, ...]
    medium: str
    how: str
    doubt: str = ""


class Unreadable(Exception):  # noqa: N818  (it is an outcome: the page tells it as a flag)
    """The document gave no text; the message says why, for a person."""


def check_package(payload: bytes) -> str:
    """What a ZIP holds: `docx`, `ofd`, or `zip`; its declared size is bounded.

    Raises:
        Unreadable: it is damaged, or would unpack to more than `MAX_PACKAGE_BYTES`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as package:
            names = set(package.namelist())
            size = sum(entry.file_size for entry in package.infolist())
    except DAMAGE as error:
        raise Unreadable(f"the package is damaged: {error}") from error
    kind = "zip"
    if "word/document.xml" in names:
        kind = "docx"
    elif "OFD.xml" in names:
        kind = "ofd"
    if kind != "zip" and size > MAX_PACKAGE_BYTES:
        raise Unreadable(f"it would unpack to {size} bytes, more than {MAX_PACKAGE_BYTES}")
    return kind

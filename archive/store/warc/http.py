"""HTTP messages in records: a first line, headers, and the start of the body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from archive.model import Headers

LONGEST_HEAD_BYTES: Final = 1 << 20

_STATUS_LINE: Final = re.compile(r"(?:HTTP(?:/\S*)?|ICY|RTSP/\S+)[ \t]+([1-9]\d\d)(?!\d)", re.ASCII)
_ANSWER: Final = re.compile(r"(?:HTTP|ICY)\b|[1-9]\d\d[ \t]")
"""The beginning of a status line, including odd ones: `HTTP 200`, `HTTP/1.1 OK`, `200 OK`."""


@dataclass(frozen=True, slots=True)
class HttpHead:
    """The first line and headers of an HTTP message, and the start of its body."""

    line: str
    headers: Headers
    body: int

    @property
    def status(self) -> int | None:
        """The status of a response; None for any other line."""
        found = _STATUS_LINE.match(self.line)
        return None if found is None else int(found[1])

    @property
    def is_answer(self) -> bool:
        """Whether the first line is a status line, even with an unknown status."""
        return _ANSWER.match(self.line) is not None

    def get(self, name: str) -> str:
        """Return the last header `name` (any case), or ""."""
        wanted = name.lower()
        return next((v for k, v in reversed(self.headers) if k.lower() == wanted), "")


def head_of(block: bytes) -> HttpHead | None:
    """Return the head of the HTTP message in `block`; None if it has none, or one without end."""
    crlf, lf = block.find(b"\r\n\r\n", 0, LONGEST_HEAD_BYTES), -1
    if crlf < 0:
        lf = block.find(b"\n\n", 0, LONGEST_HEAD_BYTES)
    if crlf < 0 and lf < 0:
        whole = len(block) <= LONGEST_HEAD_BYTES and block.startswith(b"HTTP/")
        return _head(block, len(block)) if whole else None
    return _head(block[: max(crlf, lf)], crlf + 4 if crlf >= 0 else lf + 2)


def body_of(block: bytes) -> bytes:
    """Return what follows the headers of the HTTP message in `block`."""
    head = head_of(block)
    return b"" if head is None else block[head.body :]


def _head(words: bytes, body: int) -> HttpHead:
    found: list[tuple[str, str]] = []
    line, *rest = words.decode("latin-1").split("\n")
    for row in rest:
        if row[:1] in {" ", "\t"} and found:  # a long header may be folded
            found[-1] = (found[-1][0], f"{found[-1][1]} {row.strip()}")
            continue
        name, colon, value = row.partition(":")
        if colon:
            found.append((name.strip(), value.strip()))
    return HttpHead(line.rstrip("\r"), tuple(found), body)

"""MHTML: a page that a browser saved with all its parts in one file."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import Message
from itertools import islice
from typing import Any, Final

from archive.errors import RefusedError
from archive.intake.member import Member
from archive.intake.source import Opened, Source

MAX_PARTS: Final = 1_000
"""HTML parts of one page; frames of frames are some dozens."""


def mhtml_parts(source: Source) -> Iterator[Opened]:
    """The HTML parts of a page saved as MHTML, each with the address it was saved from.

    Raises:
        RefusedError: the file is larger than `MAX_FILE_BYTES`, or holds no HTML.
    """
    message = email.message_from_bytes(source.small(), policy=email.policy.compat32)
    pages = (part for part in message.walk() if part.get_content_type() == "text/html")
    found = list(islice(pages, MAX_PARTS + 1))
    if not found:
        words = f"{source.name}: holds no HTML; is it a page saved as MHTML?"
        raise RefusedError("unreadable", words)
    for number, part in enumerate(found[:MAX_PARTS], 1):
        yield _part(number, part)
    if len(found) > MAX_PARTS:
        name = f"part {len(found)} and what follows"
        yield Member(name, outcome="too_large", error=f"more than {MAX_PARTS} parts")


def _part(number: int, part: Message[Any, Any]) -> Member:
    payload = part.get_payload(decode=True)
    location = str(part.get("Content-Location", "")).strip()
    charset = part.get_content_charset()
    name, claims = f"part {number}", (("url", location),) if location else ()
    if not isinstance(payload, bytes):
        return Member(name, claims=claims, outcome="unreadable", error="is called HTML and is none")
    kind = "text/html" + (f"; charset={charset}" if charset else "")
    return Member(name, payload, claims, kind)

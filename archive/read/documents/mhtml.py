"""MHTML: a page and all its parts in one file, under any name. Word also saves it as .doc."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final

HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Part:
    """An HTML part: its bytes (None if unreadable), its type, and its original location."""

    payload: bytes | None
    content_type: str
    location: str


def html_parts(payload: bytes) -> Iterator[Part]:
    """Yield the HTML parts of an MHTML page, in order."""
    message = email.message_from_bytes(payload, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == HTML:
            yield _part(part)


def _part(part: Message[Any, Any]) -> Part:
    content = part.get_payload(decode=True)
    charset = part.get_content_charset()
    kind = HTML + (f"; charset={charset}" if charset else "")
    location = str(part.get("Content-Location", "")).strip()
    return Part(content if isinstance(content, bytes) else None, kind, location)

"""The source of a text: its captures, its payload, its site, and whether to link there."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from archive.store import sources as rows

CAPTURES_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class StoredText:
    """A stored text with the captures of its payload, the first one first."""

    text: Mapping[str, Any]
    captures: tuple[Mapping[str, Any], ...]
    linked: bool

    @property
    def capture(self) -> Mapping[str, Any] | None:
        """The first capture."""
        return self.captures[0] if self.captures else None

    @property
    def url(self) -> str:
        """The URL as captured; empty if unknown."""
        return str(self.captures[0]["url"]) if self.captures else ""


def source(connection: sqlite3.Connection, text_id: int) -> StoredText | None:
    """Return the source of a text; None if there is no such text."""
    text = rows.text(connection, text_id)
    if text is None:
        return None
    captures = rows.captures_of(connection, text, CAPTURES_SHOWN)
    return StoredText(
        text=dict(text),
        captures=tuple(dict(row) for row in captures),
        linked=bool(captures) and may_link(connection, captures[0]["url"], captures[0]["host"]),
    )


def may_link(connection: sqlite3.Connection, url: str, host: str | None) -> bool:
    """Whether `url` may be a link: http(s), and nothing hijacked was ever found on its host."""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return False
    if scheme not in ("http", "https") or not host:
        return False
    return not rows.is_hijacked(connection, host)

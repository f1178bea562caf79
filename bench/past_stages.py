"""Puts words into an archive without the stages: passages only, no spans."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from archive.model import Passage, sha256
from archive.store.packed import pack
from archive.store.partitions import packed


def store_visible(connection: sqlite3.Connection, lines: Sequence[str]) -> str:
    """Store lines as a visible text; returns its digest, which `texts.visible_sha256` must have."""
    visible = "\n".join(lines)
    digest = sha256(visible.encode())
    connection.execute(
        "INSERT OR IGNORE INTO packed_texts VALUES (?, ?, ?, ?)",
        (digest, len(visible), *pack(visible.encode())),
    )
    return digest


def store_passages(connection: sqlite3.Connection, text_id: int, lines: Sequence[str]) -> None:
    """Store lines as the passages of a text."""
    passages, start = [], 0
    for line in lines:
        passages.append(Passage("body", start, start + len(line), line))
        start += len(line) + 1
    made = packed("\n".join(lines), (), passages)
    connection.execute(
        "INSERT INTO partitions VALUES (?, '[]', '[]', ?)", (text_id, made.passages_json)
    )

"""What lies where in a preservation export: a bag (RFC 8493) with JSON lines and payload files."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from archive.model import canonical_json
from archive.store import census
from archive.store.payloads import TOMBSTONES
from archive.store.schema import HOME, expected_schema, version

FORMAT: Final = "baogao-preservation"
VERSION: Final = 1
"""Increased when an older baogao could not read the export."""

ABOUT: Final = "data/archive.json"
SCHEMA: Final = "data/schema.sql"
WORKS: Final = "data/works.jsonl"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
TAGS: Final = ("README.txt", "bag-info.txt", "bagit.txt", MANIFEST)
DECLARATION: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

DIGEST: Final = re.compile(r"[0-9a-f]{64}")
LINE_BYTES: Final = 1 << 28
"""The longest line that is read or written."""

KEPT: Final = "kept"
"""The state of a payload whose bytes are in the export; others are in `TOMBSTONES`."""

VISIBLE: Final = "visible_texts"
"""The table `packed_texts` with its words unpacked, under the name of its view."""

_COLLATED: Final = "collated.sql"
"""The script whose tables importing makes again; works.jsonl shows what they say.

Of a public copy they cannot be made again, because the evidence was left out: they are exported."""

_INDEXES: Final = "search.sql"
_LEFT_OUT: Final = frozenset({
    "copy_hashes",  # an index, which the next collation makes
    "dictionaries",  # how a compacted archive packs payloads, which are exported unpacked
    "leases", "writers",  # locks of programs that are running
    "row_sums", *census.TABLES,  # which triggers keep
})  # fmt: skip
_TABLE: Final = re.compile(r"^CREATE (?:VIRTUAL )?TABLE (\w+)", re.MULTILINE)

Row = dict[str, Any]


@lru_cache(maxsize=2)
def tables(*, public: bool = False) -> tuple[str, ...]:
    """Return the exported tables of an archive, or of a public copy, as their files are named."""
    scripts = (_INDEXES,) if public else (_INDEXES, _COLLATED)
    left_out = _LEFT_OUT.union(*map(_tables_of, scripts))
    every = [name for kind, name, _ in expected_schema(version()) if kind == "table"]
    kept = (name for name in every if name not in left_out)
    return tuple(sorted(VISIBLE if name == "packed_texts" else name for name in kept))


def _tables_of(script: str) -> list[str]:
    """Return the tables that a script of this name makes, in any step of the schema."""
    scripts = (folder / script for folder in HOME.iterdir() if folder.is_dir())
    words = [each.read_text(encoding="utf-8") for each in scripts if each.is_file()]
    return _TABLE.findall("\n".join(words))


def table_file(table: str) -> str:
    """Return the path of a table's file in the bag."""
    return f"data/tables/{table}.jsonl"


def payload_file(digest: str) -> str:
    """Return the path of a payload's file in the bag."""
    return f"data/payloads/{digest[:2]}/{digest}"


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table in the archive, in order."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def keys_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table's primary key, in order."""
    found = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return [name for place, name in sorted((row[5], row[1]) for row in found) if place]


def json_line(row: Mapping[str, Any]) -> bytes:
    """Return a row as a line of JSON; bytes in it as base64."""
    shown = {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in row.items()
    }
    return (canonical_json(shown) + "\n").encode()


def object_of(line: bytes) -> Row:
    """Return the JSON object of a line.

    Raises:
        ValueError: it is none.
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("is not JSON") from error
    if not isinstance(row, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004  (one kind of error for a line)
    return row


def plain_row(row: Row) -> Row:
    """Return the row of a table that `json_line` was given.

    Raises:
        ValueError: it has a value that no table can have.
    """
    return {name: _value(value) for name, value in row.items()}


def states() -> Iterator[str]:
    """Yield the states of a payload in an export."""
    yield KEPT
    yield from TOMBSTONES


def _value(value: Any) -> Any:
    match value:
        case {"base64": str(words), **rest} if not rest:
            return base64.b64decode(words, validate=True)
        case bool() | list() | dict():
            raise ValueError("has a value that is no number, text or null")
    return value

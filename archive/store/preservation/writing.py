"""Writes everything in an archive as a bag of JSON lines and payload files."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive.errors import UsageError
from archive.model import sha256
from archive.store import ledger, payloads, schema
from archive.store.copies import is_copy
from archive.store.preservation import collated
from archive.store.preservation.layout import (
    ABOUT,
    DECLARATION,
    FORMAT,
    KEPT,
    LINE_BYTES,
    MANIFEST,
    SCHEMA,
    TAG_MANIFEST,
    TAGS,
    VERSION,
    VISIBLE,
    WORKS,
    columns_of,
    json_line,
    keys_of,
    payload_file,
    table_file,
    tables,
)
from archive.store.progress import Progress, plainly
from archive.store.rows import stream, value

if TYPE_CHECKING:
    from archive.store import Archive

_PAYLOADS: Final = f"""
SELECT sha256, payload_bytes,
  CASE WHEN stored IS NULL THEN codec ELSE '{KEPT}' END AS state
FROM payloads ORDER BY sha256
"""  # noqa: S608  (a word of ours)
_VISIBLE: Final = "SELECT sha256, chars, visible FROM visible_texts ORDER BY sha256"


def export_preservation(
    archive: Archive, folder: Path, *, progress: Progress[Any] = plainly
) -> dict[str, int]:
    """Write the archive, as it is at one moment, into an empty folder; returns rows by table.

    Raises:
        BrokenLawError: a payload or text is damaged.
        UsageError: a payload needs a library that is not installed.
    """
    with _snapshot(archive.connection) as connection:
        return _Writer(connection, folder, progress).write()


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.execute("ROLLBACK")


class _Writer:
    """Writes the files in the order of the manifest, which is written along with them."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, progress: Progress[Any]
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._progress = progress
        self._public = is_copy(connection)
        self._octets = self._files = 0

    def write(self) -> dict[str, int]:
        for name in ("tables", "payloads"):
            (self._folder / "data" / name).mkdir(parents=True)
        with (self._folder / MANIFEST).open("w", encoding="utf-8", newline="\n") as self._manifest:
            rows = {table: self._table(table) for table in tables(public=self._public)}
            rows["works"] = self._lines(WORKS, collated.works(self._connection))
            self._whole(SCHEMA, _ddl().encode())
            self._whole(ABOUT, json_line(self._about(rows)))
        self._tags()
        return rows

    def _about(self, rows: dict[str, int]) -> dict[str, Any]:
        last_text = "SELECT seq FROM sqlite_sequence WHERE name = 'texts'"
        return {
            "format": FORMAT,
            "version": VERSION,
            "software": f"baogao {version('baogao')}",
            "schema": schema.version(),
            "public": self._public,
            "ledger_head": ledger.head(self._connection),
            "last_text_id": value(self._connection, last_text) or 0,
            "collated": collated.mark(self._connection),
            "rows": rows,
        }

    def _table(self, table: str) -> int:
        if table == VISIBLE:
            rows = stream(self._connection, _VISIBLE)
        elif table == "payloads":
            rows = self._payloads()
        else:
            rows = stream(self._connection, _select(self._connection, table))
        total = value(self._connection, f"SELECT count(*) FROM {table}")  # noqa: S608  (ours)
        return self._lines(table_file(table), self._progress(rows, table, total))

    def _payloads(self) -> Iterator[dict[str, Any]]:
        """Write the bytes of each payload, and yield its row."""
        for row in stream(self._connection, _PAYLOADS):
            if row["state"] == KEPT:
                stored = payloads.stored(self._connection, row["sha256"])
                stored.check()
                self._whole(payload_file(row["sha256"]), stored.unpack())
            yield row

    def _lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        digest, octets, count = hashlib.sha256(), 0, 0
        with (self._folder / name).open("wb") as file:
            for row in rows:
                line = json_line(row)
                if len(line) > LINE_BYTES:
                    raise UsageError(f"{name}: a row is larger than {LINE_BYTES:,} bytes")
                digest.update(line)
                octets += file.write(line)
                count += 1
        self._note(name, digest.hexdigest(), octets)
        return count

    def _whole(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        self._note(name, sha256(content), path.write_bytes(content))

    def _note(self, name: str, digest: str, octets: int) -> None:
        self._manifest.write(f"{digest}  {name}\n")
        self._octets += octets
        self._files += 1

    def _tags(self) -> None:
        info = (
            f"Bag-Software-Agent: baogao {version('baogao')}\n"
            f"Payload-Oxum: {self._octets}.{self._files}\n"
        )
        readme = files(__package__).joinpath("README.txt").read_text(encoding="utf-8")
        words = {"README.txt": readme, "bag-info.txt": info, "bagit.txt": DECLARATION}
        for name, content in words.items():
            (self._folder / name).write_bytes(content.encode())
        lines = (f"{_digest_of(self._folder / name)}  {name}\n" for name in TAGS)
        (self._folder / TAG_MANIFEST).write_bytes("".join(lines).encode())


def _select(connection: sqlite3.Connection, table: str) -> str:
    columns = ", ".join(columns_of(connection, table))
    keys = ", ".join(keys_of(connection, table))
    return f"SELECT {columns} FROM {table} ORDER BY {keys}"  # noqa: S608  (names of ours)


def _ddl() -> str:
    """Return the tables and views with their comments, which explain the columns."""
    views = (schema.HOME / "views.sql").read_text(encoding="utf-8")
    return "\n".join([*(step.script for step in schema.steps()), views])


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Reads a preservation export that anybody may have made or changed.

Only files that the layout names are opened, never through a link, and every byte that is used is
compared with its digest in the manifest.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

from archive.errors import DamagedFileError, NewerDatabaseError, StorageError, UsageError
from archive.store import schema
from archive.store.preservation.layout import (
    ABOUT,
    DIGEST,
    FORMAT,
    LINE_BYTES,
    MANIFEST,
    SCHEMA,
    TAG_MANIFEST,
    TAGS,
    VERSION,
    WORKS,
    Row,
    object_of,
    payload_file,
    table_file,
    tables,
)

_NOTED: Final = re.compile(r"([0-9a-f]{64})  (\S{1,200})\n")
_NOTED_BYTES: Final = 300
_WHOLE_BYTES: Final = 1 << 24
"""The largest file, other than payloads and tables, that is read."""
_SHOWN: Final = 80
_OPEN: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Bag:
    """An export whose manifest, and whose list of files, is in order.

    `about` is the content of `data/archive.json`, `tables` names the tables, and `payloads` is the
    number of payload files.

    Raises:
        UsageError: it is no preservation export, or of a newer baogao.
        DamagedFileError: a file is missing, was added or changed, or is not what it should be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.payloads = 0
        self._digests: dict[str, str] = {}
        self._check_kind()
        self._read_manifest()
        self._check_files()
        self.about = self._read_about()
        self.tables = self._expected_tables()
        self._check_digest(SCHEMA, self._digests[SCHEMA], MANIFEST)

    def damaged(self, name: str, what: str) -> DamagedFileError:
        """Return the error that says what is wrong with a file."""
        return DamagedFileError(f"{self.folder / name}: {what}; nothing was imported")

    def rows(self, name: str) -> Iterator[tuple[int, Row]]:
        """Yield the rows of a file of lines with their numbers, from 1."""
        digest = hashlib.sha256()
        with self._opened(name) as file:
            for number, line in enumerate(iter(lambda: file.readline(LINE_BYTES + 1), b""), 1):
                digest.update(line)
                if len(line) > LINE_BYTES:
                    raise self.damaged(name, f"line {number} has more than {LINE_BYTES:,} bytes")
                try:
                    row = object_of(line)
                except ValueError as error:
                    raise self.damaged(name, f"line {number} {error}") from error
                yield number, row
        if digest.hexdigest() != self._digests[name]:
            raise self.damaged(name, f"its digest is not that of {MANIFEST}")

    def payload(self, digest: str, size: int) -> bytes:
        """Return the payload with this digest and size."""
        name = payload_file(digest)
        with self._opened(name) as file:
            if os.fstat(file.fileno()).st_size != size:
                raise self.damaged(name, f"does not have the {size} bytes of its row")
            content = file.read(size + 1)
        if hashlib.sha256(content).hexdigest() != digest:
            raise self.damaged(name, "its digest is not its name")
        return content

    def _check_kind(self) -> None:
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder}: no such folder")
        for name in (TAG_MANIFEST, *TAGS):
            if not (self.folder / name).exists():
                raise UsageError(f"{self.folder}: is no preservation export, {name} is missing")
        noted = dict(self._noted(TAG_MANIFEST))
        for name in TAGS:
            self._check_digest(name, noted.get(name), TAG_MANIFEST)

    def _check_digest(self, name: str, digest: str | None, manifest: str) -> None:
        with self._opened(name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise self.damaged(name, f"its digest is not that of {manifest}")

    def _read_manifest(self) -> None:
        expected = {ABOUT, SCHEMA, WORKS, *map(table_file, tables(public=True))}
        last = ""
        for name, digest in self._noted(MANIFEST):
            if name == payload_file(digest) and digest > last:
                last = digest
                self.payloads += 1
            elif name in expected and name not in self._digests:
                self._digests[name] = digest
            else:
                raise self.damaged(MANIFEST, f"{name[:_SHOWN]!r} is no file of such an export")
        if ABOUT not in self._digests:
            raise self.damaged(MANIFEST, f"does not name {ABOUT}")

    def _check_files(self) -> None:
        """Check that the files are those of the manifest, and no link is among them."""
        payloads, left = 0, set(self._digests)
        for name in self._walk("data"):
            if name in left:
                left.remove(name)
                continue
            if name != payload_file(name[-64:]) or not DIGEST.fullmatch(name[-64:]):
                raise self.damaged(name, "is not named in the manifest")
            payloads += 1
        if left:
            raise self.damaged(min(left), "is missing")
        if payloads != self.payloads:
            raise self.damaged(
                MANIFEST, f"names {self.payloads} payloads, and {payloads} are in data/payloads"
            )

    def _walk(self, name: str) -> Iterator[str]:
        try:
            with os.scandir(self.folder / name) as entries:
                for entry in entries:
                    inner = f"{name}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        yield from self._walk(inner)
                    elif entry.is_file(follow_symlinks=False):
                        yield inner
                    else:
                        raise self.damaged(inner, "is a link or no ordinary file")
        except OSError as error:
            raise self.damaged(name, f"cannot be read: {error.strerror}") from error

    def _read_about(self) -> Row:
        self._check_digest(ABOUT, self._digests[ABOUT], MANIFEST)
        with self._opened(ABOUT) as file:
            content = file.read(_WHOLE_BYTES)
        try:
            about = object_of(content)
        except ValueError as error:
            raise self.damaged(ABOUT, str(error)) from error
        if about.get("format") != FORMAT:
            raise UsageError(f"{self.folder}: is no preservation export")
        for name, ours in (("version", VERSION), ("schema", schema.version())):
            theirs = about.get(name)
            if not isinstance(theirs, int) or not isinstance(about.get("rows"), dict):
                raise self.damaged(ABOUT, "does not say what is in the export")
            if theirs > ours:
                raise NewerDatabaseError(
                    f"{self.folder}: was made by a newer baogao ({name} {theirs}, this one knows"
                    f" {ours}); upgrade with: pip install --upgrade baogao"
                )
            if theirs < ours:
                raise UsageError(
                    f"{self.folder}: was made by an older baogao ({name} {theirs}, this one writes"
                    f" {ours}); import it with that version, then open the archive with this one"
                )
        return about

    def _expected_tables(self) -> tuple[str, ...]:
        expected = tables(public=self.about.get("public") is True)
        names = {ABOUT, SCHEMA, WORKS, *map(table_file, expected)}
        if odd := names ^ self._digests.keys():
            raise self.damaged(MANIFEST, f"{min(odd)} is missing, or too many")
        return expected

    def _noted(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield the path and digest of each line of a manifest."""
        with self._opened(name) as file:
            lines = iter(lambda: file.readline(_NOTED_BYTES), b"")
            for number, line in enumerate(lines, 1):
                found = _NOTED.fullmatch(line.decode("utf-8", "replace"))
                if found is None:
                    raise self.damaged(name, f"line {number} is no digest with a path")
                yield found[2], found[1]

    @contextmanager
    def _opened(self, name: str) -> Iterator[BufferedReader]:
        try:
            handle = os.open(self.folder / name, _OPEN)
        except OSError as error:
            raise self.damaged(name, f"cannot be read: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise self.damaged(name, "is no ordinary file")
        with os.fdopen(handle, "rb") as file:
            try:
                yield file
            except OSError as error:
                raise StorageError(f"{self.folder / name}: cannot be read: {error}") from error

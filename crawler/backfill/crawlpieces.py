"""Copies of index files that lie at a URL: only the bytes that a query needs.

A file of the columnar index has up to a gigabyte, sorted by host. Its end says which bytes hold
which columns of which hosts, so first the end is fetched, then those bytes. They are written where
they lie in the file, into a copy with holes; a second file notes what is there. DuckDB reads the
copy like the whole, and a hole that it came upon would be an error, not an empty table.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from archive import UsageError
from archive.unfinished import unfinished
from crawler.backfill.crawltable import TableQuery, needed_bytes

TAIL: Final = 512 * 1024
"""Bytes that are fetched first: most files have their whole footer in them."""

LARGEST_FOOTER: Final = 64 * 1024 * 1024
LARGEST_LIST: Final = 16 * 1024 * 1024

MOST_BETWEEN: Final = 256 * 1024
"""Bytes that nobody needs, but that are fetched with those around them."""

MOST_BYTES: Final = 32 * 1024 * 1024
"""The most bytes of a request."""

Range = tuple[int, int]
"""The offset of the first byte, and the offset behind the last one."""

_MAGIC: Final = b"PAR1"
_END: Final = 8
"""Bytes behind the footer: its length, and `PAR1`."""

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_PATH: Final = re.compile(r"[\w.=-]{1,120}(?:/[\w.=-]{1,120}){1,12}\.parquet", re.ASCII)


@dataclass(slots=True)
class RemoteFile:
    """The copy of one index file. `folder` is where copies are kept.

    Attributes:
        url: where the file lies.
        path: the copy.
        size: its length, once that is known.
        held: which bytes it has, sorted and apart from each other.
    """

    url: str
    folder: Path
    size: int | None = None
    held: list[Range] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take up what an earlier run has fetched."""
        try:
            noted = json.loads(self._notes.read_text("utf-8"))
            size, held = int(noted["size"]), [(int(a), int(b)) for a, b in noted["held"]]
            if self.path.stat().st_size == size:
                self.size, self.held = size, held
        except (OSError, ValueError, KeyError, TypeError):
            self.size, self.held = None, []

    @property
    def path(self) -> Path:
        """The copy, named so that it says what it is."""
        name = urlsplit(self.url).path.rpartition("/")[2]
        return self.folder / f"{sha256(self.url.encode()).hexdigest()[:16]}-{name[-80:]}"

    @property
    def _notes(self) -> Path:
        return self.path.with_name(f"{self.path.name}.held")

    def missing(self, query: TableQuery, folder: Path) -> list[str]:
        """Return the ranges to fetch next, as `Range` headers; none if the copy has all it needs.

        Raises:
            UsageError: the file is no Parquet file, or not one of the index.
        """
        if self.size is None:
            return [f"bytes=-{TAIL}"]
        begin = self._footer(self.size)
        absent = list(_without([(begin, self.size)], self.held))
        if not absent:
            needed = [(max(a, 0), min(b, begin)) for a, b in needed_bytes(self.path, query, folder)]
            absent = list(_without(needed, self.held))
        return [f"bytes={first}-{end - 1}" for first, end in _requests(absent)]

    def _footer(self, size: int) -> int:
        """Return the offset of the footer."""
        with self.path.open("rb") as file:
            file.seek(max(size - _END, 0))
            end = file.read()
        length = int.from_bytes(end[:4], "little")
        if end[4:] != _MAGIC or not 0 < length <= min(LARGEST_FOOTER, size - _END):
            raise UsageError(f"{self.url}: the index cannot be read: it is not a Parquet file")
        return size - _END - length

    def store(self, content_range: str, body: bytes) -> None:
        """Write a part where it belongs.

        Raises:
            UsageError: the part is of a file of another length.
        """
        found = _CONTENT_RANGE.fullmatch(content_range.strip())
        assert found is not None  # noqa: S101  (it was checked by `is_wanted_part`)
        first, size = int(found[1]), int(found[3])
        if self.size not in {None, size}:
            self._notes.unlink(missing_ok=True)
            raise UsageError(f"{self.url}: the file has changed; run it again")
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path.open("r+b" if self.size is not None else "wb") as file:
            file.truncate(size)
            file.seek(first)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        self.size = size
        self.held = _joined([*self.held, (first, first + len(body))])
        with unfinished(self._notes) as made:
            made.write_text(json.dumps({"size": size, "held": self.held}), "utf-8")
            made.replace(self._notes)


def is_wanted_part(content_range: str | None, wanted: str, count: int) -> bool:
    """Whether an answer is exactly the part of an index file that was requested.

    Args:
        content_range: its `Content-Range` header.
        wanted: the `Range` header of the request; `bytes=-N` are the last N bytes.
        count: how many bytes came.
    """
    found = _CONTENT_RANGE.fullmatch((content_range or "").strip())
    if found is None:
        return False
    first, last, size = map(int, found.groups())
    if last - first + 1 != count or last >= size:
        return False
    if wanted.startswith("bytes=-"):
        return last == size - 1 and first == max(size - int(wanted[len("bytes=-") :]), 0)
    return wanted == f"bytes={first}-{last}"


def listed_files(body: bytes, data: str) -> list[str]:
    """Return the URLs of the index files in a list such as `cc-index-table.paths.gz`.

    Raises:
        UsageError: the bytes are no such list.
    """
    try:
        text = zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, LARGEST_LIST)
    except zlib.error:
        text = body
    lines = text.decode("utf-8", "replace").split()
    if not lines or not all(_PATH.fullmatch(line) and ".." not in line for line in lines):
        raise UsageError(f"not a list of index files: {text[:60]!r}")
    return [f"{data}{line}" for line in lines]


def _requests(ranges: Iterable[Range]) -> Iterator[Range]:
    """Yield ranges to request: neighbours joined, large ones divided."""
    together: Range | None = None
    for first, end in sorted(ranges):
        if together is not None and first - together[1] <= MOST_BETWEEN:
            together = together[0], max(end, together[1])
            continue
        if together is not None:
            yield from _divided(together)
        together = first, end
    if together is not None:
        yield from _divided(together)


def _divided(whole: Range) -> Iterator[Range]:
    for first in range(whole[0], whole[1], MOST_BYTES):
        yield first, min(first + MOST_BYTES, whole[1])


def _joined(ranges: Iterable[Range]) -> list[Range]:
    found: list[Range] = []
    for first, end in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((first, end))
    return found


def _without(wanted: Iterable[Range], held: Sequence[Range]) -> Iterator[Range]:
    """Yield what is wanted and not held."""
    for first, end in _joined(wanted):
        at = first
        for begin, stop in held:
            if begin >= end or stop <= at:
                continue
            if begin > at:
                yield at, begin
            at = stop
        if at < end:
            yield at, end


class RemoteIndex:
    """Index files at URLs, and lists of them; what a query needs of them is copied.

    Use `wanted` to learn what to request, hand it to `take`, and `open` the table in the end.

    Args:
        urls: of index files (`.parquet`) and lists of them (`.paths.gz`).
        data: the URL prefix of the files in a list.
        is_chosen: says of the URL of a file whether it is read.
        query: what is wanted of the index.
        folder: where copies are kept.
        spill: for temporary files.
    """

    def __init__(
        self, urls: Sequence[str], *, data: str, is_chosen: Callable[[str], bool],
        query: TableQuery, folder: Path, spill: Path,
    ) -> None:  # fmt: skip
        self._lists = {url for url in urls if is_list(url)}
        self._data, self._is_chosen = data, is_chosen
        self._query, self._folder, self._spill = query, folder, spill
        self._files: dict[str, RemoteFile] = {}
        self._awaited: dict[str, set[str]] = {url: {""} for url in self._lists}
        self._add(url for url in urls if not is_list(url))

    @property
    def is_complete(self) -> bool:
        """Whether nothing is awaited any more."""
        return not any(self._awaited.values())

    @property
    def left(self) -> int:
        """How many files and lists are not complete."""
        return sum(map(bool, self._awaited.values()))

    @property
    def paths(self) -> list[str]:
        """The copies."""
        return [str(file.path) for file in self._files.values()]

    def wanted(self) -> Iterator[tuple[str, str]]:
        """Yield what is awaited: a URL and a `Range` header, which is empty for all of it."""
        for url, ranges in self._awaited.items():
            yield from ((url, part) for part in sorted(ranges))

    def take(self, url: str, part: str, content_range: str, body: bytes) -> list[tuple[str, str]]:
        """Take what came; returns what to request next.

        Raises:
            UsageError: it is neither a list of index files nor a file of the index.
        """
        if url in self._lists:
            fresh = self._add(listed_files(body, self._data))
        elif url in self._files:
            self._files[url].store(content_range, body)
            fresh = [url]
        else:
            return []  # of an earlier run, and not needed any more
        self._awaited[url].discard(part)
        ready = [one for one in fresh if one == url and not self._awaited[one]]
        for one in ready:
            self._awaited[one] = set(self._files[one].missing(self._query, self._spill))
        changed = fresh if url in self._lists else ready
        return [(one, each) for one in changed for each in sorted(self._awaited[one])]

    def _add(self, urls: Iterable[str]) -> list[str]:
        fresh = [url for url in urls if self._is_chosen(url) and url not in self._files]
        for url in fresh:
            self._files[url] = RemoteFile(url, self._folder)
            self._awaited[url] = set(self._files[url].missing(self._query, self._spill))
        return fresh


def is_list(url: str) -> bool:
    """Whether a URL is that of a list of index files, as Common Crawl has one for each crawl."""
    return url.endswith(".paths.gz")

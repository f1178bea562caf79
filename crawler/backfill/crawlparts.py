"""Joins neighbouring records of a WARC file into one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crawler.backfill.crawlindex import CrawlRow

MOST_BETWEEN: Final = 64 * 1024
"""Bytes between two records that are fetched with them: less work for a server than a request."""

MOST_BYTES: Final = 8 * 1024 * 1024
"""The most bytes of a request for several records."""

MOST_RECORDS: Final = 200
"""The most records of a request."""


@dataclass(frozen=True, slots=True)
class Part:
    """A range of one WARC file, and the records that are wanted of it, in their order."""

    rows: tuple[CrawlRow, ...]

    @property
    def filename(self) -> str:
        """The WARC file."""
        return self.rows[0].filename

    @property
    def first(self) -> int:
        """The offset of the first byte."""
        return self.rows[0].offset

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.rows[-1].end - self.first

    @property
    def range(self) -> str:
        """The range as a `Range` header."""
        return f"bytes={self.first}-{self.rows[-1].end - 1}"

    @property
    def name(self) -> str:
        """What distinguishes the request from others."""
        return f"part {self.filename} {self.range}"

    def packed(self) -> dict[str, Any]:
        """Return it as JSON has it, for the frontier."""
        return {"filename": self.filename, "records": [_packed(row) for row in self.rows]}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> Part:
        """Return what `packed` made."""
        return cls(tuple(_unpacked(packed["filename"], record) for record in packed["records"]))


def joined(rows: Iterable[CrawlRow]) -> Iterator[Part]:
    """Yield the parts to request for rows that are sorted by file and offset.

    Records that overlap, which they never should, are requested one by one.
    """
    together: list[CrawlRow] = []
    for row in rows:
        if together and not _belongs(row, together):
            yield Part(tuple(together))
            together = []
        together.append(row)
    if together:
        yield Part(tuple(together))


def _belongs(row: CrawlRow, together: Sequence[CrawlRow]) -> bool:
    first, last = together[0], together[-1]
    return (
        row.filename == last.filename
        and 0 <= row.offset - last.end <= MOST_BETWEEN
        and row.end - first.offset <= MOST_BYTES
        and len(together) < MOST_RECORDS
    )


def _packed(row: CrawlRow) -> list[Any]:
    return [
        row.offset, row.length, row.url, row.timestamp, row.digest, row.truncated, row.status,
        *row.mimes,
    ]  # fmt: skip


def _unpacked(filename: str, record: Sequence[Any]) -> CrawlRow:
    offset, length, url, timestamp, digest, truncated, status, *mimes = record
    return CrawlRow(
        url, timestamp, status, tuple(mimes), digest, filename, offset, length, truncated
    )

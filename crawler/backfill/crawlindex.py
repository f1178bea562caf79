"""Parses Common Crawl's own data: its list of crawls, index rows, and byte ranges of its files.

Formats as of 2026: `collinfo.json` lists the crawls. Each crawl has an index (pywb's, one JSON
object a line, paged with `page=`) that names a WARC file, an offset and a length for each page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive import UsageError

MOST_PAGES: Final = 10_000
"""The most index pages requested for one crawl. A broken server could report any number."""

LONGEST_RECORD: Final = 64 * 1024 * 1024
"""The most bytes of a compressed record. Common Crawl cuts pages at 1 MiB, since 2025 at 5 MiB."""

IN_ARC: Final = "in ARC files, which are not read"

_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FILE: Final = re.compile(r"[\w.=-]{1,120}(?:/[\w.=-]{1,120}){0,12}\.w?arc(?:\.gz)?", re.ASCII)
_DIGITS: Final = re.compile(r"\d{1,15}", re.ASCII)
_PART: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(?:\d{1,15}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class CrawlIndex:
    """One crawl: its name, the URL of its index, and the first and last day it may cover.

    Days have 8 digits. A crawl that states no days may cover every year in its name.
    """

    name: str
    api: str
    first: str
    last: str

    def overlaps(self, since: str, until: str) -> bool:
        """Whether it may hold captures between `since` and `until`, both of up to 14 digits."""
        return self.last >= since[:8] and self.first[: len(until[:8])] <= until[:8]


def read_crawls(body: bytes) -> list[CrawlIndex]:
    """Return the crawls that `collinfo.json` lists, oldest first.

    Raises:
        UsageError: the data is not such a list.
    """
    try:
        listed = [_crawl(each) for each in json.loads(body.decode("utf-8"))]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"not a list of crawls: {body[:60]!r} ({error!r:.80})") from None
    return sorted(listed, key=lambda crawl: (crawl.first, crawl.name))


def _crawl(fields: dict[str, Any]) -> CrawlIndex:
    name = str(fields["id"])
    first, last = (re.sub(r"\D", "", str(fields.get(end) or ""))[:8] for end in ("from", "to"))
    years = _YEAR.findall(name)
    if not years and not (first and last):
        raise ValueError("a crawl without a time")
    return CrawlIndex(
        name,
        str(fields["cdx-api"]),
        first
        or f"{int(years[0]) - 1}1201",  # the crawl of the first week begins in the year before
        last or f"{int(years[-1]) + 1}0131",
    )


@dataclass(frozen=True, slots=True)
class CrawlRow:
    """A row of an index: one page at one time, and the location of its record.

    `digest` is the base-32 SHA-1 of the page's body. `truncated` says why the body is incomplete
    (`length`, `time`, `disconnect`); it is empty for a complete one.
    """

    url: str
    timestamp: str
    status: str
    mimes: tuple[str, ...]
    digest: str
    filename: str
    offset: int
    length: int
    truncated: str

    @property
    def end(self) -> int:
        """The offset behind the record."""
        return self.offset + self.length

    @property
    def part(self) -> str:
        """The byte range of the record, as a `Range` header."""
        return f"bytes={self.offset}-{self.end - 1}"

    @property
    def is_arc(self) -> bool:
        """Whether the record is in an ARC file, the format of crawls until 2012."""
        return self.filename.removesuffix(".gz").endswith(".arc")

    @property
    def key(self) -> str:
        """What distinguishes the record in the frontier, where the fragment of a URL counts not."""
        return f"{self.filename} {self.part}"

    @property
    def place(self) -> str:
        """The location of the record as one string."""
        return f"{self.filename}#{self.part}"


def read_rows(body: bytes) -> tuple[list[CrawlRow], list[str]]:
    """Return the rows of an index, and a sentence for each line that is not a row.

    Raises:
        UsageError: no line is a row.
    """
    rows: list[CrawlRow] = []
    faults: list[str] = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(read_row(json.loads(line.decode("utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            faults.append(f"line {number} is not a row: {line[:60]!r} ({error!r:.80})")
    if faults and not rows:
        raise UsageError(f"not an index: {faults[0]}")
    return rows, faults


def read_row(fields: Mapping[str, Any]) -> CrawlRow:
    """Return the row of an index with these fields.

    Raises:
        ValueError, KeyError: one of them is missing or invalid.
    """
    filename, timestamp = str(fields["filename"]), str(fields["timestamp"])
    numbers = [str(fields["offset"]), str(fields["length"])]
    if _FILE.fullmatch(filename) is None or ".." in filename:
        raise ValueError("invalid file name")
    if re.fullmatch(r"\d{14}", timestamp, re.ASCII) is None:
        raise ValueError("invalid timestamp")
    if not all(map(_DIGITS.fullmatch, numbers)) or not 0 < int(numbers[1]) <= LONGEST_RECORD:
        raise ValueError("invalid offset or length")
    return CrawlRow(
        str(fields["url"]), timestamp, str(fields.get("status", "")),
        tuple(str(fields[name]) for name in ("mime", "mime-detected") if name in fields),
        str(fields.get("digest", "")), filename, int(numbers[0]), int(numbers[1]),
        str(fields.get("truncated", "")),
    )  # fmt: skip


def has_none(status: int | None, body: bytes | None) -> bool:
    """Whether the index answers that it does not have the page: 404 with a JSON message."""
    try:
        fields = json.loads(body or b"")
    except (ValueError, RecursionError):
        return False
    words = (fields.get("message") or fields.get("error") or "") if isinstance(fields, dict) else ""
    return status == 404 and "captures" in str(words).lower()  # noqa: PLR2004


def page_count(body: bytes) -> int:
    """Return the number of pages of an index.

    Raises:
        UsageError: the answer has no page count, or one above `MOST_PAGES`.
    """
    try:
        fields = json.loads(body)
        pages = fields["pages"] if isinstance(fields, dict) else fields
    except (ValueError, KeyError, RecursionError):
        pages = None
    if not isinstance(pages, int) or not 0 <= pages <= MOST_PAGES:
        raise UsageError(f"not a page count: {body[:60]!r}")
    return pages


def is_part(content_range: str | None, asked: str, count: int) -> bool:
    """Whether the answer is exactly the requested byte range.

    Args:
        content_range: its `Content-Range` header.
        asked: the `Range` header of the request.
        count: how many bytes came.
    """
    found = _PART.fullmatch((content_range or "").strip())
    return (
        found is not None
        and f"bytes={found[1]}-{found[2]}" == asked
        and int(found[2]) - int(found[1]) + 1 == count
    )


def is_called(name: str, wanted: Sequence[str]) -> bool:
    """Whether the name of a crawl is one of some names, or begins with one: `CC-MAIN-2024`."""
    return not wanted or any(f"{name}-".startswith(f"{each}-") for each in wanted)


def wanted(
    rows: Sequence[CrawlRow], since: str, until: str, statuses: Sequence[str], mimes: Sequence[str]
) -> Iterator[tuple[CrawlRow, str]]:
    """Yield each row with `taken`, or with the reason why it is not fetched."""
    for row in rows:
        if row.is_arc:
            yield row, IN_ARC
        elif row.timestamp < since or row.timestamp[: len(until)] > until:
            yield row, "of another time"
        elif statuses and row.status not in statuses:
            yield row, "of another status"
        elif mimes and not any(mime in fields for mime in mimes for fields in row.mimes):
            yield row, "of another type"
        else:
            yield row, "taken"

"""What Common Crawl says of itself: its crawls, rows of an index, and the parts of files.

Forms as of 2026: `collinfo.json` lists the crawls; each has an index (pywb's, one JSON object a
line, paged by `page=`), which names for each page a WARC file, an offset and a length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive import UsageError

MOST_PAGES: Final = 10_000
"""Pages of one crawl's index that are asked for; a broken server could tell any number."""

LONGEST_RECORD: Final = 64 * 1024 * 1024
"""Bytes of a record, packed; Common Crawl cuts pages at 1 MiB, since 2025 at 5 MiB."""

IN_ARC: Final = "in ARC files, which are not read"

_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FILE: Final = re.compile(r"[\w.=-]{1,120}(?:/[\w.=-]{1,120}){0,12}\.w?arc(?:\.gz)?", re.ASCII)
_DIGITS: Final = re.compile(r"\d{1,15}", re.ASCII)
_PART: Final = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(?:\d{1,15}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class CrawlIndex:
    """One crawl: its name, the address of its index, and the first and last day it may hold.

    Days are 8 digits; a crawl that tells no days may hold any of the years in its name.
    """

    name: str
    api: str
    first: str
    last: str

    def overlaps(self, since: str, until: str) -> bool:
        """Whether it may hold something from `since` to `until`, both of up to 14 digits."""
        return self.last >= since[:8] and self.first[: len(until[:8])] <= until[:8]


def read_crawls(body: bytes) -> list[CrawlIndex]:
    """The crawls that `collinfo.json` lists, the oldest first.

    Raises:
        UsageError: it is no such list.
    """
    try:
        listed = [_crawl(each) for each in json.loads(body.decode("utf-8"))]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"this is no list of crawls: {body[:60]!r} ({error!r:.80})") from None
    return sorted(listed, key=lambda crawl: (crawl.first, crawl.name))


def _crawl(told: dict[str, Any]) -> CrawlIndex:
    name = str(told["id"])
    first, last = (re.sub(r"\D", "", str(told.get(end) or ""))[:8] for end in ("from", "to"))
    years = _YEAR.findall(name)
    if not years and not (first and last):
        raise ValueError("a crawl without a time")
    return CrawlIndex(
        name,
        str(told["cdx-api"]),
        first or f"{int(years[0]) - 1}1201",  # the crawl of the first week begins before the year
        last or f"{int(years[-1]) + 1}0131",
    )


@dataclass(frozen=True, slots=True)
class CrawlRow:
    """A row of an index: one page as it was at one time, and where its record lies.

    `digest` is the SHA-1 in base 32 of the page's body; `truncated` says why the body is not
    whole (`length`, `time`, `disconnect`), "" where it is.
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
    def part(self) -> str:
        """The bytes of the file, as a `Range` header names them."""
        return f"bytes={self.offset}-{self.offset + self.length - 1}"

    @property
    def is_arc(self) -> bool:
        """Whether it lies in a file of the form before WARC, as crawls until 2012 have it."""
        return self.filename.removesuffix(".gz").endswith(".arc")

    @property
    def place(self) -> str:
        """Where the record lies, in one word."""
        return f"{self.filename}#{self.part}"


def read_rows(body: bytes) -> tuple[list[CrawlRow], list[str]]:
    """The rows of an index, and a sentence for each line that is none.

    Raises:
        UsageError: no line is a row.
    """
    rows: list[CrawlRow] = []
    faults: list[str] = []
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(_row(json.loads(line.decode("utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            faults.append(f"line {number} is no row: {line[:60]!r} ({error!r:.80})")
    if faults and not rows:
        raise UsageError(f"this is no index: {faults[0]}")
    return rows, faults


def _row(told: dict[str, Any]) -> CrawlRow:
    filename, timestamp = str(told["filename"]), str(told["timestamp"])
    numbers = [str(told["offset"]), str(told["length"])]
    if _FILE.fullmatch(filename) is None or ".." in filename:
        raise ValueError("a file name that is none")
    if re.fullmatch(r"\d{14}", timestamp, re.ASCII) is None:
        raise ValueError("a timestamp that is none")
    if not all(map(_DIGITS.fullmatch, numbers)) or not 0 < int(numbers[1]) <= LONGEST_RECORD:
        raise ValueError("an offset or a length that is none")
    return CrawlRow(
        str(told["url"]), timestamp, str(told.get("status", "")),
        tuple(str(told[name]) for name in ("mime", "mime-detected") if name in told),
        str(told.get("digest", "")), filename, int(numbers[0]), int(numbers[1]),
        str(told.get("truncated", "")),
    )  # fmt: skip


def has_none(status: int | None, body: bytes | None) -> bool:
    """Whether an index answers that it has nothing of the page: 404 with a message in JSON."""
    try:
        told = json.loads(body or b"")
    except (ValueError, RecursionError):
        return False
    words = (told.get("message") or told.get("error") or "") if isinstance(told, dict) else ""
    return status == 404 and "captures" in str(words).lower()  # noqa: PLR2004


def page_count(body: bytes) -> int:
    """How many pages an index says it has.

    Raises:
        UsageError: it says nothing of the kind, or more than anybody should ask for.
    """
    try:
        told = json.loads(body)
        pages = told["pages"] if isinstance(told, dict) else told
    except (ValueError, KeyError, RecursionError):
        pages = None
    if not isinstance(pages, int) or not 0 <= pages <= MOST_PAGES:
        raise UsageError(f"this is no number of pages: {body[:60]!r}")
    return pages


def is_part(told: str | None, asked: str, count: int) -> bool:
    """Whether an answer is just the part that was asked for.

    Args:
        told: its `Content-Range` header.
        asked: the `Range` header of the request.
        count: how many bytes came.
    """
    found = _PART.fullmatch((told or "").strip())
    return (
        found is not None
        and f"bytes={found[1]}-{found[2]}" == asked
        and int(found[2]) - int(found[1]) + 1 == count
    )


def wanted(
    rows: Sequence[CrawlRow], since: str, until: str, statuses: Sequence[str], mimes: Sequence[str]
) -> Iterator[tuple[CrawlRow, str]]:
    """Each row with its fate: `taken`, or why it is not asked for."""
    for row in rows:
        if row.is_arc:
            yield row, IN_ARC
        elif row.timestamp < since or row.timestamp[: len(until)] > until:
            yield row, "of another time"
        elif statuses and row.status not in statuses:
            yield row, "of another status"
        elif mimes and not any(mime in told for mime in mimes for told in row.mimes):
            yield row, "of another type"
        else:
            yield row, "taken"

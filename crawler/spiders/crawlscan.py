"""Scans Common Crawl: fetches the records that its columnar index names, keeps those with words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Final, cast

from scrapy import Request
from scrapy.http import Response

from archive import BaogaoError, Capture, sniff
from crawler.backfill.crawlindex import CrawlRow
from crawler.backfill.crawlparts import Part, joined
from crawler.backfill.crawlpieces import LARGEST_LIST, RemoteIndex, is_wanted_part
from crawler.backfill.crawlpieces import MOST_BYTES as MOST_OF_INDEX
from crawler.backfill.crawlrecord import NoRecordError, page_of, record_in, refused_part
from crawler.backfill.crawltable import TAKEN, IndexTable
from crawler.backfill.crawlwords import WordSearch
from crawler.backfill.mementos import address
from crawler.items import Article
from crawler.spiders.crawlindex import (
    LARGEST_REFUSAL,
    MOST_FAULTS,
    CommonCrawl,
    CommonCrawlSpider,
)
from crawler.spiders.site import Found

REQUESTS: Final = "requests"
BYTES: Final = "bytes"
OF_INDEX: Final = "bytes of the index"
INVALID: Final = "invalid"
HERE: Final = "already here"

STORED: Final = "stored: have the words"
UNTESTED: Final = "stored: documents that cannot be tested"
WITHOUT: Final = "not stored: without the words"
WITHOUT_SO_FAR: Final = "not stored: without the words in what Common Crawl kept"
NO_TEXT: Final = "not stored: pictures, sound and empty bodies"
AGAIN: Final = "requested once more by themselves"

_WITHOUT_TEXT: Final = ("image/", "audio/", "video/", "font/")
_OF_PICTURES: Final = frozenset({"image", "empty"})


@dataclass(frozen=True, slots=True)
class ScannedCrawl(CommonCrawl):
    """Common Crawl with the rows of its columnar index that are wanted.

    Attributes:
        table: the rows, if the index lies here.
        remote: the index, if it does not.
        open_index: makes the table of the copies of a remote index.
        words: what the pages must contain; nothing keeps every page.
        label: what was asked for, in a few words.
    """

    table: IndexTable | None = None
    remote: RemoteIndex | None = None
    open_index: Callable[[], IndexTable] | None = None
    words: tuple[str, ...] = ()
    label: str = ""


class CommonCrawlScanSpider(CommonCrawlSpider):
    """Requests parts of WARC files and tests the records in them."""

    @property
    def scanned(self) -> ScannedCrawl:
        """What is scanned."""
        return cast(ScannedCrawl, self.site)

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each part of a file that holds wanted records.

        If the index lies elsewhere, what is needed of it is requested first.
        """
        table, remote = self.scanned.table, self.scanned.remote
        if table is None and remote is not None:
            for url, part in remote.wanted():
                yield self._to_index(url, part)
            table = self._opened(remote)
        for request in () if table is None else self._requests(table):
            yield request

    def closed(self, _: str) -> None:
        """Report an index that did not come; called by Scrapy."""
        remote = self.scanned.remote
        if remote is not None and not remote.is_complete and self.recorder.broken is None:
            self.recorder.leave_unfinished(
                f"{self.scanned.label}: {remote.left} files of the index are not complete, so no"
                " page was requested; run again"
            )

    def parse_report(
        self, response: Response, digest: str = "", *, records: Iterable[Any] = (),
        index: str = "", **more: Any,
    ) -> Found:  # fmt: skip
        """Test the records of a part; a record that was requested by itself is stored anyway."""
        if index:
            yield from self._indexed(response, index)
            return
        if not records:
            yield from super().parse_report(response, digest, **more)
            return
        part = Part.unpacked({**more, "records": records})
        kept = 0
        for row in part.rows:
            for found in self._tested(row, part, response):
                kept += 1
                yield found
        if not kept:
            response.meta["derive_outcome"] = "without_words"

    def seen_as(self, request: Request, capture: Capture) -> Capture:
        """Record a part as good if it is the one that was requested.

        A record that is damaged is not requested a third time: it was so in its part already.
        """
        live = replace(capture, site=self.archive_site.facts)
        part = (request.headers.get("Range") or b"").decode("latin-1")
        if "index" in request.cb_kwargs:
            refused = refused_part(live, part, is_wanted_part) if part else live
            return refused or replace(live, outcome="ok")
        if "records" not in request.cb_kwargs:
            seen = super().seen_as(request, capture)
            return replace(seen, outcome="damaged") if seen.outcome == "bad_encoding" else seen
        return refused_part(live, part) or replace(live, outcome="ok")

    def stores(self, request: Request, seen: Capture) -> bool:
        """Of a good part, only the pages in it are stored; of an index, nothing."""
        return not {"records", "index"} & set(request.cb_kwargs) or seen.outcome != "ok"

    def _to_index(self, url: str, part: str) -> Request:
        """Return the request for a part of an index file, or for a list of such files."""
        return Request(
            url,
            headers={"Range": part} if part else {},
            meta={
                "known_as": f"index {url} {part}",
                "download_maxsize": (MOST_OF_INDEX if part else LARGEST_LIST) + LARGEST_REFUSAL,
            },
            callback=self.parse_report,
            cb_kwargs={"index": url},
            dont_filter=True,  # the copy says what is here
        )  # fmt: skip

    def _indexed(self, response: Response, url: str) -> Found:
        """Take a part of the index; begin when the last one has come."""
        remote, answer = self.scanned.remote, response.meta["capture"]
        if remote is None or remote.is_complete or response.request is None:
            return
        part = (response.request.headers.get("Range") or b"").decode("latin-1")
        body = answer.payload or b""
        self._tally(OF_INDEX, len(body))
        try:
            for following in remote.take(url, part, answer.header("Content-Range") or "", body):
                yield self._to_index(*following)
            table = self._opened(remote)
        except BaogaoError as error:
            self.recorder.give_up(error)
            return
        if table is not None:
            yield from self._requests(table)

    def _opened(self, remote: RemoteIndex) -> IndexTable | None:
        open_index = self.scanned.open_index
        return open_index() if open_index is not None and remote.is_complete else None

    def _requests(self, table: IndexTable) -> Iterator[Request]:
        for fate, number in table.counts().items():
            if fate != TAKEN:
                self._tally(fate, number)
        for part in joined(self._wanted(table.rows())):
            self._tally(TAKEN, len(part.rows))
            self._tally(REQUESTS)
            self._tally(BYTES, part.length)
            if self.archive_site.counts_for is None:
                yield Request(
                    f"{self.common_crawl.data}{part.filename}",
                    headers={"Range": part.range},
                    meta={
                        "known_as": part.name, "download_maxsize": part.length + LARGEST_REFUSAL,
                    },
                    callback=self.parse_report,
                    cb_kwargs=part.packed(),
                )  # fmt: skip
        table.close()

    def _wanted(self, rows: Iterable[CrawlRow | ValueError]) -> Iterator[CrawlRow]:
        """Yield the rows that are valid and whose pages are not in the archive."""
        faults = 0
        for row in rows:
            fault = row if isinstance(row, ValueError) else _fault_of(row)
            if fault is not None:
                faults += 1
                self._tally(INVALID)
                if faults <= MOST_FAULTS:
                    self.recorder.fail(f"{self.scanned.label}: invalid row of the index: {fault}")
            elif isinstance(row, CrawlRow) and self._is_here(address(row.url), row, _name_of(row)):
                self._tally(HERE)
            elif isinstance(row, CrawlRow):
                yield row
        if faults > MOST_FAULTS:
            self.recorder.fail(
                f"{self.scanned.label}: {faults - MOST_FAULTS} more rows are invalid"
            )

    def _tested(self, row: CrawlRow, part: Part, response: Response) -> Found:
        """Yield the page of a record, or the request for the record if it could not be read."""
        answer: Capture = response.meta["capture"]
        at = row.offset - part.first
        body = (answer.payload or b"")[at : at + row.length]
        try:
            record = record_in(body, row.url)
        except NoRecordError:
            self._tally(AGAIN)
            yield self.to_record(row, row.key)
            return
        verdict = self._verdict(row, record.payload or b"")
        self._tally(verdict)
        if verdict in {STORED, UNTESTED}:
            facts_of = self.archive_site.facts_of
            page = page_of(record, answer, row.part, _as_claimed(row), facts_of)
            yield from self._stored(page, row, response)

    def _verdict(self, row: CrawlRow, payload: bytes) -> str:
        if not self.scanned.words or self._search.is_in(payload):
            return STORED
        medium = sniff(payload)
        if medium in _OF_PICTURES or any(mime.startswith(_WITHOUT_TEXT) for mime in row.mimes):
            return NO_TEXT
        if medium is not None:
            return UNTESTED
        return WITHOUT_SO_FAR if row.truncated else WITHOUT

    def _stored(self, page: Capture, row: CrawlRow, response: Response) -> Iterator[Article]:
        ticket = self.recorder.capture(self.name, page)
        if dict(page.claims).get("digest_check") == "differs":
            self.recorder.fail(f"{page.url}: the bytes differ from the digest {row.digest}")
        if page.outcome != "ok":
            self.recorder.fail(f"{page.url}: {page.outcome}; what came is kept")
        if page.outcome in {"ok", "truncated"}:
            yield Article(ticket, page, response.meta)

    @cached_property
    def _search(self) -> WordSearch:
        return WordSearch(self.scanned.words)

    def _tally(self, what: str, times: int = 1) -> None:
        """Count for the report, and with the run, which keeps it."""
        self.recorder.found[self.scanned.label, what] += times
        self.recorder.count(f"commoncrawl: {what}", times)


def _fault_of(row: CrawlRow) -> ValueError | None:
    try:
        address(row.url)
    except ValueError:
        return ValueError(f"{row.url!r:.200} is not a URL")
    return None


def _name_of(row: CrawlRow) -> str:
    """Return what `_is_here` knows a row by."""
    return row.key if row.digest in {"", "-"} else f"{row.url} {row.digest}"


def _as_claimed(row: CrawlRow) -> Mapping[str, Any]:
    """Return what the index says of a page, for `page_of`."""
    return asdict(row) | {"digest": "" if row.digest == "-" else row.digest}

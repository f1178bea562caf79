"""Reads pages from Common Crawl: queries each crawl's index, then fetches parts of its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from archive import Capture, UsageError
from archive.model import canonical_json
from crawler.answers import UNCHANGED_STATUS
from crawler.backfill.crawlindex import (
    IN_ARC,
    CrawlRow,
    has_none,
    is_called,
    page_count,
    read_crawls,
    read_rows,
    wanted,
)
from crawler.backfill.crawlrecord import page_in, refused_part
from crawler.backfill.mementos import address, asked_for
from crawler.known import frontier_of
from crawler.spiders.cdx import ArchiveSite, CdxSpider
from crawler.spiders.site import Found

MOST_FAULTS: Final = 5
"""The most broken lines of an index page that are reported one by one."""
LARGEST_REFUSAL: Final = 64 * 1024
"""Bytes that an answer may have beyond the requested range, so that an error can be read."""


@dataclass(frozen=True, slots=True)
class CommonCrawl(ArchiveSite):
    """Common Crawl, or one that is like it, in memory. `start` is the address of its crawls' list.

    Attributes:
        data: what precedes the name of a WARC file.
        queries: the query of each address, as it is appended to the address of an index.
        crawls: the crawls that are asked, by their names; all, where none is named.
        since, until: the time from which and up to which pages are wanted, up to 14 digits.
        statuses, mimes: what pages are wanted by; all, where none is named.
    """

    data: str = ""
    queries: tuple[str, ...] = ()
    crawls: tuple[str, ...] = ()
    since: str = ""
    until: str = "9"
    statuses: tuple[str, ...] = ()
    mimes: tuple[str, ...] = ()

    @property
    def ports(self) -> frozenset[int]:
        """The ports of the list of crawls and of the files, and the default ones."""
        servers = (*self.start, self.data)
        return frozenset({80, 443} | {p for url in servers if (p := urlsplit(url).port)})


class CommonCrawlSpider(CdxSpider):
    """Requests the list of crawls, their indexes page by page, and then the records they name."""

    @property
    def common_crawl(self) -> CommonCrawl:
        """The archive that is queried."""
        return cast(CommonCrawl, self.site)

    def parse(self, response: Response, handed: Mapping[str, Any] | None = None) -> Found:  # noqa: ARG002  (a page hands nothing on)
        """Read the list of crawls; query the indexes of those that may hold the wanted pages."""
        site = self.common_crawl
        if response.status == UNCHANGED_STATUS:
            return  # the indexes are queried again without it
        try:
            crawls = read_crawls(response.body)
        except UsageError as error:
            self._is_no_index(response, error)
            return
        chosen = [crawl for crawl in crawls if is_called(crawl.name, site.crawls)]
        for name in site.crawls:
            if not any(is_called(crawl.name, (name,)) for crawl in chosen):
                self.recorder.fail(f"{response.url}: there is no crawl named {name!r}")
        for crawl in chosen:
            if crawl.overlaps(site.since, site.until):
                for query in site.queries:
                    yield Request(f"{crawl.api}?{query}&page=0", callback=self.parse_index)

    def parse_index(self, response: Response) -> Found:
        """Read a page of an index; after the first one, request the page count."""
        if response.status == UNCHANGED_STATUS:
            return
        try:
            rows, faults = read_rows(response.body)
        except UsageError as error:
            self._is_no_index(response, error)
            return
        for fault in faults[:MOST_FAULTS]:
            self.recorder.fail(f"{response.url}: {fault}; skipped")
        if len(faults) > MOST_FAULTS:
            self.recorder.fail(
                f"{response.url}: {len(faults) - MOST_FAULTS} more lines are not rows"
            )
        site = self.common_crawl
        for row, fate in wanted(rows, site.since, site.until, site.statuses, site.mimes):
            if fate == "taken":
                yield from self._row(row, response.url)
            else:
                self._count(response.url, fate)
        if arcs := sum(row.is_arc for row in rows):
            self.recorder.fail(f"{response.url}: {arcs} pages lie {IN_ARC}")
        first = response.url.removesuffix("&page=0")
        if first != response.url and asked_for(response.url).endswith("*"):
            yield Request(f"{first}&showNumPages=true", callback=self.parse_count)

    def parse_count(self, response: Response) -> Found:
        """Read the page count of an index, and request the remaining pages."""
        if response.status == UNCHANGED_STATUS:
            return
        try:
            pages = page_count(response.body)
        except UsageError as error:
            self._is_no_index(response, error)
            return
        base = response.url.removesuffix("&showNumPages=true")
        for number in range(1, pages):
            yield Request(f"{base}&page={number}", callback=self.parse_index)

    def parse_report(self, response: Response, digest: str = "", **_: Any) -> Found:
        """Pass an archived page to the pipelines."""
        capture: Capture = response.meta["capture"]
        if dict(capture.claims).get("digest_check") == "differs":
            self.recorder.fail(f"{capture.url}: the bytes differ from the digest {digest}")
        if capture.outcome in {"ok", "truncated"}:
            yield self.article(response)

    def seen_as(self, request: Request, capture: Capture) -> Capture:
        """Record a part of a file as a capture of the page in its record.

        Everything else is a live capture of Common Crawl.
        """
        live = replace(capture, site=self.archive_site.facts)
        part = (request.headers.get("Range") or b"").decode("latin-1")
        if not part:
            if has_none(capture.status, capture.payload):
                request.meta["derive_outcome"] = "no_captures"
            return live
        refused = refused_part(live, part)
        if refused is not None:
            return refused
        return page_in(live, part, request.cb_kwargs, self.archive_site.facts_of)

    def _row(self, row: CrawlRow, index: str) -> Found:
        """Return the request for the record of a row, unless it, or an equal one, was fetched."""
        try:
            page = address(row.url)
        except ValueError:
            self.recorder.fail(f"{row.url!r:.200} in the index is not a URL; skipped")
            return
        has_digest = row.digest not in {"", "-"}
        name = f"{page} {row.digest}" if has_digest else row.key
        fate = self._fate(page, row, name, asked_for(index))
        self._count(index, fate)
        if fate == "taken" and self.archive_site.counts_for is None:
            yield self.to_record(row, name, query=asked_for(index))

    def to_record(self, row: CrawlRow, name: str, **more: Any) -> Request:
        """Return the request for a record, distinguished by `name`; `more` is for the callback."""
        has_digest = row.digest not in {"", "-"}
        return Request(
            f"{self.common_crawl.data}{row.filename}",
            headers={"Range": row.part},
            meta={"known_as": name, "download_maxsize": row.length + LARGEST_REFUSAL},
            callback=self.parse_report,
            cb_kwargs={
                **more, "url": row.url, "timestamp": row.timestamp,
                "digest": row.digest if has_digest else "", "truncated": row.truncated,
            },
        )  # fmt: skip

    def _fate(self, page: str, row: CrawlRow, name: str, query: str) -> str:
        seen, taken = self._seen[query], self._taken[query]
        if name in seen:
            return "equal to an earlier one"
        seen.add(name)
        if name in taken:
            return "taken"
        if self._is_here(page, row, name):
            return "already here"
        limit = self.archive_site.limit
        if limit is not None and len(taken) >= limit:
            return "beyond the limit"
        taken.add(name)
        return "taken"

    def _is_here(self, page: str, row: CrawlRow, name: str) -> bool:
        memento = ("memento", f"{self.common_crawl.data}{row.place}")
        claim = memento if name == row.key else ("claimed_digest", row.digest)
        return self.known.claimed(page, "commoncrawl", canonical_json(claim))

    @cached_property
    def _taken(self) -> defaultdict[str, set[str]]:
        """By query, what this run, and the runs that it continues, have fetched."""
        taken: defaultdict[str, set[str]] = defaultdict(set)
        for row in frontier_of(self.recorder.archive, self.settings).rows(self.site.name):
            if query := row.request["cb_kwargs"].get("query"):
                taken[query].add(str(row.request["meta"].get("known_as")))
        return taken

    @cached_property
    def _seen(self) -> defaultdict[str, set[str]]:
        """By query, what the index has shown in this run."""
        return defaultdict(set)

    def _is_no_index(self, response: Response, error: UsageError) -> None:
        response.meta["derive_outcome"] = "no_index"
        self.recorder.fail(f"{response.url}: {error}; the next run tries again")

"""Pages out of a web archive: a CDX index is asked what there is, then each page as it was sent.

Both kinds of CDX answers are read: the array of arrays of the Internet Archive, with its resume
keys, and one JSON object a line, as pywb gives. Bodies are asked for raw (`id_`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final, Self, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.base import ReactorBase

from archive import Capture, SiteFacts, UsageError
from crawler.addresses import host_of
from crawler.backfill.mementos import (
    PAGE_ROWS,
    Row,
    address,
    checked,
    iso_time,
    memento_time,
    next_page,
    read_index,
)
from crawler.resolver import GuardedResolver, loopback_hosts
from crawler.sites import Site
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found

_MEMENTO: Final = re.compile(r"/(\d{4,14})(?:[a-z]{2}_)?/(https?:/.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ArchiveSite(Site):
    """A web archive, in memory. `start` are the addresses of CDX queries.

    `replay` is what precedes the time in the address of an archived page; `covering` are the
    site files whose facts archived pages take; at most `limit` pages of each query are asked for.
    """

    replay: str = ""
    covering: tuple[Site, ...] = ()
    limit: int | None = None
    told: SiteFacts = field(default_factory=lambda: SiteFacts("wayback", kind="archive"))

    @property
    def facts(self) -> SiteFacts:
        """The facts of the archive's own answers; those of its pages are others."""
        return self.told

    def facts_of(self, url: str) -> SiteFacts:
        """The facts of an archived page: those of the site file that covers its host, if any."""
        host = host_of(url)
        known = next((site for site in self.covering if site.covers(host)), None)
        return known.facts if known else SiteFacts("wayback")


class CdxSpider(ListSpider):
    """Asks a CDX index page by page, and then for what it names."""

    @property
    def archive_site(self) -> ArchiveSite:
        """The archive that is asked."""
        return cast(ArchiveSite, self.site)

    async def start(self) -> AsyncIterator[Any]:
        """The first page of each query."""
        for url in self.site.start:
            yield Request(url, callback=self.parse)

    def parse(
        self,
        response: Response,
        after: Sequence[str] = ("", ""),
        taken: Sequence[str] = (),
        count: int = 0,
    ) -> Found:
        """Read a page of the index; the arguments come, through the frontier, from the one before.

        Args:
            response: the answer of the index.
            after: key and time of the last row before this page.
            taken: the digests of the address of that row that were taken already.
            count: how many pages of the query were asked for already.
        """
        try:
            rows, key = read_index(response.body)
        except UsageError as error:
            response.meta["derive_outcome"] = "no_index"
            self.recorder.fail(f"{response.url}: {error}; the next run asks again")
            return
        last, seen = (after[0], after[1]), set(taken)
        fresh = [row for row in rows if row.place > last]
        if rows and not fresh:
            self.recorder.fail(f"{response.url}: the index repeats itself; what came is kept")
            return
        for row in fresh:
            if self._is_full(count):
                return
            seen = seen if row.urlkey == last[0] else set()
            last = row.place
            if row.statuscode in {"200", "-", ""} and row.digest not in seen:
                seen |= {row.digest} - {""}
                count += 1
                yield from self._page(row)
        if key is not None and fresh:
            handed = {"after": list(last), "taken": sorted(seen), "count": count}
            yield Request(next_page(response.url, key), callback=self.parse, cb_kwargs=handed)
        elif len(rows) >= PAGE_ROWS:
            self.recorder.fail(
                f"{response.url}: there may be more than {len(rows)} rows; use --from"
            )

    def parse_report(self, response: Response, digest: str = "") -> Found:
        """Hand an archived page to the pipelines; its own links lead out of the archive."""
        capture: Capture = response.meta["capture"]
        if capture.origin != "wayback":
            self.recorder.fail(f"{response.url}: is no archived page; the answer is kept")
            return
        if dict(capture.claims).get("digest_check") == "differs":
            self.recorder.fail(f"{response.url}: the bytes differ from the digest {digest}")
        yield self.article(response)

    def seen_as(self, request: Request, capture: Capture) -> Capture:
        """An archived page is a capture of its own address, at the time at which it was archived.

        Everything else that the archive answers is a live capture of the archive.
        """
        moment, place = memento_time(capture), _MEMENTO.search(request.url)
        if moment is None or place is None:
            return super().seen_as(request, capture)
        try:
            url = address(place[2])
        except ValueError:
            return super().seen_as(request, capture)
        claims: list[tuple[str, str]] = [("memento", request.url)]
        claimed = request.cb_kwargs.get("digest", "")
        if claimed and capture.payload is not None:
            moved = "redirect_times" in request.meta  # to another time, with another digest
            check = "not checkable" if moved else checked(claimed, capture)
            claims += [("claimed_digest", claimed), ("digest_check", check)]
        return replace(
            capture, url=url, origin="wayback", captured_at=moment, claims=tuple(claims),
            site=self.archive_site.facts_of(url),
        )  # fmt: skip

    def _is_full(self, count: int) -> bool:
        limit = self.archive_site.limit
        return limit is not None and count >= limit

    def _page(self, row: Row) -> Iterator[Request]:
        try:
            page = address(row.original)
        except ValueError:
            self.recorder.fail(f"{row.original!r:.200} in the index is no address; passed over")
            return
        if self._is_here(page, row.timestamp):
            self.recorder.count("already there")
            return
        url = f"{self.archive_site.replay}{row.timestamp}id_/{row.original}"
        yield Request(url, callback=self.parse_report, cb_kwargs={"digest": row.digest})

    def _is_here(self, url: str, timestamp: str) -> bool:
        """Whether an earlier command has brought this page of this time in."""
        found = self.recorder.archive.connection.execute(
            "SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id"
            " WHERE pages.url = ? AND origin = 'wayback' AND substr(captured_at, 1, 19) = ?",
            (url, iso_time(timestamp)),
        ).fetchone()
        return found is not None


# ---- an archive on this machine


class ArchiveResolver(GuardedResolver):
    """The guard, with one more host on this machine: the archive that was named by the user."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build the resolver; `LOOPBACK_ARCHIVES` are hosts that are this machine."""
        settings = crawler.settings
        hosts = [*loopback_hosts(settings), *settings.getlist("LOOPBACK_ARCHIVES")]
        return cls(reactor, settings.getint("DNSCACHE_SIZE"), hosts)


def is_this_machine(host: str) -> bool:
    """Whether a host, as the user named it, is this machine."""
    return any(fnmatchcase(host, pattern) for pattern in ("localhost", "127.*", "*.test"))

"""Reads pages from a web archive: queries a CDX index, then fetches each page as it was sent.

Two kinds of CDX answers are supported: the array of arrays of the Internet Archive, with its resume
keys, and one JSON object a line, as from pywb. Bodies are requested raw (`id_`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.internet.base import ReactorBase

from archive import Capture, Fetched, SiteFacts, UsageError
from archive.urls import host_of
from crawler.answers import CUT_ON_THE_WAY
from crawler.backfill.mementos import (
    Row,
    address,
    asked_for,
    checked,
    iso_time,
    memento_time,
    next_page,
    read_index,
    rows_asked,
)
from crawler.backfill.selecting import Interval, Selection
from crawler.known import fetched
from crawler.resolver import GuardedResolver, loopback_hosts
from crawler.site_files import Limits, Site
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found

_MEMENTO: Final = re.compile(r"/(\d{4,14})(?:[a-z]{2}_)?/(https?:/.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ArchiveSite(Site):
    """A web archive, in memory. `start` are the URLs of CDX queries.

    `replay` is the URL prefix of archived pages up to the time. `covering` are the site files whose
    facts apply to archived pages. At most `limit` pages of each query are fetched, and of each URL
    one in `every` interval. With `counts_for`, the pages missing in that archive are only counted.
    """

    limits: Limits = field(default_factory=Limits.none)
    replay: str = ""
    covering: tuple[Site, ...] = ()
    limit: int | None = None
    every: Interval | None = None
    counts_for: str | None = None
    site_facts: SiteFacts = field(default_factory=lambda: SiteFacts("wayback", kind="archive"))

    @property
    def facts(self) -> SiteFacts:
        """The facts of the archive's own answers, which differ from those of its pages."""
        return self.site_facts

    @property
    def ports(self) -> frozenset[int]:
        """The ports of the queries, and the default ones."""
        return frozenset({80, 443} | {p for url in self.start if (p := urlsplit(url).port)})

    def facts_of(self, url: str) -> SiteFacts:
        """Return the facts of an archived page: those of the site file of its host, if any."""
        host = host_of(url)
        known = next((site for site in self.covering if site.covers(host)), None)
        return known.facts if known else SiteFacts(self.site_facts.name)


class CdxSpider(ListSpider):
    """Queries a CDX index page by page, and then fetches what it names."""

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Allow the depth of an index, which is its number of pages."""
        super().update_settings(settings)
        settings.set("DEPTH_LIMIT", 0, priority="spider")

    @property
    def archive_site(self) -> ArchiveSite:
        """The archive that is queried."""
        return cast(ArchiveSite, self.site)

    async def start(self) -> AsyncIterator[Any]:
        """Yield the first page of each query."""
        for url in self.site.start:
            yield Request(url, callback=self.parse)

    def parse(self, response: Response, handed: Mapping[str, Any] | None = None) -> Found:
        """Read a page of the index.

        Args:
            response: the answer of the index.
            handed: the state from the previous page, through the frontier (see `Selection`).
        """
        selection = Selection(self.archive_site.limit, self.archive_site.every)
        selection.go_on(handed or {})
        try:
            rows, key = read_index(response.body)
        except UsageError as error:
            response.meta["derive_outcome"] = "no_index"
            self.recorder.fail(f"{response.url}: {error}; the next run tries again")
            return
        fresh = selection.fresh(rows)
        for row in selection.take(fresh):
            yield from self._page(row, response.url)
        for fate, times in selection.counts.items():
            self._count(response.url, fate, times)
        if not selection.is_full:
            yield from self._next_page(response, rows, key, selection, is_new=bool(fresh))

    def _next_page(
        self, response: Response, rows: list[Row], key: str | None, selection: Selection, *,
        is_new: bool,
    ) -> Found:  # fmt: skip
        try:
            following = next_page(response.url, rows, key)
        except UsageError as error:
            self.recorder.fail(f"{response.url}: {error}")
            return
        if following is None:
            return
        if not is_new and (key is not None or len(rows) >= rows_asked(response.url)):
            self.recorder.fail(
                f"{response.url}: the index repeats itself; the rows received are kept"
            )
        elif is_new:
            handed = {"handed": selection.hand_on()}
            yield Request(following, callback=self.parse, cb_kwargs=handed)

    def parse_report(self, response: Response, digest: str = "") -> Found:
        """Pass an archived page to the pipelines; its links lead out of the archive."""
        capture: Capture = response.meta["capture"]
        if capture.origin != "wayback":
            self.recorder.fail(f"{response.url}: not an archived page; the answer is kept")
            return
        if dict(capture.claims).get("digest_check") == "differs":
            self.recorder.fail(f"{response.url}: the bytes differ from the digest {digest}")
        yield self.article(response)

    def seen_as(self, request: Request, capture: Capture) -> Capture:
        """Record an archived page as a capture of its own URL, at the time it was archived.

        All other answers are live captures of the archive.
        """
        moment, place = memento_time(capture), _MEMENTO.search(request.url)
        if moment is None or place is None or _lost_on_the_way(request, capture):
            return super().seen_as(request, capture)
        try:
            url = address(place[2])
        except ValueError:
            return super().seen_as(request, capture)
        claims = [*capture.claims, ("memento", request.url)]
        claimed = request.cb_kwargs.get("digest", "")
        if claimed and capture.payload is not None:
            moved = "redirect_times" in request.meta  # to another time, with another digest
            check = "not checkable" if moved else checked(claimed, capture)
            claims += [("claimed_digest", claimed), ("digest_check", check)]
        return replace(
            capture, url=url, origin="wayback", captured_at=moment, claims=tuple(claims),
            site=self.archive_site.facts_of(url),
        )  # fmt: skip

    def reads_cut(self, request: Request, capture: Capture) -> bool:  # noqa: ARG002  (as it is)
        """Return true for a page that was archived cut short, because there is no better one."""
        return capture.origin != "live"

    def _page(self, row: Row, query: str) -> Iterator[Request]:
        """Return the request for an archived page, unless it is here or pages are only counted."""
        try:
            page = address(row.original)
        except ValueError:
            self.recorder.fail(f"{row.original!r:.200} in the index is not a URL; skipped")
            return
        if self.known.memento(page, iso_time(row.timestamp)):
            self._count(query, "already here")
            self._count(query, "taken", -1)
        elif self.archive_site.counts_for is None:
            url = f"{self.archive_site.replay}{row.timestamp}id_/{row.original}"
            yield Request(url, callback=self.parse_report, cb_kwargs={"digest": row.digest})

    def _count(self, query: str, what: str, times: int = 1) -> None:
        self.recorder.found[asked_for(query), what] += times

    @cached_property
    def known(self) -> Fetched:
        """What is here already."""
        return fetched(self.recorder.archive, self.archive_site.counts_for)


def _lost_on_the_way(request: Request, capture: Capture) -> bool:
    """Whether an answer was cut in transit: not an archived page, so it is fetched again."""
    if dict(capture.claims).get("truncated") != CUT_ON_THE_WAY:
        return False
    return checked(request.cb_kwargs.get("digest", ""), capture) != "match"


# ---- an archive on this machine


class ArchiveResolver(GuardedResolver):
    """The guard, which also allows an archive on this machine that the user named."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build the resolver; `LOOPBACK_ARCHIVES` are hosts that are this machine."""
        settings = crawler.settings
        hosts = [*loopback_hosts(settings), *settings.getlist("LOOPBACK_ARCHIVES")]
        made = cls(reactor, settings.getint("DNSCACHE_SIZE"), hosts)
        made.let_through(settings["PROXY"])
        return made


def is_this_machine(host: str) -> bool:
    """Whether a host named by the user is this machine."""
    return any(fnmatchcase(host, pattern) for pattern in ("localhost", "127.*", "*.test"))

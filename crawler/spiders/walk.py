"""Walks a site's lists back in time: fetches articles of some years, and counts all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, cast

from scrapy import Request
from scrapy.settings import BaseSettings

from archive import Fetched
from crawler.addresses import page_key
from crawler.known import fetched, frontier_of
from crawler.list_years import Years, years_of
from crawler.spiders.site import Link, SiteSpider
from crawler.spiders.urls import ListedSite

MOST_LISTS: Final = 2000
"""The most pages of one list: twenty years of a busy column, fifteen items a page."""

DEEPEST: Final = MOST_LISTS + 600
"""Lists that are reached one by one, and the longest article behind the last of them."""


@dataclass(frozen=True, slots=True)
class WalkedSite(ListedSite):
    """A site whose lists are walked, in memory: articles of `years`, at most `limit` of them.

    With `counts_for`, the articles missing in that archive are only counted.
    """

    years: Years | None = None
    limit: int | None = None
    counts_for: str | None = None


class WalkSpider(SiteSpider):
    """Combined with a family: walks its lists to their ends, and fetches articles of the years."""

    wants_words_beside: ClassVar[bool] = True  # most lists give a date

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Let lists go deeper than a crawl does."""
        super().update_settings(settings)
        settings.set("DEPTH_LIMIT", DEEPEST, priority="spider")

    @property
    def most_lists(self) -> int:
        """The most list pages that are followed, more than in a crawl."""
        return max(MOST_LISTS, self.site.limits.depth)

    def to_report(self, link: Link) -> Iterator[Request]:
        """Return the request for a wanted article; each is counted once."""
        key = page_key(link.url)
        if key in self._shown:
            return
        self._shown.add(key)
        self._count("articles in its lists")
        if self._is_wanted(link, key):
            self._chosen.add(key)
            self._count("taken")
            if self.walked.counts_for is None:
                for request in super().to_report(link):
                    request.meta["chosen"] = True
                    yield request

    @property
    def walked(self) -> WalkedSite:
        """The site that is walked."""
        return cast(WalkedSite, self.site)

    @cached_property
    def _shown(self) -> set[str]:
        """The articles that lists of this run have shown."""
        return set()

    @cached_property
    def _chosen(self) -> set[str]:
        """The articles that this walk has fetched, in earlier runs too."""
        rows = frontier_of(self.recorder.archive, self.settings).rows(self.site.name)
        stored = (row.request for row in rows)
        return {
            page_key(self.here(request["url"]))
            for request in stored
            if request["meta"].get("chosen") and "redirect_times" not in request["meta"]
        }

    @cached_property
    def _known(self) -> Fetched:
        return fetched(self.recorder.archive, self.walked.counts_for)

    def _is_wanted(self, link: Link, key: str) -> bool:
        site = self.walked
        years = years_of(link.url, link.words, link.beside)
        if site.years and years and not any(year in site.years for year in years):
            self._count(f"outside {site.years}")
            self.recorder.count(f"outside:{max(years)}:{site.site_facts.name}")
            return False
        if not years:
            self._count("without a year")
        if key in self._chosen:
            return True
        if self._known.page(Request(self.here(link.url)).url):
            self._count("already here")
            return False
        if site.limit is not None and len(self._chosen) >= site.limit:
            self._count(f"beyond the limit of {site.limit}")
            return False
        return True

    def _count(self, what: str) -> None:
        self.recorder.found[self.walked.site_facts.name, what] += 1

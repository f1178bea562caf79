"""A user's list of URLs: each is read as a report, sitemaps as lists of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from scrapy import Request

from archive import SiteFacts
from crawler.site_files import Limits, Site
from crawler.spiders.site import Link
from crawler.spiders.sitemap import SitemapSpider


@dataclass(frozen=True, slots=True)
class ListedSite(Site):
    """Addresses of one site, in memory: all of `start`, of which `sitemaps` are lists of others.

    It has a name of its own, so that the frontier of a crawl of the site is left alone;
    `site_facts` come from the site file, under the site's name; `more_ports` belong to addresses
    that an earlier run left over.
    """

    limits: Limits = field(default_factory=Limits.none)
    sitemaps: frozenset[str] = frozenset()
    more_ports: frozenset[int] = frozenset()
    site_facts: SiteFacts = field(default_factory=lambda: SiteFacts("urls"))

    @property
    def facts(self) -> SiteFacts:
        """The facts in the site file."""
        return self.site_facts

    @property
    def ports(self) -> frozenset[int]:
        """80, 443 and the ports of the addresses; on this machine only the latter."""
        named = {port for url in self.start if (port := urlsplit(url).port) is not None}
        return self.more_ports | named | (set() if self.loopback else {80, 443})


class UrlsSpider(SitemapSpider):
    """Reads the URLs of a `ListedSite`.

    Combined with a family, it reads reports like the family.
    """

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for the URLs of the list."""
        site = cast(ListedSite, self.site)
        for url in site.start:
            read = self.parse if url in site.sitemaps else self.parse_report
            yield Request(self.here(url), callback=read)

    def leads_to_report(self, link: Link) -> bool:
        """Whether the site file or its family calls it a report; true if neither says."""
        return not self.site.report_patterns or super().leads_to_report(link)

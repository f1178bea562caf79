"""Family `sitemap`: sites that list their pages in `sitemap.xml`, gzipped or not, or nested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scrapy.http import Response

from crawler.page_workers import Entries, Question, SitemapFile
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found, Link

DEEPEST: Final = 3


class SitemapSpider(ListSpider):
    """Follows what the site file calls reports in `reports`, which is required here."""

    def to_read(self, response: Response) -> Iterator[Question]:
        """A list is a sitemap, whatever it calls itself."""
        if self.reads_list(response):
            yield SitemapFile(response.body)
        else:
            yield from super().to_read(response)

    def parse(self, response: Response) -> Found:
        """Read a sitemap, or an index of sitemaps."""
        sitemap = self.read(response, SitemapFile(response.body))
        assert isinstance(sitemap, Entries)  # noqa: S101  (for the type checker)
        for place, changed in sitemap.found:
            url = self.absolute(response, place)
            if url is None or self.denied(url):
                continue
            if sitemap.is_index:
                if response.meta.get("depth", 0) < DEEPEST:
                    yield self.follow(url, self.parse)
            elif self.leads_to_report(link := Link(url, "", changed)):
                yield from self.to_report(link)

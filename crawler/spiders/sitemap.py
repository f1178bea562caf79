"""Family `sitemap`: sites that list their pages in `sitemap.xml`, gzipped or not, or nested."""

from __future__ import annotations

from typing import Final

from scrapy.http import Response
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap

from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found, Link

MOST_BYTES: Final = 50 * 1024 * 1024
"""The sitemap protocol allows no larger file."""

DEEPEST: Final = 3


class SitemapSpider(ListSpider):
    """Follows what the site file calls reports in `reports`; it has to say so here."""

    def parse(self, response: Response) -> Found:
        """Read a sitemap, or an index of sitemaps."""
        body = response.body
        if gzip_magic_number(response):
            body = gunzip(body, max_size=MOST_BYTES)
        sitemap = Sitemap(body)
        for entry in sitemap:
            url = self.absolute(response, entry.get("loc", ""))
            if url is None or self.denied(url):
                continue
            if sitemap.type == "sitemapindex":
                if response.meta.get("depth", 0) < DEEPEST:
                    yield self.follow(url, self.parse)
            elif self.leads_to_report(link := Link(url, "", entry.get("lastmod") or "")):
                yield from self.to_report(link)

"""Family `list`: list pages that link to reports and to further list pages."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy.http import Response

from crawler.spiders.site import Found, SiteSpider


class ListSpider(SiteSpider):
    """Follows what the site file calls reports and lists; other families add to it."""

    def parse(self, response: Response) -> Found:
        """Read a list page."""
        for link in self.links(response):
            if self.leads_to_report(link):
                yield self.follow(link.url, self.parse_report)
            elif self.leads_to_list(link):
                yield self.follow(link.url, self.parse)
        for url in self.further_lists(response):
            yield self.follow(url, self.parse)

    def parse_report(self, response: Response) -> Found:
        """Hand the page to the pipelines, and go on to the other pages of the same article."""
        yield self.article(response)
        for url in self.further_pages(response):
            yield self.follow(url, self.parse_report)

    def further_lists(self, response: Response) -> Iterator[str]:  # noqa: ARG002  (for families)
        """Addresses of list pages that no link shows."""
        return iter(())

    def further_pages(self, response: Response) -> Iterator[str]:  # noqa: ARG002  (for families)
        """Addresses of the other pages of an article."""
        return iter(())

"""Family `list`: list pages that link to reports and to further list pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scrapy.http import Response, TextResponse

from crawler.pagers import MOST_LISTS, further_lists
from crawler.spiders.site import Found, Link, SiteSpider

_ATTACHMENT: Final = re.compile(
    r"\.(?:pdf|docx?|wps|ofd|zip|rar|xlsx?)(?:[?#]|$)|/downfile\.jsp\?|/downloadfile", re.IGNORECASE
)


class ListSpider(SiteSpider):
    """Follows reports, lists and pagers; other families say more of what these look like."""

    def parse(self, response: Response) -> Found:
        """Read a list page."""
        links = list(self.links(response))
        found = False
        for link in links:
            if self.leads_to_report(link):
                found = True
                yield self.follow(link.url, self.parse_report)
            elif self.leads_to_list(link):
                yield self.follow(link.url, self.parse)
        if found and response.meta.get("depth", 0) < MOST_LISTS:
            for url in self.further_lists(response, links):
                yield self.follow(url, self.parse)

    def parse_report(self, response: Response) -> Found:
        """Hand the page to the pipelines; go on to its other pages and its attachments."""
        yield self.article(response)
        for link in self.links(response):
            if _ATTACHMENT.search(link.url):
                yield self.follow(link.url, self.parse_attachment)
        for url in self.further_pages(response):
            yield self.follow(url, self.parse_report)

    def parse_attachment(self, response: Response) -> Found:
        """Hand a file to the pipelines; what it is, its bytes tell, not its name."""
        yield self.article(response)

    def further_lists(self, response: Response, links: list[Link]) -> Iterator[str]:
        """Addresses of the other pages of the list."""
        if isinstance(response, TextResponse):
            yield from further_lists(response.url, response.text, links)

    def further_pages(self, response: Response) -> Iterator[str]:  # noqa: ARG002  (for families)
        """Addresses of the other pages of an article."""
        return iter(())

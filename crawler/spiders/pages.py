"""Family `pages`: mirrors that cut an article into pages `123.html`, `123_2.html` … .

A compilation of many reports is cut the same way, over a hundred pages and more. The other pages
are found by links to them and by the words 第k/N页, whichever the page has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response, TextResponse

from crawler.spiders.listing import ListSpider

MOST_PAGES: Final = 300
"""The most pages of one article that are followed; more means a broken counter or a trap."""

_PAGE = re.compile(r"^(?P<stem>.*/\d{1,12})(?:_(?P<page>\d{1,4}))?\.(?P<ending>s?html?)$")
_COUNT = re.compile(r"第\s*\d{1,4}\s*/\s*(\d{1,4})\s*页")


class PagesSpider(ListSpider):
    """Follows the pages of one article, each once."""

    def reads_links_of(self, response: Response) -> bool:
        """Links lead to the other pages of an article, too."""
        return _PAGE.match(urlsplit(response.url).path) is not None or super().reads_links_of(
            response
        )

    def further_pages(self, response: Response) -> Iterator[str]:
        """The other pages of the article, by link or by count."""
        own = _PAGE.match(urlsplit(response.url).path)
        if own is None or not isinstance(response, TextResponse):
            return
        for link in self.links(response):
            other = _PAGE.match(urlsplit(link.url).path)
            if other is not None and other["stem"] == own["stem"] and _small(other["page"]):
                yield link.url
        count = _COUNT.search(response.text)
        for number in range(2, min(int(count[1]), MOST_PAGES) + 1 if count else 2):
            yield urljoin(response.url, f"{own['stem']}_{number}.{own['ending']}")


def _small(page: str | None) -> bool:
    return page is None or int(page) <= MOST_PAGES

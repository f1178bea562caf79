"""Family `trs`: TRS WCM, the publishing system of many provincial and city governments.

The number of list pages stands only in a script call, `createPageHTML(3, 0, "index", "html")`;
`index_1.html` is page two. An article is `./202301/t20230131_123.html`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from scrapy.http import Response, TextResponse

from crawler.spiders.listing import ListSpider

MOST_LISTS: Final = 200
"""List pages that are followed at most; more is a broken counter."""

_PAGER = re.compile(
    r"createPageHTML\s*\(\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,"
    r"\s*[\"']([\w.-]{1,60})[\"']\s*,\s*[\"'](\w{1,10})[\"']"
)
_ARTICLE = re.compile(r"/t\d{6,8}(?:_\d{1,12})?\.s?html?$")


class TrsSpider(ListSpider):
    """Counts the list pages by the script call; knows the addresses of articles by itself."""

    def report_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The site file's patterns, or else the system's own."""
        return self.site.links.reports or (_ARTICLE,)

    def further_lists(self, response: Response) -> Iterator[str]:
        """The other list pages, told by the first one's script call."""
        pager = _PAGER.search(response.text) if isinstance(response, TextResponse) else None
        if pager is None or int(pager[2]) != 0:
            return
        for number in range(1, min(int(pager[1]), MOST_LISTS)):
            yield urljoin(response.url, f"{pager[3]}_{number}.{pager[4]}")

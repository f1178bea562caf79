"""Family `trs`: TRS WCM, the publishing system of many provincial and city governments.

The number of list pages stands only in a script call, `createPageHTML(3, 0, "index", "html")`,
which `crawler.pagers` reads. An article is `./202301/t20230131_123.html`, or `t10221601.shtml`.
"""

from __future__ import annotations

import re

from crawler.spiders.listing import ListSpider

_ARTICLE = re.compile(r"/t\d{6,8}(?:_\d{1,12})?\.s?html?$")


class TrsSpider(ListSpider):
    """Knows the addresses of articles by itself."""

    def report_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The site file's patterns, or else the system's own."""
        return self.site.links.reports or (_ARTICLE,)

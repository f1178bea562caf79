"""Family `liaoning`: the provincial portal of Liaoning, and its cities.

Three kinds of addresses stand side by side: the new system's `…/ass/<32 hex>/index.shtml` (later 19
digits that begin with the time), the older TRS form, and the cities' `/html/HCS/202512/<16
digits>.html`.
"""

from __future__ import annotations

import re

from crawler.spiders.listing import ListSpider

_ARTICLES = (
    re.compile(r"/(?:[0-9A-Fa-f]{32}|20\d{17})/index\.shtml$"),
    re.compile(r"/20\d{4}/t20\d{6}_\d{1,12}\.s?html$"),
    re.compile(r"/html/[A-Z]{2,8}/20\d{4}/\d{16}\.html$"),
)


class LiaoningSpider(ListSpider):
    """Knows the three kinds of addresses."""

    def report_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The site file's patterns, or else those of the portal."""
        return self.site.links.reports or _ARTICLES

"""Family `numeric`: sites whose articles are numbers, from old ASP to 新点 Epoint.

`news.asp?id=1217`, `content_1202379.html`, `/article/view/15958.htm`, `/20240115/<uuid>.html`,
`/openness/detail/content/<24 hex>.html`, `/system/2017/01/19/010171220.shtml`.
"""

from __future__ import annotations

import re

from crawler.spiders.listing import ListSpider

_ARTICLES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"/\w{1,20}\.aspx?\?(?:[\w=&]{0,60}&)?(?:id|i|newsid|articleid)=\d{1,12}(?:&|$)",
        r"/content[_/]\w{0,20}_?\d{3,12}\.s?html?$",
        r"/(?:article|info|news|view|show|detail)/(?:[\w-]{1,40}/){0,4}\d{2,12}\.s?html?$",
        r"/20\d{6}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.html?$",
        r"/20\d{4}/[0-9a-f]{32}\.s?html?$",
        r"/content/[0-9a-f]{24}\.html?$",
        r"/20\d{2}/\d{2}/\d{2}/\d{6,12}\.s?html?$",
        r"/c\d{2,4}_\d{3,9}\.s?html?$",
    )
)


class NumericSpider(ListSpider):
    """Knows these addresses; a site file narrows them with `words` or `reports`."""

    def report_patterns(self) -> tuple[re.Pattern[str], ...]:
        """The site file's patterns, or else all of the family's."""
        return self.site.links.reports or _ARTICLES

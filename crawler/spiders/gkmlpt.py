"""Family `gkmlpt`: the disclosure platform of Guangdong, which lists its items as JSON.

`/gkmlpt/api/all/3011?page=1&sid=754001` gives `{"total": …, "articles": [{"title", "url", …}]}`;
pages 0 and 1 are the same. Articles are `post_1037.html`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scrapy.http import Response, TextResponse

from crawler.page_workers import Question
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found, Link

_SITE: Final = re.compile(r"\bSID[\"']?\s*[:=]\s*[\"']?(\w{1,20})")
_API: Final = re.compile(r"/gkmlpt/api/all/\d{1,12}")
_MOMENT: Final = re.compile(r"(?:time|date|_at)$")
_LATEST_S: Final = 2**32
_CATEGORY: Final = re.compile(r"\bCATEGORY[\"']?\s*[:=]\s*[\"']?(\d{1,12})", re.IGNORECASE)


class GkmlptSpider(ListSpider):
    """Reads the JSON lists; the start may be a list, or the page that names site and category."""

    def parse(self, response: Response) -> Found:
        """Read a JSON list, or find out from a page where the list is."""
        if not isinstance(response, TextResponse):
            return
        listed = _json(response.text)
        if listed is None:
            yield from super().parse(response)
            yield from self._lists(response)
            return
        given = listed.get("articles")
        articles = (
            [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        )
        for article in articles:
            link = _link(response.url, article)
            if link is not None and not self.denied(link.url) and self.leads_to_report(link):
                yield from self.to_report(link)
        yield from self._other_pages(response.url, listed.get("total"), len(articles))

    def to_read(self, response: Response) -> Iterator[Question]:
        """A JSON list has no markup."""
        if not (isinstance(response, TextResponse) and _json(response.text) is not None):
            yield from super().to_read(response)

    def _lists(self, response: TextResponse) -> Found:
        sid = _SITE.search(response.text)
        paths = {found[0] for found in _API.finditer(response.text)}
        paths |= {f"/gkmlpt/api/all/{found[1]}" for found in _CATEGORY.finditer(response.text)}
        for path in sorted(paths) if sid else ():
            query = urlencode({"page": 1, "sid": sid[1] if sid else ""})
            yield self.follow(urljoin(response.url, f"{path}?{query}"), self.parse)

    def _other_pages(self, url: str, total: Any, a_page: int) -> Found:
        """Yield all other pages, once the first has given the number of items."""
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        first = query.get("page", "1") in {"0", "1"}
        if not first or not isinstance(total, int) or a_page == 0:
            return
        for page in range(2, min(-(-total // a_page), self.most_lists) + 1):
            asked = urlencode(query | {"page": str(page)})
            yield self.follow(urlunsplit(parts._replace(query=asked)), self.parse)


def _json(text: str) -> dict[str, Any] | None:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return listed if isinstance(listed, dict) else None


def _link(base: str, article: dict[str, Any]) -> Link | None:
    url = article.get("url") or article.get("post_url")
    if not isinstance(url, str):
        return None
    try:
        return Link(urljoin(base, url), str(article.get("title", "")), _dates(article))
    except ValueError:
        return None


def _dates(article: dict[str, Any]) -> str:
    """The dates of an item as words; seconds since 1970 become days."""
    return " ".join(_day(value) for name, value in article.items() if _MOMENT.search(name))


def _day(stamp: object) -> str:
    if isinstance(stamp, int) and 0 < stamp < _LATEST_S:
        return datetime.fromtimestamp(stamp, UTC).date().isoformat()
    return stamp if isinstance(stamp, str) else ""

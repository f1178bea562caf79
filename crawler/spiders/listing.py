"""Family `list`: list pages that link to reports and to further list pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from scrapy.http import Response, TextResponse

from archive import document_endings
from crawler.page_workers import Question
from crawler.pagers import further_lists
from crawler.spiders.site import Found, Link, SiteSpider

_ENDINGS: Final = "|".join((*document_endings(), "zip", "rar", "xlsx?"))
_ATTACHMENT: Final = re.compile(
    rf"\.(?:{_ENDINGS})(?:[?#]|$)|/downfile\.jsp\?|/downloadfile", re.IGNORECASE
)
_TRACES: Final = tuple(
    re.compile(trace)
    for trace in (
        rf"\.(?:{_ENDINGS})\b".encode(), rb"down(?:load)?file", rb"&(?:#46|#x2e|period);", rb"\0",
    )
)  # fmt: skip
"""One of them is in the lower-case source of a page with attachments.

Each begins with its own literal, so that a search skips most of a page: all together they take
0.3 ms for 129 kB, one pattern of all 1.9 ms.
"""


class ListSpider(SiteSpider):
    """Follows reports, lists and pagers; families refine what these look like."""

    def parse(self, response: Response) -> Found:
        """Read a list page; a page with articles is followed even if none is a report."""
        links = list(self.links(response))
        found = any(self.looks_like_report(link.url) for link in links)
        for link in links:
            if self.leads_to_report(link):
                yield from self.to_report(link)
            elif self.leads_to_list(link):
                yield self.follow(link.url, self.parse)
        if found and response.meta.get("depth", 0) < self.most_lists:
            for url in self.further_lists(response, links):
                yield self.follow(url, self.parse)

    def parse_report(self, response: Response) -> Found:
        """Pass the page to the pipelines; follow its other pages and its attachments."""
        yield self.article(response)
        if _may_have_attachments(response):
            for link in self.links(response):
                if _ATTACHMENT.search(link.url):
                    yield self.follow(link.url, self.parse_attachment)
        for url in self.further_pages(response):
            yield self.follow(url, self.parse_report)

    def to_read(self, response: Response) -> Iterator[Question]:
        """Read only what may name attachments of an article."""
        yield from super().to_read(response)
        if (
            isinstance(response, TextResponse)
            and not self.reads_list(response)
            and self.reads_links_of(response)
        ):
            yield self.page(response)

    def reads_links_of(self, response: Response) -> bool:
        """Whether the links of an article are wanted."""
        return _may_have_attachments(response)

    def parse_attachment(self, response: Response) -> Found:
        """Pass a file to the pipelines; its type is detected from its bytes, not its name."""
        yield self.article(response)

    def further_lists(self, response: Response, links: list[Link]) -> Iterator[str]:
        """Addresses of the other pages of the list."""
        if isinstance(response, TextResponse):
            yield from further_lists(response.url, response.text, links, self.most_lists)

    def further_pages(self, response: Response) -> Iterator[str]:  # noqa: ARG002  (for families)
        """Addresses of the other pages of an article."""
        return iter(())


def _may_have_attachments(response: Response) -> bool:
    """False for a page whose source names no attachment: its links need not be read at all.

    Most articles have none, and reading 160 links of menus costs more than storing the page. It is
    asked twice for each article.
    """
    known = response.meta.get("may_have_attachments")
    if known is None:
        known = response.meta["may_have_attachments"] = _names_attachments(response)
    return bool(known)


def _names_attachments(response: Response) -> bool:
    source = response.body.lower()
    return (
        any(trace.search(source) for trace in _TRACES)
        or _ATTACHMENT.search(response.url) is not None  # the target of a link like `?id=7`
    )

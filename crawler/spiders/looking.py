"""A first look at a site: one page, a few of its articles, and the family they suggest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final
from urllib.parse import urlsplit

from scrapy.http import Response

from archive.urls import host_of
from crawler.families import guess_family
from crawler.page_workers import Entries, Question, SitemapFile
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found, Link

ARTICLES_READ: Final = 3
"""Articles that are read: enough to see which lines repeat."""

LISTS_READ: Final = 6
"""Further lists that are read if the first page links to no article."""

_REPORT_WORDS: Final = re.compile(r"工作报告")
_DIGITS: Final = re.compile(r"\d+")


class LookingSpider(ListSpider):
    """Reads one page and a few of the reports that it links to, over further lists if needed."""

    lists: ClassVar[list[str]]
    articles: ClassVar[list[str]]

    def parse(self, response: Response) -> Found:
        """Follow a few links called 工作报告, or otherwise to articles, or otherwise to lists."""
        host = host_of(response.url)
        links = [link for link in self._shown(response) if host_of(link.url) == host]
        near = [link for link in links if self.is_near(link)]
        named = [link for link in near if _REPORT_WORDS.search(link.words)]
        is_first = response.meta.get("depth", 0) == 0
        if not is_first:
            self.lists.append(response.url)
        for link in (named or near)[:ARTICLES_READ]:
            if len(self.articles) < ARTICLES_READ:
                self.articles.append(link.url)
                yield self.follow(link.url, self.parse_report)
        if is_first and not near:
            for link in links[:LISTS_READ]:
                yield self.follow(link.url, self.parse)

    def parse_report(self, response: Response) -> Found:  # noqa: ARG002  (Scrapy's argument)
        """A report is captured; there is nothing more to do."""
        yield from ()

    def is_near(self, link: Link) -> bool:
        """Whether a link leads to a page named by a number, like articles."""
        path = urlsplit(link.url).path
        return not path.endswith(".xml.gz") and any(len(n) > 2 for n in _DIGITS.findall(path))  # noqa: PLR2004

    def _shown(self, response: Response) -> list[Link]:
        """The links of a page, or the entries of a sitemap."""
        if not _is_sitemap(response):
            return list(self.links(response))
        sitemap = self.read(response, SitemapFile(response.body))
        places = sitemap.found if isinstance(sitemap, Entries) else ()
        found = (self.absolute(response, place) for place, _ in places)
        return [Link(url, "") for url in found if url is not None]

    def to_read(self, response: Response) -> Iterator[Question]:
        """A page, or a sitemap."""
        if _is_sitemap(response) and self.reads_list(response):
            yield SitemapFile(response.body)
        else:
            yield from super().to_read(response)


def _is_sitemap(response: Response) -> bool:
    return guess_family(response.body[:4096].decode("utf-8", "replace")) == "sitemap"

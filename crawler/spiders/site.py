"""What all families share: start, addresses of the practice web, links of a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self
from urllib.parse import urldefrag, urlsplit, urlunsplit

from parsel import Selector
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings

from archive import Capture
from crawler.addresses import encoded, written
from crawler.items import Article
from crawler.pagers import MOST_LISTS
from crawler.recorder import Recorder
from crawler.sites import PRACTICE_PORT, Site
from crawler.traps import Traps

Found = Iterator[Request | Article]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: its absolute address without fragment, and the words that show it.

    `beside` are the words that stand with it in a list, such as a date, where they are wanted.
    """

    url: str
    words: str
    beside: str = ""


class SiteSpider(Spider):
    """A spider bound to a site file; `-a db=PATH` names the archive it writes."""

    site: ClassVar[Site]
    recorder: Recorder
    traps: Traps
    port: int = PRACTICE_PORT
    most_lists: ClassVar[int] = MOST_LISTS
    """List pages that are followed at most."""

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Let the site file set the pace."""
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", cls.site.delay_s, priority="spider")
        contact = settings.get("CONTACT") or "practice"
        agent = settings.get("USER_AGENT").replace("{contact}", contact)
        settings.set("USER_AGENT", agent, priority="spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider; `PRACTICE_PORT` moves a site of this machine to another port."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.port = crawler.settings.getint("PRACTICE_PORT") or PRACTICE_PORT
        return spider

    @property
    def allowed_domains(self) -> list[str]:
        """The site's hosts, as Scrapy's off-site filter wants them."""
        return [host.removeprefix("*.") for host in self.site.hosts]

    @property
    def ports(self) -> frozenset[int]:
        """The ports that may be asked."""
        return self.site.ports | {self.port} if self.site.loopback else self.site.ports

    async def start(self) -> AsyncIterator[Any]:
        """The addresses the site file starts from."""
        for url in self.site.start:
            yield Request(self.here(url), callback=self.parse)

    def here(self, url: str) -> str:
        """`url`, moved to the port of the practice web if the site is on this machine."""
        parts = urlsplit(url)
        if not self.site.loopback or parts.port != PRACTICE_PORT:
            return url
        return urlunsplit(parts._replace(netloc=f"{parts.hostname}:{self.port}"))

    def in_file(self, url: str) -> str:
        """`url` as a site file has it: the way back from `here`, so that rows outlive a port."""
        parts = urlsplit(url)
        if not self.site.loopback or parts.port != self.port:
            return url
        return urlunsplit(parts._replace(netloc=f"{parts.hostname}:{PRACTICE_PORT}"))

    def follow(self, url: str, callback: Callable[..., Any]) -> Request:
        """The request for a further page."""
        return Request(self.here(url), callback=callback)

    def links(self, response: Response) -> Iterator[Link]:
        """The http links of a page, in order, each address once; none of what is no markup."""
        if not isinstance(response, TextResponse):
            return
        seen: set[str] = set()
        anchors = response.css("a[href], a[onclick]")
        if len(anchors) > self.site.limits.links:
            self.traps.links_left(response.url, len(anchors))
        for anchor in anchors[: self.site.limits.links]:
            url = self.absolute(response, _target(anchor.attrib))
            if url is None or url in seen or self.denied(url):
                continue
            seen.add(url)
            words = " ".join(anchor.css("::text").getall())
            title = anchor.attrib.get("title", "")
            yield Link(url, f"{words} {title}".strip(), self.words_beside(anchor))

    def words_beside(self, anchor: Selector) -> str:  # noqa: ARG002  (for who asks for dates)
        """The words that stand with a link in a list; nothing, where nobody wants them."""
        return ""

    def absolute(self, response: Response, href: str) -> str | None:
        """The absolute address of `href`, or None when it is no address we could fetch."""
        try:
            url = urldefrag(response.urljoin(written(href))).url
            if not url.isascii():
                url = encoded(url, getattr(response, "encoding", "utf-8"))
            parts = urlsplit(url)
            has_port = parts.port is None or parts.port > 0
        except ValueError:
            return None
        return url if parts.scheme in {"http", "https"} and has_port else None

    def to_report(self, link: Link) -> Iterator[Request]:
        """The request for the report that a list shows."""
        yield self.follow(link.url, self.parse_report)

    def parse_report(self, response: Response) -> Found:
        """Hand the page to the pipelines; families go on to its other pages."""
        yield self.article(response)

    def denied(self, url: str) -> bool:
        """Whether the site file forbids the address."""
        return _any(self.site.links.deny, url)

    def leads_to_report(self, link: Link) -> bool:
        """Whether the address, and the words if the site file names any, are those of a report."""
        words = self.site.links.words
        return self.looks_like_report(link.url) and (
            words is None or words.search(link.words) is not None
        )

    def looks_like_report(self, url: str) -> bool:
        """Whether the address is that of a report, or of another article of its system."""
        return _any(self.report_patterns(), url)

    def leads_to_list(self, link: Link) -> bool:
        """Whether the address is that of a further list."""
        return _any(self.site.links.lists, link.url)

    def report_patterns(self) -> tuple[re.Pattern[str], ...]:
        """What addresses of reports look like: as the site file says."""
        return self.site.links.reports

    def seen_as(self, request: Request, capture: Capture) -> Capture:  # noqa: ARG002
        """What is recorded of an attempt: with the site's facts; an archive's spider says more."""
        return replace(capture, site=self.site.facts)

    def reads(self, capture: Capture) -> bool:  # noqa: ARG002  (for archives' spiders)
        """Whether an answer that is no good page is read all the same."""
        return False

    def article(self, response: Response) -> Article:
        """The item for a page that may hold a report."""
        return Article(response.meta["ticket"], response.meta["capture"], response.meta)


def _target(attributes: Mapping[str, str]) -> str:
    """Where an anchor leads: its `href`, or the page that its `onclick` names."""
    href = attributes.get("href", "")
    if _HTTP.match(href):
        return href
    calls = (attributes.get("onclick", ""), href)
    called = next((found for call in calls if (found := _CALLED.search(call))), None)
    return called[1] if called else href


_CALLED: Final = re.compile(
    r"[\"']([^\"'\s<>]{1,300}\.(?:s?html?|aspx?|jspx?|php|pdf|docx?|wps|ofd)(?:\?[^\"'\s<>]{0,300})?)[\"']",
    re.IGNORECASE,
)
_HTTP: Final = re.compile(r"(?!#|javascript:)\S", re.IGNORECASE)


def _any(patterns: tuple[re.Pattern[str], ...], url: str) -> bool:
    return any(pattern.search(url) for pattern in patterns)

"""What all families share: start URLs, URLs of the practice web, links of a page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self, cast
from urllib.parse import urldefrag, urlsplit, urlunsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse, XmlResponse
from scrapy.settings import BaseSettings

from archive import Capture, document_endings
from crawler.addresses import encoded, written
from crawler.callbacks import reads_article
from crawler.items import Article
from crawler.page_workers import Anchor, Anchors, Answer, Markup, Question, answer
from crawler.pagers import MOST_LISTS
from crawler.recorder import Recorder
from crawler.site_files import PRACTICE_PORT, Site
from crawler.traps import Traps

Found = Iterator[Request | Article]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: its absolute URL without fragment, and its text.

    `beside` is the text next to it in a list, such as a date, if wanted.
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
    wants_words_beside: ClassVar[bool] = False
    """Whether links need the text beside them, such as dates."""

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Let the site file set the pace."""
        super().update_settings(settings)
        settings.set("DOWNLOAD_DELAY", cls.site.delay_s, priority="spider")
        deeper = max(cls.site.limits.depth - MOST_LISTS, 0)
        settings.set("DEPTH_LIMIT", settings.getint("DEPTH_LIMIT") + deeper, priority="spider")
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
    def most_lists(self) -> int:
        """The most list pages that are followed one after the other."""
        return self.site.limits.depth

    @property
    def allowed_domains(self) -> list[str]:
        """The site's hosts, for Scrapy's off-site filter."""
        return [host.removeprefix("*.") for host in self.site.hosts]

    @property
    def ports(self) -> frozenset[int]:
        """The allowed ports."""
        return self.site.ports | {self.port} if self.site.loopback else self.site.ports

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests for the start URLs of the site file."""
        for url in self.site.start:
            yield Request(self.here(url), callback=self.parse)

    def here(self, url: str) -> str:
        """Return `url` with the port of the practice web if the site is on this machine."""
        parts = urlsplit(url)
        if not self.site.loopback or parts.port != PRACTICE_PORT:
            return url
        return urlunsplit(parts._replace(netloc=f"{parts.hostname}:{self.port}"))

    def in_file(self, url: str) -> str:
        """Return `url` as in a site file, the inverse of `here`: rows do not depend on a port."""
        parts = urlsplit(url)
        if not self.site.loopback or parts.port != self.port:
            return url
        return urlunsplit(parts._replace(netloc=f"{parts.hostname}:{PRACTICE_PORT}"))

    def follow(self, url: str, callback: Callable[..., Any]) -> Request:
        """Return the request for a further page."""
        return Request(self.here(url), callback=callback)

    def links(self, response: Response) -> Iterator[Link]:
        """Return the http links of a page, in order and without duplicates.

        Empty for anything but markup.
        """
        if isinstance(response, TextResponse):
            yield from self.links_in(response, self.page(response))

    def links_in(self, response: Response, markup: Markup) -> Iterator[Link]:
        """Return the http links of some markup that the site file does not forbid."""
        anchors = self.read(response, markup)
        assert isinstance(anchors, Anchors)  # noqa: S101  (for the type checker)
        if anchors.shown > markup.most:
            self.traps.links_left(response.url, anchors.shown)
        seen: set[str] = set()
        for anchor in anchors.found:
            url = self.absolute(response, _target(anchor))
            if url is not None and url not in seen and not self.denied(url):
                seen.add(url)
                yield Link(url, f"{anchor.words} {anchor.title}".strip(), anchor.beside)

    def to_read(self, response: Response) -> Iterator[Question]:
        """Return what the callback will need from an answer; a worker reads it beforehand."""
        if isinstance(response, TextResponse) and self.reads_list(response):
            yield self.page(response)

    def reads_list(self, response: Response) -> bool:
        """Whether an answer is a list page."""
        return response.request is None or not reads_article(response.request)

    def page(self, response: TextResponse) -> Markup:
        """Return a page as markup."""
        return self.markup(response.text, is_xml=isinstance(response, XmlResponse))

    def markup(self, text: str, *, is_xml: bool = False) -> Markup:
        """Return some markup, with what this spider needs from it."""
        return Markup(text, is_xml, self.site.limits.links, self.wants_words_beside)

    def read(self, response: Response, question: Question) -> Answer:
        """Return what was read of an answer, reading it now if no worker did."""
        known: Mapping[Question, Answer] = (
            {} if response.request is None else response.meta.get("read", {})
        )
        return known[question] if question in known else cast(Answer, answer(question))

    def absolute(self, response: Response, href: str) -> str | None:
        """Return the absolute URL of `href`, or None if it cannot be fetched."""
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
        """Return the request for the report that a list shows."""
        yield self.follow(link.url, self.parse_report)

    def parse_report(self, response: Response) -> Found:
        """Pass the page to the pipelines; families follow its other pages."""
        yield self.article(response)

    def denied(self, url: str) -> bool:
        """Whether the site file forbids the URL."""
        return _any(self.site.links.deny, url)

    def leads_to_report(self, link: Link) -> bool:
        """Whether URL, and words if the site file has a pattern, are those of a report."""
        words = self.site.links.words
        return self.looks_like_report(link.url) and (
            words is None or words.search(link.words) is not None
        )

    def looks_like_report(self, url: str) -> bool:
        """Whether the URL is that of a report, or of another article of its system."""
        return _any(self.site.report_patterns, url)

    def leads_to_list(self, link: Link) -> bool:
        """Whether the URL is that of a further list."""
        return _any(self.site.links.lists, link.url)

    def seen_as(self, request: Request, capture: Capture) -> Capture:  # noqa: ARG002
        """Return how an attempt is recorded: with the site's facts; archive spiders add to them."""
        return replace(capture, site=self.site.facts)

    def stores(self, request: Request, seen: Capture) -> bool:  # noqa: ARG002  (for scans)
        """Whether an attempt is stored as a capture of its own."""
        return True

    def reads(self, capture: Capture) -> bool:  # noqa: ARG002  (for archives' spiders)
        """Whether an answer that is not a good page is read all the same."""
        return False

    def reads_cut(self, request: Request, capture: Capture) -> bool:  # noqa: ARG002  (see above)
        """Whether a cut answer is read; an article is."""
        return reads_article(request)

    def article(self, response: Response) -> Article:
        """Return the item for a page that may hold a report."""
        return Article(response.meta["ticket"], response.meta["capture"], response.meta)


def _target(anchor: Anchor) -> str:
    """Return the target of an anchor: its `href`, or the page in its `onclick`."""
    if _HTTP.match(anchor.href):
        return anchor.href
    calls = (anchor.onclick, anchor.href)
    called = next((found for call in calls if (found := _CALLED.search(call))), None)
    return called[1] if called else anchor.href


_CALLED: Final = re.compile(
    r"[\"']([^\"'\s<>]{1,300}\.(?:s?html?|aspx?|jspx?|php|"
    + "|".join(document_endings())
    + r")(?:\?[^\"'\s<>]{0,300})?)[\"']",
    re.IGNORECASE,
)
_HTTP: Final = re.compile(r"(?!#|javascript:)\S", re.IGNORECASE)


def _any(patterns: tuple[re.Pattern[str], ...], url: str) -> bool:
    return any(pattern.search(url) for pattern in patterns)

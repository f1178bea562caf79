"""Addresses without end: calendars, counters, session ids, paths that repeat themselves.

A site cannot be distinguished from a trap by its size, so two things are counted. What a run takes
up and asks for has a limit for each host. And addresses of one pattern, in which numbers and tokens
may differ, are left when they lead nowhere: lists that show no report which this run has not seen,
pages that are the same page under other addresses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive import Capture
from archive.urls import host_of
from crawler.addresses import page_key
from crawler.callbacks import reads_article
from crawler.site_file import Limits

RUN_TIMES: Final = 5
"""A whole run may take up and ask for so many times what one host may."""

MOST_SEEN: Final = 100_000
"""Articles and digests of a run that are distinguished; beyond, each counts as new."""

DEEPEST_PATH: Final = 30
"""Parts of a path; more is a link that leads into itself."""

MOST_OF_ONE: Final = 3
MOST_OF_SEVERAL: Final = 2
"""So often one part, or a sequence of several, may stand in a path one behind the other."""

LISTS_OF_A_HOST: Final = 4
"""Lists of any pattern may lead nowhere so many times as often as those of one."""

_TOKEN: Final = re.compile(r"(?<![A-Za-z])(?=[A-Za-z]*+\d)[0-9A-Za-z_-]{20,}|[0-9A-Fa-f]{12,}")
_DIGITS: Final = re.compile(r"\d+")
_ANY_LIST: Final = "lists"


def pattern_of(url: str) -> str:
    """The address with `#` in the place of numbers and `*` in the place of tokens.

    Example:
        >>> pattern_of("http://www.example.gov.cn/s/9f86d081884c7d65/list.asp?day=2024-01-31")
        'example.gov.cn/s/*/list.asp?day=#-#-#'
    """
    key = page_key(url)
    place, question, query = key.partition("?")
    parts = "/".join(_plain(part) for part in unquote(place).split("/"))
    values = [f"{_plain(name)}={_plain(value)}" for name, value in parse_qsl(query)]
    return parts + question + "&".join(values)


def _plain(words: str) -> str:
    return _DIGITS.sub("#", _TOKEN.sub("*", words))


def leads_into_itself(url: str) -> bool:
    """Whether the path of an address repeats itself, as relative links that are wrong do."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    if len(parts) > DEEPEST_PATH:
        return True
    return any(
        _most_in_a_row(parts, length) > (MOST_OF_ONE if length == 1 else MOST_OF_SEVERAL)
        for length in range(1, len(parts) // 3 + 1)
    )


def _most_in_a_row(parts: list[str], length: int) -> int:
    """How often a sequence of `length` parts stands one behind the other, at most."""
    same = [parts[at] == parts[at + length] for at in range(len(parts) - length)]
    runs = (sum(1 for _ in group) for is_same, group in groupby(same) if is_same)
    return 1 + max(runs, default=0) // length


@dataclass(slots=True)
class _Pattern:
    """The addresses of one pattern: how many in a row were useless, and how many were skipped.

    `example` is one of them.
    """

    example: str
    barren: int = 0
    alike: int = 0
    left: int = 0
    why: str | None = None
    digests: set[int] = field(default_factory=set)


class Traps:
    """What one crawl of a site has taken up, asked for, and left."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._patterns: dict[str, _Pattern] = {}
        self._articles: set[int] = set()
        self._taken: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._not_taken: Counter[str] = Counter()
        self._into_itself: dict[str, _Pattern] = {}
        self._links_left: Counter[str] = Counter()

    # ---- limits of a run

    def take(self, host: str) -> bool:
        """Count one more address of `host` that the run takes up; False where it may not."""
        most = self._limits.addresses
        may = self._taken[host] < most and self._taken.total() < RUN_TIMES * most
        self._taken[host] += may
        return may

    def was_known(self, host: str) -> None:
        """An address that was taken up has been in the frontier before: it does not count."""
        self._taken[host] -= 1

    def refuse(self, host: str) -> None:
        """An address of `host` was not taken up."""
        self._not_taken[host] += 1

    def asked(self, host: str) -> None:
        """A request of `host` goes out."""
        self._asked[host] += 1

    def enough_of(self, host: str) -> str | None:
        """Why `host` is not asked any more in this run, as a phrase; None while it may be."""
        most = self._limits.requests
        if self._asked[host] >= most:
            return f"{host} was asked {most} times, which limits.requests allows a run"
        if self._asked.total() >= RUN_TIMES * most:
            return f"the run asked {RUN_TIMES * most} times, {RUN_TIMES} times limits.requests"
        return None

    def links_left(self, url: str, count: int) -> None:
        """A page showed more links than are read of one."""
        self._links_left[url] = count

    # ---- patterns that lead nowhere

    def lets(self, request: Request) -> bool:
        """Whether a link is followed: to no path that repeats itself, to no list that is a trap."""
        if leads_into_itself(request.url):
            found = self._into_itself.setdefault(host_of(request.url), _Pattern(request.url))
            found.left += 1
            return False
        return not self.is_trap(request)

    def is_trap(self, request: Request) -> bool:
        """Whether addresses of this pattern have led nowhere; the address is counted as left."""
        for key in self._keys(request.url, is_list=not reads_article(request)):
            found = self._patterns.get(key)
            if found is not None and found.why is not None:
                found.left += 1
                return True
        return False

    def is_new_article(self, url: str) -> bool:
        """Whether this run sees a link to the article for the first time."""
        number = _number(page_key(url).encode())
        if number in self._articles:
            return False
        if len(self._articles) < MOST_SEEN:
            self._articles.add(number)
        return True

    @property
    def articles(self) -> int:
        """How many articles the lists of this run have shown."""
        return len(self._articles)

    def read_list(self, url: str, *, shows_new: bool) -> None:
        """A list was read, and showed an article that no other list of this run did, or not."""
        for key, times in zip(self._keys(url, is_list=True), (1, LISTS_OF_A_HOST), strict=True):
            found = self._patterns.setdefault(key, _Pattern(url))
            found.barren = 0 if shows_new else found.barren + 1
            if found.barren >= times * self._limits.barren and found.why is None:
                found.why = f"{found.barren} lists in a row show no report that is new"

    def got(self, url: str, capture: Capture) -> None:
        """A page came; many addresses of one pattern may be the same page."""
        if capture.outcome != "ok" or capture.wire_sha256 is None or not capture.wire_bytes:
            return
        found = self._patterns.setdefault(pattern_of(url), _Pattern(url))
        number = int(capture.wire_sha256[:14], 16)
        if number in found.digests:
            found.alike += 1
        else:
            found.alike = 0
            if len(found.digests) < MOST_SEEN:
                found.digests.add(number)
        if found.alike >= self._limits.same and found.why is None:
            found.why = f"{found.alike} addresses in a row give a page that others gave"

    def _keys(self, url: str, *, is_list: bool) -> list[str]:
        pattern = pattern_of(url)
        return [pattern, f"{_ANY_LIST} {host_of(url)}"] if is_list else [pattern]

    # ---- what is said at the end

    @property
    def left(self) -> int:
        """How many addresses were left because they are a trap."""
        traps = [*self._patterns.values(), *self._into_itself.values()]
        return sum(found.left for found in traps)

    def findings(self) -> Iterator[str]:
        """A sentence for each trap, with what to do about it."""
        for key, found in self._patterns.items():
            if found.why is not None and found.left:
                what = "lists of its host" if key.startswith(f"{_ANY_LIST} ") else key
                yield (
                    f"{found.example}: {found.why}; {found.left} further addresses were left"
                    f" ({what}): deny them in the site file, or raise its [limits]"
                )
        for found in self._into_itself.values():
            yield (
                f"{found.example}: the path repeats itself; {found.left} such addresses were left"
            )
        for url, count in self._links_left.items():
            yield (
                f"{url}: shows {count} links, of which {self._limits.links} were read"
                " (limits.links in the site file)"
            )

    def unfinished(self) -> Iterator[str]:
        """A phrase for each host of which more was shown than a run takes up."""
        for host, count in self._not_taken.items():
            yield (
                f"{count} more addresses of {host} were not taken up:"
                f" limits.addresses allows {self._limits.addresses} a run"
            )


class TrapMiddleware:
    """Looks at what a page leads to, before it goes into the frontier."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the middleware, as Scrapy asks for it."""
        return cls(crawler)

    async def process_spider_output(
        self, response: Response, result: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        """Pass on what is no trap; each link knows the page that shows it."""
        spider: Any = self._crawler.spider
        traps: Traps = spider.traps
        request = response.request
        page = None if request is None else request.meta.get("leased")
        shows_new = False
        async for thing in result:
            if isinstance(thing, Request):
                thing.meta["shown_by"] = page
                if not traps.lets(thing):
                    continue
                if reads_article(thing):
                    shows_new |= traps.is_new_article(thing.url)
            yield thing
        if request is not None and not reads_article(request):
            traps.read_list(request.url, shows_new=shows_new)


def _number(words: bytes) -> int:
    return int.from_bytes(blake2b(words, digest_size=7).digest())

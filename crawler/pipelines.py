"""Derives the text of each captured page and stores it.

How a page is read is decided in `archive`.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Final, Self, cast

from scrapy.crawler import Crawler

from archive import Capture, may_hold_members
from archive.errors import StorageError, WorkFailedError
from crawler.items import Article
from crawler.recorder import Recorder, Ticket

MOST_MEMBERS: Final = 2_000
"""The most files read from one captured package; reports are bundled by the dozen."""

PACKAGE_S: Final = 600.0
"""The most seconds for all files of one package; the crawl of their host waits for them."""


class TextPipeline:
    """Derives a text for each article. A failure is reported, and the capture is kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline, as Scrapy asks for it."""
        return cls(crawler)

    async def process_item(self, item: Article) -> Article:
        """Derive an article in a worker and store it; of a package, derive its members."""
        if not may_hold_members(item.capture) or not await self._derive_members(item):
            await self._derive(item, item.ticket, item.capture)
        return item

    async def _derive_members(self, item: Article) -> bool:
        """Open a package in a worker and derive its members. Returns False if it has none."""
        recorder, count, began = self._recorder(), 0, monotonic()
        try:
            async for member in recorder.readers.members(item.capture):
                if count >= MOST_MEMBERS or monotonic() - began > PACKAGE_S:
                    self._fail(item, "derive_error", f"more than {count} files are in it")
                    return True
                count += 1
                ticket = recorder.capture(self._site(), member)
                if member.payload is not None:
                    await self._derive(item, ticket, member)
        except WorkFailedError as error:
            outcome = "derive_error" if error.how == "error" else f"open_{error.how}"
            self._fail(item, outcome, str(error))
            return True
        except StorageError as error:  # no worker starts: the machine's fault, not the page's
            recorder.give_up(error)
            raise
        return count > 0

    async def _derive(self, item: Article, ticket: Ticket, capture: Capture) -> None:
        try:
            derivation = await self._recorder().derivers.derive(capture)
        except WorkFailedError as error:
            self._fail(item, f"derive_{error.how}", str(error), capture.member)
        except StorageError as error:  # no worker starts: the machine's fault, not the page's
            self._recorder().give_up(error)
            raise
        else:
            self._recorder().text(self._site(), ticket, derivation)

    def _fail(self, item: Article, outcome: str, why: str, member: str | None = None) -> None:
        item.meta["derive_outcome"] = outcome
        self._recorder().count(outcome)
        place = f"{item.capture.url} {member or ''}".strip()
        self._recorder().fail(f"{place}: no text could be derived: {why}")

    def _recorder(self) -> Recorder:
        spider: Any = self._crawler.spider
        return cast(Recorder, spider.recorder)

    def _site(self) -> str:
        spider: Any = self._crawler.spider
        return str(spider.name)

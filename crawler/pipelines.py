"""The readability pipeline: derive the text of a captured page and store it.

It calls the archive and gets out of the way; how a page is read is decided there.
"""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from crawler.deriving import DerivationFailedError
from crawler.items import Article


class ReadabilityPipeline:
    """Makes a text of each article; one that cannot be made is told, its capture is kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline, as Scrapy asks for it."""
        return cls(crawler)

    async def process_item(self, item: Article) -> Article:
        """Derive, in a worker process, and store."""
        spider: Any = self._crawler.spider
        try:
            derivation = await spider.recorder.derivers.derive(item.capture)
        except DerivationFailedError as error:
            item.meta["derive_outcome"] = error.outcome
            spider.recorder.count(error.outcome)
            spider.recorder.fail(f"{item.capture.url}: no text could be made: {error}")
        else:
            spider.recorder.text(spider.name, item.ticket, derivation)
        return item

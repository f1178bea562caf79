"""The readability pipeline: derive the text of a captured page and store it.

It calls the archive and gets out of the way; how a page is read is decided there.
"""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler

from archive import derive
from crawler.items import Article


class ReadabilityPipeline:
    """Makes a text of each article; one that cannot be made is told, its capture is kept."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the pipeline, as Scrapy asks for it."""
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        """Derive and store."""
        spider: Any = self._crawler.spider
        try:
            derivation = derive(item.capture)
        except Exception as error:  # noqa: BLE001  (one page must not stop a crawl; it is told)
            spider.recorder.fail(f"{item.capture.url}: no text could be made: {error!r}")
        else:
            spider.recorder.text(spider.name, item.ticket, derivation)
        return item

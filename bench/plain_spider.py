"""A plain crawler for comparison: a Scrapy spider, readability-lxml, sqlite-utils, nothing else.

`bench_crawl.py` compares with it: our whole crawl, including captures and derivations, should take
no more CPU time for a page.

    python bench/plain_spider.py plain.db http://127.0.0.1:8642/l/index.html

With `-` in place of the database it only fetches: what Scrapy alone takes.
"""

# ruff: noqa: ANN001, ANN201  (it is what one would write in an hour)

import sys
from urllib.parse import urlsplit

import scrapy
import sqlite_utils
from lxml import html
from readability import Document
from scrapy.crawler import CrawlerProcess


class PlainSpider(scrapy.Spider):
    """Follows every link of the lists, and stores what readability makes of each article."""

    name = "plain"

    async def start(self):
        """Ask for the list."""
        yield scrapy.Request(self.url, callback=self.parse)

    def parse(self, response):
        """Read a list page."""
        for href in response.css("a::attr(href)").getall():
            callback = self.parse_report if "/t20" in href else self.parse
            yield response.follow(href, callback)

    def parse_report(self, response):
        """Read an article."""
        document = Document(response.text)
        summary = html.fromstring(document.summary())
        yield {
            "url": response.url,
            "host": urlsplit(response.url).hostname,
            "title": document.title(),
            "text": summary.text_content(),
            "html": response.text,
        }


class FetchingSpider(PlainSpider):
    """Fetches the articles and drops them."""

    name = "fetching"

    def parse_report(self, response):
        """Leave it unread."""


class SqlitePipeline:
    """Inserts each item at once."""

    def open_spider(self, spider):
        """Open the database."""
        self.db = sqlite_utils.Database(spider.db)

    def process_item(self, item):
        """Insert a row."""
        self.db["pages"].upsert(item, pk="url")
        return item


if __name__ == "__main__":
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {SqlitePipeline: 100} if sys.argv[1] != "-" else {},
            "LOG_LEVEL": "ERROR",
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
        }
    )
    if sys.argv[1] == "-":
        process.crawl(FetchingSpider, db=":memory:", url=sys.argv[2])
    else:
        process.crawl(PlainSpider, db=sys.argv[1], url=sys.argv[2])
    process.start()

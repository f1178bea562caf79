"""What the log of a crawl says: sentences, no tracebacks that a server can provoke.

Each failure of a request is a capture with its reason, and each page that could not be read or
stored is recognised by the scheduler; with `LOG_LEVEL=DEBUG` Scrapy's own words come with a
traceback.
"""

from __future__ import annotations

import logging
from typing import Any

from scrapy.logformatter import LogFormatter, LogFormatterResult


class SentenceFormatter(LogFormatter):
    """Scrapy's formatter, in which failures that are reported elsewhere are for debugging only."""

    def download_error(self, *arguments: Any, **keywords: Any) -> LogFormatterResult:
        """A request failed."""
        return _for_debugging(super().download_error(*arguments, **keywords))

    def spider_error(self, *arguments: Any, **keywords: Any) -> LogFormatterResult:
        """A page could not be read."""
        return _for_debugging(super().spider_error(*arguments, **keywords))

    def item_error(self, *arguments: Any, **keywords: Any) -> LogFormatterResult:
        """A page could not be stored."""
        return _for_debugging(super().item_error(*arguments, **keywords))


def _for_debugging(said: LogFormatterResult) -> LogFormatterResult:
    return {**said, "level": logging.DEBUG}

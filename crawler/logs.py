"""Log messages of a crawl: one sentence each, without tracebacks that a server can provoke.

Each failed request is a capture with its reason, and the scheduler notes each page that could not
be read or stored. With `LOG_LEVEL=DEBUG`, Scrapy's own messages appear with a traceback.
"""

from __future__ import annotations

import logging
from typing import Any

from scrapy.logformatter import LogFormatter, LogFormatterResult


class SentenceFormatter(LogFormatter):
    """Scrapy's formatter, which logs failures that are reported elsewhere at debug level."""

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

"""What the frontier must know of Scrapy's engine and Scrapy tells nobody; touched only here.

A row may be acknowledged when the engine has forgotten its request, and Scrapy 2.19 has neither a
signal nor a method for that moment (scrapy/scrapy#7978 asks for `finish_request`): `item_scraped`
and its kin come for each item, none when a callback yields nothing, `request_left_downloader`
comes before the callback, and `spider_idle` only when all is done. Nor can a scheduler say that it
has something again before the engine's heartbeat of five seconds.
"""

from __future__ import annotations

from typing import Any

import scrapy
from scrapy import Request
from scrapy.exceptions import NotConfigured


class EngineInside:
    """The requests that an engine is at, and its bell.

    Raises:
        NotConfigured: this Scrapy is built otherwise. Nothing may be guessed here: a row that is
            acknowledged too early is lost when the crawl is killed.
    """

    def __init__(self, engine: Any) -> None:
        try:
            slot = engine._slot  # noqa: SLF001  (see above)
            self._in_progress: set[Request] = slot.inprogress
            self._schedule = slot.nextcall.schedule
        except AttributeError as error:
            raise NotConfigured(
                f"Scrapy {scrapy.__version__} is built in another way than the frontier knows"
                f" ({error}); install the version that constraints.txt names"
            ) from error

    def holds(self, request: Request) -> bool:
        """Whether something may still come of the request: an item, a child, an error."""
        return request in self._in_progress

    def wake(self) -> None:
        """Let the engine ask for the next request soon."""
        self._schedule()

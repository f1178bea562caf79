"""The only access to Scrapy's private engine state.

A row may be acknowledged once the engine has forgotten its request. Scrapy 2.19 has neither a
signal nor a method for that moment (scrapy/scrapy#7978 asks for `finish_request`): `item_scraped`
and similar signals fire for each item, none fires when a callback yields nothing,
`request_left_downloader` fires before the callback, and `spider_idle` only when everything is done.
A scheduler also cannot announce new requests before the engine's heartbeat of five seconds.
"""

from __future__ import annotations

from typing import Any

import scrapy
from scrapy import Request
from scrapy.exceptions import NotConfigured


class EngineInside:
    """The requests an engine is working on, and a way to wake it.

    Raises:
        NotConfigured: this Scrapy version has a different engine. Guessing would be unsafe: a row
            that is acknowledged too early is lost when the crawl is killed.
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
        """Whether the request may still produce an item, a request or an error."""
        return request in self._in_progress

    def wake(self) -> None:
        """Make the engine ask for the next request soon."""
        self._schedule()

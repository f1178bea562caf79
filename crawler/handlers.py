"""The last step before the network: a request is not sent if its host has asked for time."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from archive.urls import host_of
from crawler.answers import HeldBackError


class PacedHandler(HTTP11DownloadHandler):
    """Scrapy's handler, which also tells the scheduler when a request is really sent."""

    async def download_request(self, request: Request) -> Response:
        """Send a request, unless its host must be left alone.

        Raises:
            HeldBackError: after the request was handed out, its host asked for time or was given
                up. The row goes back to the frontier unchanged.
        """
        scheduler: Any = getattr(self._crawler.engine, "scheduler", None)
        host = host_of(request.url)
        if scheduler is not None:
            if "leased" in request.meta and scheduler.holds(host):
                request.meta["held_back"] = True
                raise HeldBackError(f"{request.url}: its host has asked for time")
            scheduler.sent(host)
        return await super().download_request(request)

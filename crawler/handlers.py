"""The last step before the network: a request whose host asked for time meanwhile is not sent."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from archive.urls import host_of
from crawler.answers import HeldBackError


class PacedHandler(HTTP11DownloadHandler):
    """Scrapy's handler; it tells the scheduler when a request really goes out."""

    async def download_request(self, request: Request) -> Response:
        """Send a request now, or not at all.

        Raises:
            HeldBackError: since the request was handed out its host has asked for time, or has
                been given up; the row goes back to the frontier as it was.
        """
        scheduler: Any = getattr(self._crawler.engine, "scheduler", None)
        host = host_of(request.url)
        if scheduler is not None:
            if "leased" in request.meta and scheduler.holds(host):
                request.meta["held_back"] = True
                raise HeldBackError(f"{request.url}: its host has asked for time")
            scheduler.sent(host)
        return await super().download_request(request)

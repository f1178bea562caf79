"""Sends requests through a proxy that the operator named.

The guard cannot check addresses where it connects, because it connects to the proxy. Names are
therefore resolved here first. A name that cannot be resolved here is left to the proxy, which must
itself refuse the addresses of its network.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.settings import BaseSettings

from crawler.answers import ForbiddenAddressError
from crawler.resolver import is_public


class Proxy:
    """A proxy, and the hosts of this machine that are asked without it."""

    def __init__(self, url: str, direct: list[str]) -> None:
        self._url = url
        self._host = urlsplit(url).hostname
        self._direct = frozenset(direct)
        self._addresses: dict[str, list[str]] = {}

    @classmethod
    def of(cls, settings: BaseSettings) -> Self | None:
        """Return the proxy of the settings, or None."""
        url = settings["PROXY"]
        return cls(url, settings.getlist("LOOPBACK_ARCHIVES")) if url else None

    async def take(self, request: Request, host: str) -> None:
        """Send a request through the proxy.

        Raises:
            ForbiddenAddressError: its host is the proxy, or has no public address.
        """
        if host in self._direct:
            return
        if host == self._host:
            raise ForbiddenAddressError(f"{request.url}: the host is the proxy")
        found = await self._resolved(host)
        if found and not any(map(is_public, found)):
            raise ForbiddenAddressError(f"{request.url}: {host} has no public address")
        request.meta["proxy"] = self._url

    async def _resolved(self, host: str) -> list[str]:
        if host not in self._addresses:
            self._addresses[host] = await asyncio.to_thread(_addresses_of, host)
        return self._addresses[host]


def _addresses_of(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]

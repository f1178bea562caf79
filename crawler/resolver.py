"""The address guard: checks resolved addresses right before a connection is made.

Names of the practice web (`*.test` hosts of site files with `loopback = true`) resolve to this
machine only. Every other name must resolve to public addresses only, IPv4 and IPv6.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Any, Self, cast
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver, HostResolution
from scrapy.settings import BaseSettings
from twisted.internet.address import IPv4Address as TwistedIPv4
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.site_files import load_sites
from crawler.special_addresses import carried, is_reachable

LOOPBACK = "127.0.0.1"


def is_public(address: str) -> bool:
    """Whether a crawl may connect to `address`.

    Excludes what IANA's registries call not globally reachable, multicast, and unassigned IPv6. An
    IPv6 address that embeds IPv4 addresses is public if these are.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = carried(parsed)
    return all(map(is_reachable, inside)) if inside else is_reachable(parsed)


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver for both address families, with the guard.

    `refused` holds the names that resolved only to forbidden addresses.
    """

    def __init__(
        self, reactor: ReactorBase, cache_size: int, loopback_hosts: Sequence[str]
    ) -> None:
        super().__init__(reactor, cache_size)
        self._loopback_hosts = tuple(loopback_hosts)
        self._proxy_host: str | None = None
        self.refused: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build the resolver, as Scrapy asks for it; `*.test` hosts come from the site files."""
        settings = crawler.settings
        made = cls(reactor, settings.getint("DNSCACHE_SIZE"), loopback_hosts(settings))
        made.let_through(settings["PROXY"])
        return made

    def let_through(self, proxy: str | None) -> None:
        """Resolve the host of the operator's proxy to any address."""
        self._proxy_host = urlsplit(proxy or "").hostname

    def resolveHostName(  # noqa: N802  (Twisted's name)
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Resolve `hostName`, dropping addresses that are not allowed."""
        if any(fnmatchcase(hostName, pattern) for pattern in self._loopback_hosts):
            return _this_machine(resolutionReceiver, hostName, portNumber)
        guarded: Any = resolutionReceiver
        if hostName != self._proxy_host:
            guarded = _PublicOnly(resolutionReceiver, hostName, self.refused)
        return super().resolveHostName(
            cast(IResolutionReceiver, guarded),
            hostName,
            portNumber,
            addressTypes,
            transportSemantics,
        )


def was_refused(host: str) -> bool:
    """Whether the guard of this process blocked `host`."""
    from twisted.internet import reactor  # noqa: PLC0415  (importing it installs it)

    resolver = getattr(reactor, "nameResolver", None)
    return host in getattr(resolver, "refused", ())


def loopback_hosts(settings: BaseSettings) -> list[str]:
    """Return the hosts, or host patterns, of the sites served on this machine."""
    found = load_sites(settings.getlist("SITES_DIRS"))
    return [host for site in found.sites if site.loopback for host in site.hosts]


def _this_machine(receiver: Any, name: str, port: int) -> IHostResolution:
    receiver.resolutionBegan(HostResolution(name))
    receiver.addressResolved(TwistedIPv4("TCP", LOOPBACK, port))
    receiver.resolutionComplete()
    return cast(IHostResolution, HostResolution(name))


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes only public addresses on."""

    def __init__(self, receiver: Any, host: str, refused: set[str]) -> None:
        self._receiver = receiver
        self._host = host
        self._refused = refused
        self._passed = self._held = False

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802  (Twisted's name)
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if is_public(address.host):
            self._passed = True
            self._receiver.addressResolved(address)
        else:
            self._held = True

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._held and not self._passed:
            self._refused.add(self._host)
        self._receiver.resolutionComplete()

"""Special-purpose address blocks, as listed by IANA.

From the IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), as of May 2025; a block marked
"N/A" counts as not reachable. Of nested blocks the smallest decides. Blocks from other documents
follow at the end.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

REGISTRIES_OF: Final = "2025-05"

BLOCKS: Final[tuple[tuple[str, bool, str], ...]] = (
    ("0.0.0.0/8", False, "this network"),
    ("0.0.0.0/32", False, "this host on this network"),
    ("10.0.0.0/8", False, "private use"),
    ("100.64.0.0/10", False, "shared address space"),
    ("127.0.0.0/8", False, "loopback"),
    ("169.254.0.0/16", False, "link-local"),
    ("172.16.0.0/12", False, "private use"),
    ("192.0.0.0/24", False, "IETF protocol assignments"),
    ("192.0.0.0/29", False, "IPv4 service continuity"),
    ("192.0.0.8/32", False, "IPv4 dummy address"),
    ("192.0.0.9/32", True, "port control protocol, anycast"),
    ("192.0.0.10/32", True, "traversal using relays around NAT, anycast"),
    ("192.0.0.170/32", False, "NAT64/DNS64 discovery"),
    ("192.0.0.171/32", False, "NAT64/DNS64 discovery"),
    ("192.0.2.0/24", False, "documentation"),
    ("192.31.196.0/24", True, "AS112"),
    ("192.52.193.0/24", True, "automatic multicast tunnelling"),
    ("192.88.99.0/24", False, "6to4 relay, anycast, deprecated"),
    ("192.88.99.2/32", False, "6a44 relay, anycast"),
    ("192.168.0.0/16", False, "private use"),
    ("192.175.48.0/24", True, "AS112, direct delegation"),
    ("198.18.0.0/15", False, "benchmarking"),
    ("198.51.100.0/24", False, "documentation"),
    ("203.0.113.0/24", False, "documentation"),
    ("240.0.0.0/4", False, "reserved"),
    ("255.255.255.255/32", False, "limited broadcast"),
    ("::1/128", False, "loopback"),
    ("::/128", False, "unspecified"),
    ("::ffff:0:0/96", False, "IPv4-mapped"),
    ("64:ff9b::/96", True, "IPv4-IPv6 translation"),
    ("64:ff9b:1::/48", False, "IPv4-IPv6 translation, local use"),
    ("100::/64", False, "discard only"),
    ("100:0:0:1::/64", False, "dummy prefix"),
    ("2001::/23", False, "IETF protocol assignments"),
    ("2001::/32", False, "Teredo"),
    ("2001:1::1/128", True, "port control protocol, anycast"),
    ("2001:1::2/128", True, "traversal using relays around NAT, anycast"),
    ("2001:1::3/128", True, "DNS-SD service registration, anycast"),
    ("2001:2::/48", False, "benchmarking"),
    ("2001:3::/32", True, "automatic multicast tunnelling"),
    ("2001:4:112::/48", True, "AS112"),
    ("2001:10::/28", False, "ORCHID, deprecated"),
    ("2001:20::/28", True, "ORCHIDv2"),
    ("2001:30::/28", True, "drone remote identification"),
    ("2001:db8::/32", False, "documentation"),
    ("2002::/16", False, "6to4"),
    ("2620:4f:8000::/48", True, "AS112, direct delegation"),
    ("3fff::/20", False, "documentation"),
    ("5f00::/16", False, "segment routing"),
    ("fc00::/7", False, "unique local"),
    ("fe80::/10", False, "link-local"),
)
"""Block, whether it is globally reachable, and what it is for."""

OTHERS: Final[tuple[tuple[str, bool, str], ...]] = (
    ("224.0.0.0/4", False, "multicast (RFC 1112)"),
    ("ff00::/8", False, "multicast (RFC 4291)"),
    ("fec0::/10", False, "site-local, deprecated (RFC 3879)"),
    ("2000::/3", True, "global unicast: all of IPv6 that is given out (RFC 4291)"),
    ("::/0", False, "reserved by the IETF (RFC 4291)"),
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def is_reachable(address: Address) -> bool:
    """Whether an address is globally reachable by the smallest block that holds it."""
    return next((reachable for block, reachable in _blocks() if address in block), True)


def carried(address: Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address embeds; for Teredo, two."""
    if isinstance(address, IPv4Address):
        return []
    number = int(address)
    if any(address in block for block in _LOW_BITS):
        return [IPv4Address(number & 0xFFFFFFFF)]
    if address in _SIX_TO_FOUR:
        return [IPv4Address(number >> 80 & 0xFFFFFFFF)]
    if address in _TEREDO:
        return [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)]
    return []


_LOW_BITS: Final = tuple(
    IPv6Network(block) for block in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "::/96")
)
"""IPv4-mapped, translated (RFC 2765), translated by the well-known prefix, IPv4-compatible."""

_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")


@lru_cache(maxsize=1)
def _blocks() -> tuple[tuple[Network, bool], ...]:
    """All blocks, the smallest first."""
    named = [(ip_network(block), reachable) for block, reachable, _ in (*BLOCKS, *OTHERS)]
    return tuple(sorted(named, key=lambda entry: -entry[0].prefixlen))

"""Groups of site files that share hosts: what one crawl has to take together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from crawler.site_files import Site


@dataclass(frozen=True, slots=True)
class Group:
    """Sites that are connected by shared hosts, sorted by name."""

    sites: tuple[Site, ...]

    @property
    def name(self) -> str:
        """The name of its first site, which is that of its shard.

        It stays the same when further sites join, unless their names come first.
        """
        return self.sites[0].name


def groups_of(sites: Iterable[Site]) -> list[Group]:
    """Divide sites into the smallest groups such that no host belongs to two of them.

    Example:
        >>> from crawler.site_files import load_sites
        >>> found = load_sites().chosen(["anhui", "hubei"])
        >>> [group.name for group in groups_of(found)]
        ['anhui', 'hubei']
    """
    known = sorted(sites, key=lambda site: site.name)
    heads = {site.name: site.name for site in known}
    for one, two in _sharing(known):
        first, second = sorted((_head(heads, one), _head(heads, two)))
        heads[second] = first
    members: dict[str, list[Site]] = {}
    for site in known:
        members.setdefault(_head(heads, site.name), []).append(site)
    return [Group(tuple(found)) for found in members.values()]


def _head(heads: dict[str, str], name: str) -> str:
    """Return the first name of a group, and shorten the way to it (union-find)."""
    while heads[name] != name:
        heads[name] = heads[heads[name]]
        name = heads[name]
    return name


def _sharing(sites: Iterable[Site]) -> Iterator[tuple[str, str]]:
    """Yield pairs of sites with a common host. Only patterns are compared with every host."""
    owners: dict[str, str] = {}
    for site in sites:
        for host in site.hosts:
            yield site.name, owners.setdefault(host, site.name)
    for pattern in filter(_is_pattern, owners):
        for host, owner in owners.items():
            if _overlap(pattern, host):
                yield owners[pattern], owner


def _is_pattern(host: str) -> bool:
    return any(sign in host for sign in "*?[")


def _overlap(one: str, two: str) -> bool:
    """Whether two host names or patterns such as `*.example.cn` can mean the same host.

    Two patterns overlap unless what stands before their first sign, or behind their last one,
    differs. That may join too much, never too little.
    """
    if fnmatchcase(one, two) or fnmatchcase(two, one):
        return True
    if not (_is_pattern(one) and _is_pattern(two)):
        return False
    begins, other_begins = _SIGNS.split(one)[0], _SIGNS.split(two)[0]
    ends, other_ends = _SIGNS.split(one)[-1], _SIGNS.split(two)[-1]
    same_begin = begins.startswith(other_begins) or other_begins.startswith(begins)
    return same_begin and (ends.endswith(other_ends) or other_ends.endswith(ends))


_SIGNS: Final = re.compile(r"[*?]|\[.*?\]")

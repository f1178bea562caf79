"""Assigns the URLs of a list to sites, and finds out which are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from archive.urls import host_of
from crawler.addresses import fingerprint
from crawler.backfill.lists import Listed
from crawler.known import frontier_of, made
from crawler.site_file import Expect, Links
from crawler.site_files import Site, load_sites
from crawler.spiders.urls import ListedSite

NEVER_DAYS: Final = 36_500.0
"""A backfill runs once: what was fetched is never fetched again."""


def listed_sites(listed: Sequence[Listed], sites: Sequence[Site]) -> list[ListedSite]:
    """Group URLs by site: those of a site file, and an ad-hoc site of unknown kind for the rest.

    If several site files cover a host, an active one wins.
    """
    ranked = sorted(sites, key=lambda site: not site.active)
    owners: dict[str, Site | None] = {}
    groups: dict[str, tuple[Site | None, list[Listed]]] = {}
    for one in listed:
        host = host_of(one.url)
        if host not in owners:
            owners[host] = next((site for site in ranked if site.covers(host)), None)
        owner = owners[host]
        groups.setdefault(owner.name if owner else "", (owner, []))[1].append(one)
    return [
        _of_known(owner, those) if owner else _of_unknown(those) for owner, those in groups.values()
    ]


def _of_known(site: Site, listed: Sequence[Listed]) -> ListedSite:
    return ListedSite(
        name=f"urls-{site.name}", path=site.path, toml=site.toml, title=site.title,
        kind=site.kind, family=site.family, hosts=site.hosts, loopback=site.loopback,
        delay_s=site.delay_s, give_up_after=site.give_up_after, revisit_days=NEVER_DAYS,
        legacy_tls=site.legacy_tls,
        links=replace(site.links, words=None), expect=Expect(0), site_facts=site.facts,
        **_addresses(listed),
    )  # fmt: skip


def _of_unknown(listed: Sequence[Listed]) -> ListedSite:
    hosts = dict.fromkeys(host_of(one.url) for one in listed)
    return ListedSite(
        name="urls", path=Path(), toml="", title="", kind="unknown", family="list",
        hosts=tuple(dict.fromkeys(name for host in hosts for name in _with_www(host))),
        revisit_days=NEVER_DAYS, links=Links(), expect=Expect(0), **_addresses(listed),
    )  # fmt: skip


def _addresses(listed: Sequence[Listed]) -> dict[str, Any]:
    return {
        "start": tuple(one.url for one in listed),
        "sitemaps": frozenset(one.url for one in listed if one.sitemap),
    }


def _with_www(host: str) -> tuple[str, str]:
    """Return a host with and without `www.`, since the two redirect to each other."""
    return host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


def with_left_over(db: str | Path, site: ListedSite) -> ListedSite:
    """Return the site, allowed to fetch the URLs left over from earlier lists too."""
    there = made(db)
    if there is None:
        return site
    with there as archive:
        rows = frontier_of(archive).rows(site.name)
        parts = [urlsplit(row.url) for row in rows if row.state != "done"]
    ports = {part.port for part in parts if part.port is not None}
    hosts = site.hosts
    if not site.toml:
        hosts = tuple(dict.fromkeys((*hosts, *(part.hostname or "" for part in parts))))
    return replace(site, hosts=hosts, more_ports=frozenset(ports))


def states(db: str | Path, sites: Sequence[ListedSite]) -> dict[str, str]:
    """Return the frontier state (`pending`, `done` …) of each URL that is in the frontier."""
    there = made(db)
    if there is None:
        return {}
    found: dict[str, str] = {}
    with there as archive:
        frontier = frontier_of(archive)
        for site in sites:
            states = {row.fingerprint: row.state for row in frontier.rows(site.name)}
            for url in site.start:
                if state := states.get(fingerprint(site.name, url)):
                    found[url] = state
    return found


def plan(
    db: str | Path, listed: Sequence[Listed], sites_dirs: Sequence[str]
) -> list[dict[str, Any]]:
    """Return one row for each host of a list: its site, kind, number of URLs, and number done."""
    sites = listed_sites(listed, load_sites(sites_dirs).sites)
    known = states(db, sites)
    rows: dict[str, dict[str, Any]] = {}
    for site in sites:
        for url in site.start:
            host = host_of(url)
            row = rows.setdefault(host, {
                "host": host, "site": site.facts.name if site.toml else None,
                "kind": site.kind, "addresses": 0, "sitemaps": 0, "done": 0,
            })  # fmt: skip
            row["sitemaps" if url in site.sitemaps else "addresses"] += 1
            row["done"] += known.get(url) == "done"
    return list(rows.values())


def first_undone(
    db: str | Path, listed: Sequence[Listed], limit: int | None, sites_dirs: Sequence[str]
) -> list[Listed]:
    """Return the first `limit` URLs that are not done, or the whole list without a limit."""
    if limit is None:
        return list(listed)
    known = states(db, listed_sites(listed, load_sites(sites_dirs).sites))
    return [one for one in listed if known.get(one.url) != "done"][:limit]

"""Backfill from a list of URLs, or from the list pages of a site, back in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.utils.misc import load_object

from crawler.backfill.lists import Listed
from crawler.backfill.owners import NEVER_DAYS, listed_sites, with_left_over
from crawler.backfill.running import count_only, run_sites
from crawler.families import families
from crawler.list_years import Years
from crawler.loader import spider_class
from crawler.run import CrawlResult, Progress
from crawler.site_file import Expect
from crawler.site_files import Site, load_sites
from crawler.spiders.urls import ListedSite, UrlsSpider
from crawler.spiders.walk import WalkedSite, WalkSpider


def backfill_urls(
    db: str | Path,
    listed: Sequence[Listed],
    *,
    sites_dirs: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Fetch a list of URLs into the archive `db`. Call it once in a process, like `crawl`.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
        UsageError: a real host without a contact.
    """
    found = load_sites(sites_dirs)
    sites = [with_left_over(db, site) for site in listed_sites(listed, found.sites)]
    return run_sites(
        db,
        _spiders(sites, UrlsSpider),
        sites,
        arguments={"urls": len(listed)},
        sites_dirs=sites_dirs,
        settings=settings,
        progress=progress,
    )


def backfill_site(
    db: str | Path,
    names: Sequence[str],
    years: Years | None = None,
    *,
    limit: int | None = None,
    dry_run: bool = False,
    sites_dirs: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Walk all list pages of some sites, and fetch the missing articles of `years`.

    With `dry_run`, only list pages are fetched and nothing is stored; `found` in the summary counts
    what they hold. Call it once in a process, like `crawl`.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
        UsageError: an unknown site, or a real one without a contact.
    """
    chosen = load_sites(sites_dirs).chosen(names)
    sites = [_walked(site, years, limit, str(db) if dry_run else None) for site in chosen]
    spiders = _spiders(sites, WalkSpider)
    if dry_run:
        return count_only(spiders, sites, sites_dirs=sites_dirs, settings=settings)
    return run_sites(
        db,
        spiders,
        sites,
        arguments={"sites": list(names), "years": str(years or "all"), "limit": limit},
        sites_dirs=sites_dirs,
        settings=settings,
        progress=progress,
    )


def _walked(site: Site, years: Years | None, limit: int | None, counts_for: str | None) -> Site:
    """The site under a name of its own, one for each span of years and limit."""
    same = {each.name: getattr(site, each.name) for each in fields(Site)}
    words = ["lists", site.name, *([str(years)] if years else []), *([str(limit)] if limit else [])]
    return WalkedSite(
        **same | {"name": "-".join(words), "revisit_days": NEVER_DAYS, "expect": Expect(0)},
        site_facts=site.facts, years=years, limit=limit, counts_for=counts_for,
    )  # fmt: skip


def _spiders(sites: Sequence[ListedSite | Site], reading: type[Spider]) -> dict[str, type[Spider]]:
    """For each site a spider of its family that reads as `reading` does."""
    made = {}
    for site in sites:
        family = load_object(families()[site.family].spider)
        both = type(reading.__name__ + family.__name__, (reading, family), {})
        made[site.name] = spider_class(site, both)
    return made

"""Backfill from Common Crawl: its indexes, and the records of its WARC files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from archive import SiteFacts, UsageError
from archive.urls import host_of
from crawler.backfill.lists import check_address
from crawler.backfill.owners import NEVER_DAYS
from crawler.backfill.wayback import PATIENCE, ask_archive, check_moment
from crawler.run import CrawlResult, Progress
from crawler.site_file import Expect
from crawler.site_files import load_sites
from crawler.spiders.cdx import is_this_machine
from crawler.spiders.crawlindex import CommonCrawl, CommonCrawlSpider

INDEX: Final = "https://index.commoncrawl.org/collinfo.json"
DATA: Final = "https://data.commoncrawl.org/"

MOST_A_MINUTE: Final = 20
"""Requests a minute to each of its hosts: the index is overloaded and blocks who asks faster."""

ANY: Final = "any"
"""The status that stands for all."""


def common_crawl(
    urls: Sequence[str],
    *,
    index: str = INDEX,
    data: str = DATA,
    crawls: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    statuses: Sequence[str] = ("200",),
    mimes: Sequence[str] = (),
    limit: int | None = None,
    a_minute: float = MOST_A_MINUTE,
    sites_dirs: Sequence[str] = (),
) -> CommonCrawl:
    """Common Crawl, asked for `urls`; a `*` at the end of one asks for all below it.

    Args:
        urls: the addresses of pages.
        index: the address of the list of crawls (`collinfo.json`).
        data: what precedes the names of WARC files.
        crawls: names of crawls, or how they begin (`CC-MAIN-2024`); all, when empty.
        since: the time of the earliest page, a year or up to 14 digits.
        until: that of the latest one.
        statuses: what the pages answered; `any` stands for all.
        mimes: words that stand in their types, as `html`; all types, when empty.
        limit: pages that are taken of each address at most.
        a_minute: requests a minute to each host.
        sites_dirs: folders of more site files.

    Raises:
        UsageError: an address, a time or a status is none.
    """
    for url in urls:
        check_address(url)
    for server in (index, data):
        check_address(server, inside=True)
    for moment in (since, until):
        check_moment(moment)
    for status in statuses:
        if status != ANY and re.fullmatch(r"[1-5]\d\d", status, re.ASCII) is None:
            raise UsageError(f"{status!r} is no status: three digits, or {ANY}")
    hosts = tuple(dict.fromkeys((host_of(index), host_of(data))))
    if len({is_this_machine(host) for host in hosts}) > 1:
        raise UsageError("either both --index and --data are on this machine, or none")
    kept = () if ANY in statuses else tuple(dict.fromkeys(statuses))
    queries = tuple(_query(url, since, until, kept) for url in dict.fromkeys(urls))
    words = "\n".join((index, data, *queries, *crawls, *kept, *mimes, str(limit)))
    return CommonCrawl(
        name=f"commoncrawl-{sha256(words.encode()).hexdigest()[:8]}", path=Path(), toml="",
        title="Common Crawl", kind="archive", family="list", hosts=hosts, start=(index,),
        loopback=is_this_machine(hosts[0]), delay_s=60.0 / a_minute, give_up_after=PATIENCE,
        revisit_days=NEVER_DAYS, expect=Expect(0), covering=load_sites(sites_dirs).sites,
        limit=limit, told=SiteFacts("commoncrawl", kind="archive"),
        data=data if data.endswith("/") else f"{data}/", queries=queries, crawls=tuple(crawls),
        since=since or "", until=until or "9", statuses=kept, mimes=tuple(mimes),
    )  # fmt: skip


def _query(url: str, since: str | None, until: str | None, statuses: Sequence[str]) -> str:
    """What is asked of each index; it filters by time and one status, we by all the rest."""
    asked = f"url={quote(url, safe='')}&output=json"
    asked += f"&from={since}" if since else ""
    asked += f"&to={until}" if until else ""
    return asked + (f"&filter=%3Dstatus%3A{statuses[0]}" if len(statuses) == 1 else "")


def backfill_commoncrawl(
    db: str | Path,
    site: CommonCrawl,
    *,
    dry_run: bool = False,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Ask Common Crawl, and keep its pages in the archive `db`; once in a process, as `crawl`.

    With `dry_run` only the indexes are asked, and nothing is kept: `found` in the summary says
    what they hold.

    Raises:
        StorageError: the archive could not be written any longer; the rest is kept.
        UsageError: it is not on this machine, and there is no contact.
    """
    return ask_archive(
        db, site, CommonCrawlSpider, dry_run=dry_run, settings=settings, progress=progress,
        arguments={"commoncrawl": list(site.queries), "crawls": list(site.crawls)},
    )  # fmt: skip

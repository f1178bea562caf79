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
"""Requests a minute to each host. The index is overloaded and blocks faster clients."""

ANY: Final = "any"
"""Selects every status."""


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
    """Return a query of Common Crawl for `urls`; a trailing `*` matches everything below a URL.

    Args:
        urls: the URLs of pages.
        index: the URL of the list of crawls (`collinfo.json`).
        data: the URL prefix of the WARC files.
        crawls: names of crawls, or prefixes of names (`CC-MAIN-2024`); empty for all.
        since: the earliest capture time, a year or up to 14 digits.
        until: the latest capture time.
        statuses: HTTP statuses of the pages; `any` for all.
        mimes: strings that their types contain, such as `html`; empty for all.
        limit: the most pages to fetch for each URL.
        a_minute: requests a minute to each host.
        sites_dirs: additional folders of site files.

    Raises:
        UsageError: invalid URL, time or status.
    """
    for url in urls:
        check_address(url)
    for server in (index, data):
        check_address(server, inside=True)
    for moment in (since, until):
        check_moment(moment)
    kept = chosen_statuses(statuses)
    hosts = tuple(dict.fromkeys((host_of(index), host_of(data))))
    if len({is_this_machine(host) for host in hosts}) > 1:
        raise UsageError("--index and --data must both be on this machine, or neither")
    queries = tuple(_query(url, since, until, kept) for url in dict.fromkeys(urls))
    words = "\n".join((index, data, *queries, *crawls, *kept, *mimes, str(limit)))
    return CommonCrawl(
        name=f"commoncrawl-{sha256(words.encode()).hexdigest()[:8]}", path=Path(), toml="",
        title="Common Crawl", kind="archive", family="list", hosts=hosts, start=(index,),
        loopback=is_this_machine(hosts[0]), delay_s=60.0 / a_minute, give_up_after=PATIENCE,
        revisit_days=NEVER_DAYS, expect=Expect(0), covering=load_sites(sites_dirs).sites,
        limit=limit, site_facts=SiteFacts("commoncrawl", kind="archive"),
        data=data if data.endswith("/") else f"{data}/", queries=queries, crawls=tuple(crawls),
        since=since or "", until=until or "9", statuses=kept, mimes=tuple(mimes),
    )  # fmt: skip


def chosen_statuses(statuses: Sequence[str]) -> tuple[str, ...]:
    """Return HTTP statuses as they select pages: empty for all.

    Raises:
        UsageError: one is invalid.
    """
    for status in statuses:
        if status != ANY and re.fullmatch(r"[1-5]\d\d", status, re.ASCII) is None:
            raise UsageError(f"{status!r}: invalid status; expected three digits or {ANY}")
    return () if ANY in statuses else tuple(dict.fromkeys(statuses))


def _query(url: str, since: str | None, until: str | None, statuses: Sequence[str]) -> str:
    """Return the query sent to each index. It filters by time and one status.

    We filter by the rest.
    """
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
    """Fetch pages from Common Crawl into the archive `db`. Call it once in a process, like `crawl`.

    With `dry_run`, only the indexes are queried and nothing is stored; `found` in the summary
    counts what they hold.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
        UsageError: the server is not on this machine and no contact was given.
    """
    return ask_archive(
        db, site, CommonCrawlSpider, dry_run=dry_run, settings=settings, progress=progress,
        arguments={"commoncrawl": list(site.queries), "crawls": list(site.crawls)},
    )  # fmt: skip

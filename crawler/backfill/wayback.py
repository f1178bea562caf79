"""Backfill from a web archive: its index queries, and the crawl that runs them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from archive import UsageError
from archive.urls import host_of
from crawler.backfill.lists import check_address
from crawler.backfill.mementos import PAGE_ROWS
from crawler.backfill.owners import NEVER_DAYS
from crawler.backfill.running import count_only, run_sites
from crawler.backfill.selecting import Interval
from crawler.loader import spider_class
from crawler.run import CrawlResult, Progress
from crawler.site_file import Expect
from crawler.site_files import load_sites
from crawler.spiders.cdx import ArchiveSite, CdxSpider, is_this_machine

INTERNET_ARCHIVE: Final = "https://web.archive.org/cdx/search/cdx"

MOST_A_MINUTE: Final = 24
"""Requests a minute that the Internet Archive accepts without 429 (the default of EDGI's
client)."""

PATIENCE: Final = 6
"""Consecutive refusals or failures after which the archive is left alone until the next run."""

_YEAR: Final = re.compile(r"\d{4,14}", re.ASCII)


def archive_site(
    urls: Sequence[str],
    *,
    cdx: str = INTERNET_ARCHIVE,
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
    every: str | None = None,
    a_minute: float = MOST_A_MINUTE,
    sites_dirs: Sequence[str] = (),
) -> ArchiveSite:
    """Return the archive at `cdx` with a query for each URL; a trailing `*` matches all below.

    Raises:
        UsageError: invalid URL, time or interval.
    """
    check_address(cdx, inside=True)
    for url in urls:
        check_address(url)
    for moment in (since, until):
        check_moment(moment)
    queries = tuple(_query(cdx, url, since, until) for url in dict.fromkeys(urls))
    host = host_of(cdx)
    interval = None if every is None else Interval.read(every)
    words = "\n".join((*queries, str(limit), *([every] if every else [])))
    return ArchiveSite(
        name=f"wayback-{sha256(words.encode()).hexdigest()[:8]}", path=Path(), toml="",
        title=host, kind="archive", family="list", hosts=(host,), start=queries,
        loopback=is_this_machine(host), delay_s=60.0 / a_minute, give_up_after=PATIENCE,
        revisit_days=NEVER_DAYS, expect=Expect(0), replay=_replay(cdx),
        covering=load_sites(sites_dirs).sites, limit=limit, every=interval,
    )  # fmt: skip


def check_moment(words: str | None) -> None:
    """Check a time given by the user: empty, or digits as an index understands them.

    Raises:
        UsageError: the time is invalid.
    """
    if words is not None and _YEAR.fullmatch(words) is None:
        raise UsageError(
            f"{words!r}: invalid time; expected a year or up to 14 digits, such as 20230131"
        )


def _query(cdx: str, url: str, since: str | None, until: str | None) -> str:
    """Return the first page of a query. Indexes ignore parameters they do not know."""
    asked = f"{cdx}?url={quote(url, safe='')}&output=json"
    asked += f"&from={since}" if since else ""
    asked += f"&to={until}" if until else ""
    return f"{asked}&collapse=digest&showResumeKey=true&limit={PAGE_ROWS}"


def _replay(cdx: str) -> str:
    """Return the prefix of the URLs of archived pages, up to the time.

    Example:
        >>> _replay("https://web.archive.org/cdx/search/cdx")
        'https://web.archive.org/web/'
        >>> _replay("http://127.0.0.1:8080/mine/cdx")
        'http://127.0.0.1:8080/mine/'
    """
    parts = urlsplit(cdx)
    collection = parts.path.partition("/cdx")[0] or "/web"
    return f"{parts.scheme}://{parts.netloc}{collection}/"


def backfill_wayback(
    db: str | Path,
    site: ArchiveSite,
    *,
    dry_run: bool = False,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Fetch pages from a web archive into the archive `db`; once in a process, like `crawl`.

    With `dry_run`, only the index is queried and nothing is stored; `found` in the summary counts
    what it holds.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
        UsageError: the web archive is not on this machine and no contact was given.
    """
    return ask_archive(
        db, site, CdxSpider, dry_run=dry_run, settings=settings, progress=progress,
        arguments={"wayback": list(site.start)},
    )  # fmt: skip


def ask_archive(
    db: str | Path,
    site: ArchiveSite,
    spider: type[CdxSpider],
    *,
    dry_run: bool,
    arguments: Mapping[str, Any],
    settings: Mapping[str, Any] | None,
    progress: Progress | None,
) -> CrawlResult:
    """Run the spider of a web archive, or only read its index; see `backfill_wayback`."""
    more: dict[str, Any] = dict(settings or {})
    if site.loopback:
        more["TWISTED_DNS_RESOLVER"] = "crawler.spiders.cdx.ArchiveResolver"
        more["LOOPBACK_ARCHIVES"] = list(site.hosts)
    if dry_run:
        site = replace(site, counts_for=str(db))
    spiders = {site.name: spider_class(site, spider)}
    if dry_run:
        return count_only(spiders, [site], settings=more)
    return run_sites(db, spiders, [site], arguments=arguments, settings=more, progress=progress)

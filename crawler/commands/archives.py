"""`baogao backfill wayback` and `commoncrawl`: pages from web archives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from archive import UsageError
from archive.console import Console, part_of
from crawler.commands.backfilling import Run, finish, need_scrapy
from crawler.commands.options import (
    backfill_options,
    common_crawl_options,
    since_option,
    until_option,
)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("addresses", nargs=-1, required=True, metavar="URL...")
@click.option("--cdx", help="CDX URL of another archive, such as a local pywb.")
@since_option
@until_option
@click.option("--every", metavar="T", help="At most one page of a URL in this time: 1y, 6m, 30d.")
@click.option(
    "--per-minute", "a_minute", type=click.FloatRange(min=0.1), default=24, show_default=True,
    help="Requests a minute, index and pages together.",
)  # fmt: skip
@backfill_options
def wayback(
    db: str,
    addresses: tuple[str, ...],
    cdx: str | None,
    since: str | None,
    until: str | None,
    every: str | None,
    a_minute: float,
    contact: str | None,
    sites_dirs: tuple[str, ...],
    limit: int | None,
    *,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Import pages from the Internet Archive, or another CDX archive, into DB.

    \b
    Each page becomes a capture of its own URL at the time it was archived. Identical pages of a URL
    are fetched once. A * at the end of URL matches everything below it. --limit N fetches at most
    N pages for each URL; --dry-run only queries the index and counts. To resume after a stop, run
    the same command again.
    Exit code 1 if a page could not be fetched or differs from its digest, 3 if some are left.
    Example: baogao backfill wayback reports.db http://www.example.gov.cn/report.html --from 2003
    """
    need_scrapy()
    from crawler.backfill.wayback import INTERNET_ARCHIVE, archive_site, backfill_wayback

    run = Run(db, contact, sites_dirs, limit, dry_run, as_json, Console(quiet=quiet))
    site = archive_site(
        addresses, cdx=cdx or INTERNET_ARCHIVE, since=since, until=until, limit=limit,
        every=every, a_minute=a_minute, sites_dirs=sites_dirs,
    )  # fmt: skip
    result = backfill_wayback(
        db, site, dry_run=dry_run, settings=run.settings, progress=run.console.progress
    )
    finish(result, run)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("addresses", nargs=-1, metavar="[URL]...")
@click.option(
    "--index", "indexes", multiple=True, metavar="PATH|URL",
    help="Files or folders of the columnar index (Parquet), or their URLs; or the URL of another"
    " list of crawls (collinfo.json).",
)  # fmt: skip
@click.option("--part", metavar="N/M", help="Columnar index: only the WARC files of this part.")
@click.option(
    "--plan", is_flag=True,
    help="Columnar index: only say how many pages, requests, bytes and hours it takes.",
)  # fmt: skip
@since_option
@until_option
@common_crawl_options
@backfill_options
def commoncrawl(
    db: str,
    addresses: tuple[str, ...],
    indexes: tuple[str, ...],
    part: str | None,
    contact: str | None,
    sites_dirs: tuple[str, ...],
    limit: int | None,
    *,
    plan: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **choice: Any,
) -> None:
    """Import pages from Common Crawl into DB: query its indexes, then fetch parts of WARC files.

    \b
    With URL: the index of each crawl is queried over the network. A * at the end of URL matches
    everything below it. There are over a hundred crawls: choose with --from, --to or --crawl.
    With --index and Parquet files instead: pages are chosen by --host, --path and --mime, and those
    that contain 政府工作报告 are stored. Requires pip install 'baogao[crawl,columnar]'.
    Each page becomes a capture of its own URL at the time it was crawled. Identical pages of a URL
    are fetched once. --limit N fetches at most N pages (for each URL); --dry-run only reads the
    indexes and counts. To resume after a stop, run the same command again.
    Exit code 1 if a page could not be fetched or differs from its digest, 3 if some are left.
    Example: baogao backfill commoncrawl reports.db 'http://example.gov.cn/*' --crawl CC-MAIN-2024
    Example: baogao backfill commoncrawl reports.db --index cc-index/ --host .gov.cn --plan
    """
    need_scrapy()
    run = Run(db, contact, sites_dirs, limit, dry_run or plan, as_json, Console(quiet=quiet))
    if _is_table(indexes):
        if addresses:
            raise UsageError("with Parquet files, choose pages by --host and --path, not by URL")
        _scan(run, {**choice, "index": indexes, "limit": limit, "part": part_of(part or "1/1")})
    else:
        _only_with_table(
            {f"--{name}": choice.pop(key) for name, key in _OF_TABLE.items()}
            | {"--part": part, "--plan": plan}
        )
        _query(run, addresses, indexes, choice)


_OF_TABLE: Final = {"host": "hosts", "path": "paths", "containing": "containing"}
"""Options that only the columnar index has, and their parameters."""


def _scan(run: Run, choice: Mapping[str, Any]) -> None:
    """Import pages by the columnar index."""
    from crawler.backfill.crawlscan import backfill_scan, scan_of

    scan = scan_of(choice, sites_dirs=run.sites_dirs)
    result = backfill_scan(
        run.db, scan, dry_run=run.dry_run, settings=run.settings, progress=run.console.progress
    )
    finish(result, run)


def _query(
    run: Run, addresses: tuple[str, ...], indexes: tuple[str, ...], choice: Mapping[str, Any]
) -> None:
    """Import pages by the indexes that answer queries."""
    from crawler.backfill.commoncrawl import (
        DATA,
        INDEX,
        MOST_A_MINUTE,
        backfill_commoncrawl,
        common_crawl,
    )

    if not addresses:
        raise UsageError("name URLs, or Parquet files of the columnar index with --index")
    if len(indexes) > 1:
        raise UsageError("--index: one list of crawls, or Parquet files of the columnar index")
    given = {key: value for key, value in choice.items() if value is not None}
    defaults = {"index": indexes[0] if indexes else INDEX, "data": DATA, "a_minute": MOST_A_MINUTE}
    site = common_crawl(
        addresses, limit=run.limit, sites_dirs=run.sites_dirs, **{**defaults, **given}
    )
    result = backfill_commoncrawl(
        run.db, site, dry_run=run.dry_run, settings=run.settings, progress=run.console.progress
    )
    finish(result, run)


def _is_table(indexes: tuple[str, ...]) -> bool:
    """Whether --index names files of the columnar index, and not the URL of a list of crawls."""
    endings = (".parquet", ".paths.gz")
    return bool(indexes) and all("://" not in one or one.endswith(endings) for one in indexes)


def _only_with_table(given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} needs the columnar index: --index with its Parquet files")

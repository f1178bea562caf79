"""`baogao backfill wayback` and `commoncrawl`: pages from web archives."""

from __future__ import annotations

import click

from archive.console import Console
from crawler.commands.backfilling import Run, finish, need_scrapy
from crawler.commands.options import backfill_options

since_option = click.option(
    "--from",
    "since",
    metavar="Y",
    help="Earliest capture time: a year, or up to 14 digits (20230131).",
)
until_option = click.option(
    "--to", "until", metavar="Y", help="Latest capture time, inclusive; format as for --from."
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
@click.argument("addresses", nargs=-1, required=True, metavar="URL...")
@since_option
@until_option
@click.option(
    "--crawl", "crawls", multiple=True, metavar="NAME",
    help="Only crawls whose names start like this, such as CC-MAIN-2024; repeatable.",
)  # fmt: skip
@click.option(
    "--status", "statuses", multiple=True, default=("200",), show_default=True,
    help="HTTP status of the pages, or any for all.",
)  # fmt: skip
@click.option(
    "--mime", "mimes", multiple=True, help="Content type of the pages, such as html or pdf."
)
@click.option("--index", metavar="URL", help="URL of another list of crawls (collinfo.json).")
@click.option("--data", metavar="URL", help="URL prefix of its WARC files.")
@click.option(
    "--per-minute", "a_minute", type=click.FloatRange(min=0.1), default=20, show_default=True,
    help="Requests a minute to each of index and files.",
)  # fmt: skip
@backfill_options
def commoncrawl(
    db: str,
    addresses: tuple[str, ...],
    since: str | None,
    until: str | None,
    crawls: tuple[str, ...],
    statuses: tuple[str, ...],
    mimes: tuple[str, ...],
    index: str | None,
    data: str | None,
    a_minute: float,
    contact: str | None,
    sites_dirs: tuple[str, ...],
    limit: int | None,
    *,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Import pages from Common Crawl into DB: query its indexes, then fetch parts of WARC files.

    \b
    Each page becomes a capture of its own URL at the time it was crawled. Identical pages of a URL
    are fetched once. A * at the end of URL matches everything below it. There are over a hundred
    crawls, each with its own index: choose with --from, --to or --crawl. --limit N fetches at most
    N pages for each URL; --dry-run only queries the indexes and counts. To resume after a stop, run
    the same command again.
    Exit code 1 if a page could not be fetched or differs from its digest, 3 if some are left.
    Example: baogao backfill commoncrawl reports.db 'http://example.gov.cn/*' --crawl CC-MAIN-2024
    """
    need_scrapy()
    from crawler.backfill.commoncrawl import DATA, INDEX, backfill_commoncrawl, common_crawl

    run = Run(db, contact, sites_dirs, limit, dry_run, as_json, Console(quiet=quiet))
    site = common_crawl(
        addresses, index=index or INDEX, data=data or DATA, crawls=crawls, since=since,
        until=until, statuses=statuses, mimes=mimes, limit=limit, a_minute=a_minute,
        sites_dirs=sites_dirs,
    )  # fmt: skip
    result = backfill_commoncrawl(
        db, site, dry_run=dry_run, settings=run.settings, progress=run.console.progress
    )
    finish(result, run)

"""`baogao backfill wayback` and `commoncrawl`: pages out of web archives."""

from __future__ import annotations

import click

from archive.console import Console
from crawler.commands.backfilling import Run, need_scrapy, told
from crawler.commands.options import backfill_options

since_option = click.option(
    "--from", "since", metavar="Y", help="A year, or up to 14 digits as 20230131."
)
until_option = click.option(
    "--to", "until", metavar="Y", help="As --from; what was archived then belongs to it."
)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("addresses", nargs=-1, required=True, metavar="URL...")
@click.option("--cdx", help="Another archive's CDX address, such as a local pywb's.")
@since_option
@until_option
@click.option("--every", metavar="T", help="One page of an address in this time: 1y, 6m, 30d.")
@click.option(
    "--per-minute", "a_minute", type=click.FloatRange(min=0.1), default=24, show_default=True,
    help="Requests a minute, of the index and of pages together.",
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
    """Bring pages out of the Internet Archive, or another CDX archive, into DB.

    \b
    Each page is a capture of its own address at the time at which it was archived; equal pages
    of an address are taken once. A * at the end of URL asks for all below it. --limit N takes at
    most N pages for each URL; --dry-run asks the index only, and counts. Run the same command
    again to go on after a stop.
    Exit code 1 when a page was not got or differs from its digest, 3 when some are left.
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
    told(result, run)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("addresses", nargs=-1, required=True, metavar="URL...")
@since_option
@until_option
@click.option(
    "--crawl", "crawls", multiple=True, metavar="NAME",
    help="Only crawls so named, or beginning so: CC-MAIN-2024; may be given several times.",
)  # fmt: skip
@click.option(
    "--status", "statuses", multiple=True, default=("200",), show_default=True,
    help="Pages that answered so; any: all of them.",
)  # fmt: skip
@click.option("--mime", "mimes", multiple=True, help="Pages of such a type: html, pdf.")
@click.option("--index", metavar="URL", help="Another list of crawls (collinfo.json).")
@click.option("--data", metavar="URL", help="Where its WARC files lie.")
@click.option(
    "--per-minute", "a_minute", type=click.FloatRange(min=0.1), default=20, show_default=True,
    help="Requests a minute, to the index and to the files each.",
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
    """Bring pages out of Common Crawl into DB: its indexes, then parts of its WARC files.

    \b
    Each page is a capture of its own address at the time at which it was crawled; equal pages of
    an address are taken once. A * at the end of URL asks for all below it. Each crawl has an index
    of its own, and there are over a hundred: --from, --to or --crawl choose. --limit N takes at
    most N pages for each URL; --dry-run asks the indexes only, and counts. Run the same command
    again to go on after a stop.
    Exit code 1 when a page was not got or differs from its digest, 3 when some are left.
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
    told(result, run)

"""`baogao backfill urls`: URLs from a list, or from the list pages of a site."""

from __future__ import annotations

from typing import BinaryIO

import click

from archive import UsageError
from archive.console import Console
from crawler.commands.backfilling import Run, finish, need_scrapy, planned
from crawler.commands.options import backfill_options


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("list_file", required=False, metavar="[FILE|-]", type=click.File("rb"))
@click.option(
    "--site", "names", multiple=True, metavar="NAME",
    help="Instead of FILE: walk all list pages of this site; repeatable.",
)  # fmt: skip
@click.option("--years", metavar="Y-Y", help="With --site: only articles of these years.")
@backfill_options
def urls(
    db: str,
    list_file: BinaryIO | None,
    names: tuple[str, ...],
    years: str | None,
    contact: str | None,
    sites_dirs: tuple[str, ...],
    limit: int | None,
    *,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fetch a list of URLs into DB: one a line, # begins a comment, - is stdin.

    \b
    Follows the same rules as a crawl: robots.txt, address guard, pace. The site file of a host says
    how its pages are read. A line sitemap:URL adds the URLs of a sitemap. --limit N fetches the
    first N URLs that are not done. To resume after a stop, run the same command again.
    With --site, the list pages of a site are walked back in time. Titles, their dates and URLs
    give the years; an article without a year is fetched. --limit N fetches N articles of each site.
    Exit code 1 if a URL gave no page, 3 if some are left.
    Example: baogao backfill urls reports.db addresses.txt --contact you@example.org
    Example: baogao backfill urls reports.db --site anhui --years 2000-2010 --dry-run
    """
    need_scrapy()
    if (list_file is None) == (not names):
        raise UsageError("give either a FILE of URLs (- for stdin) or --site")
    if years is not None and not names:
        raise UsageError("--years requires --site: all URLs of a FILE are fetched")
    run = Run(db, contact, sites_dirs, limit, dry_run, as_json, Console(quiet=quiet))
    if list_file is None:
        _walk_sites(run, names, years)
    else:
        _fetch_list(run, list_file)


def _fetch_list(run: Run, list_file: BinaryIO) -> None:
    from crawler.backfill.lists import read_list
    from crawler.backfill.owners import first_undone, plan
    from crawler.backfill.urls import backfill_urls

    listed = first_undone(run.db, read_list(list_file), run.limit, run.sites_dirs)
    if run.dry_run:
        planned(plan(run.db, listed, run.sites_dirs), as_json=run.as_json)
    elif not listed:
        run.console.say("nothing left to fetch")
    else:
        finish(
            backfill_urls(
                run.db, listed, sites_dirs=run.sites_dirs, settings=run.settings,
                progress=run.console.progress,
            ),
            run,
        )  # fmt: skip


def _walk_sites(run: Run, names: tuple[str, ...], years: str | None) -> None:
    from crawler.backfill.urls import backfill_site
    from crawler.list_years import Years

    finish(
        backfill_site(
            run.db, names, None if years is None else Years.read(years), limit=run.limit,
            dry_run=run.dry_run, sites_dirs=run.sites_dirs, settings=run.settings,
            progress=run.console.progress,
        ),
        run,
    )  # fmt: skip

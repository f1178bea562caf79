"""`baogao backfill urls`: addresses of a list, or those of the lists of a site."""

from __future__ import annotations

from typing import BinaryIO

import click

from archive import UsageError
from archive.console import Console
from crawler.commands.backfilling import Run, need_scrapy, planned, told
from crawler.commands.options import backfill_options


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("list_file", required=False, metavar="[FILE|-]", type=click.File("rb"))
@click.option(
    "--site", "names", multiple=True, metavar="NAME",
    help="Instead of FILE: walk all lists of a site; may be given several times.",
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
    """Fetch the addresses of a list into DB: one a line, # begins a comment, - is stdin.

    \b
    robots.txt, address guard and pace are those of a crawl. A host that a site file covers is read
    as the file says. A line sitemap:URL stands for the addresses of a sitemap. --limit N takes the
    first N that are not done. Run again to go on after a stop; what is done is not asked again.
    With --site the lists of a site are walked back in time: titles, dates beside them and addresses
    tell the years; what has none is fetched. --limit N takes N articles of each site.
    Exit code 1 when an address gave no page, 3 when some are left.
    Example: baogao backfill urls reports.db addresses.txt --contact you@example.org
    Example: baogao backfill urls reports.db --site anhui --years 2000-2010 --dry-run
    """
    need_scrapy()
    if (list_file is None) == (not names):
        raise UsageError("name either a FILE of addresses (- is stdin) or a --site")
    if years is not None and not names:
        raise UsageError("--years belongs to --site: the addresses of a FILE are all fetched")
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
        run.console.say("nothing is left to fetch")
    else:
        told(
            backfill_urls(
                run.db, listed, sites_dirs=run.sites_dirs, settings=run.settings,
                progress=run.console.progress,
            ),
            run,
        )  # fmt: skip


def _walk_sites(run: Run, names: tuple[str, ...], years: str | None) -> None:
    from crawler.backfill.urls import backfill_site
    from crawler.list_years import Years

    told(
        backfill_site(
            run.db, names, None if years is None else Years.read(years), limit=run.limit,
            dry_run=run.dry_run, sites_dirs=run.sites_dirs, settings=run.settings,
            progress=run.console.progress,
        ),
        run,
    )  # fmt: skip

"""`baogao backfill urls` and `wayback`: what exists on the network, through the crawler."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from archive import UsageError
from archive.commands.summary import report
from archive.console import Story, json_option, print_json, print_rows, quiet_option

if TYPE_CHECKING:
    from crawler.run import CrawlResult

contact_option = click.option(
    "--contact", help="E-mail or address of who asks; goes into the User-Agent."
)
sites_dir_option = click.option(
    "--sites-dir",
    "sites_dirs",
    multiple=True,
    type=click.Path(file_okay=False),
    help="A folder of more site files; may be given several times.",
)
limit_option = click.option("--limit", type=click.IntRange(min=1), metavar="N")
dry_run_option = click.option("--dry-run", is_flag=True, help="Fetch no page; say what would be.")
since_option = click.option(
    "--from", "since", metavar="Y", help="A year, or up to 14 digits as 20230131."
)
until_option = click.option(
    "--to", "until", metavar="Y", help="As --from; what was archived then belongs to it."
)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("list_file", required=False, metavar="[FILE|-]", type=click.File("rb"))
@click.option(
    "--site", "names", multiple=True, metavar="NAME",
    help="Instead of FILE: walk all lists of a site; may be given several times.",
)  # fmt: skip
@click.option("--years", metavar="Y-Y", help="With --site: only articles of these years.")
@contact_option
@sites_dir_option
@limit_option
@dry_run_option
@json_option
@quiet_option
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
    _need_scrapy()
    if (list_file is None) == (not names):
        raise UsageError("name either a FILE of addresses (- is stdin) or a --site")
    if years is not None and not names:
        raise UsageError("--years belongs to --site: the addresses of a FILE are all fetched")
    run = _Run(db, contact, sites_dirs, limit, dry_run, as_json, Story(quiet=quiet))
    if list_file is None:
        _walk_sites(run, names, years)
    else:
        _fetch_list(run, list_file)


@dataclass(frozen=True)
class _Run:
    """What all kinds of backfill are told."""

    db: str
    contact: str | None
    sites_dirs: tuple[str, ...]
    limit: int | None
    dry_run: bool
    as_json: bool
    story: Story

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of Scrapy."""
        return {"CONTACT": self.contact} if self.contact else {}


def _fetch_list(run: _Run, list_file: BinaryIO) -> None:
    from crawler.backfill.lists import read_list
    from crawler.backfill.owners import first_undone, plan
    from crawler.backfill.urls import backfill_urls

    listed = first_undone(run.db, read_list(list_file), run.limit, run.sites_dirs)
    if run.dry_run:
        _planned(plan(run.db, listed, run.sites_dirs), as_json=run.as_json)
    elif not listed:
        run.story.say("nothing is left to fetch")
    else:
        _report(
            backfill_urls(
                run.db, listed, sites_dirs=run.sites_dirs, settings=run.settings,
                progress=run.story.progress,
            ),
            run,
        )  # fmt: skip


def _walk_sites(run: _Run, names: tuple[str, ...], years: str | None) -> None:
    from crawler.backfill.urls import backfill_site
    from crawler.listyears import Years

    _report(
        backfill_site(
            run.db, names, None if years is None else Years.read(years), limit=run.limit,
            dry_run=run.dry_run, sites_dirs=run.sites_dirs, settings=run.settings,
            progress=run.story.progress,
        ),
        run,
    )  # fmt: skip


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
@contact_option
@sites_dir_option
@limit_option
@dry_run_option
@json_option
@quiet_option
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
    _need_scrapy()
    from crawler.backfill.wayback import INTERNET_ARCHIVE, archive_site, backfill_wayback

    run = _Run(db, contact, sites_dirs, limit, dry_run, as_json, Story(quiet=quiet))
    site = archive_site(
        addresses, cdx=cdx or INTERNET_ARCHIVE, since=since, until=until, limit=limit,
        every=every, a_minute=a_minute, sites_dirs=sites_dirs,
    )  # fmt: skip
    result = backfill_wayback(
        db, site, dry_run=dry_run, settings=run.settings, progress=run.story.progress
    )
    _report(result, run)


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
@contact_option
@sites_dir_option
@limit_option
@dry_run_option
@json_option
@quiet_option
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
    _need_scrapy()
    from crawler.backfill.commoncrawl import DATA, INDEX, backfill_commoncrawl, common_crawl

    run = _Run(db, contact, sites_dirs, limit, dry_run, as_json, Story(quiet=quiet))
    site = common_crawl(
        addresses, index=index or INDEX, data=data or DATA, crawls=crawls, since=since,
        until=until, statuses=statuses, mimes=mimes, limit=limit, a_minute=a_minute,
        sites_dirs=sites_dirs,
    )  # fmt: skip
    result = backfill_commoncrawl(
        db, site, dry_run=dry_run, settings=run.settings, progress=run.story.progress
    )
    _report(result, run)


def _need_scrapy() -> None:
    if find_spec("scrapy") is None:
        raise UsageError("this command needs scrapy: pip install 'baogao[crawl]'")


def _planned(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """JSON: one value with all rows; otherwise a table."""
    if as_json:
        print_json(list(rows))
    else:
        print_rows(rows, as_table=True)


def _report(result: CrawlResult, run: _Run) -> None:
    """Say what came of a run, or of looking only, and end with its exit code."""
    found = result.summary["found"]
    if run.dry_run:
        _planned(found, as_json=run.as_json)
    else:
        report(result.summary, run.story, run.db, as_json=run.as_json)
        for line in _told(found):
            run.story.say(line)
    for sentence in result.findings:
        run.story.say(sentence)
    raise click.exceptions.Exit(result.exit_code)


def _told(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each list or query: how many of what it holds."""
    for row in found:
        counts = (f"{number} {what}" for what, number in row.items() if what != "of")
        yield f"{row['of']}: {', '.join(counts)}"

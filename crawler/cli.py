"""`baogao`: the commands of the archive and those that use the network.

Only the commands import Scrapy, so that everything else works without it.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from archive import UsageError
from archive.cli import cli as archive_cli
from archive.commands.backfill import backfill
from archive.commands.summary import summary_lines
from archive.configuration import current
from archive.console import (
    Commands,
    Console,
    config_option,
    json_option,
    print_json,
    print_rows,
    quiet_option,
    table_option,
)
from archive.extras import how_to_install
from archive.storage import provide
from crawler.commands import archives, urls
from crawler.commands.alert import alert, with_alerts
from crawler.commands.cluster import enqueue, queue, work
from crawler.commands.doctor import doctor
from crawler.commands.options import (
    contact_option,
    crawl_settings,
    log_file_option,
    log_json_option,
    sites_dir_option,
)
from crawler.commands.stamp import stamp

if TYPE_CHECKING:
    from crawler.run import CrawlResult
    from crawler.site_files import Site


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="baogao", prog_name="baogao")
@config_option
def main() -> None:
    """baogao (报告): crawl, clean and archive Chinese government work reports, with provenance.

    First use: baogao demo
    """


@main.command()
@click.argument("db", default="demo.db", type=click.Path(dir_okay=False))
@json_option
@quiet_option
def demo(db: str, *, as_json: bool, quiet: bool) -> None:
    """Crawl the practice web on 127.0.0.1 into DB; report what was found, removed and flagged.

    \b
    Nothing outside this machine is contacted.
    Example: baogao demo demo.db
    """
    _need("scrapy", "crawl")
    from baogao_practice import Server
    from crawler.run import crawl as run_crawl
    from crawler.site_files import practice_sites

    console = Console(quiet=quiet)
    with Server(port=0) as server:
        console.say(f"The practice web listens on 127.0.0.1:{server.port}; crawling it into {db} …")
        result = run_crawl(
            db, practice_sites(), settings={"PRACTICE_PORT": server.port}, progress=console.progress
        )
    _report(result, console, as_json=as_json)
    console.say()
    console.say(f"Next: baogao serve {db}      (in a checkout: make serve)")
    raise click.exceptions.Exit(result.exit_code)


@main.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--due", "only_due", is_flag=True, help="Only sites that are due.")
@contact_option
@sites_dir_option
@log_file_option
@log_json_option
@json_option
@quiet_option
def crawl(
    db: str,
    names: tuple[str, ...],
    contact: str | None,
    sites_dirs: tuple[str, ...],
    log_file: str | None,
    *,
    log_json: bool,
    only_due: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Crawl sites into DB. Obeys robots.txt; one request a second for each host; resumable.

    \b
    Without SITE: the active sites of the folders given with --sites-dir or in baogao.toml; if none
    is given, every active shipped site. Sites outside this machine require --contact. A crawl that
    was stopped is resumed. Exit code 1 if something is not as expected, 3 if URLs are left for the
    next crawl.
    Example: baogao crawl reports.db --due --contact you@example.org
    """
    _need("scrapy", "crawl")
    from crawler import run_log
    from crawler.run import crawl as run_crawl

    console = Console(quiet=quiet)
    if only_due:
        from crawler.schedule import due

        names = tuple(due(db, _chosen(names, sites_dirs)))
        if not names:
            console.say("nothing is due")
            return
    if log_json and log_file is None:
        raise UsageError("--log-json needs --log-file")
    with run_log.log_file(log_file, as_json=log_json):
        result = run_crawl(
            db,
            names,
            sites_dirs=sites_dirs,
            settings=crawl_settings(contact),
            progress=console.progress,
        )
        result.log()
    _report(result, console, as_json=as_json)
    raise click.exceptions.Exit(result.exit_code)


@main.command()
@click.option("--check", is_flag=True, help="Check the site files; exit 1 if one is broken.")
@click.option("--limits", is_flag=True, help="Show the limits of a run of each site instead.")
@sites_dir_option
@table_option
def sites(sites_dirs: tuple[str, ...], *, check: bool, limits: bool, as_table: bool) -> None:
    """List the sites that can be crawled, with kind and family.

    \b
    Example: baogao sites --table
    """
    from crawler.site_files import load_sites

    found = load_sites(sites_dirs)
    shown = _limits if limits else _described
    print_rows(map(shown, found.sites), as_table=as_table)
    for sentence in found.errors:
        click.echo(f"Error: {sentence}", err=True)
    if found.errors and check:
        raise click.exceptions.Exit(1)


@main.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option(
    "--max-age",
    type=click.FloatRange(min=0),
    metavar="DAYS",
    help="List sites last crawled longer ago; exit 1 if any.",
)
@click.option("--all", "everything", is_flag=True, help="Also sites that were never asked.")
@sites_dir_option
@table_option
def status(
    db: str,
    names: tuple[str, ...],
    max_age: float | None,
    sites_dirs: tuple[str, ...],
    *,
    everything: bool,
    as_table: bool,
) -> None:
    """Show each site's status in DB: last finished crawl, next crawl, URLs left over.

    \b
    Without SITE: the active sites of the folders given with --sites-dir or in baogao.toml; if none
    is given, the shipped sites that were crawled into DB, or with --all all of them. With
    --max-age: list each site whose last crawl is older, and exit with code 1.
    Example: baogao status reports.db --max-age 35 --table
    """
    from crawler.schedule import stale, standings

    found = standings(db, _chosen(names, sites_dirs))
    if not (names or sites_dirs or everything):
        found = [one for one in found if one.was_asked]
    print_rows(
        (asdict(one) | {"late_days": round(one.late_days, 1)} for one in found), as_table=as_table
    )
    sentences = stale(found, max_age) if max_age is not None else []
    for sentence in sentences:
        click.echo(sentence, err=True)
    if sentences:
        raise click.exceptions.Exit(1)


@main.command(name="new-site")
@click.argument("url")
@click.option("--folder", default="sites", type=click.Path(file_okay=False), show_default=True)
@click.option("--name", help="Name of the site; by default made of the host.")
@contact_option
@quiet_option
def new_site(url: str, folder: str, name: str | None, contact: str | None, *, quiet: bool) -> None:
    """Start a site file for the site of URL: a list of reports, or one report.

    \b
    Writes the file, saves one page with its clean text, and proposes lines found on every page as
    junk. The result is a draft: check it before you use it.
    Example: baogao new-site http://www.example.gov.cn/zfgzbg/ --contact you@example.org
    """
    _need("scrapy", "crawl")
    from crawler.newsite import new_site as look

    console = Console(quiet=quiet)
    made = look(url, folder, name=name, settings=crawl_settings(contact))
    for path in (made.site_file, made.page, made.expected):
        if path is not None:
            click.echo(path)
    console.say(f"family: {made.family}; articles read: {made.articles}")
    if not made.articles:
        console.say(
            "No article was seen from here: name a list of reports, or see what a crawl finds"
        )
        console.say("where a script lists them.")
    for line in made.repeated_lines:
        console.say(f"on every page, removed: {line}")
    for line in made.kept_lines:
        console.say(f"on every page, kept; if it is junk, it needs a rule: {line}")
    named = made.site_file.stem
    console.say(f"Next: read {made.site_file}, then: baogao crawl DB {named} --sites-dir {folder}")


provide("s3", "crawler.storage")
main.add_command(stamp)
main.add_command(doctor)
main.add_command(alert)
main.add_command(work)
main.add_command(enqueue)
main.add_command(queue)
backfill.add_command(urls.urls)
backfill.add_command(archives.wayback)
backfill.add_command(archives.commoncrawl)
for name, command in archive_cli.commands.items():
    main.add_command(with_alerts(command) if name == "verify" else command, name)
main.add_command(with_alerts(crawl), "crawl")


def _described(site: Site) -> dict[str, Any]:
    return {
        "name": site.name, "title": site.title, "kind": site.kind,
        "family": site.family, "hosts": " ".join(site.hosts),
    }  # fmt: skip


def _limits(site: Site) -> dict[str, Any]:
    """Return the limits of a site, from its file, baogao.toml or the defaults."""
    return {"name": site.name} | asdict(site.within(current().budgets()).limits)


def _chosen(names: tuple[str, ...], sites_dirs: tuple[str, ...]) -> list[Site]:
    """Return the named sites, or every active site except practice sites."""
    from crawler.site_files import load_sites

    return load_sites(sites_dirs).chosen(names)


def _need(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise UsageError(f"this command needs {module}: {how_to_install(extra)}")


def _report(result: CrawlResult, console: Console, *, as_json: bool) -> None:
    if as_json:
        print_json(result.summary)
        return
    for line in summary_lines(result.summary):
        click.echo(line)
    for row in result.summary["hosts"] if len(result.summary["hosts"]) > 1 else ():
        console.say("{host}: {captures} captures, {ok} good, {bytes} bytes".format(**row))
    for sentence in result.findings:
        console.say(sentence)

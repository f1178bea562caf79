"""`baogao`: the archive's commands and those that use the network.

Scrapy is imported inside the commands only, so that everything else works without it.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from archive import UsageError
from archive.cli import cli as archive_cli
from archive.commands.summary import tell
from archive.console import (
    Commands,
    Story,
    json_option,
    print_json,
    print_rows,
    quiet_option,
    table_option,
)

if TYPE_CHECKING:
    from crawler.run import CrawlResult

sites_dir_option = click.option(
    "--sites-dir",
    "sites_dirs",
    multiple=True,
    type=click.Path(file_okay=False),
    help="A folder of more site files; may be given several times.",
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("baogao"), prog_name="baogao")
def main() -> None:
    """baogao (报告): crawl, clean and archive Chinese government work reports, with provenance.

    First use: baogao demo
    """


@main.command()
@click.argument("db", default="demo.db", type=click.Path(dir_okay=False))
@json_option
@quiet_option
def demo(db: str, *, as_json: bool, quiet: bool) -> None:
    """Crawl the practice web on 127.0.0.1 into DB and say what was found, removed and flagged.

    \b
    Nothing outside this machine is asked for anything.
    Example: baogao demo demo.db
    """
    _need("scrapy", "crawl")
    from crawler.run import crawl as run_crawl
    from crawler.sites import practice_sites
    from practice import Server

    story = Story(quiet=quiet)
    with Server(port=0) as server:
        story.say(f"The practice web listens on 127.0.0.1:{server.port}; crawling it into {db} …")
        result = run_crawl(
            db, practice_sites(), settings={"PRACTICE_PORT": server.port}, progress=story.progress
        )
    _report(result, story, as_json=as_json)
    story.say()
    story.say(f"Next: baogao serve {db}      (in a checkout: make serve)")
    raise click.exceptions.Exit(result.exit_code)


@main.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("names", nargs=-1, metavar="[SITE]...")
@click.option("--contact", help="E-mail or address of who crawls; goes into the User-Agent.")
@sites_dir_option
@json_option
@quiet_option
def crawl(
    db: str,
    names: tuple[str, ...],
    contact: str | None,
    sites_dirs: tuple[str, ...],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Crawl sites into DB: robots.txt obeyed, one request a second a host, resumable.

    \b
    Without SITE: every active site. A host outside this machine needs --contact.
    Example: baogao crawl reports.db practice-gov
    """
    _need("scrapy", "crawl")
    from crawler.run import crawl as run_crawl

    story = Story(quiet=quiet)
    settings: dict[str, Any] = {"CONTACT": contact} if contact else {}
    result = run_crawl(db, names, sites_dirs=sites_dirs, settings=settings, progress=story.progress)
    _report(result, story, as_json=as_json)
    raise click.exceptions.Exit(result.exit_code)


@main.command()
@click.option("--check", is_flag=True, help="Exit 1 when a site file is broken.")
@sites_dir_option
@table_option
def sites(sites_dirs: tuple[str, ...], *, check: bool, as_table: bool) -> None:
    """List the sites that can be crawled, with kind and family.

    \b
    Example: baogao sites --table
    """
    from crawler.sites import load_sites

    found = load_sites(sites_dirs)
    print_rows(
        (
            {
                "name": site.name, "title": site.title, "kind": site.kind,
                "family": site.family, "hosts": " ".join(site.hosts),
            }
            for site in found.sites
        ),
        as_table=as_table,
    )  # fmt: skip
    for sentence in found.errors:
        click.echo(f"Error: {sentence}", err=True)
    if found.errors and check:
        raise click.exceptions.Exit(1)


for name, command in archive_cli.commands.items():
    main.add_command(command, name)


def _need(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise UsageError(f"this command needs {module}: pip install 'baogao[{extra}]'")


def _report(result: CrawlResult, story: Story, *, as_json: bool) -> None:
    if as_json:
        print_json(result.summary)
        return
    for line in tell(result.summary):
        click.echo(line)
    for sentence in result.findings:
        story.say(sentence)

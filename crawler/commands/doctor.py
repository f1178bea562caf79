"""`baogao doctor`: is this machine ready, and what is to be done if not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import json_option, print_json
from archive.errors import BrokenLawError
from crawler.commands.backfilling import need_scrapy
from crawler.commands.options import contact_option, crawl_settings, sites_dir_option

if TYPE_CHECKING:
    from archive.doctor import Check


@click.command()
@click.argument("db", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--site", "names", multiple=True, metavar="NAME",
    help="Also ask this site for its robots.txt; repeatable.",
)  # fmt: skip
@contact_option
@sites_dir_option
@json_option
def doctor(
    db: Path | None,
    names: tuple[str, ...],
    contact: str | None,
    sites_dirs: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Check this machine: Python, SQLite, extras, disk, clock, folders, site files, and DB.

    \b
    Each line says what was found, and what to do about it. Only sites that are named are asked, one
    request for each host. Exit code 1 if a check failed; a note is no failure.
    Example: baogao doctor reports.db --site anhui
    """
    failed = False
    for check in _all(db, names, contact, sites_dirs):
        failed = failed or check.result == "failed"
        if as_json:
            print_json(asdict(check))
        else:
            click.echo(_line(check))
    if failed:
        raise click.exceptions.Exit(BrokenLawError.exit_code)


def _all(
    db: Path | None, names: tuple[str, ...], contact: str | None, sites_dirs: tuple[str, ...]
) -> Iterator[Check]:
    from archive.configuration import current
    from archive.doctor import Check, checks
    from crawler.site_files import load_sites

    found = load_sites(sites_dirs)
    sites = found.chosen(names) if names else []
    yield from checks(current(), db)
    for sentence in found.errors:
        yield Check("site files", "failed", sentence, "correct the file; see docs/crawling.md")
    if not found.errors:
        yield Check("site files", "ok", f"{len(found.sites)} can be read")
    if not sites:
        yield Check("robots.txt", "note", "no site was asked", "name one with --site NAME")
        return
    need_scrapy()
    from crawler.doctoring import check_sites

    yield from check_sites(sites, crawl_settings(contact))


def _line(check: Check) -> str:
    remedy = f" → {check.remedy}" if check.remedy else ""
    return f"{check.result:<7} {check.name}: {check.found}{remedy}"

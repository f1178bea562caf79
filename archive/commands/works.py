"""`baogao works` and `baogao show`: what reports the archive holds, and the best text of one."""

from __future__ import annotations

import click

from archive.console import json_option, print_json, print_rows, table_option
from archive.errors import UsageError


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@table_option
def works(db: str, *, as_table: bool) -> None:
    """List the reports in DB: place, year, title, how many copies.

    \b
    Example: baogao works reports.db --table
    """
    from archive.store import Archive

    with Archive.open(db, read_only=True) as archive:
        print_rows(archive.works(), as_table=as_table)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("work")
@json_option
def show(db: str, work: str, *, as_json: bool) -> None:
    """Print the best text of WORK, such as 210300-2023, and where it comes from.

    \b
    The text goes to stdout, its address, digest and the other copies to stderr.
    Example: baogao show reports.db 210300-2023
    """
    from archive.store import Archive

    with Archive.open(db, read_only=True) as archive:
        copies = list(archive.witnesses(work))
        if not copies:
            raise UsageError(f"{db}: holds no work {work}; list them with: baogao works {db}")
        if as_json:
            print_json(copies)
            return
        click.echo(copies[0]["text"].encode("utf-8", "replace"), nl=False)
    for copy in copies:
        click.echo(f"{copy['rank']}. {copy['url']}  {copy['payload_sha256']}", err=True)

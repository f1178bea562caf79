"""`baogao disk`: what each site and year needs, and what the next year will need."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import Console, print_rows, quiet_option, table_option

if TYPE_CHECKING:
    from archive.store.room import Growth


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@table_option
@quiet_option
def disk(db: Path, *, as_table: bool, quiet: bool) -> None:
    """Show how much of the file DB each site needs, by the year of capture.

    \b
    bytes is the share of the file, with indexes; all add up to its size. Imported files have no
    site. stderr says by how much the file grows in a year at the pace of the last one, and how
    long the free disk will last.
    Example: baogao disk reports.db --table
    """
    from archive.store import Archive
    from archive.store.room import growth, shares

    with Archive.open(db, read_only=True) as archive:
        print_rows(shares(archive.connection), as_table=as_table)
        ahead = growth(archive.connection)
    if ahead is not None:
        Console(quiet=quiet).say(_in_words(db, ahead))


def _in_words(db: Path, ahead: Growth) -> str:
    free = shutil.disk_usage(db.absolute().parent).free
    words = (
        f"{db}: {ahead.file_bytes / 1e6:,.1f} MB; at the pace since {ahead.since[:10]} it grows by"
        f" {ahead.year_bytes / 1e6:,.1f} MB a year"
    )
    if not ahead.year_bytes:
        return words
    years = free / ahead.year_bytes
    lasts = "over a hundred years" if years > 100 else f"{years:.1f} years"  # noqa: PLR2004
    return f"{words}; {free / 1e9:,.1f} GB are free, enough for {lasts} without backups"

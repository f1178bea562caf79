"""`baogao backfill`: one-off imports of what already exists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.summary import tell
from archive.console import Commands, Story, json_option, print_json, quiet_option
from archive.errors import BaogaoError

if TYPE_CHECKING:
    from archive.store import Archive, Run

FILES_A_BATCH = 20
"""Files written in one transaction: batches of 100 write 2.5x faster than single ones, and 20
bound what a killed import does again (docs/provenance.md)."""


@click.group(cls=Commands)
def backfill() -> None:
    """Import what already exists, once, through the very same stages as a crawl."""


@backfill.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@json_option
@quiet_option
def files(db: str, paths: tuple[str, ...], *, as_json: bool, quiet: bool) -> None:
    """Import saved pages and texts: files (.html, .txt …), or folders of them.

    \b
    A file that is in DB already, unchanged, is passed over; run again to go on after a stop.
    Exit code 1 says that a file gave no text; it is kept all the same, with the reason.
    Example: baogao backfill files reports.db saved-pages/ 2023_report.txt
    """
    from archive.intake import gather
    from archive.store import Archive

    story = Story(quiet=quiet)
    found = gather(paths)
    with (
        Archive.open(db, create=True) as archive,
        archive.run("backfill", arguments={"paths": list(paths)}) as run,
    ):
        _import(archive, run, found, story)
        archive.collate()
        summary = archive.summary(run.id)
    if as_json:
        print_json(summary)
    else:
        for line in tell(summary):
            story.say(line)
    if run.counts.get("unreadable", 0):
        raise click.exceptions.Exit(1)


def _import(archive: Archive, run: Run, found: Sequence[Path], story: Story) -> None:
    """Store each file and what is made of it; a file that fails is told and counted."""
    for first in range(0, len(found), FILES_A_BATCH):
        with run.batch():
            for path in story.progress(found[first : first + FILES_A_BATCH], "files"):
                pass

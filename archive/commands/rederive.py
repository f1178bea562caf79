"""`baogao rederive`: make every text again with the rules of today; the old ones stay."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from archive.console import Story, print_rows, quiet_option, table_option

if TYPE_CHECKING:
    from archive.store import Archive, Run

TEXTS_A_BATCH = 20
"""Texts written in one transaction; a stop repeats at most so many."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@table_option
@quiet_option
def rederive(db: str, *, as_table: bool, quiet: bool) -> None:
    """Make the texts of DB again under the current ruleset and list those that changed.

    \b
    Only what has no text of this ruleset yet is made; old texts stay beside the new ones, and
    captures are not touched. After a stop, run it again to go on.
    Example: baogao rederive reports.db --table
    """
    from archive.store import Archive

    story = Story(quiet=quiet)
    with Archive.open(db) as archive, archive.run("rederive") as run:
        derive_waiting(archive, run, story)
        archive.collate(run.id)
        story.say(f"{run.counts['texts']} texts made")
        print_rows(archive.changes(run.id), as_table=as_table)


def derive_waiting(archive: Archive, run: Run, story: Story) -> None:
    """Make the texts of all captures that have none of the current ruleset, some a transaction."""
    from archive.derivation import derive, ruleset_digest
    from archive.known import shipped

    waiting = story.progress(archive.captures_to_derive(ruleset_digest(shipped())), "texts")
    while batch := list(islice(waiting, TEXTS_A_BATCH)):
        with run.batch():
            for capture_id, capture in batch:
                run.text(capture_id, derive(capture))

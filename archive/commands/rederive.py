"""`baogao rederive`: make every text again with the rules of today; the old ones stay."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import Story, print_rows, quiet_option, table_option

if TYPE_CHECKING:
    from archive.known import Knowledge
    from archive.store import Archive, Run

TEXTS_A_BATCH = 20
"""Texts written in one transaction; a stop repeats at most so many."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option(
    "--knowledge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Rules, lexica and figures of this folder instead of the shipped ones (see learn).",
)
@table_option
@quiet_option
def rederive(db: str, *, knowledge: Path | None, as_table: bool, quiet: bool) -> None:
    """Make the texts of DB again under the current ruleset and list those that changed.

    \b
    Only what has no text of this ruleset yet is made; old texts stay beside the new ones, and
    captures are not touched. After a stop, run it again to go on.
    Example: baogao rederive reports.db --table
    """
    from archive.known import Knowledge
    from archive.store import Archive

    known = Knowledge(knowledge) if knowledge else None
    story = Story(quiet=quiet)
    with Archive.open(db) as archive, archive.run("rederive", knowledge=known) as run:
        derive_waiting(archive, run, story, known)
        archive.collate(run.id)
        story.say(f"{run.counts['texts']} texts made")
        print_rows(archive.changes(run.id), as_table=as_table)


def derive_waiting(
    archive: Archive, run: Run, story: Story, knowledge: Knowledge | None = None
) -> None:
    """Make the texts of all captures that have none of the ruleset, some a transaction."""
    from archive.derivation import derive, ruleset_digest
    from archive.known import shipped

    known = shipped() if knowledge is None else knowledge
    waiting = story.progress(archive.captures_to_derive(ruleset_digest(known)), "texts")
    while batch := list(islice(waiting, TEXTS_A_BATCH)):
        with run.batch():
            for capture_id, capture in batch:
                run.text(capture_id, derive(capture, known))

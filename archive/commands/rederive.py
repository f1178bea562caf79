"""`baogao rederive`: derives every text again with the current rules; the old ones are kept."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from archive.console import Console, jobs_option, print_rows, quiet_option, table_option
from archive.errors import BrokenLawError, WorkFailedError
from archive.model import Derivation

if TYPE_CHECKING:
    from archive.derive_many import Outcome
    from archive.known import Knowledge
    from archive.model import Capture
    from archive.store import Archive, Run

TEXTS_A_BATCH: Final = 20
"""Texts written in one transaction; an interruption repeats at most this many."""

WITHOUT_TEXT: Final = "without text"
"""The run count of captures from which no text could be derived."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option(
    "--knowledge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of rules, lexica and figures to use instead of the shipped ones (see learn).",
)
@click.option(
    "--ocr", is_flag=True, help="Read words in pictures and scans that gave no text until now."
)
@jobs_option
@table_option
@quiet_option
def rederive(
    db: str, *, knowledge: Path | None, ocr: bool, jobs: int, as_table: bool, quiet: bool
) -> None:
    """Derive the texts of DB again under the current ruleset and list those that changed.

    \b
    Only captures without a text of this ruleset are derived. Old texts are kept beside the new
    ones, and captures are not changed. To resume after a stop, run it again. Exit code 1 if a page
    gave no text; the reason is printed. Captures read by OCR before are read by OCR again; --ocr
    also reads all other pictures, which takes some seconds a page.
    Example: baogao rederive reports.db --table
    """
    from archive.known import Knowledge
    from archive.store import Archive

    known = Knowledge(knowledge) if knowledge else None
    console = Console(quiet=quiet)
    with Archive.open(db) as archive, archive.run("rederive", knowledge=known) as run:
        derive_waiting(archive, run, console, jobs=jobs, knowledge=known)
        _see_waiting(archive, run, console, jobs=jobs, knowledge=known, wanted=ocr)
        archive.collate(run.id)
        console.say(f"{run.counts['texts']} texts made")
        print_rows(archive.changes(run.id), as_table=as_table)
    if run.counts[WITHOUT_TEXT]:
        raise click.exceptions.Exit(BrokenLawError.exit_code)


def _see_waiting(
    archive: Archive,
    run: Run,
    console: Console,
    *,
    jobs: int,
    knowledge: Knowledge | None,
    wanted: bool,
) -> None:
    """Read pictures again that were read before, and on request all without words."""
    from archive.commands.pictures import may_read, read_waiting
    from archive.derivation import ruleset_digest
    from archive.known import shipped

    ruleset = ruleset_digest(knowledge or shipped())
    before = any(True for _ in archive.captures_to_see(ruleset, anew_only=True))
    if (wanted or before) and may_read(console, wanted=True, knowledge=knowledge):
        read_waiting(archive, run, console, jobs=jobs, knowledge=knowledge, anew_only=not wanted)
    elif before:
        run.counts[WITHOUT_TEXT] += 1


def derive_waiting(
    archive: Archive, run: Run, console: Console, *, jobs: int, knowledge: Knowledge | None = None
) -> None:
    """Derive all captures without a text of the current ruleset, in transactions of several.

    Failures are reported and counted, and tried again next time. `jobs` is the number of worker
    processes, `knowledge` a folder of rules and lexica other than those shipped.
    """
    from archive.derivation import ruleset_digest
    from archive.derive_many import derived
    from archive.known import shipped

    ruleset = ruleset_digest(knowledge or shipped())
    waiting = console.progress(archive.captures_to_derive(ruleset), "texts")
    made = derived(waiting, jobs, knowledge=knowledge.folder if knowledge else None)
    while batch := list(islice(made, TEXTS_A_BATCH)):
        with run.batch():
            for capture_id, capture, outcome in batch:
                _write(run, capture_id, capture, outcome)


def _write(run: Run, capture_id: int, capture: Capture, outcome: Outcome) -> None:
    if isinstance(outcome, Derivation):
        run.text(capture_id, outcome)
    elif isinstance(outcome, WorkFailedError):
        run.counts[WITHOUT_TEXT] += 1
        click.echo(f"{capture.url}: no text: {outcome}; it stays as it was", err=True)

"""`baogao rederive`: derives every text again with the current rules; the old ones are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import Console, jobs_option, print_rows, quiet_option, table_option, to_stderr
from archive.errors import BrokenLawError

if TYPE_CHECKING:
    from archive.known import Knowledge
    from archive.store import Archive, Run


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
    from archive.derive_many import WITHOUT_TEXT
    from archive.importing import derive_waiting
    from archive.known import Knowledge
    from archive.store import Archive

    known = Knowledge(knowledge) if knowledge else None
    console = Console(quiet=quiet)
    with Archive.open(db) as archive, archive.run("rederive", knowledge=known) as run:
        derive_waiting(
            archive, run, jobs=jobs, knowledge=known, progress=console.progress, tell=to_stderr
        )
        _see_waiting(archive, run, console, jobs=jobs, knowledge=known, wanted=ocr)
        archive.collate(run.id, knowledge=known, progress=console.progress)
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
    from archive.derive_many import WITHOUT_TEXT
    from archive.known import shipped

    ruleset = ruleset_digest(knowledge or shipped())
    before = any(True for _ in archive.captures_to_see(ruleset, anew_only=True))
    if (wanted or before) and may_read(console, wanted=True, knowledge=knowledge):
        read_waiting(archive, run, console, jobs=jobs, knowledge=knowledge, anew_only=not wanted)
    elif before:
        run.counts[WITHOUT_TEXT] += 1

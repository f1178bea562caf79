"""`baogao rederive`: derives every text again with the current rules; the old ones are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import (
    Console,
    jobs_option,
    part_of,
    print_json,
    print_rows,
    quiet_option,
    table_option,
    to_stderr,
)
from archive.errors import BrokenLawError, UsageError

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
@click.option("--plan", is_flag=True, help="Derive a sample, say what all would cost, and stop.")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Pages that --plan derives.",
)
@click.option(
    "--part",
    metavar="N/M",
    help="Derive the Nth of M parts into a Parquet file, -o FILE; DB is only read.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file of --part.")
@click.option(
    "--take",
    "files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take the texts of such a file first; can be repeated.",
)
@jobs_option
@table_option
@quiet_option
def rederive(
    db: str,
    *,
    knowledge: Path | None,
    ocr: bool,
    plan: bool,
    sample: int,
    part: str | None,
    output: Path | None,
    files: tuple[Path, ...],
    jobs: int,
    as_table: bool,
    quiet: bool,
) -> None:
    """Derive the texts of DB again under the current ruleset and list those that changed.

    \b
    Only captures without a text of this ruleset are derived. Old texts are kept beside the new
    ones, and captures are not changed. To resume after a stop, run it again. Exit code 1 if a page
    gave no text; the reason is printed. Captures read by OCR before are read by OCR again; --ocr
    also reads all other pictures, which takes some seconds a page.
    --plan says how many pages, CPU hours and bytes it will take. With --part and --take, several
    machines with copies of DB derive it together (docs/scaling.md).
    Example: baogao rederive reports.db --plan
    Example: baogao rederive reports.db --table
    """
    from archive.known import Knowledge
    from archive.store import Archive

    known = Knowledge(knowledge) if knowledge else None
    console = Console(quiet=quiet)
    if sum((plan, part is not None, bool(files))) > 1 or (part is None) != (output is None):
        raise UsageError("give one of --plan, --part N/M with -o FILE, and --take FILE")
    if plan or (part is not None and output is not None):
        with Archive.open(db, read_only=True) as archive:
            if plan:
                _plan(archive, console, jobs=jobs, sample=sample, knowledge=known)
            else:
                _part(archive, console, str(part), output or Path(), jobs=jobs, knowledge=known)
        return
    _all(db, console, files, jobs=jobs, knowledge=known, ocr=ocr, as_table=as_table)


def _all(
    db: str,
    console: Console,
    files: Sequence[Path],
    *,
    jobs: int,
    knowledge: Knowledge | None,
    ocr: bool,
    as_table: bool,
) -> None:
    from archive.derive_many import WITHOUT_TEXT
    from archive.importing import derive_waiting
    from archive.rederiving import openable, take
    from archive.store import Archive

    taken = openable(files, knowledge)
    with Archive.open(db) as archive, archive.run("rederive", knowledge=knowledge) as run:
        take(run, taken, progress=console.progress)
        derive_waiting(
            archive, run, jobs=jobs, knowledge=knowledge, progress=console.progress, tell=to_stderr
        )
        _see_waiting(archive, run, console, jobs=jobs, knowledge=knowledge, wanted=ocr)
        archive.collate(run.id, knowledge=knowledge, progress=console.progress)
        console.say(f"{run.counts['texts']} texts made")
        if strange := run.counts["not of this archive"]:
            console.say(f"{strange} texts are of pages that {db} does not have")
        print_rows(archive.changes(run.id), as_table=as_table)
    if run.counts[WITHOUT_TEXT]:
        raise click.exceptions.Exit(BrokenLawError.exit_code)


def _plan(
    archive: Archive, console: Console, *, jobs: int, sample: int, knowledge: Knowledge | None
) -> None:
    from archive.rederiving import plan

    found = plan(archive, jobs=jobs, sample=sample, knowledge=knowledge, progress=console.progress)
    print_json(found.as_json())
    console.say(f"{archive.path}: {found.in_words()}")


def _part(
    archive: Archive,
    console: Console,
    part: str,
    output: Path,
    *,
    jobs: int,
    knowledge: Knowledge | None,
) -> None:
    from archive.derive_many import WITHOUT_TEXT
    from archive.rederiving import derive_part

    counts = derive_part(
        archive, part_of(part), output,
        jobs=jobs, knowledge=knowledge, progress=console.progress, tell=to_stderr,
    )  # fmt: skip
    console.say(f"{output}: {counts['texts']} texts, {counts['changed']} of them changed")
    if counts[WITHOUT_TEXT]:
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

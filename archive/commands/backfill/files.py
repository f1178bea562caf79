"""`baogao backfill files`: saved pages, texts and tables."""

from __future__ import annotations

from pathlib import Path

import click

from archive.commands.backfill.outcomes import as_rows, outcome_lines, write_outcomes
from archive.commands.opening import Intake, deadline_option
from archive.commands.pictures import may_read, ocr_option, read_waiting
from archive.commands.summary import report
from archive.console import (
    STOPPED_SHORT,
    Console,
    jobs_option,
    json_option,
    print_json,
    print_rows,
    quiet_option,
    to_stderr,
)
from archive.errors import UsageError


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--text-column", help="Column or field of tables with the texts.")
@click.option("--place-column", help="Column with the place; guessed by name.")
@click.option("--year-column", help="Column with the year.")
@click.option("--title-column", help="Column with the title.")
@click.option("--url-column", help="Column with the original URL.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would come in.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take N new captures only.")
@click.option(
    "--report", "target", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write what became of each file to FILE: .csv, otherwise JSON lines.",
)  # fmt: skip
@ocr_option
@jobs_option
@deadline_option
@json_option
@quiet_option
def files(
    db: str,
    paths: tuple[str, ...],
    text_column: str | None,
    place_column: str | None,
    year_column: str | None,
    title_column: str | None,
    url_column: str | None,
    limit: int | None,
    jobs: int,
    deadline: float,
    target: Path | None,
    *,
    ocr: bool | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Import saved pages and texts: files, folders, zips, MHTML, and tables with one report a row.

    \b
    Each row, record or member becomes a capture. Unchanged content already in DB is skipped; to
    resume after a stop, run the same command again. Says of each file which report it became, or
    why none, and how to decide it. Exit code 1 if a file gave no text; it is stored with the
    reason. Exit code 3 if --limit left some for the next run.
    Example: baogao backfill files reports.db saved-pages/ reports.csv 2023_report.txt
    """
    from archive.intake import Columns, gather

    if target is not None and not target.absolute().parent.is_dir():
        raise UsageError(f"{target}: there is no such folder")
    console = Console(quiet=quiet)
    columns = Columns(text_column, place_column, year_column, url_column, title_column)
    intake = Intake(gather(paths, pictures=bool(ocr)), columns, deadline, console)
    if dry_run:
        _say_plan(intake, db, as_json=as_json)
        return
    _import(intake, db, list(paths), jobs, limit, target, ocr=ocr, as_json=as_json)


def _import(
    intake: Intake,
    db: str,
    paths: list[str],
    jobs: int,
    limit: int | None,
    target: Path | None,
    *,
    ocr: bool | None,
    as_json: bool,
) -> None:
    from archive.derive_many import WITHOUT_TEXT
    from archive.importing import Import
    from archive.store import Archive
    from archive.store.imports import made_of_files

    with (
        Archive.open(db, create=True) as archive,
        archive.run("backfill", arguments={"paths": paths}) as run,
    ):
        importing = Import(
            archive, run, jobs=jobs, deadline_s=intake.deadline_s, tell=to_stderr, limit=limit
        )
        importing.take(intake.captures())
        intake.tell()
        known, silent = run.counts["already there"], run.counts["already there without text"]
        if known:
            without = f", {silent} of them without text" if silent else ""
            intake.console.say(f"{known} already there, passed over{without}")
        if may_read(intake.console, wanted=ocr):
            read_waiting(archive, run, intake.console, jobs=jobs, run_id=run.id)
        archive.collate(run.id, progress=intake.console.progress)
        made = list(made_of_files(archive.connection, run.id))
        summary = archive.summary(run.id) | {
            "made": as_rows(made, db),
            "files": len(intake.found),
            "already_there": known,
            "without_text": run.counts[WITHOUT_TEXT] + silent,
            "passed_over": dict(intake.passed_over),
            "tables": [alike.as_json() for alike in intake.tables.values()],
            "left": importing.left,
        }
    if not as_json:
        for line in outcome_lines(made, db):
            intake.console.say(line)
    report(summary, intake.console, db, as_json=as_json)
    if target is not None:
        write_outcomes(target, made, db)
    if importing.left:
        intake.console.say("--limit left some; run again to go on")
        raise click.exceptions.Exit(STOPPED_SHORT)
    if summary["without_text"]:
        raise click.exceptions.Exit(1)


def _say_plan(intake: Intake, db: str, *, as_json: bool) -> None:
    from archive.commands.backfill.planning import plan

    planned = plan(intake.captures(), db)
    if as_json:
        tables = [alike.as_json() for alike in intake.tables.values()]
        more = {"passed_over": dict(intake.passed_over), "tables": tables}
        print_json({"files": len(intake.found), "captures": planned, **more})
    else:
        print_rows(planned, as_table=True)
        intake.console.say(f"{len(intake.found)} files; nothing was written")
        intake.tell()
    if any(row["outcome"] not in {"ok", "truncated"} for row in planned):
        raise click.exceptions.Exit(1)

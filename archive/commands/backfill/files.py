"""`baogao backfill files`: saved pages, texts and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.commands.summary import report
from archive.console import (
    Story,
    jobs_option,
    json_option,
    print_json,
    print_rows,
    quiet_option,
)
from archive.workers import DEADLINE_S

if TYPE_CHECKING:
    from archive.intake import Columns, Gathered, Table
    from archive.model import Capture

STOPPED_SHORT = 3
OTHERS_TOLD = 12


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--text-column", help="The column or field of tables that holds the texts.")
@click.option("--place-column", help="The one that holds the place; guessed by its name.")
@click.option("--year-column", help="The one that holds the year.")
@click.option("--title-column", help="The one that holds the title.")
@click.option("--url-column", help="The one that holds the address a text came from.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would come in.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take N new captures only.")
@jobs_option
@click.option(
    "--deadline", type=click.FloatRange(min=1), default=DEADLINE_S, show_default=True,
    metavar="S", help="Seconds that one text, or one member, may take.",
)  # fmt: skip
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
    *,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Import saved pages and texts: files, folders, zips, MHTML, and tables of one report a row.

    \b
    Each row, record or member is a capture of its own. What is in DB already, unchanged, is
    passed over; run again to go on after a stop. Exit code 1 says that something gave no text;
    it is kept all the same, with the reason. Exit code 3: --limit left some for the next run.
    Example: baogao backfill files reports.db saved-pages/ reports.csv 2023_report.txt
    """
    from archive.intake import Columns, gather

    story = Story(quiet=quiet)
    columns = Columns(text_column, place_column, year_column, url_column, title_column)
    intake = Intake(gather(paths), columns, deadline, story)
    if dry_run:
        _say_plan(intake, db, as_json=as_json)
        return
    _import(intake, db, list(paths), jobs, limit, as_json=as_json)


class Intake:
    """The captures of the files, with a progress bar; remembers what is to be told of them."""

    def __init__(self, found: Gathered, columns: Columns, deadline_s: float, story: Story) -> None:
        self.found = found
        self.deadline_s = deadline_s
        self.story = story
        self.tables: list[Table] = []
        self.passed_over: Counter[str] = Counter(found.passed_over)
        self._columns = columns
        self._total = sum(map(_size, found))
        self._reached = 0
        self._given = 0

    def captures(self) -> Iterator[Capture]:
        """All captures in order; containers are opened in a worker process."""
        yield from self.story.progress(self._captures(), "captures", self._expected)

    def tell(self) -> None:
        """Say how tables were understood, and what was passed over."""
        for table in self.tables:
            self.story.say(_in_words(table))
        if self.passed_over:
            reasons = ", ".join(f"{n} {reason}" for reason, n in self.passed_over.most_common())
            self.story.say(f"passed over: {reasons}")

    def _captures(self) -> Iterator[Capture]:
        from archive.intake import TASK, PassedOver, Table, all_pieces
        from archive.workers import Workers

        workers = Workers(TASK, 1, deadline_s=self.deadline_s)
        try:
            for piece, reached in all_pieces(self.found, self._columns, workers):
                self._reached = reached
                if isinstance(piece, Table):
                    self.tables.append(piece)
                elif isinstance(piece, PassedOver):
                    self.passed_over.update(piece.reasons)
                else:
                    self._given += 1
                    yield piece
        finally:
            workers.close(at_once=True)

    def _expected(self) -> int:
        """How many captures there will be, judged by the share of the bytes that was read."""
        if not self._reached:
            return len(self.found)
        return round(self._given * max(self._total / self._reached, 1))


def _import(
    intake: Intake, db: str, paths: list[str], jobs: int, limit: int | None, *, as_json: bool
) -> None:
    from archive.commands.backfill.importing import Import
    from archive.store import Archive

    with (
        Archive.open(db, create=True) as archive,
        archive.run("backfill", arguments={"paths": paths}) as run,
    ):
        importing = Import(archive, run, jobs=jobs, deadline_s=intake.deadline_s, limit=limit)
        importing.take(intake.captures())
        intake.tell()
        known, silent = run.counts["already there"], run.counts["already there without text"]
        if known:
            without = f", {silent} of them without text" if silent else ""
            intake.story.say(f"{known} already there, passed over{without}")
        archive.collate(run.id)
        summary = archive.summary(run.id) | {
            "files": len(intake.found),
            "already_there": known,
            "without_text": run.counts["without text"] + silent,
            "passed_over": dict(intake.passed_over),
            "tables": [_as_json(table) for table in intake.tables],
            "left": importing.left,
        }
    report(summary, intake.story, db, as_json=as_json)
    if importing.left:
        intake.story.say("--limit left some; run again to go on")
        raise click.exceptions.Exit(STOPPED_SHORT)
    if summary["without_text"]:
        raise click.exceptions.Exit(1)


def _say_plan(intake: Intake, db: str, *, as_json: bool) -> None:
    from archive.commands.backfill.planning import plan

    planned = plan(intake.captures(), db)
    if as_json:
        more = {"passed_over": dict(intake.passed_over), "tables": [*map(_as_json, intake.tables)]}
        print_json({"files": len(intake.found), "captures": planned, **more})
    else:
        print_rows(planned, as_table=True)
        intake.story.say(f"{len(intake.found)} files; nothing was written")
        intake.tell()
    if any(row["outcome"] != "ok" for row in planned):
        raise click.exceptions.Exit(1)


def _in_words(table: Table) -> str:
    claims = ", ".join(f"{known} in {key}" for known, key in table.claims.items())
    parts = [f"{table.name}: texts in {table.text}", claims]
    if table.others:
        more = " …" if len(table.others) > OTHERS_TOLD else ""
        parts.append(f"also {', '.join(table.others[:OTHERS_TOLD])}{more}")
    parts += [f"no column {key}" for key in table.absent]
    return "; ".join(filter(None, parts))


def _as_json(table: Table) -> dict[str, Any]:
    return {
        "table": table.name, "text": table.text, "claims": table.claims,
        "others": list(table.others), "absent": list(table.absent),
    }  # fmt: skip


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

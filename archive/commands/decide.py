"""`baogao decide` and `baogao decisions`: what people decided, with name and reason."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.console import Console, print_rows, quiet_option, table_option
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.store import Archive, Run
    from archive.store.decisions import Portable


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("text_id", type=int, metavar="[TEXT]", required=False)
@click.argument("field", required=False)
@click.argument("value", required=False)
@click.option("--report", metavar="WORK", help="TEXT is this report, such as 鞍山2023.")
@click.option("--words", help="Flagged words to decide, instead of a field.")
@click.option("--nth", "places", type=click.IntRange(min=1), multiple=True, metavar="N",
              help="Which of them, from 1 (the default); repeatable.")  # fmt: skip
@click.option("--reading", help="The original words; may be empty.")
@click.option("--undo", type=int, metavar="ID", help="Undo this decision, see baogao decisions.")
@click.option("--who", envvar="USER", default="", help="Who decides.")
@click.option("--why", default="", help="The reason, for later readers.")
@quiet_option
def decide(
    db: str,
    text_id: int | None,
    field: str | None,
    value: str | None,
    report: str | None,
    words: str | None,
    places: tuple[int, ...],
    reading: str | None,
    undo: int | None,
    who: str,
    why: str,
    *,
    quiet: bool,
) -> None:
    """Decide a field of TEXT, which report it is, or what injected words stand for.

    \b
    Without TEXT: asks the questions of `baogao review DB` one after the other, with one key for
    each answer; from a pipe, one answer a line (1, o VALUE, n, s, u, q). Decisions are stored
    permanently and applied whenever works are made. The text and its derivation are not changed.
    With TEXT alone: lists the decisions on it.
    Example: baogao decide reports.db
    Example: baogao decide reports.db 33 report_year 2023 --who Li --why "the notice of 2023-01"
    Example: baogao decide reports.db 33 --report 鞍山2023 --why "its title page"
    Example: baogao decide reports.db 33 --words 必赢体育 --nth 2 --reading 沈阳 --why "in print"
    Example: baogao decide reports.db --undo 7 --why "the notice was of 2022"
    """
    from archive.store import Archive
    from archive.store.decisions import decisions as stored

    console = Console(quiet=quiet)
    ways = [name for name, given in
            (("FIELD", field), ("--report", report), ("--words", words), ("--undo", undo))
            if given is not None]  # fmt: skip
    if len(ways) > 1:
        raise UsageError(f"decide one thing at a time: {' or '.join(ways)}")
    if ways and text_id is None and undo is None:
        raise UsageError(f"{ways[0]} needs TEXT, the number of a text")
    if text_id is None and undo is None:
        _review(db, who, why, console)
        return
    if not ways:
        with Archive.open(db, read_only=True) as archive:
            print_rows(stored(archive.connection, text_id), as_table=False)
        return
    with Archive.open(db) as archive, archive.run("decide") as run:
        if undo is not None:
            gone = run.undo(undo, who=who, why=why)
            console.say(f"undone: {', '.join(map(str, gone))}")
        elif words is not None:
            if reading is None:
                raise UsageError("--words needs --reading: what stood there")
            run.decide_reading(int(text_id or 0), words, places or (1,), reading, who=who, why=why)
        else:
            values = _fields(archive, int(text_id or 0), field, value, report)
            run.decide_fields(int(text_id or 0), values, who=who, why=why)
        archive.collate(run.id)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("-o", "--export", "target", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the decisions that apply to this file, as JSON lines.")  # fmt: skip
@click.option("--import", "source", type=click.Path(path_type=Path, dir_okay=False),
              help="Take the decisions of such a file.")  # fmt: skip
@table_option
@quiet_option
def decisions(
    db: str, target: Path | None, source: Path | None, *, as_table: bool, quiet: bool
) -> None:
    """List the decisions in DB, write them to a file, or take those of a file.

    \b
    `state` is applies, replaced (by a newer one), undone, or undoing. A decision is about the bytes
    of a page, so it applies in every archive that has them. Exit code 1 if some of a file do not
    apply here; each is reported with the reason.
    Example: baogao decisions reports.db --table
    Example: baogao decisions reports.db --export decisions.jsonl
    Example: baogao decisions other.db --import decisions.jsonl
    """
    from archive.store import Archive
    from archive.store.decisions import decisions as stored
    from archive.store.decisions import portable

    console = Console(quiet=quiet)
    if target and source:
        raise UsageError("either --export or --import")
    if source is not None:
        _take(db, source, console)
        return
    with Archive.open(db, read_only=True) as archive:
        if target is not None:
            lines = [json.dumps(each.as_json(), ensure_ascii=False) for each in
                     portable(archive.connection)]  # fmt: skip
            _write(target, lines)
            console.say(f"{len(lines)} decisions in {target}")
            return
        found = list(stored(archive.connection))
    print_rows(map(_row, found) if as_table else found, as_table=as_table)
    console.say(f"{len(found)} decisions; undo one with: baogao decide {db} --undo ID --why …")


def _review(db: str, who: str, why: str, console: Console) -> None:
    """Ask the questions of the queue; works are made again at the end."""
    from archive.catalogue.review import review
    from archive.commands.deciding import Sitting, typed_answers
    from archive.console import to_stderr
    from archive.store import Archive

    if not who.strip():
        raise UsageError("say who decides: --who NAME")
    with Archive.open(db) as archive, ExitStack() as stack:
        runs: list[Run] = []

        def start() -> Run:
            if not runs:
                runs.append(stack.enter_context(archive.run("decide")))
            return runs[0]

        session = Sitting(archive, review(archive.connection), start, who, why, to_stderr)
        session.ask(typed_answers())
        if runs:
            archive.collate(runs[0].id, progress=console.progress)
        console.say(
            f"{len(session.decided)} decided, {session.skipped} skipped, {session.left()} open"
        )
    if session.decided:
        console.say(f"See them, and undo older ones: baogao decisions {db} --table")


def _fields(
    archive: Archive, text_id: int, field: str | None, value: str | None, report: str | None
) -> dict[str, Any]:
    from archive.catalogue.deciding import decided_fields, report_fields

    if report is not None:
        return report_fields(archive.connection, text_id, report)
    return decided_fields(archive.connection, text_id, str(field), value)


def _row(decision: dict[str, Any]) -> dict[str, Any]:
    """Return a decision in the columns of a table."""
    value = decision["value"]
    if decision["field"] == "reading":
        value = f"{value['words']} #{value['nth']} → {value['reading'] or '∅'}"
    names = ("id", "decided_at", "who", "text_id", "field")
    return {name: decision[name] for name in names} | {
        "value": value, "state": decision["state"], "why": decision["why"],
    }  # fmt: skip


def _write(target: Path, lines: list[str]) -> None:
    try:
        target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}") from error


def _take(db: str, source: Path, console: Console) -> None:
    """Store the decisions of a file that apply here, and report the others."""
    from archive.store import Archive
    from archive.store.decisions import ALREADY_THERE, TAKEN

    read = _read(source)
    counts = Counter({TAKEN: 0, ALREADY_THERE: 0})
    refused = 0
    with Archive.open(db) as archive, archive.run("decide", arguments={"file": source.name}) as run:
        for number, decision in read:
            result = run.take_decision(decision)
            if result in (TAKEN, ALREADY_THERE):
                counts[result] += 1
            else:
                refused += 1
                click.echo(f"{source}:{number}: {result}", err=True)
        archive.collate(run.id)
    console.say(", ".join(f"{count} {result}" for result, count in counts.items()))
    if refused:
        console.say(f"{refused} do not apply here")
        raise click.exceptions.Exit(1)


def _read(source: Path) -> list[tuple[int, Portable]]:
    """Return the decisions of a file with their lines.

    Raises:
        UsageError: it cannot be read, or a line is no decision; nothing is taken then.
    """
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"{source}: {why}") from error
    return [(n, _decision(source, n, line)) for n, line in enumerate(lines, 1) if line.strip()]


def _decision(source: Path, number: int, line: str) -> Portable:
    from archive.store.decisions import parse

    try:
        return parse(json.loads(line))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source}:{number}: no decision: {error}") from error

"""`baogao works` and `baogao show`: the reports of the archive, and the best text of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from archive.commands.asking import KIND, asked_work
from archive.console import json_option, print_json, print_rows, table_option
from archive.errors import UsageError

_SHOWN = ("work", "place", "report_year", "title", "kind", "stage", "state", "witnesses")
"""Columns of a work in a table for people; the JSON lines have more."""


@click.command()
@click.argument("db", type=click.Path())
@click.option("--kind", type=KIND, help="Only this kind of document; all kinds otherwise.")
@table_option
def works(db: str, kind: str | None, *, as_table: bool) -> None:
    """List the reports in DB: place, year, title, condition, number of copies.

    \b
    DB may be a folder of archives, which are read as one.
    Example: baogao works reports.db --table
    """
    from archive.store.collection import opened

    with opened(db) as collection:
        found = [row for row in collection.works() if kind in (None, row["kind"])]
    if as_table:
        shown = (*_SHOWN, *(["archive"] if collection.is_folder else []))
        found = [{name: row[name] for name in shown} for row in found]
    print_rows(found, as_table=as_table)


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("work")
@click.option("--copy", "rank", type=int, metavar="N", help="Print the Nth best copy unchanged.")
@json_option
def show(db: str, work: str, *, rank: int | None, as_json: bool) -> None:
    """Print the best text of WORK, such as 210300-2023, and its sources.

    \b
    The text goes to stdout: the best copy, repaired from the others; 〔缺〕 is a gap that no copy
    fills. The copies and repairs are listed on stderr. If a place has two reports in one year, add
    the day or the session: 440303-2021/10-17, 440303-2021/7-8.
    Example: baogao show reports.db 210300-2023
    """
    from archive.store import Archive

    with Archive.open(db, read_only=True) as archive:
        work = asked_work(archive.connection, db, work)
        copies = list(archive.witnesses(work))
        passages = list(archive.edition(work))
        row = archive.work(work)
    if rank is not None:
        copies = [copy for copy in copies if copy["rank"] == rank]
        if not copies:
            raise UsageError(f"{work} has no copy {rank}; see them with: baogao show {db} {work}")
    if as_json:
        print_json(
            copies if rank is not None else {"work": row, "copies": copies, "edition": passages}
        )
        return
    shown = copies if rank is not None or not passages else passages
    for piece in shown:
        click.echo(piece["text"].rstrip("\n").encode("utf-8", "replace"))
    click.echo(f"\n{_condition(row)}", err=True)
    for line in _print_copies(copies, passages if shown is passages else ()):
        click.echo(line, err=True)


def _condition(work: Mapping[str, Any]) -> str:
    """Return the condition of a report: `repaired, complete; 2 of 3 copies have injected words`."""
    words = f"{work['quality']}, {work['completeness'].replace('_', ' ')}"
    if work["hijacked_copies"]:
        words += f"; {work['hijacked_copies']} of {work['witnesses']} copies have injected words"
    return words


def _print_copies(
    copies: Sequence[Mapping[str, Any]], passages: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Print the copies by rank, then what the edition took from which."""
    for copy in copies:
        yield f"{copy['rank']}. {copy['url']}  {copy['payload_sha256']}"
        verdict = copy["verdict"] if copy["verdict"] != "clean" else copy["page_verdict"]
        if verdict != "clean":
            yield f"   {verdict}: {copy['why']}"
    filled = sum(passage["origin"] == "filled" for passage in passages)
    if filled:
        yield f"{filled} of {len(passages)} paragraphs are not in copy 1"
    changes = Counter(change["kind"] for passage in passages for change in passage["changes"])
    for kind, count in changes.most_common():
        yield f"{count} {_MENDED.get(kind, f'{kind} taken from another copy')}"
    proposals = {
        f"{change['was']} ({', '.join(change['proposals']) or 'no proposal'})"
        for passage in passages
        for change in passage["changes"]
        if change["kind"] == "gap"
    }
    if proposals:
        yield f"in place of 〔缺〕: {'; '.join(sorted(proposals))}"


_MENDED = {
    "gap": "gaps 〔缺〕 that no copy fills",
    "decision": "readings that a person decided",
    "alternation": "straight quotation marks turned by alternation, which no copy proves",
}

"""`baogao review`: what a person could decide, those questions first that change most."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import click

from archive.console import Console, print_rows, quiet_option, shortened, table_option

if TYPE_CHECKING:
    from archive.catalogue.review import ReviewQuestion

COLUMNS: Final = 40
"""Columns of a title in a table; the JSON has all of it."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N.")
@table_option
@quiet_option
def review(db: str, limit: int | None, *, as_table: bool, quiet: bool) -> None:
    """List what a person could decide in DB, those questions first that change most.

    \b
    Uncertain or contradicted fields, texts that belong to no report, copies that collation was
    unsure of, and injected words that no copy replaces. `cells` counts the cells of the panel that
    hang on an answer, `reports` the reports, `copies` the copies. Each line of JSON has the command
    for each answer. `baogao decide DB` asks them one after the other.
    Example: baogao review reports.db --table
    """
    from archive.catalogue.review import review as questions
    from archive.store import Archive

    with Archive.open(db, read_only=True) as archive:
        found = questions(archive.connection)
    shown = found[:limit]
    row = table_row if as_table else lambda question: json_row(question, db)
    print_rows(map(row, shown), as_table=as_table)
    console = Console(quiet=quiet)
    cells = sum(question.cells > 0 for question in found)
    console.say(f"{len(found)} questions; cells of the panel hang on {cells}")
    if found:
        console.say(f"Next: baogao decide {db}")


def command(db: str, arguments: list[str]) -> str:
    """Return a command to copy that decides; the reason is left to the person."""
    return shlex.join(["baogao", "decide", db, *arguments, "--why"]) + " '…'"


def json_row(question: ReviewQuestion, db: str) -> dict[str, Any]:
    """Return a question with the command of each answer."""
    row = question.as_json()
    for choice in row["choices"]:
        choice["command"] = command(db, question.arguments(choice["value"]))
    return row


def table_row(question: ReviewQuestion) -> dict[str, Any]:
    """Return a question in the columns of a table."""
    first = question.choices[0] if question.choices else None
    answer = f"{first.value} {first.label}".strip() if first else None
    return {
        "text": question.text_id, "asks": question.asks, "reason": question.reason,
        "now": question.now, "first answer": answer, "cells": question.cells,
        "reports": question.reports, "copies": question.copies,
        "about": shortened(question.title or _end_of(question.url or ""), COLUMNS),
    }  # fmt: skip


def _end_of(url: str) -> str:
    """Return the last part of an address, which tells a text from others, or all of a short one."""
    whole = unquote(url).rstrip("/")
    return whole if len(whole) <= COLUMNS else whole.rpartition("/")[2]

"""`baogao backfill files`: saved pages, texts and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.summary import report
from archive.console import Story, json_option, quiet_option

if TYPE_CHECKING:
    from archive.model import Capture, Derivation
    from archive.store import Archive, Run

CAPTURES_A_BATCH = 20
"""Captures written in one transaction: batches of 100 write 2.5x faster than single ones, and 20
bound what a killed import does again (docs/provenance.md)."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--text-column", help="The column or field of tables that holds the texts.")
@json_option
@quiet_option
def files(
    db: str, paths: tuple[str, ...], text_column: str | None, *, as_json: bool, quiet: bool
) -> None:
    """Import saved pages and texts: files, folders, zips, MHTML, and tables of one report a row.

    \b
    Each row, record or member is a capture of its own. What is in DB already, unchanged, is
    passed over; run again to go on after a stop. Exit code 1 says that something gave no text;
    it is kept all the same, with the reason.
    Example: baogao backfill files reports.db saved-pages/ reports.csv 2023_report.txt
    """
    from archive.intake import gather
    from archive.store import Archive

    story = Story(quiet=quiet)
    found = gather(paths)
    with (
        Archive.open(db, create=True) as archive,
        archive.run("backfill", arguments={"paths": list(paths)}) as run,
    ):
        _import(archive, run, story.progress(_captures(found, text_column), "captures"))
        if passed_over := run.counts["already there"]:
            story.say(f"{passed_over} already there, passed over")
        archive.collate(run.id)
        summary = archive.summary(run.id)
        findings = run.counts["without text"]
    report(summary, story, db, as_json=as_json)
    if findings:
        raise click.exceptions.Exit(1)


def _captures(found: Sequence[Path], text_column: str | None) -> Iterator[Capture]:
    from archive.intake import captures_of

    for path in found:
        yield from captures_of(path, text_column)


def _import(archive: Archive, run: Run, captures: Iterator[Capture]) -> None:
    """Store each capture and what is made of it, some a transaction."""
    while batch := list(islice(captures, CAPTURES_A_BATCH)):
        run.pack(batch)
        with run.batch():
            for capture in batch:
                _import_one(archive, run, capture)


def _import_one(archive: Archive, run: Run, capture: Capture) -> None:
    from archive.derivation import derive

    digest = capture.payload_sha256
    if digest is not None and archive.has(capture.url, digest):
        run.counts["already there"] += 1
        return
    capture_id = run.capture(capture)
    reason = capture.error
    if digest is not None:
        derivation = derive(capture)
        run.text(capture_id, derivation)
        reason = None if derivation.text.strip() else _why_no_text(derivation)
    if reason is not None:
        run.counts["without text"] += 1
        where = f"{capture.filename} {capture.member}" if capture.member else capture.filename
        click.echo(f"{where}: no text: {reason}; kept as it is", err=True)


def _why_no_text(derivation: Derivation) -> str:
    evidence = [flag.evidence for flag in derivation.flags]
    return "; ".join(evidence) or f"nothing is left of {len(derivation.visible)} characters"

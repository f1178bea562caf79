"""`baogao backfill preservation`: an archive made of a preservation export."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@quiet_option
def preservation(new: Path, folder: Path, *, quiet: bool) -> None:
    """Make the archive NEW of FOLDER, which `baogao export --format preservation` wrote.

    \b
    Captures, payloads, texts, decisions and the ledger are taken as they are; works are made again.
    Everything is compared with its digest, and NEW appears only if all of it is right. Exit code 1
    if FOLDER was damaged, cut short or changed.
    Example: baogao backfill preservation reports.db reports-2026/
    """
    from archive.store.preservation.importing import import_preservation

    console = Console(quiet=quiet)
    imported = import_preservation(folder, new, progress=console.progress)
    rows = imported.rows
    console.say(
        f"{new}: {rows['captures']} captures, {rows['texts']} texts, {rows['works']} works;"
        f" ledger head: {imported.head}"
    )
    if imported.other_works:
        console.say(
            f"{imported.other_works} works are not as in the export: it was made by another"
            " version of baogao, with other rules, or before everything was collated"
        )

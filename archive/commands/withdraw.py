"""`baogao withdraw`: removes a payload, and leaves a tombstone."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("sha256")
@click.option("--reason", required=True, help="Why; it is stored beside the tombstone.")
@quiet_option
def withdraw(db: Path, new: Path, sha256: str, *, reason: str, quiet: bool) -> None:
    """Copy DB to NEW without the payload SHA256 and all that was made of it.

    \b
    The capture, its digest and the ledger are kept; verify reports "not checkable". DB is not
    changed: delete it, its backups and everything exported from it yourself (docs/legal.md).
    Example: baogao withdraw reports.db clean.db 3f79bb7b435b… --reason "asked for by the author"
    """
    from archive.store.withdrawal import withdraw as take_out

    related = take_out(db, new, sha256.lower(), reason)
    console = Console(quiet=quiet)
    console.say(f"{new}: made without {sha256}; {db} still holds it")
    for digest in related:
        console.say(f"may hold the same words (same page, or its container): {digest}")

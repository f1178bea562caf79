"""`baogao prune`: drop derivations that newer ones replaced."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only print what would be dropped.")
@quiet_option
def prune(db: Path, *, dry_run: bool, quiet: bool) -> None:
    """Drop texts in DB that were derived again with newer rules; facts are never changed.

    \b
    Kept are current texts, those that an edition or an export was made of, and those with a
    decision about their page. The ledger keeps the digest of each dropped text, and verify
    reports it as pruned. The file does not shrink, but free pages are used again; compact makes a
    smaller copy. After an interruption, run it again.
    Example: baogao prune reports.db --dry-run
    """
    from archive.store import Archive

    console = Console(quiet=quiet)
    with Archive.open(db) as archive:
        plan = archive.superseded()
        kept = plan.superseded - len(plan.texts)
        about = f"{len(plan.texts)} of {plan.stored} texts"
        named = f"; {kept} more are superseded, but something names them" if kept else ""
        if dry_run or not plan.texts:
            console.say(f"{db}: {about} can go{named}")
            return
        with archive.run("prune") as run:
            archive.prune(run, plan, progress=console.progress)
        console.say(f"{db}: dropped {about}{named}; ledger head: {archive.ledger_head()}")

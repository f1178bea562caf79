"""`baogao prune`: drop derivations that newer ones have taken the place of."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@quiet_option
def prune(db: Path, *, dry_run: bool, quiet: bool) -> None:
    """Drop the texts in DB that newer rules made otherwise since; facts are never touched.

    \b
    Kept are current texts, those that an edition is made of, that an export took, and those whose
    page a person decided something about. The ledger names each dropped text by its digest, and
    verify calls it pruned. The file does not shrink: free pages are used again; compact makes a
    small copy. After a stop, run it again.
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

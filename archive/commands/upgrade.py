"""`baogao upgrade`: migrates an archive of an older version."""

from __future__ import annotations

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@quiet_option
def upgrade(db: str, *, quiet: bool) -> None:
    """Migrate DB to this version's tables, after a backup beside it.

    \b
    Every command that writes does so; this one does nothing else. An archive of a newer version is
    refused, and so is one of a commit between releases; docs/upgrading.md says what to do then.
    Example: baogao upgrade reports.db
    """
    from archive.store import Archive, schema

    with Archive.open(db) as archive:
        made = archive.backup
    state = f"migrated to schema {schema.version()}; as it was: {made}" if made else "is up to date"
    Console(quiet=quiet).say(f"{db}: {state}")

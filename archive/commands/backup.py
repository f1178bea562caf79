"""`baogao backup`: a consistent copy, even during a crawl."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--public", is_flag=True, help="Leave out payloads, dropped text, client data.")
@quiet_option
def backup(db: Path, new: Path, *, public: bool, quiet: bool) -> None:
    """Copy DB to NEW, a single file, even during a crawl.

    \b
    --public omits what must not be published: payloads, the frontier, dropped text (masked
    character by character, so that offsets stay valid), request headers, arguments, paths.
    Example: baogao backup reports.db reports-2026-01-31.db
    """
    from archive.store.copies import backup as copy
    from archive.store.copies import public_backup

    (public_backup if public else copy)(db, new)
    Console(quiet=quiet).say(
        f"{new}: {new.stat().st_size:,} bytes; check it with: baogao verify {new}"
    )

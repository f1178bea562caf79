"""`baogao compact`: a smaller copy with the same digests."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
@quiet_option
def compact(db: Path, new: Path, *, quiet: bool) -> None:
    """Copy DB to NEW with payloads packed by zstd: dictionaries, and differences of re-captures.

    \b
    All digests and texts are unchanged, and so is DB. Requires pip install 'baogao[compact]', also
    to read NEW.
    Example: baogao compact reports.db smaller.db
    """
    from archive.store.compaction import compact as pack

    console = Console(quiet=quiet)
    pack(db, new, progress=console.progress)
    before, after = db.stat().st_size, new.stat().st_size
    console.say(
        f"{new}: {after:,} bytes, {after / before:.2f} of {db}; check it with: baogao verify {new}"
    )

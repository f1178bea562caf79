"""`baogao merge`: many archives into one."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, json_option, print_json, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("shards", nargs=-1, required=True, metavar="SHARD...")
@click.option("--no-collate", is_flag=True, help="Make no works; the next merge without it does.")
@json_option
@quiet_option
def merge(
    db: Path, shards: tuple[str, ...], *, no_collate: bool, as_json: bool, quiet: bool
) -> None:
    """Merge the archives SHARD... into DB, which is made if it does not exist.

    \b
    Captures, texts as they were derived, runs, decisions, time-stamps and the frontier are copied;
    works are made of the texts of all. Each shard's ledger is kept, and verify still checks it. The
    shards are not changed. Merging again adds only what is new, so that after a stop, or when a
    shard has grown, the same command goes on. A shard may lie at an address, s3://BUCKET/NAME.db
    (docs/scaling.md). Exit code 1 if a shard is damaged.
    Example: baogao merge province.db city-1.db city-2.db
    """
    from archive.store.merging import merge as merged

    console = Console(quiet=quiet)
    found = merged(db, shards, collate=not no_collate, progress=console.progress)
    if as_json:
        print_json({"rows": found.rows, "collated": found.collated, "ledger_head": found.head})
    rows = ", ".join(f"{count:,} {table}" for table, count in sorted(found.rows.items()))
    console.say(f"{db}: {rows or 'has everything already'}; ledger head: {found.head}")

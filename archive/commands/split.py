"""`baogao split`: archives by province."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, json_option, print_json, quiet_option


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.argument("shards", nargs=-1, required=True, metavar="SHARD...")
@click.option("--no-collate", is_flag=True, help="Make no works; the next split without it does.")
@json_option
@quiet_option
def split(
    folder: Path, shards: tuple[str, ...], *, no_collate: bool, as_json: bool, quiet: bool
) -> None:
    """Copy what the archives SHARD... hold into the archives of FOLDER, one for each province.

    \b
    A capture goes where its reports belong: to 13.db for 河北, 00.db for the nation, unplaced.db
    for what belongs to no province. A text without a place goes where a text is of which it is a
    copy or a piece, a page with reports of several provinces to all of them. The shards are not
    changed, and keep their frontier. Splitting again adds only what is new. The commands works,
    search, coverage, panel, targets, export and serve read FOLDER as one archive.
    Example: baogao split provinces/ crawl-1.db crawl-2.db
    """
    from archive.store.merging.splitting import split as divided

    console = Console(quiet=quiet)
    found = divided(folder, shards, collate=not no_collate, progress=console.progress)
    if as_json:
        print_json({
            part: {"rows": each.rows, "collated": each.collated, "ledger_head": each.head}
            for part, each in found.items()
        })  # fmt: skip
    for part, each in found.items():
        rows = f"{each.rows['captures']:,} captures, {each.rows['texts']:,} texts"
        console.say(f"{folder / part}.db: {rows if each.rows else 'has everything already'}")

"""`baogao backfill warc`: captures out of WARC files."""

from __future__ import annotations

from pathlib import Path

import click

from archive.commands.rederive import derive_waiting
from archive.commands.summary import report
from archive.console import Story, json_option, quiet_option
from archive.errors import DamagedFileError, UsageError


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@json_option
@quiet_option
def warc(db: str, paths: tuple[str, ...], *, as_json: bool, quiet: bool) -> None:
    """Import WARC files (.warc, .warc.gz): of baogao's own export, or of other tools.

    \b
    A file that is cut short or altered is refused with the place of the damage; the captures
    before it are kept. What is in DB already is passed over.
    Example: baogao backfill warc reports.db crawl-2023.warc.gz
    """
    from archive.store import Archive
    from archive.store.warc.reading import import_warc

    story = Story(quiet=quiet)
    for path in paths:
        if not Path(path).is_file():
            raise UsageError(f"{path}: no such file")
    damage: DamagedFileError | None = None
    with (
        Archive.open(db, create=True) as archive,
        archive.run("backfill", arguments={"warc": list(paths)}) as run,
    ):
        for path in paths:
            try:
                import_warc(archive, run, Path(path), progress=story.progress)
            except DamagedFileError as error:
                damage = error
                click.echo(f"Error: {error}", err=True)
        derive_waiting(archive, run, story)
        archive.collate(run.id)
        summary = archive.summary(run.id)
    if run.counts["end not known"]:
        story.say("a file of another tool without a manifest: whether it is whole cannot be told")
    report(summary, story, db, as_json=as_json)
    if damage is not None:
        raise click.exceptions.Exit(damage.exit_code)

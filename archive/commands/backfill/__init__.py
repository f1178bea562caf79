"""`baogao backfill`: one-off imports of existing material, one module for each command."""

from __future__ import annotations

import click

from archive.commands.backfill.files import files
from archive.commands.backfill.preservation import preservation
from archive.commands.backfill.warc import warc
from archive.console import Commands


@click.group(cls=Commands)
def backfill() -> None:
    """Import existing material once, through the same stages as a crawl."""


backfill.add_command(files)
backfill.add_command(warc)
backfill.add_command(preservation)

"""The options that commands of the network share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from archive.console import json_option, quiet_option

Command = TypeVar("Command", bound=Callable[..., Any])

contact_option = click.option(
    "--contact", help="E-mail or address of who crawls; goes into the User-Agent."
)
sites_dir_option = click.option(
    "--sites-dir",
    "sites_dirs",
    multiple=True,
    type=click.Path(file_okay=False),
    help="A folder of more site files; may be given several times.",
)

_OF_BACKFILLS: Final = (
    contact_option,
    sites_dir_option,
    click.option("--limit", type=click.IntRange(min=1), metavar="N"),
    click.option("--dry-run", is_flag=True, help="Fetch no page; say what would be."),
    json_option,
    quiet_option,
)


def backfill_options(command: Command) -> Command:
    """Give `command` the options of all backfills from the network, in this order."""
    for option in reversed(_OF_BACKFILLS):
        command = option(command)
    return command

"""Options shared by the network commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from archive.console import configured, json_option, quiet_option

Command = TypeVar("Command", bound=Callable[..., Any])

contact_option = click.option(
    "--contact",
    default=configured("contact"),
    help="Your e-mail address or URL, sent in the User-Agent.",
)
sites_dir_option = click.option(
    "--sites-dir",
    "sites_dirs",
    multiple=True,
    default=configured("sites_dirs"),
    type=click.Path(file_okay=False),
    help="Folder of additional site files; repeatable.",
)

log_file_option = click.option(
    "--log-file",
    type=click.Path(dir_okay=False),
    help="Write a log to this file: messages, and every 30 s the progress of each host. Rotated"
    " at 10 MB; 5 older files are kept.",
)
log_json_option = click.option("--log-json", is_flag=True, help="Write the log as JSON lines.")

_OF_BACKFILLS: Final = (
    contact_option,
    sites_dir_option,
    click.option("--limit", type=click.IntRange(min=1), metavar="N"),
    click.option("--dry-run", is_flag=True, help="Fetch no pages; report what would be fetched."),
    json_option,
    quiet_option,
)


def backfill_options(command: Command) -> Command:
    """Add the options of all network backfills to `command`, in this order."""
    for option in reversed(_OF_BACKFILLS):
        command = option(command)
    return command


def crawl_settings(contact: str | None) -> dict[str, Any]:
    """Return the Scrapy settings that follow from `--contact` and from what was said once."""
    from archive.configuration import current

    said = current()
    return {
        "CONTACT": contact or "", "USER_AGENT": said.user_agent(), "PROXY": said["proxy"] or None,
        "LIMITS": said.budgets(),
    }  # fmt: skip

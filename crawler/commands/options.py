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


since_option = click.option(
    "--from",
    "since",
    metavar="Y",
    help="Earliest capture time: a year, or up to 14 digits (20230131).",
)
until_option = click.option(
    "--to", "until", metavar="Y", help="Latest capture time, inclusive; format as for --from."
)

_OF_COMMON_CRAWL: Final = (
    click.option(
        "--host", "hosts", multiple=True, metavar="HOST",
        help="Columnar index: only this host; .gov.cn for it and all below. Repeatable.",
    ),
    click.option(
        "--path", "paths", multiple=True, metavar="REGEX",
        help="Columnar index: only URLs in which this matches behind the host. Repeatable.",
    ),
    click.option(
        "--containing", "containing", multiple=True, metavar="WORDS",
        help="Columnar index: store only pages with these words, by default 政府工作报告;"
        " '' for all.",
    ),
    click.option(
        "--crawl", "crawls", multiple=True, metavar="NAME",
        help="Only crawls whose names start like this, such as CC-MAIN-2024; repeatable.",
    ),
    click.option(
        "--status", "statuses", multiple=True, default=("200",), show_default=True,
        help="HTTP status of the pages, or any for all.",
    ),
    click.option(
        "--mime", "mimes", multiple=True, help="Content type of the pages, such as html or pdf."
    ),
    click.option("--data", metavar="URL", help="URL prefix of its WARC files."),
    click.option(
        "--per-minute", "a_minute", type=click.FloatRange(min=0.1), show_default="20, or 60",
        help="Requests a minute to each host; 60 with the columnar index.",
    ),
)  # fmt: skip


def common_crawl_options(command: Command) -> Command:
    """Add the options that choose pages of Common Crawl, except for their time."""
    for option in reversed(_OF_COMMON_CRAWL):
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

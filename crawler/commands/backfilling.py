"""Options and output shared by the network backfills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from archive import UsageError
from archive.commands.summary import report
from archive.console import Console, print_json, print_rows
from archive.extras import how_to_install
from crawler.commands.options import crawl_settings

if TYPE_CHECKING:
    from crawler.run import CrawlResult


@dataclass(frozen=True)
class Run:
    """The options of all network backfills."""

    db: str
    contact: str | None
    sites_dirs: tuple[str, ...]
    limit: int | None
    dry_run: bool
    as_json: bool
    console: Console

    @property
    def settings(self) -> dict[str, Any]:
        """The Scrapy settings."""
        return crawl_settings(self.contact)


def need_scrapy() -> None:
    """Check that the crawler can run.

    Raises:
        UsageError: it cannot; the message says what to install.
    """
    if find_spec("scrapy") is None:
        raise UsageError(f"this command needs scrapy: {how_to_install('crawl')}")


def planned(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows as one JSON value, or as a table."""
    if as_json:
        print_json(list(rows))
    else:
        print_rows(rows, as_table=True)


def finish(result: CrawlResult, run: Run) -> None:
    """Print the result of a run or a dry run, and exit with its code."""
    found = result.summary["found"]
    if run.dry_run:
        planned(found, as_json=run.as_json)
    else:
        report(result.summary, run.console, run.db, as_json=run.as_json)
        for line in _lines(found):
            run.console.say(line)
    for sentence in result.findings:
        run.console.say(sentence)
    raise click.exceptions.Exit(result.exit_code)


def _lines(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one line for each list or query with its counts."""
    for row in found:
        counts = (f"{number} {what}" for what, number in row.items() if what != "of")
        yield f"{row['of']}: {', '.join(counts)}"

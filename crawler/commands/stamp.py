"""`baogao stamp`: has the ledger head time-stamped."""

from __future__ import annotations

from typing import Any

import click

from archive.console import Console, quiet_option
from archive.errors import UsageError
from crawler.commands.backfilling import need_scrapy
from crawler.commands.options import contact_option, crawl_settings


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("--tsa", metavar="URL", help="A time-stamping authority (RFC 3161).")
@click.option("--calendar", metavar="URL", help="A calendar of OpenTimestamps.")
@click.option("--upgrade", is_flag=True, help="Ask the calendars for the rest of their proofs.")
@contact_option
@quiet_option
def stamp(
    db: str,
    *,
    tsa: str | None,
    calendar: str | None,
    upgrade: bool,
    contact: str | None,
    quiet: bool,
) -> None:
    """Have the ledger head of DB time-stamped, and store the answer as a fact in DB.

    \b
    The server gets a digest, nothing else. An authority (--tsa) states a time at once. A calendar
    (--calendar) promises a proof that ends in the Bitcoin chain, and has it some hours later:
    --upgrade asks for it. Without these options, the authority or else the calendar of baogao.toml
    is asked. baogao head DB checks both offline. Requires
    pip install 'baogao[timestamps]' or 'baogao[opentimestamps]'.
    Example: baogao stamp reports.db --tsa https://tsa.example.org/tsr --contact you@example.org
    """
    if not (tsa or calendar or upgrade):
        tsa, calendar = _said_once()
    if sum(map(bool, (tsa, calendar, upgrade))) != 1:
        raise UsageError("give one of --tsa URL, --calendar URL and --upgrade")
    need_scrapy()
    from crawler.stamping import enter
    from crawler.stamping import stamp as ask

    console = Console(quiet=quiet)
    settings = crawl_settings(contact)
    if tsa:
        head, said_at = ask(db, tsa, settings=settings)
        console.say(f"{head} existed at {said_at}, says {tsa}")
    elif calendar:
        head = enter(db, calendar, settings=settings)
        console.say(f"{head} is entered in {calendar}; run baogao stamp --upgrade in some hours")
    else:
        _upgrade(db, settings, console)


def _said_once() -> tuple[str | None, str | None]:
    """Return the configured authority, or else the configured calendar."""
    from archive.configuration import current

    said = current()
    return said["tsa"] or None, None if said["tsa"] else said["calendar"] or None


def _upgrade(db: str, settings: dict[str, Any], console: Console) -> None:
    from crawler.stamping import upgrade

    done = upgrade(db, settings=settings)
    for sentence in done.waiting:
        console.say(sentence)
    console.say(f"{done.completed} proofs completed, {len(done.waiting)} still wait")

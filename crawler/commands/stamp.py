"""`baogao stamp`: has the ledger head time-stamped."""

from __future__ import annotations

import click

from archive.console import Console, quiet_option
from crawler.commands.backfilling import need_scrapy
from crawler.commands.options import contact_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("--tsa", "server", required=True, metavar="URL", help="A server of RFC 3161.")
@contact_option
@quiet_option
def stamp(db: str, *, server: str, contact: str | None, quiet: bool) -> None:
    """Have the ledger head of DB time-stamped by the authority at URL, and store its answer.

    \b
    The authority gets a hash, nothing else. Its answer is a fact in DB; baogao head DB --tsa-root
    FILE checks it offline. Requires pip install 'baogao[timestamps]'.
    Example: baogao stamp reports.db --tsa https://tsa.example.org/tsr --contact you@example.org
    """
    need_scrapy()
    from crawler.stamping import stamp as ask

    head, said_at = ask(db, server, settings={"CONTACT": contact} if contact else {})
    Console(quiet=quiet).say(f"{head} existed at {said_at}, says {server}")

"""`baogao head`: the ledger's head, to be kept elsewhere, and its time-stamps."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.console import json_option, print_json
from archive.errors import BrokenLawError, UsageError


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option(
    "--tsa-root", "roots", metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check the time-stamps against the root certificates in this PEM file.",
)  # fmt: skip
@json_option
def head(db: str, *, roots: Path | None, as_json: bool) -> None:
    """Print the ledger head of DB: number, hash and time of its newest entry, and time-stamps.

    \b
    Keep the hash elsewhere: baogao verify DB --head HASH proves later that all that was there at
    that time is there unaltered. A time-stamp (baogao stamp) proves when it existed; --tsa-root
    checks it offline. Exit code 1 if one is not proven.
    Example: baogao head reports.db --json
    """
    from archive.store import Archive
    from archive.store.stamps import fault

    with Archive.open(db, read_only=True) as archive:
        newest = archive.newest_head()
        if newest is None:
            raise UsageError(f"{db}: nothing was written to it yet, its ledger is empty")
        stamps = [
            _told(stamp, roots and fault(stamp, roots), roots) for stamp in archive.time_stamps()
        ]
    if as_json:
        print_json(asdict(newest) | {"time_stamps": stamps})
    else:
        click.echo(f"{newest.seq} {newest.hash} {newest.at}")
        for stamp in stamps:
            click.echo(_line(stamp))
    if any(stamp["checked"] and stamp["fault"] for stamp in stamps):
        raise click.exceptions.Exit(BrokenLawError.exit_code)


def _told(stamp: dict[str, Any], fault: Any, roots: Path | None) -> dict[str, Any]:
    return {
        "seq": stamp["ledger_seq"], "hash": stamp["ledger_hash"], "said_at": stamp["said_at"],
        "server": stamp["server"], "checked": roots is not None, "fault": fault,
    }  # fmt: skip


def _line(stamp: dict[str, Any]) -> str:
    state = "not checked" if not stamp["checked"] else stamp["fault"] or "proven"
    return (
        f"{stamp['seq']} {stamp['hash']} stamped {stamp['said_at']} by {stamp['server']}: {state}"
    )

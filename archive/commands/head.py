"""`baogao head`: the ledger's head, to be kept elsewhere, and its time-stamps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.commands.trusting import trust_of, trust_options
from archive.console import json_option, print_json
from archive.errors import BrokenLawError, UsageError

if TYPE_CHECKING:
    from archive.store.stamps import CheckedStamp


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@trust_options
@json_option
def head(db: str, *, roots: Path | None, headers: tuple[str, ...], as_json: bool) -> None:
    """Print the ledger head of DB: number, hash and time of its newest entry, and time-stamps.

    \b
    Keep the hash elsewhere: baogao verify DB --head HASH proves later that all that was there at
    that time is there unaltered. A time-stamp (baogao stamp) proves when it existed; --tsa-root
    and --block-header check it offline, and so does verify. Those of merged archives begin with
    the archive's name. Exit code 1 if one is not proven.
    Example: baogao head reports.db --json
    """
    from archive.store import Archive
    from archive.store.stamps import checked

    trust = trust_of(roots, headers)
    with Archive.open(db, read_only=True) as archive:
        newest = archive.newest_head()
        if newest is None:
            raise UsageError(f"{db}: nothing was written to it yet, its ledger is empty")
        stamps = [(stamp, checked(stamp, trust)) for stamp in archive.time_stamps()]
    if as_json:
        print_json(asdict(newest) | {"time_stamps": [_told(*each) for each in stamps]})
    else:
        click.echo(f"{newest.seq} {newest.hash} {newest.at}")
        for line in (line for each in stamps for line in _lines(*each)):
            click.echo(line)
    if any(found.result == "failed" for _, found in stamps):
        raise click.exceptions.Exit(BrokenLawError.exit_code)


def _told(stamp: dict[str, Any], found: CheckedStamp) -> dict[str, Any]:
    return {
        "seq": stamp["ledger_seq"], "hash": stamp["ledger_hash"], "server": stamp["server"],
        "said_at": stamp["said_at"] or None, "result": found.result, "detail": found.detail,
        "shard": stamp["shard"], "existed_at": found.existed_at,
        "blocks": [asdict(block) for block in found.blocks],
    }  # fmt: skip


def _lines(stamp: dict[str, Any], found: CheckedStamp) -> Iterator[str]:
    """Yield a line for the time-stamp, and one for each block that it demands."""
    said = f" stamped {stamp['said_at']} by" if stamp["said_at"] else " in the calendar"
    state = found.detail
    if found.existed_at:
        state = "; ".join(filter(None, (f"proven, existed at {found.existed_at}", found.detail)))
    whose = f"{stamp['shard']}: " if stamp["shard"] else ""
    yield f"{whose}{stamp['ledger_seq']} {stamp['ledger_hash']}{said} {stamp['server']}: {state}"
    for block in found.blocks:
        yield f"  Bitcoin block {block.height} must have the merkle root {block.merkle_root}"

"""`baogao verify`: checks that everything is still as it was stored."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.trusting import trust_of, trust_options
from archive.console import Console, print_json, quiet_option
from archive.errors import BaogaoError, UsageError

if TYPE_CHECKING:
    from archive.store import Archive, Run
    from archive.store.fixity import FixityFinding, Tally, Verification


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("--sample", type=click.IntRange(min=1), help="Hash only N payloads and texts again.")
@click.option("--head", help="A ledger head noted earlier, which must still be in the chain.")
@click.option("--full", is_flag=True, help="Derive, collate and index again too, and compare.")
@click.option(
    "--knowledge",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --full: the folder of rules, lexica and figures that rederive was given.",
)
@trust_options
@click.option("--report", is_flag=True, help="Print the counts of every check too.")
@quiet_option
def verify(
    db: str,
    *,
    sample: int | None,
    head: str | None,
    full: bool,
    knowledge: Path | None,
    roots: Path | None,
    headers: tuple[str, ...],
    report: bool,
    quiet: bool,
) -> None:
    """Check DB: payloads, ledger, rows, time-stamps, texts, partition, schema.

    \b
    If all is well, stderr says what that proves, and the exit code is 0; it also lists the runs
    without an end. Each finding is a JSON line with check, result (failed, or not checkable),
    subject and detail; exit code 1 if a check failed. The counts are stored in DB (tables
    fixity_checks, fixity_findings). --full takes as long as deriving and collating everything, and
    the room of all texts in the temporary folder.
    Example: baogao verify reports.db --report
    """
    from archive.known import Knowledge
    from archive.store import Archive

    if knowledge and not full:
        raise UsageError("--knowledge is for --full, which derives again")
    trust, known = trust_of(roots, headers), Knowledge(knowledge) if knowledge else None
    console = Console(quiet=quiet)
    arguments = {"sample": sample, "head": head, "full": full, "knowledge": knowledge}
    writable = os.access(db, os.W_OK) or not Path(db).exists()
    with Archive.open(db, read_only=not writable, repair=False) as archive:
        run = _start(archive, console, arguments)
        verification = archive.verification(
            sample=sample, known_head=head, full=full, knowledge=known, trust=trust,
            progress=console.progress,
        )  # fmt: skip
        found = []
        for finding in verification.findings():
            found.append(finding)
            print_json(_line(finding))
        if report:
            for tally in verification.tallies:
                print_json(_counts(tally))
        _tell_unfinished(archive, console, run)
        _store(archive, console, run, verification, found)
    if any(finding.result == "failed" for finding in found):
        raise click.exceptions.Exit(1)
    console.say(" ".join(verification.proved()))


def _start(archive: Archive, console: Console, arguments: Mapping[str, object]) -> Run | None:
    """Start a run if the archive can be written.

    A damaged or read-only one is checked all the same.
    """
    if faults := archive.schema_faults():  # a foreign trigger could run when we write
        console.say(f"The results will not be stored: {faults[0]}")
        return None
    try:
        return archive.start_run("verify", arguments=arguments)
    except BaogaoError as error:
        console.say(f"The results will not be stored: {error}")
        return None


def _tell_unfinished(archive: Archive, console: Console, own: Run | None) -> None:
    """List the runs without an end, besides this one."""
    from archive.store import runs

    for run in runs.unfinished(archive.connection):
        if own is None or run["id"] != own.id:
            words = f"{run['kind']} run {run['id']} of {run['started_at']} has no end"
            console.say(f"{words}: it was killed, or still runs.")


def _store(
    archive: Archive,
    console: Console,
    run: Run | None,
    verification: Verification,
    found: list[FixityFinding],
) -> None:
    if run is None:
        return
    run.counts.update({f"{tally.name}: failed": tally.failed for tally in verification.tallies})
    try:
        archive.store_verification(run.id, verification, found)
        run.end()
    except BaogaoError as error:
        console.say(f"The results could not be stored: {error}")


def _line(finding: FixityFinding) -> dict[str, str]:
    return {
        "check": finding.check,
        "result": finding.result,
        "subject": finding.subject,
        "detail": finding.detail,
    }


def _counts(tally: Tally) -> dict[str, int | str]:
    return {
        "check": tally.name,
        "checked": tally.checked,
        "ok": tally.ok,
        "failed": tally.failed,
        "not checkable": tally.not_checkable,
    }

"""`baogao backfill warc`: captures from WARC and WACZ files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.commands.backfill.warc_messages import meter, tell_files, tell_survey, verdicts
from archive.commands.summary import summary_lines
from archive.console import (
    STOPPED_SHORT,
    Console,
    jobs_option,
    json_option,
    print_json,
    quiet_option,
    to_stderr,
)
from archive.errors import BrokenLawError

if TYPE_CHECKING:
    from archive.store.warc.importing import Importer


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--match", metavar="REGEX", help="Only URLs that match this.")
@click.option("--type", "kind", metavar="REGEX", help="Only content types that match this.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Stop after N new captures.")
@click.option("--dry-run", is_flag=True, help="Count what is there; write nothing, not even DB.")
@click.option("--no-derive", is_flag=True, help="Make no texts; `baogao rederive` does it later.")
@jobs_option
@json_option
@quiet_option
def warc(
    db: str,
    paths: tuple[Path, ...],
    jobs: int,
    *,
    match: str | None,
    kind: str | None,
    limit: int | None,
    dry_run: bool,
    no_derive: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Import WARC and WACZ files: of baogao's own export, of crawlers and of browsers.

    \b
    Reads .warc, .warc.gz, .warc.zst and .wacz as streams. Captures already in DB are skipped; to
    resume after a stop, run the same command again. Damaged records are reported with their
    position, reading continues at the next record, and the exit code is 1. It is also 1 if a
    payload does not match the digest in its record, or the signature of a WACZ does not hold. Exit
    code 3 if --limit left some for the next run. Give files whose records refer to each other in
    one command.
    Example: baogao backfill warc reports.db crawl-2023.warc.gz --type "html|pdf" --dry-run
    """
    from archive.store.warc import sources
    from archive.store.warc.wanted import wanted

    console = Console(quiet=quiet)
    options = {"wanted": wanted(match, kind), "limit": limit, "warn": _warn}
    for path in paths:
        sources.check(path)
    signed = _signatures(paths, console)
    if dry_run:
        code = _survey(db, paths, options, console, as_json=as_json)
    else:
        asked = {"match": match, "type": kind, "limit": limit, "no_derive": no_derive or None}
        named = {name: value for name, value in asked.items() if value is not None}
        arguments = {"warc": [str(path) for path in paths], **named, **signed.as_arguments()}
        makers = None if no_derive else jobs
        code = _import(db, paths, arguments, options, console, jobs=makers, as_json=as_json)
    raise click.exceptions.Exit(code or (BrokenLawError.exit_code if signed.broken else 0))


@dataclass
class _Signed:
    """The WACZ files that are signed: by which key, and whether a signature does not hold."""

    keys: dict[str, str] = field(default_factory=dict)
    broken: bool = False

    def as_arguments(self) -> dict[str, Any]:
        """Return the keys for the run, which is a fact."""
        return {"signed_by": self.keys} if self.keys else {}


def _signatures(paths: Sequence[Path], console: Console) -> _Signed:
    from archive.store.warc.signatures import signature_of

    signed = _Signed()
    for path in paths:
        found = signature_of(path)
        if found is None:
            continue
        if found.result != "ok" or found.key is None:
            signed.broken |= found.result == "failed"
            _warn(f"{path.name}: {found.detail}")
        else:
            signed.keys[path.name] = found.key
            console.say(f"{path.name}: signed {found.created} with the key {found.key}")
    return signed


def _warn(sentence: str) -> None:
    click.echo(f"Warning: {sentence}", err=True)


def _import(
    db: str,
    paths: tuple[Path, ...],
    arguments: Mapping[str, Any],
    options: Mapping[str, Any],
    console: Console,
    *,
    jobs: int | None,
    as_json: bool,
) -> int:
    """Import, and derive in `jobs` workers, if any. Returns the exit code."""
    from archive.derive_many import WITHOUT_TEXT
    from archive.importing import derive_waiting
    from archive.store import Archive
    from archive.store.warc.importing import Importer
    from archive.store.warc.sinks import ArchiveSink

    with (
        Archive.open(db, create=True) as archive,
        archive.run("backfill", arguments=arguments) as run,
    ):
        with meter(paths, console) as shown:
            importer = Importer(ArchiveSink(archive, run), meter=shown, **options)
            reports = importer.run(paths)
        if jobs is not None:
            derive_waiting(archive, run, jobs=jobs, progress=console.progress, tell=to_stderr)
            archive.collate(run.id, progress=console.progress)
        summary = archive.summary(run.id)
    code = _code(importer, lacking=run.counts[WITHOUT_TEXT] > 0)
    if as_json:
        files = {"files": [each.as_json() for each in reports], "left": importer.left}
        print_json(summary | verdicts(run.counts) | files)
        return code
    tell_files(reports, run.counts, console)
    for line in summary_lines(summary):
        console.say(line)
    console.say(f"\nNext: baogao {f'rederive {db}' if jobs is None else f'works {db} --table'}")
    if importer.left:
        console.say("--limit left some; run again to go on")
    return code


def _code(importer: Importer, *, lacking: bool = False) -> int:
    """Return 3 if some captures are left, 1 if there are findings."""
    if importer.left:
        return STOPPED_SHORT
    return BrokenLawError.exit_code if importer.damaged or lacking else 0


def _survey(
    db: str, paths: tuple[Path, ...], options: Mapping[str, Any], console: Console, *, as_json: bool
) -> int:
    """Count what would be imported. Returns the exit code."""
    from archive.store import Archive
    from archive.store.warc.importing import Importer
    from archive.store.warc.survey import Survey

    archive = Archive.open(db, read_only=True) if Path(db).exists() else None
    try:
        survey = Survey(archive)
        with meter(paths, console) as shown:
            importer = Importer(survey, meter=shown, **options)
            reports = importer.run(paths)
    finally:
        if archive is not None:
            archive.close()
    if as_json:
        files = {"files": [each.as_json() for each in reports]}
        print_json(survey.as_json() | verdicts(survey.counts) | files)
    else:
        tell_files(reports, survey.counts, console)
        tell_survey(survey, console)
    return _code(importer)

"""`baogao export`: exports reports in common formats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.asking import asked_works, kind_option, place_option, works_option
from archive.console import Console, quiet_option, to_stderr
from archive.errors import UsageError
from archive.extras import how_to_install
from archive.model import LEVELS, PARTS

if TYPE_CHECKING:
    from archive.export.choice import Choice
    from archive.store import Archive
    from archive.store.collection import Collection
    from archive.store.reports import Report

FORMATS = (
    "txt", "csv", "xlsx", "dta", "parquet", "jsonl", "sentences", "bagit", "warc", "wacz", "site",
    "preservation",
)  # fmt: skip
WHOLE_ARCHIVE = ("warc", "wacz", "site", "preservation")
QUALITIES = ("clean", "repaired", "suspect", "hijacked")


@click.command()
@click.argument("db", type=click.Path())
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), required=True)
@click.option("--level", "levels", type=click.Choice(LEVELS), multiple=True)
@place_option
@click.option("--years", metavar="FROM-TO", help="Report years, such as 2003-2022.")
@kind_option
@works_option
@click.option("--quality", "qualities", type=click.Choice(QUALITIES), multiple=True)
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True)
@click.option(
    "--sign", "key", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Sign the wacz with the private key in this PEM file, which is made if there is none.",
)  # fmt: skip
@click.option("--name", default="{year}_{place}", help="Template of text file names.")
@quiet_option
def export(
    db: str,
    path: Path,
    form: str,
    levels: tuple[str, ...],
    place: str | None,
    years: str | None,
    kind: str,
    works: tuple[str, ...],
    qualities: tuple[str, ...],
    parts: tuple[str, ...],
    key: Path | None,
    name: str,
    *,
    quiet: bool,
) -> None:
    """Write the reports of DB into the new folder PATH, one row a report, with a codebook.

    \b
    DB may be a folder of archives, whose reports are then written as those of one; warc, wacz,
    site and preservation write a single archive. xlsx and parquet require the extra `export`. warc
    requires the extra `warc` and writes every capture, not only reports; wacz writes the same as
    one file for ReplayWeb.page. site writes the pages of `baogao serve` as files that need no
    server. preservation writes everything in DB as JSON lines and payload files that need no
    baogao; `baogao backfill preservation` makes an archive of them again.
    Example: baogao export reports.db out/ --format csv --level county --years 2003-2022
    """
    from archive.export.choice import Choice, parse_years
    from archive.export.files import new_folder, write_checksums
    from archive.store.collection import opened

    console = Console(quiet=quiet)
    span = parse_years(years) if years else None
    choice = Choice(levels, place, span, qualities, parts, kind)  # type: ignore[arg-type]
    if form in WHOLE_ARCHIVE and (works or choice != Choice()):
        raise UsageError(f"--format {form} writes the whole archive; it takes no filters")
    if form in WHOLE_ARCHIVE and Path(db).is_dir():
        raise UsageError(f"{db}: is a folder; --format {form} writes one archive, so name its file")
    if key is not None and form != "wacz":
        raise UsageError("--sign signs a wacz; add --format wacz")
    taken = _Taken()
    with new_folder(path) as folder:
        if form in WHOLE_ARCHIVE:
            written = _whole(db, folder, form, key, console, taken)
        else:
            with opened(db) as collection:
                choice = replace(choice, works=asked_works(collection.readable, db, works))
                written = _reports(collection, folder, form, choice, name, console, taken)
        if form != "preservation":  # its manifest has the digests, and there are too many to list
            write_checksums(folder)
    _record(db, form, choice, taken)
    sums = "manifest-sha256.txt" if form == "preservation" else "SHA256SUMS"
    console.say(f"{written} written to {path} ({form}), with {sums}")


def _whole(
    db: str, folder: Path, form: str, key: Path | None, console: Console, taken: _Taken
) -> str:
    from archive.store import Archive

    with Archive.open(db, read_only=True, facts_only=form == "warc") as archive:
        if archive.facts_only:
            to_stderr(f"{db}: was made by an unreleased version: only its captures are written")
        taken.unrecorded = archive.facts_only
        if form == "warc":
            return _warc(archive, folder, console)
        if form == "wacz":
            return _wacz(archive, folder, key, console)
        if form == "site":
            return _site(archive, folder, Path(db).stem, console)
        return _preservation(archive, folder, console)


def _warc(archive: Archive, folder: Path, console: Console) -> str:
    from archive.store.warc.writing import export_warc

    manifest = export_warc(archive, folder, progress=console.progress)
    return f"{len(manifest['files'])} WARC files"


def _wacz(archive: Archive, folder: Path, key: Path | None, console: Console) -> str:
    from archive.store.warc.signatures import fingerprint, key_at
    from archive.store.warc.wacz import export_wacz

    signing = None if key is None else key_at(key)
    export_wacz(archive, folder / "archive.wacz", key=signing, progress=console.progress)
    return "archive.wacz" if signing is None else f"archive.wacz, key {fingerprint(signing)},"


def _preservation(archive: Archive, folder: Path, console: Console) -> str:
    from archive.store.preservation.writing import export_preservation

    rows = export_preservation(archive, folder, progress=console.progress)
    return f"{rows['captures']} captures, {rows['texts']} texts and all that belongs to them"


def _site(archive: Archive, folder: Path, name: str, console: Console) -> str:
    if find_spec("datasette") is None:
        raise UsageError(f"--format site needs datasette: {how_to_install('serve')}")
    import sqlite3

    from archive.browse.static_site import write_site

    archive.connection.row_factory = sqlite3.Row
    pages = write_site(archive.connection, folder, database=name, progress=console.progress)
    return f"{pages} pages, to be opened at index.html,"


def _reports(
    collection: Collection,
    folder: Path,
    form: str,
    choice: Choice,
    name: str,
    console: Console,
    taken: _Taken,
) -> str:
    from archive.export.bag import as_bag
    from archive.export.codebook import write_codebook
    from archive.export.columns import OF_FOLDER
    from archive.export.formats import FORMATS as WRITERS
    from archive.export.formats import Job
    from archive.known import shipped
    from archive.store.reports import number_of_works, reports

    writer = WRITERS["jsonl" if form == "bagit" else form]
    writer.check()
    archives, columns = collection.readable, dict(writer.columns)
    columns |= OF_FOLDER if collection.is_folder else {}
    with collection.snapshot():
        length = number_of_works(archives)
        found = console.progress(reports(archives), "reports", length)
        chosen = taken.of(choice.of(found))
        job = Job(chosen, folder, choice, shipped().gazetteer, name, of_folder=collection.is_folder)
        count = writer.write(job)
        head, day = collection.head, collection.newest_day
    write_codebook(folder, columns, count=count, chosen=asdict(choice), head=head, day=day)
    if form == "bagit":
        as_bag(folder)
    return f"{count} reports with codebook.md"


def _record(db: str, form: str, choice: Choice, taken: _Taken) -> None:
    """Record the export in the archive; a preservation export is a copy with the same ledger."""
    from archive.export.record import record_export

    if taken.unrecorded or form == "preservation":
        return
    record_export(db, {"format": form, **asdict(choice)}, taken.works, tell=to_stderr)


class _Taken:
    """Which reports an export took: `works` are their names, or None for the whole archive."""

    def __init__(self) -> None:
        self.works: list[str] | None = None
        self.unrecorded = False

    def of(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Pass reports on and keep their names."""
        self.works = []
        for report in reports:
            self.works.append(report.work)
            yield report

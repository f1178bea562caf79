"""`baogao audit`: checks texts that people have, and writes a clean folder of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archive.commands.opening import Intake, deadline_option
from archive.commands.pictures import ocr_option, with_pictures
from archive.console import (
    Console,
    jobs_option,
    print_json,
    print_rows,
    quiet_option,
    shortened,
    table_option,
)
from archive.model import PARTS

if TYPE_CHECKING:
    from archive.audit import Audited

FINDINGS_COLUMNS = 70


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the clean texts into this new folder."
)
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the findings as a page."
)
@click.option("--text-column", help="Column or field of tables with the texts.")
@click.option("--name", default="{year}_{place}", help="Template of file names in --out.")
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True)
@ocr_option
@jobs_option
@deadline_option
@table_option
@quiet_option
def audit(
    paths: tuple[str, ...],
    out: Path | None,
    html: Path | None,
    text_column: str | None,
    name: str,
    parts: tuple[str, ...],
    jobs: int,
    deadline: float,
    *,
    ocr: bool | None,
    as_table: bool,
    quiet: bool,
) -> None:
    """Report what is wrong with the texts in PATH: files, folders or tables. No database needed.

    \b
    Finds leftover page chrome, wrapper lines, glossaries counted as speech, cut texts, a year or
    place that contradicts the file name, hijacked words, damage, and duplicates. Exit code 1 if
    there are findings.
    Example: baogao audit my-reports/ --table --out clean/
    """
    from archive.audit import audit_derived
    from archive.audit.folder import write_clean
    from archive.audit.page import page
    from archive.derive_many import derived
    from archive.export.files import new_file, new_folder
    from archive.intake import Columns, gather

    console = Console(quiet=quiet)
    intake = Intake(gather(paths, pictures=bool(ocr)), Columns(text_column), deadline, console)
    with ExitStack() as stack:
        captures = ((None, capture) for capture in intake.captures())
        made = with_pictures(derived(captures, jobs, deadline_s=deadline), console, wanted=ocr)
        found = audit_derived((capture, outcome) for _, capture, outcome in made)
        if out is not None:
            folder = stack.enter_context(new_folder(out))
            found = write_clean(found, folder, name, parts)
        audited = list(_printed(found, as_table=as_table))
        if html is not None:
            stack.enter_context(new_file(html)).write_text(page(audited), "utf-8", "replace")
    if as_table:
        print_rows(map(_line, audited), as_table=True)
    intake.tell()
    _report(audited, console)
    if any(each.findings for each in audited):
        raise click.exceptions.Exit(1)


def _printed(found: Iterable[Audited], *, as_table: bool) -> Iterator[Audited]:
    for each in found:
        if not as_table:
            print_json(each.as_json())
        yield each


def _line(each: Audited) -> dict[str, Any]:
    counts = ", ".join(
        f"{finding.kind} ({finding.characters})" if finding.characters else finding.kind
        for finding in each.findings
    )
    found = each.as_json()
    return {
        "file": shortened(each.name, FINDINGS_COLUMNS // 2),
        "place": found["place"],
        "year": found["report_year"],
        "findings (characters)": shortened(counts or "none", FINDINGS_COLUMNS),
    }


def _report(audited: list[Audited], console: Console) -> None:
    kinds = Counter(kind for each in audited for kind in {f.kind for f in each.findings})
    wrong = sum(bool(each.findings) for each in audited)
    console.say(f"{len(audited)} texts, {wrong} with findings")
    for kind, count in kinds.most_common():
        console.say(f"  {kind}: {count} texts")

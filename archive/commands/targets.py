"""`baogao targets`: the year's targets printed in reports, with their original words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from archive.commands.asking import asked_works, kind_option, place_option, works_option
from archive.console import Console, print_rows, quiet_option, table_option
from archive.model import LEVELS


@click.command()
@click.argument("db", type=click.Path())
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--level", "levels", type=click.Choice(LEVELS), multiple=True)
@place_option
@click.option("--years", metavar="FROM-TO", help="Report years, such as 2003-2022.")
@kind_option
@works_option
@table_option
@quiet_option
def targets(
    db: str,
    output: Path | None,
    levels: tuple[str, ...],
    place: str | None,
    years: str | None,
    kind: str,
    works: tuple[str, ...],
    *,
    as_table: bool,
    quiet: bool,
) -> None:
    """List the targets for growth, jobs, prices … that the reports of DB set for their year.

    \b
    Each target has its bounds, its phrasing (左右, 以上, 以内) and its original words. A number
    that is not printed stays empty. With -o: write a table; the ending of OUTPUT names the format:
    .csv, .dta (Stata 14 and newer), .parquet or .xlsx.
    Example: baogao targets reports.db --level province --years 2026 --table
    """
    from archive.export.choice import Choice, parse_years
    from archive.export.columns import OF_FOLDER, described
    from archive.export.files import new_file
    from archive.export.tables import DataTable, table_format
    from archive.export.targets import TARGET_TABLE, target_rows
    from archive.known import shipped
    from archive.store.collection import opened
    from archive.store.reports import number_of_works, reports

    console = Console(quiet=quiet)
    form = None if output is None else table_format(output)
    choice = Choice(levels, place, parse_years(years) if years else None, kind=kind)
    with opened(db) as collection:
        archives, columns = collection.readable, list(TARGET_TABLE)
        choice = replace(choice, works=asked_works(archives, db, works))
        length = number_of_works(archives)
        found = console.progress(reports(archives), "reports", length)
        rows = target_rows(choice.of(found), shipped(), of_folder=collection.is_folder)
        columns += described(OF_FOLDER, OF_FOLDER) if collection.is_folder else []
        if output is None or form is None:
            print_rows(rows, as_table=as_table)
            return
        with new_file(output) as path:
            count = form.write(path, DataTable(columns, "Targets of reports", {}), rows)
    console.say(f"{count} targets written to {output}")

"""`baogao divisions`: codes and names of divisions by year, and what became of them."""

from __future__ import annotations

from pathlib import Path

import click

from archive.console import Console, print_rows, quiet_option, table_option
from archive.errors import UsageError


@click.command()
@click.argument("names", nargs=-1, metavar="[PLACE]...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="Write a table: .csv, .dta, .parquet or .xlsx.",
)  # fmt: skip
@click.option(
    "--boundaries", metavar="YEAR", type=int,
    help="For each division of 31 December YEAR, what is counted for it in --years.",
)  # fmt: skip
@click.option("--years", metavar="FROM-TO", help="Years of reports, such as 2003-2022.")
@table_option
@quiet_option
def divisions(
    names: tuple[str, ...],
    output: Path | None,
    boundaries: int | None,
    years: str | None,
    *,
    as_table: bool,
    quiet: bool,
) -> None:
    """List the changes of divisions since 1981: renamed, recoded, raised, merged, split.

    \b
    PLACE is a code or a part of a name; without one, all changes. A part is an area that a
    division gave away while it went on. With --boundaries and --years: the crosswalk by which
    `panel --boundaries` counts, with the reason where it cannot.
    Example: baogao divisions 莱芜 --table
    """
    from archive.catalogue.crosswalk import Boundaries, load_crosswalk
    from archive.export.choice import parse_years
    from archive.export.crosswalk import ALIGNMENT_COLUMNS, CHANGE_COLUMNS, alignments, changes
    from archive.export.files import new_file
    from archive.export.tables import DataTable, table_format

    if (boundaries is None) != (years is None):
        example = "--boundaries 2020 --years 2000-2023"
        raise UsageError(f"--boundaries and --years belong together: {example}")
    form = None if output is None else table_format(output)
    crosswalk = load_crosswalk()
    if boundaries is None or years is None:
        columns, rows = CHANGE_COLUMNS, changes(crosswalk, names)
    else:
        chosen = Boundaries(crosswalk, boundaries)
        columns, rows = ALIGNMENT_COLUMNS, alignments(chosen, parse_years(years), names)
    if output is None or form is None:
        print_rows(rows, as_table=as_table)
        return
    with new_file(output) as path:
        count = form.write(path, DataTable(columns, "Crosswalk of divisions", {}), rows)
    Console(quiet=quiet).say(f"{count} rows written to {output}")

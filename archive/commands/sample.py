"""`baogao sample`: sentences to be checked by hand, and the error rates that follow from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.console import Console, print_rows, quiet_option, table_option
from archive.errors import DataFileError, UsageError

if TYPE_CHECKING:
    from archive.export.error_rates import Labelled
    from archive.store import Archive


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option(
    "-n", "size", type=click.IntRange(min=1), default=200, show_default=True,
    help="Number of sentences.",
)  # fmt: skip
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another one: other sentences."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The CSV to fill in."
)
@click.option(
    "--labels", type=click.Path(path_type=Path, dir_okay=False),
    help="The CSV, filled in: print error rates.",
)  # fmt: skip
@table_option
@quiet_option
def sample(
    db: str,
    size: int,
    seed: int,
    output: Path | None,
    labels: Path | None,
    *,
    as_table: bool,
    quiet: bool,
) -> None:
    """Draw sentences of DB to be checked by hand; with --labels print the error rates.

    \b
    The CSV has what the archive claims of each sentence: place, year, speaker, whether and by
    which rule it was removed, flags. Write 1 (right) or 0 (wrong) in the columns that end in _ok,
    or nothing. Rates are shares of characters with 95 % intervals (Wilson), by stratum and
    weighted to the archive.
    Example: baogao sample reports.db -n 200 -o sample.csv
    """
    from archive.export.files import new_file, write_csv
    from archive.export.sample import COLUMNS, draw
    from archive.store import Archive

    if (output is None) == (labels is None):
        raise UsageError("say where the sample goes (-o sample.csv), or give --labels sample.csv")
    with Archive.open(db, read_only=True) as archive:
        if labels is not None or output is None:
            from archive.export.error_rates import error_rates, read_labels

            path = labels or Path()
            rows = read_labels(path)
            _check(archive, path, rows)
            print_rows(error_rates(rows), as_table=as_table)
            return
        with archive.snapshot(), new_file(output) as path:
            count = write_csv(path, COLUMNS, draw(archive.connection, size, seed))
    console = Console(quiet=quiet)
    console.say(f"{count} sentences written to {output}; write 1 or 0 in the columns _ok, then:")
    console.say(f"baogao sample {db} --labels {output} --table")


def _check(archive: Archive, path: Path, rows: list[Labelled]) -> None:
    """Check that the sample was drawn from this archive.

    Raises:
        DataFileError: a text has other words than the sample; the message names the line.
    """
    from archive.export.sample import is_of

    for row in rows:
        if not is_of(archive.connection, row.item, row.words):
            raise DataFileError(
                f"{path} line {row.line}: the archive has other words at {row.item};"
                " the sample is of another archive, or its words were changed"
            )

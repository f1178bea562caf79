"""`baogao panel`: counts words by place and year, so that every number can be checked."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from archive.commands.asking import asked_works, kind_option, place_option
from archive.console import Console, print_json, quiet_option, to_stderr
from archive.model import LEVELS, PARTS


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("words", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--level", "levels", type=click.Choice(LEVELS), multiple=True)
@place_option
@click.option("--years", metavar="FROM-TO", help="Report years, such as 2003-2022.")
@kind_option
@click.option(
    "--work", "works", multiple=True, metavar="WORK",
    help="Which of two reports of a place and year to count; repeatable.",
)  # fmt: skip
@click.option(
    "--part", "parts", type=click.Choice(PARTS), multiple=True, default=("body",),
    help="Parts to count; only the body by default.",
)  # fmt: skip
@click.option(
    "--evidence", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the sentence behind every count to this CSV.",
)  # fmt: skip
@click.option("--jieba/--no-jieba", "by_jieba", default=True, help="Count jieba's tokens too.")
@quiet_option
def panel(
    db: str,
    words: Path,
    output: Path,
    levels: tuple[str, ...],
    place: str | None,
    years: str | None,
    kind: str,
    works: tuple[str, ...],
    parts: tuple[str, ...],
    evidence: Path | None,
    *,
    by_jieba: bool,
    quiet: bool,
) -> None:
    """Count the terms of the file WORDS in the reports of DB, by place and year.

    \b
    The ending of OUTPUT names the format: .csv, .dta (Stata 14 and newer), .parquet or .xlsx.
    WORDS: one term a line, or `group = term, term`; or TOML with "group" = ["term", ...].
    A report that is missing, hijacked or a fragment is NA with a reason, never 0. So is a place
    with two reports in a year, unless --work chooses one. With --level and --years there is a row
    for every division that existed then.
    Example: baogao panel reports.db words.txt -o panel.csv --level prefecture --years 2003-2022
    """
    from archive.catalogue.words import Counting, read_words
    from archive.export.choice import Choice, parse_years
    from archive.export.record import record_export
    from archive.export.tables import table_format
    from archive.export.take import take_panel
    from archive.store import Archive
    from archive.store.token_cache import user_cache

    console = Console(quiet=quiet)
    table_format(output)
    span = parse_years(years) if years else None
    choice = Choice(levels, place, span, (), parts, kind)  # type: ignore[arg-type]
    terms = read_words(words)
    with Archive.open(db, read_only=True) as archive, user_cache() as remembered:
        counting = Counting(terms, by_jieba=by_jieba, remembered=remembered, alone=True)
        choice = replace(choice, preferred=asked_works(archive, db, works))
        taken, reports = take_panel(
            archive, counting, choice, output, sentences=evidence, progress=console.progress
        )
    print_json(taken)
    arguments = {"format": "panel", **asdict(choice), **taken}
    record_export(db, arguments, reports, tell=to_stderr)
    console.say(
        f"{taken['rows']} rows, {taken['counted']} reports counted,"
        f" {taken['rows'] - taken['counted']} NA; {output} and {output.stem}.codebook.md"
    )

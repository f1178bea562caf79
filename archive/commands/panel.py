"""`baogao panel`: counts words by place and year, so that every number can be checked."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.asking import asked_works, kind_option, place_option
from archive.console import Console, print_json, quiet_option, to_stderr
from archive.errors import UsageError
from archive.model import LEVELS, PARTS

if TYPE_CHECKING:
    from archive.export.choice import Choice


@click.command()
@click.argument("db", type=click.Path())
@click.argument("words", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="The file; with --replication its name in the folder, panel.csv by default.",
)  # fmt: skip
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
@click.option(
    "--boundaries", metavar="YEAR", type=int,
    help="Units are the divisions of 31 December of this year; reports of others are aligned.",
)  # fmt: skip
@click.option(
    "--replication", "folder", metavar="DIR", type=click.Path(path_type=Path),
    help="Write a new folder with all that is needed to make the panel again.",
)  # fmt: skip
@click.option("--jieba/--no-jieba", "by_jieba", default=True, help="Count jieba's tokens too.")
@quiet_option
def panel(
    db: str,
    words: Path,
    output: Path | None,
    levels: tuple[str, ...],
    place: str | None,
    years: str | None,
    kind: str,
    works: tuple[str, ...],
    parts: tuple[str, ...],
    evidence: Path | None,
    boundaries: int | None,
    folder: Path | None,
    *,
    by_jieba: bool,
    quiet: bool,
) -> None:
    """Count the terms of the file WORDS in the reports of DB, by place and year.

    DB may be a folder of archives, which are read as one.

    \b
    The ending of OUTPUT names the format: .csv, .dta (Stata 14 and newer), .parquet or .xlsx.
    WORDS: one term a line, or `group = term, term`; or TOML with "group" = ["term", ...].
    A report that is missing, hijacked or a fragment is NA with a reason, never 0. So is a place
    with two reports in a year, unless --work chooses one. With --level and --years there is a row
    for every division that existed then. With --boundaries, reports of divisions that were renamed
    or merged count for the division of that year, with counts added up; where the area was
    divided, the count is NA. --replication writes dictionary, list of texts, versions,
    command, code book and data into a new folder; the command in it makes the same folder again.
    Example: baogao panel reports.db words.txt -o panel.csv --level prefecture --years 2003-2022
    """
    from archive.catalogue.crosswalk import Boundaries, load_crosswalk
    from archive.catalogue.words import Counting, read_words
    from archive.export.choice import Choice, parse_years
    from archive.export.files import new_folder
    from archive.export.record import record_export
    from archive.export.replication import CORPUS, Replication
    from archive.export.tables import table_format
    from archive.export.take import take_panel
    from archive.store.collection import opened
    from archive.store.token_cache import user_cache

    console = Console(quiet=quiet)
    output = _output(output, folder)
    if folder is not None and evidence is not None:
        evidence = _output(evidence, folder)
    table_format(output)
    span = parse_years(years) if years else None
    choice = Choice(levels, place, span, (), parts, kind)  # type: ignore[arg-type]
    terms = read_words(words)
    aligned = None if boundaries is None else Boundaries(load_crosswalk(), boundaries)
    with ExitStack() as stack:
        collection = stack.enter_context(opened(db))
        counting = Counting(
            terms, by_jieba=by_jieba, remembered=stack.enter_context(user_cache()), alone=True
        )
        choice = replace(choice, preferred=asked_works(collection.readable, db, works))
        made = None if folder is None else stack.enter_context(new_folder(folder))
        where = made or Path()
        taken, reports = take_panel(
            collection, counting, choice, where / output,
            sentences=evidence and where / evidence,
            corpus=made and made / CORPUS, boundaries=aligned, progress=console.progress,
        )  # fmt: skip
        if made is not None:
            options = _options(choice, boundaries, by_jieba=by_jieba)
            day = collection.newest_day
            Replication(db, output, words, evidence, options, taken, day).write(made)
    print_json(taken)
    arguments = {"format": "panel", **asdict(choice), "boundaries": boundaries, **taken}
    record_export(db, arguments, reports, tell=to_stderr)
    beside = f"{output.stem}.codebook.md" if folder is None else f"all that is needed, in {folder}"
    console.say(
        f"{taken['rows']} rows, {taken['counted']} reports counted,"
        f" {taken['rows'] - taken['counted']} NA; {output} and {beside}"
    )


def _output(output: Path | None, folder: Path | None) -> Path:
    """Return the file that is asked for; in a folder only its name counts.

    Raises:
        UsageError: neither a file nor a folder is given, or the file has a folder of its own.
    """
    if folder is None:
        if output is None:
            raise UsageError("say where the panel goes: -o panel.csv, or --replication DIR")
        return output
    output = output or Path("panel.csv")
    if output.name != str(output):
        raise UsageError(f"{output}: with --replication only a name, such as {output.name}")
    from archive.export.replication import RESERVED

    if output.name in RESERVED:
        raise UsageError(f"{output}: is the name of another file of the folder")
    return output


def _options(choice: Choice, boundaries: int | None, *, by_jieba: bool) -> list[str]:
    """Return the options that lead to a choice."""
    given = [f"--level={level}" for level in choice.levels]
    given += [f"--place={choice.place}"] if choice.place else []
    given += [f"--years={choice.years[0]}-{choice.years[1]}"] if choice.years else []
    given += [f"--boundaries={boundaries}"] if boundaries else []
    given += [f"--kind={choice.kind}"]
    given += [f"--work={work}" for work in choice.preferred]
    given += [f"--part={part}" for part in choice.parts]
    return given if by_jieba else [*given, "--no-jieba"]

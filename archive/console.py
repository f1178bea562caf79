"""Output of all commands: data on stdout, messages on stderr, errors as one sentence.

Control characters are never passed on to a terminal: see `archive.visible`. Table cells are always
made visible, wherever the table goes; JSON and texts in a file or pipe are unchanged.

Exit codes: 0 done · 1 a check failed · 2 usage · 3 stopped short, run again to continue.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, TypeVar

import click

from archive.errors import BaogaoError, BrokenLawError, UsageError
from archive.progress_line import ProgressLine, Work
from archive.visible import show_all_that_is_printed, terminal, visible

T = TypeVar("T")

STOPPED_SHORT = 3


class Commands(click.Group):
    """A command group that turns errors into a clear sentence and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click calls it so)
        """Return the commands in the order in which they were added."""
        return list(self.commands)

    def main(self, *arguments: Any, **keywords: Any) -> Any:
        """Run the command line with all output made visible."""
        show_all_that_is_printed()
        return super().main(*arguments, **keywords)

    def invoke(self, ctx: click.Context) -> Any:
        """Read the settings and run the command; a `BaogaoError` becomes message and exit code."""
        try:
            if ctx.parent is not None:
                return super().invoke(ctx)
            from archive.configuration import using  # noqa: PLC0415  (not for --help)

            with using(ctx.params.pop("config", None)):
                return super().invoke(ctx)
        except BaogaoError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Stopped; what was acknowledged is kept. Run again to go on.", err=True)
            ctx.exit(STOPPED_SHORT)
        except BrokenPipeError:
            # the reader of our stdout has gone (`| head`); keep Python from complaining at exit
            sys.stdout = None
            ctx.exit(0)
        except Exception as error:
            if not _is_of_sqlite(error):
                raise
            click.echo(f"Error: the database cannot be read: {error}; try: baogao verify", err=True)
            ctx.exit(BrokenLawError.exit_code)


class Console:
    """The messages of a command on stderr; `quiet` silences them, errors are still printed."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    def say(self, words: str = "") -> None:
        """Print one line on stderr."""
        if not self.quiet:
            click.echo(words, err=True)

    def progress(
        self, things: Iterable[T], label: str, length: int | Work | None = None
    ) -> Iterator[T]:
        """Yield `things`, and show on stderr how far they are, if that is a terminal.

        `length` is their number, or a function that returns how much work is done, and of how much.
        """
        line = self.progress_line(label)
        if line is None:
            yield from things
            return
        began, count = monotonic(), 0
        try:
            for count, thing in enumerate(things, 1):
                yield thing
                done, total = length() if callable(length) else (count, length)
                of_all = f"/{length}" if isinstance(length, int) else ""
                rate = count / max(monotonic() - began, 1)
                line.at(f"{count}{of_all}  {rate:.1f}/s", done, total)
        finally:
            line.close(str(count))

    def progress_line(self, label: str = "") -> ProgressLine | None:
        """Return a line to draw on stderr, or None if that is no terminal, or nobody looks."""
        if self.quiet or not sys.stderr.isatty():
            return None
        return ProgressLine(terminal(sys.stderr), label)


def _is_of_sqlite(error: Exception) -> bool:
    """Whether SQLite raised `error`; if it did, it was imported."""
    sqlite3 = sys.modules.get("sqlite3")
    return sqlite3 is not None and isinstance(error, sqlite3.Error)


def _cores() -> int:
    from archive.workers import cores  # noqa: PLC0415  (not for --help)

    return cores()


def configured(key: str) -> Callable[[], Any]:
    """Return a default for an option: the setting `key`, read when the option is not given."""

    def default() -> Any:
        from archive.configuration import current  # noqa: PLC0415  (not for --help)

        said = current()[key]
        return None if said in ("", ()) else said

    return default


config_option = click.option(
    "--config",
    metavar="FILE",
    help="Settings; by default baogao.toml in the current folder, if it exists.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print only errors on stderr.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead.")
table_option = click.option("--table", "as_table", is_flag=True, help="Print a table for people.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), default=_cores, metavar="N",
    help="Number of worker processes; by default one for each core.",
)  # fmt: skip


def part_of(words: str) -> tuple[int, int]:
    """Return the number of a part and how many there are, as given with --part.

    Raises:
        UsageError: the words are not such as 2/8.
    """
    found = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", words)
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError(f"--part {words}: give the number of a part and how many, such as 2/8")
    return int(found[1]), int(found[2])


def print_json(thing: Any) -> None:
    """Print one JSON value; Chinese is not escaped, and lone surrogates do not break the pipe."""
    click.echo(json.dumps(thing, ensure_ascii=False).encode("utf-8", "replace"))


def to_stderr(sentence: str) -> None:
    """Print a sentence on stderr, also of a quiet command."""
    click.echo(sentence, err=True)


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_table: bool) -> None:
    """Print JSON lines, or a table for people."""
    if not as_table:
        for row in rows:
            print_json(row)
        return
    lines = list(rows)
    if lines:
        click.echo(table([list(lines[0])] + [[_cell(v) for v in row.values()] for row in lines]))


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return columns padded by display width: a Han character takes two terminal columns."""
    rows = [[visible(cell, kept="") for cell in row] for row in rows]
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def shortened(words: str, columns: int) -> str:
    """Return as much of `words` as fits into `columns` of a terminal, with … if cut."""
    words = visible(words, kept="")
    if _width(words) <= columns:
        return words
    while _width(words) >= columns:
        words = words[:-1]
    return words.rstrip() + "…"


def _cell(value: Any) -> str:
    return "–" if value is None else str(value)


def _width(words: str) -> int:
    from unicodedata import east_asian_width  # noqa: PLC0415  (only tables need it)

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in words)

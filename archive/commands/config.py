"""`baogao config`: what was said once, and where."""

from __future__ import annotations

import click

from archive.console import print_rows, table_option


@click.command()
@table_option
def config(*, as_table: bool) -> None:
    """Show each setting with its value and source: default, file or environment variable.

    \b
    Settings are read from baogao.toml in the current folder, or the file named by --config or
    BAOGAO_CONFIG. A variable wins over the file, and an option of a command over both.
    Example: baogao config --table
    """
    from archive.configuration import current

    print_rows(current().rows(), as_table=as_table)

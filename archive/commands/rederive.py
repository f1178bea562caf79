"""`baogao rederive`: make every text again with the rules of today; the old ones stay."""

from __future__ import annotations

import click

from archive.console import Story, json_option, print_json, quiet_option


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@json_option
@quiet_option
def rederive(db: str, *, as_json: bool, quiet: bool) -> None:
    """Make the texts of DB again under the current ruleset; list what changed.

    \b
    Old derivations stay beside the new ones. Captures are not touched.
    Example: baogao rederive reports.db
    """
    from archive.derivation import derive
    from archive.store import Archive

    story = Story(quiet=quiet)

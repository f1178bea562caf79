"""`baogao decide`: a person's decision on a text, with name and reason."""

from __future__ import annotations

from typing import Any

import click

from archive.console import print_json
from archive.errors import UsageError


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.argument("text_id", type=int, metavar="TEXT")
@click.argument("field", required=False)
@click.argument("value", required=False)
@click.option("--words", help="Flagged words to decide, instead of a field.")
@click.option("--nth", default=1, type=click.IntRange(min=1), help="Which of them, from 1.")
@click.option("--reading", help="The original words; may be empty.")
@click.option("--who", envvar="USER", default="", help="Who decides.")
@click.option("--why", default="", help="The reason, for later readers.")
def decide(
    db: str,
    text_id: int,
    field: str | None,
    value: str | None,
    words: str | None,
    nth: int,
    reading: str | None,
    who: str,
    why: str,
) -> None:
    """Decide an identity field of TEXT, or the reading of injected words in it.

    \b
    Decisions are stored permanently and applied whenever works are made. The text and its
    derivation are not changed. Without FIELD and --words: list the decisions on TEXT.
    Example: baogao decide reports.db 33 report_year 2023 --who Li --why "the notice of 2023-01"
    Example: baogao decide reports.db 33 --words 必赢体育 --nth 2 --reading 沈阳 --why "in print"
    """
    from archive.store import Archive
    from archive.store.decisions import decisions

    if field is None and words is None:
        with Archive.open(db, read_only=True) as archive:
            for decision in decisions(archive.connection, text_id):
                print_json(decision)
        return
    with Archive.open(db) as archive, archive.run("decide") as run:
        if words is not None:
            if reading is None:
                raise UsageError("--words needs --reading: what stood there")
            run.decide_reading(text_id, words, nth, reading, who=who, why=why)
        else:
            for name, decided in _fields(str(field), value).items():
                run.decide(text_id, name, decided, who=who, why=why)
        archive.collate(run.id)


def _fields(field: str, value: str | None) -> dict[str, Any]:
    """Return the field with a typed value; a place code also sets place and level."""
    from archive.known import shipped
    from archive.known.fields import named

    if value is None:
        raise UsageError(f"say what {field} is")
    if field in named(lambda field: field.number):
        if not value.isdigit():
            raise UsageError(f"{field}: {value} is not a number")
        return {field: int(value)}
    if field != "place_code":
        return {field: value}
    gazetteer = shipped().gazetteer
    division = gazetteer.division(value)
    if division is None:
        raise UsageError(f"place_code: no division has the code {value}")
    return {"place_code": value, "place": gazetteer.full_name(value), "level": division.level}

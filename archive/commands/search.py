"""`baogao search` and `baogao coverage`: the content of the pages on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from archive.commands.asking import KIND
from archive.console import Console, print_rows, quiet_option, table_option
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.store.collection import Collection


@click.command()
@click.argument("db", type=click.Path())
@click.argument("query")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True,
              help="At most N reports, best first.")  # fmt: skip
@table_option
def search(db: str, query: str, limit: int, *, as_table: bool) -> None:
    """Find the reports in DB that contain QUERY exactly; exit code 1 if there are none.

    \b
    DB may be a folder of archives. All words of QUERY must occur. Quotes keep a phrase together;
    -word excludes a word. Numbers and Latin words match as a whole: 3个 does not find 13个.
    Example: baogao search reports.db '营商环境 -改革' --table
    """
    from archive.store.collection import opened

    with opened(db) as collection:
        found = list(_hits(collection, query, limit))
    print_rows(found, as_table=as_table)
    if not found:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("db", type=click.Path())
@click.option("--gaps", is_flag=True, help="Only what is missing; exit code 1 when there is any.")
@click.option(
    "--kind", type=KIND, help="Only this kind of document; otherwise all, and gaps of work reports."
)
@table_option
@quiet_option
def coverage(db: str, kind: str | None, *, gaps: bool, as_table: bool, quiet: bool) -> None:
    """List what is in DB and what is missing, place by year, with the reason for each gap.

    \b
    DB may be a folder of archives, which are read as one.
    Example: baogao coverage reports.db --gaps --table
    """
    from archive.catalogue.coverage import GAP
    from archive.catalogue.coverage import coverage as cells
    from archive.store.collection import opened

    with opened(db) as collection:
        found = list(cells(collection.readable, kind))
    missing = [cell for cell in found if cell.state == GAP]
    rows = (
        cell.as_json() | ({"archive": cell.archive} if collection.is_folder else {})
        for cell in (missing if gaps else found)
    )
    print_rows(rows, as_table=as_table)
    Console(quiet=quiet).say(f"{len(found) - len(missing)} reports here, {len(missing)} missing")
    if gaps and missing:
        raise click.exceptions.Exit(1)


def _hits(collection: Collection, query: str, limit: int) -> Iterator[dict[str, Any]]:
    from archive.catalogue.finding import find_documents
    from archive.store.search import Query

    asked = Query.parse(query)
    if not asked.terms:
        raise UsageError(f"{query!r} has no word to look for; try: baogao search DB 营商环境")
    for hit in find_documents(collection.readable, asked, most=limit).hits:
        yield {
            "work": hit.row["name"] or f"text {hit.row['text_id']}",
            "place": hit.row["place"],
            "report_year": hit.row["report_year"],
            "hits": hit.hits,
            "per_10000": round(hit.per_10_000, 2),
            "words": hit.around,
            **({"archive": hit.row["archive"]} if collection.is_folder else {}),
        }

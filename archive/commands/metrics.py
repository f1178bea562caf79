"""`baogao metrics`: numbers for monitoring."""

from __future__ import annotations

import click


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
def metrics(db: str) -> None:
    """Print the numbers of DB in Prometheus' text format.

    \b
    Write them to a .prom file in the folder of node_exporter's textfile collector, or let
    Prometheus ask baogao serve, which answers with the same at /-/metrics, unless it is --public.
    Example: baogao metrics reports.db
    """
    from archive.store import Archive
    from archive.store.metrics import exposition, samples

    with Archive.open(db, read_only=True) as archive:
        click.echo(exposition(samples(archive.connection)), nl=False)

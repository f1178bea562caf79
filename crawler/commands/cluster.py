"""`baogao work`, `enqueue` and `queue`: crawls on several machines, with jobs in PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from archive.console import Console, configured, print_rows, quiet_option, table_option
from archive.errors import UsageError
from crawler.commands.backfilling import need_scrapy
from crawler.commands.options import (
    common_crawl_options,
    contact_option,
    since_option,
    sites_dir_option,
)

if TYPE_CHECKING:
    from crawler.cluster.jobs import Job
    from crawler.cluster.queueing import Queue
    from crawler.cluster.tables import Connection
    from crawler.cluster.watching import Seen

T = TypeVar("T")

_FORMS: Final = ("warc", "wacz", "parquet", "jsonl", "preservation")
"""Formats of an export that a shard may have beside it."""


@click.command()
@click.argument("dsn", required=False)
@click.option(
    "--shards", default=configured("shards"), type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the archives that are written, one for each group of sites.",
)  # fmt: skip
@click.option(
    "--jobs", "at_once", type=click.IntRange(min=1), default=2, show_default=True, metavar="N",
    help="Jobs that run at the same time.",
)  # fmt: skip
@click.option(
    "--heartbeat-timeout", "timeout_s", type=click.FloatRange(min=1), default=30.0,
    show_default=True, metavar="SECONDS",
    help="Silence after which another worker takes a job; the same for all workers.",
)  # fmt: skip
@click.option("--until-empty", is_flag=True, help="End when nothing waits or runs here.")
@contact_option
@quiet_option
@click.pass_context
def work(
    context: click.Context,
    dsn: str | None,
    shards: Path | None,
    contact: str | None,
    *,
    at_once: int,
    timeout_s: float,
    until_empty: bool,
    quiet: bool,
) -> None:
    """Run jobs of the queue in the PostgreSQL database DSN until stopped.

    \b
    Without DSN, that of BAOGAO_DSN or baogao.toml is used. Each crawl is that of `baogao crawl`, in
    a process of its own, into an archive in the folder --shards. Any number of workers may run, on
    any machines; a host is requested by one at a time. If a worker is killed, another one goes on.
    Ctrl-C or SIGTERM gives back what runs. Requires pip install 'baogao[crawl,cluster]'.
    Example: baogao work --shards shards --contact you@example.org
    """
    _need_cluster()
    need_scrapy()
    from crawler.cluster import dsn as address
    from crawler.cluster.worker import Orders
    from crawler.cluster.worker import work as run

    if shards is None:
        raise UsageError("name the folder of shards: --shards DIRECTORY, or shards in baogao.toml")
    if dsn is not None:
        address.hide_from_ps(address.chosen(dsn), sys.argv[1:])
    root = context.find_root().params
    run(
        Orders(
            address.chosen(dsn), shards.absolute(), at_once, Console(quiet=quiet).say, timeout_s,
            until_empty, contact, root.get("config"),
        )
    )  # fmt: skip


@click.command()
@click.argument("words", nargs=-1, metavar="[DSN] crawl|commoncrawl|derive|merge|export [NAME]...")
@click.option("--due", "only_due", is_flag=True, help="crawl: only sites that are due.")
@click.option("--format", "form", type=click.Choice(_FORMS), help="export: the format.")
@click.option("--to", metavar="ADDRESS", help="export: a folder, or s3://BUCKET/FOLDER.")
@click.option(
    "--index", "indexes", multiple=True, metavar="PATH|URL",
    help="commoncrawl: files or folders of the columnar index, as workers see them, or URLs.",
)  # fmt: skip
@click.option(
    "--parts", type=click.IntRange(min=1, max=10_000), default=10, show_default=True, metavar="N",
    help="commoncrawl: into how many jobs the WARC files are divided.",
)  # fmt: skip
@common_crawl_options
@since_option
@click.option("--until", metavar="Y", help="Latest capture time, inclusive; as for --from.")
@sites_dir_option
@quiet_option
def enqueue(
    words: tuple[str, ...],
    form: str | None,
    to: str | None,
    sites_dirs: tuple[str, ...],
    *,
    only_due: bool,
    quiet: bool,
    parts: int,
    **scan: Any,
) -> None:
    """Put jobs into the queue in the PostgreSQL database DSN; the first use makes its tables.

    \b
    crawl [SITE]...         crawl sites, by default every active one; those that share hosts
                            are one job, and one archive, a shard
    commoncrawl NAME        scan Common Crawl by its columnar index, as baogao backfill commoncrawl
                            does, into the shards NAME-1-of-N …; one job at a time requests it
    derive [SHARD]...       derive the texts of shards again, by default of all
    merge INTO [SHARD]...   merge shards, by default all, into the archive INTO beside them
    export [SHARD]...       write shards as --format beside them, or copy them --to an address
    A job that already waits or runs is not added again. Without DSN, that of BAOGAO_DSN or
    baogao.toml is used.
    Example: baogao enqueue crawl --due
    """
    _need_cluster()
    dsn, kind, names = _parsed(words)
    if (kind == "export") != (len([each for each in (form, to) if each]) == 1):
        raise UsageError("export needs either --format or --to; both are for export only")
    if only_due and kind != "crawl":
        raise UsageError("--due is for crawl")
    from crawler.cluster.jobs import target

    target(to or "")

    async def add(queue: Queue, connection: Connection) -> tuple[list[Job], list[Job]]:
        await queue.make()
        if kind == "crawl":
            jobs = _crawls(names, sites_dirs, only_due=only_due)
        elif kind == "commoncrawl":
            jobs = _scans(names, scan, parts)
        else:
            jobs = await _of_shards(connection, kind, names, form or "", to or "")
        return jobs, await queue.enqueue(jobs)

    jobs, added = _with_queue(dsn, add)
    console = Console(quiet=quiet)
    for job in jobs:
        console.say(f"{job.shown}: {'enqueued' if job in added else 'waits or runs already'}")


@click.command()
@click.argument("dsn", required=False)
@click.option("--shards", "what", flag_value="shards", help="List the shards instead of jobs.")
@click.option("--workers", "what", flag_value="workers", help="List the workers.")
@click.option("--metrics", "what", flag_value="metrics", help="Print numbers for Prometheus.")
@click.option("--check", is_flag=True, help="Exit 1 if a job failed, or no worker lives.")
@click.option("--retry", is_flag=True, help="Let all failed jobs run again, or those of --job.")
@click.option("--job", "numbers", type=int, multiple=True, metavar="N", help="For --retry.")
@click.option("--drain", "draining", flag_value="on", help="Let no further job begin.")
@click.option("--resume", "draining", flag_value="off", help="Let jobs begin again.")
@click.option("--upgrade", is_flag=True, help="Bring the tables to this version.")
@table_option
@quiet_option
def queue(
    dsn: str | None,
    what: str | None,
    numbers: tuple[int, ...],
    draining: str | None,
    *,
    check: bool,
    retry: bool,
    upgrade: bool,
    as_table: bool,
    quiet: bool,
) -> None:
    """Show which jobs wait, run or failed in the PostgreSQL database DSN, or change that.

    \b
    Without DSN, that of BAOGAO_DSN or baogao.toml is used. --drain lets running jobs end and none
    begin, for example before an upgrade.
    Example: baogao queue --table
    """
    _need_cluster()

    async def look(queue: Queue, connection: Connection) -> tuple[Seen, list[int]]:
        from crawler.cluster import tables
        from crawler.cluster.watching import Seen

        if upgrade:
            await queue.upgrade()
        await queue.check()
        if draining is not None:
            await tables.drain(connection, on=draining == "on")
        retried = await queue.retry(numbers) if retry else []
        return await Seen.now(connection), retried

    if numbers and not retry:
        raise UsageError("--job is for --retry")
    seen, retried = _with_queue(dsn, look)
    _print(seen, what, as_table=as_table)
    console = Console(quiet=quiet)
    if retry:
        console.say(f"jobs that run again: {' '.join(map(str, retried)) or 'none'}")
    if what is None:
        states = ", ".join(f"{seen.states[state]} {state}" for state in _states())
        console.say(f"{states}; {seen.living} workers")
    faults = list(seen.faults())
    for sentence in faults:
        console.say(sentence)
    if faults and check:
        raise click.exceptions.Exit(1)


def _states() -> Sequence[str]:
    from crawler.cluster.watching import STATES

    return tuple(STATES.values())


def _print(seen: Seen, what: str | None, *, as_table: bool) -> None:
    if what == "metrics":
        from archive import exposition

        click.echo(exposition(seen.samples()), nl=False)
        return
    rows: dict[str | None, Callable[[], Iterator[dict[str, Any]]]] = {
        "shards": seen.shard_rows, "workers": seen.worker_rows, None: seen.job_rows,
    }  # fmt: skip
    print_rows(rows[what](), as_table=as_table)


def _need_cluster() -> None:
    if find_spec("pgqueuer") is None or find_spec("asyncpg") is None:
        raise UsageError("this command needs pgqueuer: pip install 'baogao[cluster]'")


def _with_queue(dsn: str | None, use: Callable[[Queue, Connection], Awaitable[T]]) -> T:
    import asyncio

    from crawler.cluster.dsn import chosen
    from crawler.cluster.queueing import Queue
    from crawler.cluster.tables import connected

    async def run() -> T:
        async with connected(chosen(dsn)) as connection:
            return await use(Queue(connection), connection)

    return asyncio.run(run())


def _parsed(words: Sequence[str]) -> tuple[str | None, str, tuple[str, ...]]:
    """Return DSN, kind and names of the words of `enqueue`."""
    dsn = words[0] if words and "://" in words[0] else None
    kind, *names = words[dsn is not None :] or ("",)
    if kind not in {"crawl", "commoncrawl", "derive", "merge", "export"}:
        raise UsageError(f"{kind!r}: say what to do: crawl, commoncrawl, derive, merge or export")
    return dsn, kind, tuple(names)


async def _of_shards(
    connection: Connection, kind: str, names: tuple[str, ...], form: str, to: str
) -> list[Job]:
    """Return the jobs that the words of `enqueue` mean, except for crawls."""
    from crawler.cluster import jobs, tables

    into, *named = (names or ("",)) if kind == "merge" else ("", *names)
    if kind == "merge" and not into:
        raise UsageError("name the archive into which the shards are merged")
    known = {shard["name"]: shard["home"] for shard in await tables.shards(connection)}
    chosen = jobs.named(named) or tuple(name for name in known if name != into)
    for name in chosen:
        if name not in known:
            raise UsageError(f"there is no shard {name!r}; see them with: baogao queue --shards")
    if not chosen:
        raise UsageError("there is no shard yet; a crawl makes them: baogao enqueue crawl")
    if kind != "merge":
        of_kind = jobs.DERIVE if kind == "derive" else jobs.EXPORT
        return [jobs.Job(of_kind, name, form=form, to=to) for name in chosen]
    if len({known[name] for name in chosen}) > 1:
        raise UsageError(
            "the shards lie in several folders: copy them with baogao enqueue export --to ADDRESS,"
            " then merge the copies with baogao merge"
        )
    return [jobs.Job(jobs.MERGE, jobs.named([into])[0], shards=chosen)]


def _crawls(names: tuple[str, ...], sites_dirs: tuple[str, ...], *, only_due: bool) -> list[Job]:
    from crawler.cluster.groups import groups_of
    from crawler.cluster.jobs import Job
    from crawler.site_files import load_sites

    found = load_sites(sites_dirs)
    for sentence in found.errors:
        click.echo(f"Error: {sentence}", err=True)
    sites = found.chosen(names)
    if not sites:
        raise UsageError("there is no active site; name one (see: baogao sites)")
    return [Job.crawl(group, only_due=only_due) for group in groups_of(sites)]


def _scans(names: tuple[str, ...], said: Mapping[str, Any], parts: int) -> list[Job]:
    """Return a job for each part of the WARC files of a scan."""
    from crawler.backfill.crawlscan import is_index_url, scan_of
    from crawler.cluster.jobs import SCAN, Job, named

    index = [each if is_index_url(each) else str(Path(each).absolute()) for each in said["indexes"]]
    if len(names) != 1 or not index:
        raise UsageError("commoncrawl needs one name for its shards, and --index with its files")
    kept = {name: value for name, value in said.items() if value and name != "indexes"}
    scan = {**kept, "index": index}
    scan_of(scan)
    (name,) = named(names)
    return [
        Job(SCAN, f"{name}-{number}-of-{parts}", scan={**scan, "part": [number, parts]})
        for number in range(1, parts + 1)
    ]

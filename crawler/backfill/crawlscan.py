"""Backfill from Common Crawl by its columnar index: choose by host, path and type, test, store."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from scrapy.settings import BaseSettings

from archive import SiteFacts, UsageError
from archive.configuration import cache_folder
from archive.urls import host_of
from crawler.backfill.commoncrawl import DATA, chosen_statuses
from crawler.backfill.crawlparts import Part
from crawler.backfill.crawlpieces import RemoteIndex
from crawler.backfill.crawltable import (
    ANOTHER_SUBSET,
    Asked,
    IndexTable,
    TableQuery,
    index_files,
    is_chosen,
    need_duckdb,
)
from crawler.backfill.crawlwords import WORDS
from crawler.backfill.lists import check_address
from crawler.backfill.owners import NEVER_DAYS
from crawler.backfill.wayback import PATIENCE, ask_archive, check_moment
from crawler.known import frontier_of, made
from crawler.run import CrawlResult, Progress, wiring_of
from crawler.site_file import Expect
from crawler.site_files import load_sites
from crawler.spiders.cdx import is_this_machine
from crawler.spiders.crawlscan import REQUESTS, CommonCrawlScanSpider, ScannedCrawl

A_MINUTE: Final = 60
"""Requests a minute, as to any other host."""

_HOST: Final = re.compile(r"\.?[\w-]+(?:\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan takes, and where its index lies."""

    site: ScannedCrawl
    query: TableQuery
    index: tuple[str, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """The part of the index that lies at URLs."""
        return tuple(each for each in self.index if is_index_url(each))

    @property
    def paths(self) -> tuple[str, ...]:
        """The part of the index that lies here."""
        return tuple(each for each in self.index if not is_index_url(each))


def is_index_url(words: str) -> bool:
    """Whether words are the URL of an index file, or of a list of such files."""
    return words.startswith(("http://", "https://"))


def scan_of(said: Mapping[str, Any], *, sites_dirs: Sequence[str] = ()) -> Scan:
    """Return the scan that the options of a command describe, or those of a job.

    An option that is missing or None has its default; the names are those of `table_query` and
    `scanned_crawl`.

    Raises:
        UsageError: one of them is invalid.
    """
    try:
        return _scan_of(**{name: value for name, value in said.items() if value is not None},
                        sites_dirs=sites_dirs)  # fmt: skip
    except (TypeError, ValueError) as error:
        raise UsageError(f"the scan cannot be read: {error}") from error


def _scan_of(
    *, index: Sequence[str], sites_dirs: Sequence[str], containing: Sequence[str] = (), **more: Any
) -> Scan:
    files = tuple(map(str, index))
    words = tuple(filter(None, containing or WORDS))
    of_site = {name: more.pop(name) for name in ("data", "crawls", "a_minute") if name in more}
    query = table_query(**more)
    site = scanned_crawl(query, index=files, words=words, sites_dirs=sites_dirs, **of_site)
    return Scan(site, query, files)


def table_query(
    *,
    hosts: Sequence[str] = (),
    paths: Sequence[str] = (),
    mimes: Sequence[str] = (),
    statuses: Sequence[str] = ("200",),
    since: str | None = None,
    until: str | None = None,
    limit: int | None = None,
    part: Sequence[int] = (1, 1),
) -> TableQuery:
    """Return what is wanted of the index; see `TableQuery`. `*.gov.cn` means `.gov.cn`.

    Raises:
        UsageError: invalid host, path, time or status.
    """
    for moment in (since, until):
        check_moment(moment)
    names = [host.lower().removeprefix("*").strip() for host in hosts]
    for host in names:
        if _HOST.fullmatch(host) is None:
            raise UsageError(f"{host!r}: invalid host; expected www.example.gov.cn or .gov.cn")
    for path in paths:
        try:
            re.compile(path)
        except re.error as error:
            raise UsageError(f"{path!r}: invalid regular expression: {error}") from None
    return TableQuery(
        tuple(dict.fromkeys(names)), tuple(dict.fromkeys(paths)),
        tuple(dict.fromkeys(mime.lower() for mime in mimes)), chosen_statuses(statuses),
        since or "", until or "9", limit, _valid_part(part),
    )  # fmt: skip


def _valid_part(part: Sequence[int]) -> tuple[int, int]:
    number, parts = part
    if not 1 <= number <= parts:
        raise UsageError(
            f"part {number}/{parts}: give a number and how many there are, such as 2/8"
        )
    return number, parts


def scanned_crawl(
    query: TableQuery,
    *,
    index: Sequence[str],
    data: str = DATA,
    crawls: Sequence[str] = (),
    words: Sequence[str] = WORDS,
    a_minute: float = A_MINUTE,
    sites_dirs: Sequence[str] = (),
) -> ScannedCrawl:
    """Return Common Crawl with a query of its columnar index; the index is not read yet.

    Args:
        query: which pages.
        index: Parquet files, folders of them, or URLs of files or of lists of files.
        data: the URL prefix of the WARC files. Nothing else is requested.
        crawls: names of crawls, or prefixes of names.
        words: what a page must contain to be stored; empty to store all.
        a_minute: requests a minute.
        sites_dirs: additional folders of site files.

    Raises:
        UsageError: `data` is no URL, or the index cannot be read here.
    """
    servers = (data, *filter(is_index_url, index))
    for server in servers:
        check_address(server, inside=True)
    hosts = tuple(dict.fromkeys(map(host_of, servers)))
    if len({is_this_machine(host) for host in hosts}) > 1:
        raise UsageError("--index and --data must both be on this machine, or neither")
    of_all = [data, *sorted(words)]
    of_this = [*map(str, index), *crawls, json.dumps(asdict(query), sort_keys=True)]
    return ScannedCrawl(
        name=f"{_prefix(of_all)}{_short(of_this)}", path=Path(), toml="", title="Common Crawl",
        kind="archive", family="list", hosts=hosts, start=servers,
        loopback=is_this_machine(hosts[0]), delay_s=60.0 / a_minute,
        give_up_after=PATIENCE, revisit_days=NEVER_DAYS, expect=Expect(0),
        covering=load_sites(sites_dirs).sites, limit=query.limit,
        site_facts=SiteFacts("commoncrawl", kind="archive"),
        data=data if data.endswith("/") else f"{data}/", crawls=tuple(crawls), words=tuple(words),
        label=", ".join(query.hosts) or "all hosts",
    )  # fmt: skip


def backfill_scan(
    db: str | Path,
    scan: Scan,
    *,
    dry_run: bool = False,
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Fetch what a scan selects, and store the pages with its words in `db`.

    With `dry_run`, only the index is read; `found` in the summary says what a run would do.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
        UsageError: the index cannot be read, or the server is not on this machine and no contact
            was given.
    """
    need_duckdb()
    site, others = scan.site, 0
    here, there = scan.paths, scan.urls
    asked = partial(_asked, db, site.name, wiring_of((), settings or {}))
    files: list[str] = []
    if here:
        files, others = index_files(here, site.crawls)
    with ExitStack() as open_till_end:
        spill = Path(open_till_end.enter_context(TemporaryDirectory()))

        def table(copies: Sequence[str] = ()) -> IndexTable:
            made = open_till_end.enter_context(IndexTable([*files, *copies], scan.query, spill))
            made.forget(asked())
            made.read()
            return made

        if there:
            remote = RemoteIndex(
                there, data=site.data, is_chosen=lambda url: is_chosen(url, site.crawls) is True,
                query=scan.query, folder=cache_folder() / "commoncrawl-index", spill=spill,
            )  # fmt: skip
            site = replace(site, remote=remote, open_index=lambda: table(remote.paths))
        else:
            site = replace(site, table=table())
            if dry_run:  # requests nothing, so it needs no contact
                site = replace(site, loopback=True)
        result = ask_archive(
            db, site, CommonCrawlScanSpider, dry_run=dry_run, settings=settings,
            progress=progress,
            arguments={"commoncrawl": {
                "index": list(scan.index), "data": site.data, "crawls": list(site.crawls),
                "words": list(site.words), **asdict(scan.query),
            }},
        )  # fmt: skip
    for row in result.summary["found"]:
        if others:
            row[ANOTHER_SUBSET] = others
        if dry_run:  # an answer is taken to need no longer than the pause
            row["hours"] = round(row.get(REQUESTS, 0) * site.delay_s / 3600, 2)
    return result


def _prefix(words: Sequence[str]) -> str:
    """Return the beginning of the names of scans that look for the same words in the same data."""
    return f"commoncrawl-{_short(words)[:4]}-"


def _short(words: Sequence[str]) -> str:
    return sha256("\n".join(words).encode()).hexdigest()[:8]


def _asked(db: str | Path, name: str, wiring: BaseSettings) -> Iterator[Asked]:
    """Yield the records that this scan, or an earlier one for the same words, has requested.

    What another scan has not yet fetched is not among them.
    """
    archive = made(db)
    if archive is None:
        return
    try:
        frontier = frontier_of(archive, wiring)
        prefix = name.rpartition("-")[0] + "-"
        for site in frontier.sites():
            if site.startswith(prefix):
                for row in frontier.rows(site):
                    if site == name or row.state == "done":
                        yield from _records(row.request["cb_kwargs"])
    finally:
        archive.close()


def _records(packed: Mapping[str, Any]) -> Iterator[Asked]:
    if "records" in packed:
        for row in Part.unpacked(packed).rows:
            yield Asked(row.filename, row.offset, row.url, row.digest)

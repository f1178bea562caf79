"""Backfill from a list of addresses: through the crawler, with its frontier and politeness.

Every address is a row of the durable frontier, so a run that was stopped goes on when it is
started again, and one that was finished asks nothing twice.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.utils.misc import load_object

from archive import Archive, UsageError
from crawler.addresses import fingerprint, host_of, page_key
from crawler.frontier import clock
from crawler.loader import SPIDERS, spider_class
from crawler.recorder import Recorder, need_contact
from crawler.resolver import is_public
from crawler.run import CrawlResult, Progress, registered, run_spiders, wiring_of
from crawler.site_file import Expect, Links
from crawler.sites import Site, load_sites
from crawler.spiders.urls import ListedSite, UrlsSpider

LONGEST_URL: Final = 2083
"""Characters; longer addresses are traps, and the crawler's settings refuse them too."""

MOST_FAULTS: Final = 20
"""Wrong lines that are told, a sentence each; of the rest, only how many."""

NEVER_DAYS: Final = 36_500.0
"""A list is a one-off: what was got is not asked again."""

SITEMAP: Final = "sitemap:"

GOOD: Final = frozenset({"ok", "unchanged", "redirect"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One address of a list; `sitemap` where it names a sitemap instead of a report."""

    url: str
    sitemap: bool = False


# ---- reading a list


def read_list(lines: Iterable[bytes]) -> list[Listed]:
    """The addresses of a list, one a line, in order, each once; `#` begins a comment line.

    `sitemap:URL` names a sitemap whose addresses belong to the list.

    Raises:
        UsageError: some lines are wrong; a sentence each, with the line's number.
    """
    found: dict[tuple[str, bool], Listed] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            listed = _listed(line)
        except (UsageError, ValueError) as error:
            faults.append(f"line {number}: {_why(error)}")
        else:
            if listed is not None:
                found.setdefault((page_key(listed.url), listed.sitemap), listed)
    if len(faults) > MOST_FAULTS:
        faults[MOST_FAULTS:] = [f"and {len(faults) - MOST_FAULTS} more wrong lines"]
    if faults:
        raise UsageError("; ".join(faults) + "; nothing was fetched")
    return list(found.values())


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is no UTF-8"
    return str(error) if isinstance(error, UsageError) else f"is no address ({error})"


def _listed(line: bytes) -> Listed | None:
    words = line.decode("utf-8").lstrip("\ufeff").strip()
    if not words or words.startswith("#"):
        return None
    sitemap = words.startswith(SITEMAP)
    url = words.removeprefix(SITEMAP).strip()
    check_address(url)
    return Listed(url, sitemap)


def check_address(url: str, *, inside: bool = False) -> None:
    """See that `url` is an http or https address that can be asked for; on this machine, if so.

    Raises:
        UsageError: it is not; the sentence says why.
        ValueError: it cannot even be taken apart.
    """
    shown = repr(url if len(url) <= 80 else url[:80] + "…")  # noqa: PLR2004  (a line of a screen)
    if len(url) > LONGEST_URL:
        raise UsageError(f"{shown} is longer than {LONGEST_URL} characters")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise UsageError(f"{shown} holds a space or a control character; one address a line")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{shown} is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{shown} holds a user name or password, which would be kept for ever")
    if not inside and _is_inside(parts.hostname):
        raise UsageError(f"{shown} is no public address")
    if parts.port == 0:
        raise UsageError(f"{shown} has no port that can be asked")


def _is_inside(host: str) -> bool:
    """Whether a host is given as a number that is no public address; names are judged later."""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return not is_public(host)


# ---- which site an address belongs to


def listed_sites(listed: Sequence[Listed], sites: Sequence[Site]) -> list[ListedSite]:
    """The addresses by site: those that a site file covers, and one of kind unknown for the rest.

    Of several site files that cover a host, an active one wins.
    """
    ranked = sorted(sites, key=lambda site: not site.active)
    owners: dict[str, Site | None] = {}
    groups: dict[str, tuple[Site | None, list[Listed]]] = {}
    for one in listed:
        host = host_of(one.url)
        if host not in owners:
            owners[host] = next((site for site in ranked if site.covers(host)), None)
        owner = owners[host]
        groups.setdefault(owner.name if owner else "", (owner, []))[1].append(one)
    return [
        _of_known(owner, those) if owner else _of_unknown(those) for owner, those in groups.values()
    ]


def _of_known(site: Site, listed: Sequence[Listed]) -> ListedSite:
    return ListedSite(
        name=f"urls-{site.name}", path=site.path, toml=site.toml, title=site.title,
        kind=site.kind, family=site.family, hosts=site.hosts, loopback=site.loopback,
        delay_s=site.delay_s, give_up_after=site.give_up_after, revisit_days=NEVER_DAYS,
        links=replace(site.links, words=None), expect=Expect(0), told=site.facts,
        **_addresses(listed),
    )  # fmt: skip


def _of_unknown(listed: Sequence[Listed]) -> ListedSite:
    hosts = dict.fromkeys(host_of(one.url) for one in listed)
    return ListedSite(
        name="urls", path=Path(), toml="", title="", kind="unknown", family="list",
        hosts=tuple(dict.fromkeys(name for host in hosts for name in _with_www(host))),
        revisit_days=NEVER_DAYS, links=Links(), expect=Expect(0), **_addresses(listed),
    )  # fmt: skip


def _addresses(listed: Sequence[Listed]) -> dict[str, Any]:
    return {
        "start": tuple(one.url for one in listed),
        "sitemaps": frozenset(one.url for one in listed if one.sitemap),
    }


def _with_www(host: str) -> tuple[str, str]:
    """A host with and without `www.`: addresses that redirect to each other."""
    return host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"


# ---- what is done and what is left


def with_left_over(db: str | Path, site: ListedSite) -> ListedSite:
    """The site, which may also be asked for the addresses that earlier lists left over."""
    if not Path(db).exists():
        return site
    with Archive.open(db, read_only=True) as archive:
        rows = archive.connection.execute(
            "SELECT url FROM frontier WHERE site = ? AND state <> 'done'", (site.name,)
        ).fetchall()
    parts = [urlsplit(url) for (url,) in rows]
    ports = {part.port for part in parts if part.port is not None}
    hosts = site.hosts
    if not site.toml:
        hosts = tuple(dict.fromkeys((*hosts, *(part.hostname or "" for part in parts))))
    return replace(site, hosts=hosts, more_ports=frozenset(ports))


def states(db: str | Path, sites: Sequence[ListedSite]) -> dict[str, str]:
    """The state in the frontier (`pending`, `done` …) of each address that is known there."""
    if not Path(db).exists():
        return {}
    found: dict[str, str] = {}
    with Archive.open(db, read_only=True) as archive:
        for site in sites:
            for url in site.start:
                row = archive.connection.execute(
                    "SELECT state FROM frontier WHERE fingerprint = ?",
                    (fingerprint(site.name, url),),
                ).fetchone()
                if row is not None:
                    found[url] = str(row[0])
    return found


def plan(
    db: str | Path, listed: Sequence[Listed], sites_dirs: Sequence[str]
) -> list[dict[str, Any]]:
    """What a list holds, a row a host: its site, kind, addresses, and how many are done."""
    sites = listed_sites(listed, load_sites(sites_dirs).sites)
    known = states(db, sites)
    rows: dict[str, dict[str, Any]] = {}
    for site in sites:
        for url in site.start:
            host = host_of(url)
            row = rows.setdefault(host, {
                "host": host, "site": site.facts.name if site.toml else None,
                "kind": site.kind, "addresses": 0, "sitemaps": 0, "done": 0,
            })  # fmt: skip
            row["sitemaps" if url in site.sitemaps else "addresses"] += 1
            row["done"] += known.get(url) == "done"
    return list(rows.values())


def first_undone(
    db: str | Path, listed: Sequence[Listed], limit: int | None, sites_dirs: Sequence[str]
) -> list[Listed]:
    """The first `limit` addresses that are not done yet; the whole list without a limit."""
    if limit is None:
        return list(listed)
    known = states(db, listed_sites(listed, load_sites(sites_dirs).sites))
    return [one for one in listed if known.get(one.url) != "done"][:limit]


# ---- fetching


def backfill_urls(
    db: str | Path,
    listed: Sequence[Listed],
    *,
    sites_dirs: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Fetch the addresses of a list into the archive `db`; once in a process, as `crawl`.

    Raises:
        StorageError: the archive could not be written any longer; the rest is kept.
        UsageError: a real host without a contact.
    """
    found = load_sites(sites_dirs)
    sites = [with_left_over(db, site) for site in listed_sites(listed, found.sites)]
    return run_sites(
        db,
        {site.name: _spider(site) for site in sites},
        sites,
        arguments={"urls": len(listed)},
        sites_dirs=sites_dirs,
        settings=settings,
        progress=progress,
    )


def run_sites(
    db: str | Path,
    spiders: Mapping[str, type[Spider]],
    sites: Sequence[Site],
    *,
    arguments: Mapping[str, Any],
    sites_dirs: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """One run of kind `backfill` with the spiders of some sites in memory.

    Raises:
        StorageError: the archive could not be written any longer; the rest is kept.
        UsageError: a real host without a contact.
    """
    wiring = wiring_of(sites_dirs, settings or {})
    need_contact(sites, str(wiring["CONTACT"] or ""))
    ticks = iter(progress(count(), "captures")) if progress else count()
    started = clock()
    recorder = Recorder(
        db,
        sites,
        command="backfill",
        arguments=arguments,
        told=lambda: next(ticks, None),
        workers=wiring.getint("DERIVE_WORKERS"),
    )
    with registered(db, recorder):
        reasons = run_spiders(wiring, spiders, str(db))
        if isinstance(ticks, Generator):
            ticks.close()  # ends the line of the progress bar
        return result_of(recorder, sites, reasons, started)


def _spider(site: ListedSite) -> type[Spider]:
    family = load_object(SPIDERS[site.family])
    return spider_class(site, type("Urls" + family.__name__, (UrlsSpider, family), {}))


def result_of(
    recorder: Recorder, sites: Sequence[Site], reasons: Mapping[str, str], started: str
) -> CrawlResult:
    """Collate, and say what came of a backfill: also each address that gave nothing.

    `started` is when it began: of older attempts only those at its own addresses are told.

    Raises:
        StorageError: the archive could not be written any longer.
    """
    if recorder.broken is not None:
        raise recorder.broken
    recorder.archive.collate(recorder.run.id)
    early = [
        f"{name}: ended early ({why}); run it again"
        for name, why in reasons.items()
        if why != "finished"
    ]
    return CrawlResult(
        recorder.archive.summary(recorder.run.id),
        (
            *recorder.unfinished,
            *recorder.failures,
            *early,
            *_without_page(recorder, sites, started),
        ),
        reasons,
        dict(recorder.captured),
        dict(recorder.texts),
        tuple(recorder.unfinished),
    )


def _without_page(recorder: Recorder, sites: Sequence[Site], started: str) -> Iterator[str]:
    """A sentence for each address that was asked for and gave no page."""
    for site in sites:
        listed = set(site.start)
        rows = recorder.archive.connection.execute(
            "SELECT url, outcome, changed_at FROM frontier"
            " WHERE site = ? AND state IN ('done', 'failed') ORDER BY id",
            (site.name,),
        )
        for url, outcome, changed_at in rows:
            if outcome not in GOOD and (url in listed or changed_at >= started):
                yield f"{url}: {outcome}; what came is kept"

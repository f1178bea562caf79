"""Crawls selected sites into one archive, in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from archive import DataFileError, Fetched, UsageError, read_pictures
from archive.console import STOPPED_SHORT
from crawler.loader import spider_class
from crawler.recorder import Recorder, need_contact, register, release
from crawler.site_file import shown_path
from crawler.site_files import Site, load_sites

logger = logging.getLogger(__name__)

Progress = Callable[..., Iterator[Any]]
"""`progress(things, label)` yields the things and shows how many there were."""

LOOKED_AND_FOUND_WRONG = 1

STOPPED = "shutdown"
"""The reason of Scrapy for a crawl that a signal ended."""


@dataclass(frozen=True, slots=True)
class CrawlResult:
    """The archive's summary of the run, and sentences on what went wrong.

    `reasons` says for each site why its spider ended. `captures` counts by site and outcome,
    `texts` by site. `unfinished` says what is left for another crawl, and why; that can begin in
    `again_s` seconds.
    """

    summary: Mapping[str, Any]
    findings: tuple[str, ...]
    reasons: Mapping[str, str]
    captures: Mapping[tuple[str, str], int]
    texts: Mapping[str, int]
    unfinished: tuple[str, ...] = ()
    again_s: float = 0.0

    def log(self) -> None:
        """Log what was found, and how the crawl ended."""
        for sentence in self.findings:
            logger.warning("%s", sentence, extra={"facts": {"event": "finding"}})
        facts = {"event": "end", "exit_code": self.exit_code, "run": self.summary["run"]}
        logger.info("ended with exit code %d", self.exit_code, extra={"facts": facts})

    @property
    def exit_code(self) -> int:
        """0; 3 if URLs are left for another crawl; 1 if there are findings."""
        if self.unfinished:
            return STOPPED_SHORT
        return LOOKED_AND_FOUND_WRONG if self.findings else 0


def crawl(
    db: str | Path,
    site_names: Sequence[str] = (),
    *,
    sites_dirs: Sequence[str | Path] = (),
    settings: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> CrawlResult:
    """Crawl sites into the archive `db`; blocks until all spiders have ended.

    Call it once in a process, because a Twisted reactor runs once.

    Args:
        db: the archive; created if absent.
        site_names: names of sites; if empty, every active site except practice sites.
        sites_dirs: additional folders of site files.
        settings: Scrapy settings that override `crawler.settings`, such as `CONTACT`.
        progress: shows captures as they are made.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
        UsageError: an unknown site, no site at all, or a real site without a contact.
    """
    sites, broken_files = _chosen(site_names, sites_dirs)
    wiring = wiring_of(sites_dirs, settings or {})
    sites = [site.within(wiring.getdict("LIMITS")) for site in sites]
    need_contact(sites, str(wiring["CONTACT"] or ""))
    arguments = {"sites": [site.name for site in sites]}
    ticks = iter(progress(count(), "captures")) if progress else count()
    recorder = Recorder(
        db,
        sites,
        arguments=arguments,
        on_capture=lambda: next(ticks, None),
        workers=wiring.getint("DERIVE_WORKERS"),
    )
    with registered(db, recorder):
        reasons = run_spiders(wiring, {site.name: spider_class(site) for site in sites}, str(db))
        if isinstance(ticks, Generator):
            ticks.close()  # ends the line of the progress bar
        if recorder.broken is not None:
            raise recorder.broken
        read = [site.name for site in sites if site.ocr]
        for sentence in read_pictures(recorder.archive, recorder.run, read, jobs=1) if read else ():
            recorder.fail(sentence)
        if wiring.getbool("COLLATE_AFTER_CRAWL"):
            recorder.archive.collate(recorder.run.id)
        summary = recorder.archive.summary(recorder.run.id) | {"hosts": recorder.hosts.rows()}
        for name, reason in reasons.items():
            if reason == STOPPED:
                recorder.leave_unfinished(f"{name}: the crawl was stopped; run it again to go on")
        recorder.unexpected += _unexpected(sites, recorder, reasons)
    findings = (
        *broken_files, *recorder.unfinished, *recorder.failures, *recorder.unexpected,
    )  # fmt: skip
    return CrawlResult(
        summary,
        findings,
        reasons,
        dict(recorder.captured),
        dict(recorder.texts),
        tuple(recorder.unfinished),
        recorder.again_s or 0.0,
    )


def crawl_with(
    db: str | Path, sites: Sequence[Site], family: type[Spider], *, settings: Mapping[str, Any]
) -> None:
    """Crawl sites, which need no file, with a custom spider; otherwise like `crawl`."""
    wiring = wiring_of((), settings)
    need_contact(sites, str(wiring["CONTACT"] or ""))
    recorder = Recorder(db, sites, workers=wiring.getint("DERIVE_WORKERS"))
    with registered(db, recorder):
        run_spiders(wiring, {site.name: spider_class(site, family) for site in sites}, str(db))
        if recorder.broken is not None:
            raise recorder.broken


@contextmanager
def registered(db: str | Path, recorder: Recorder) -> Iterator[None]:
    """Make the recorder available to the spiders of this process; always close it."""
    register(db, recorder)
    try:
        yield
    finally:
        release(db)
        recorder.close()


def _chosen(
    names: Sequence[str], folders: Iterable[str | Path]
) -> tuple[list[Site], tuple[str, ...]]:
    """Return the sites to crawl, and sentences on broken files."""
    found = load_sites(folders)
    chosen = found.chosen(names)
    if not chosen:
        raise UsageError("there is no active site; name one (see: baogao sites)")
    blind = [
        f"{shown_path(site.path)}: reports: is missing; the family {site.family!r} knows no report"
        for site in chosen
        if site.is_blind
    ]
    if len(blind) == len(chosen):
        raise DataFileError(blind[0])
    return [site for site in chosen if not site.is_blind], (*found.errors, *blind)


def wiring_of(folders: Iterable[str | Path], more: Mapping[str, Any]) -> Settings:
    """Return the crawler's settings with folders of site files; `more` overrides all."""
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("SITES_DIRS", [str(folder) for folder in folders], priority="cmdline")
    settings.update(dict(more), priority="cmdline")
    return settings


def run_spiders(settings: Settings, spiders: Mapping[str, type[Spider]], db: str) -> dict[str, str]:
    """Run spiders concurrently. Returns the reason why each ended."""
    process = AsyncCrawlerProcess(settings)
    crawlers: dict[str, Crawler] = {}
    for name, spider in spiders.items():
        crawlers[name] = process.create_crawler(spider)
        process.crawl(crawlers[name], db=db)
    process.start()
    return {
        name: str(crawler.stats.get_value("finish_reason", "never started"))
        if crawler.stats is not None
        else "never started"
        for name, crawler in crawlers.items()
    }


def _unexpected(
    sites: Sequence[Site], recorder: Recorder, reasons: Mapping[str, str]
) -> Iterator[str]:
    """Yield a sentence for each site that ended early, or whose article count is unexpected."""
    for site in sites:
        articles, expect = recorder.known.get(site.name, 0), site.expect
        if reasons[site.name] not in ("finished", STOPPED):
            yield f"{site.name}: the crawl ended early ({reasons[site.name]}); run it again"
        if articles < expect.minimum:
            yield f"{site.name}: {articles} articles, at least {expect.minimum} were expected"
        if expect.maximum is not None and articles > expect.maximum:
            yield f"{site.name}: {articles} articles, at most {expect.maximum} were expected"
        yield from _dropped(site, recorder)


def _dropped(site: Site, recorder: Recorder) -> Iterator[str]:
    """Return a sentence if the lists show far fewer articles than in the last finished crawl.

    Unchanged lists are not read again, and a resumed crawl reads only some. These are not compared.
    """
    before = Fetched(recorder.archive).seen_before(site.name, recorder.run.id)
    seen = recorder.run.counts.get(f"seen:{site.name}")
    if seen is not None and before and not recorder.run.counts[f"unchanged_lists:{site.name}"]:
        drop = 1 - seen / before
        if drop > site.expect.largest_drop:
            yield f"{site.name}: its lists show {seen} articles, {before} in the last crawl"

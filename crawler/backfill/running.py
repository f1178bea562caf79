"""One run of a backfill: spiders of sites in memory, and what came of each address."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

from scrapy import Spider

from archive import clock
from crawler.frontier import SqliteFrontier
from crawler.recorder import Recorder, need_contact
from crawler.run import CrawlResult, Progress, registered, run_spiders, wiring_of
from crawler.site_files import Site
from crawler.spiders.walk import WalkedSite

GOOD: Final = frozenset({"ok", "unchanged", "redirect", "no_captures"})
"""Outcomes of addresses that are no finding; `no_captures`: an index has none of the page."""

_NO_LOSS: Final = frozenset(
    {"gone GET parse", "gone POST parse_records", "http POST parse_records"}
)
"""Pagers tell of more pages than a list has, and some proxies of lists refuse a POST."""

_ENDED: Final = """
SELECT url, outcome, changed_at, json_extract(request_json, '$.headers.Range'),
  json_extract(request_json, '$.method') || ' ' || json_extract(request_json, '$.callback')
FROM frontier
WHERE site = ? AND state IN ('done', 'failed') ORDER BY id
"""
_REASON: Final = """
SELECT error FROM captures JOIN pages ON pages.id = captures.page_id
WHERE pages.url = ? AND error IS NOT NULL AND instr(request_headers_json, ?) > 0
ORDER BY captures.id DESC LIMIT 1
"""


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

    The summary has one thing more than a crawl's: `found`, what lists and indexes hold.

    Raises:
        StorageError: the archive could not be written any longer; the rest is kept.
        UsageError: a real host without a contact.
    """
    wiring = wiring_of(sites_dirs, settings or {})
    need_contact(sites, str(wiring["CONTACT"] or ""))
    left = _Left(sites)
    ticks = iter(progress(count(), "captures", left)) if progress else count()
    started = clock.now()
    recorder = Recorder(
        db,
        sites,
        command="backfill",
        arguments=arguments,
        told=lambda: next(ticks, None),
        workers=wiring.getint("DERIVE_WORKERS"),
    )
    left.recorder = recorder
    with registered(db, recorder):
        reasons = run_spiders(wiring, spiders, str(db))
        if isinstance(ticks, Generator):
            ticks.close()  # ends the line of the progress bar
        return _result(recorder, sites, reasons, started)


def count_only(
    spiders: Mapping[str, type[Spider]],
    sites: Sequence[Site],
    *,
    sites_dirs: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> CrawlResult:
    """Let spiders that fetch no pages read lists and indexes, into an archive that is thrown away.

    Raises:
        StorageError, UsageError: as `run_sites`.
    """
    with TemporaryDirectory() as folder:
        return run_sites(
            Path(folder) / "counted.db", spiders, sites, arguments={}, sites_dirs=sites_dirs,
            settings=settings,
        )  # fmt: skip


class _Left:
    """How many captures a run will have made when all that is known of is done; a guess."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self.recorder: Recorder | None = None
        self._sites = [site.name for site in sites]
        self._asked_at = 0.0
        self._pending = 0

    def __call__(self) -> int:
        if self.recorder is None:
            return 0
        if monotonic() - self._asked_at > 1:
            frontier = SqliteFrontier(self.recorder.archive)
            self._pending = sum(frontier.pending(name) for name in self._sites)
            self._asked_at = monotonic()
        return self.recorder.captured.total() + self._pending


def _result(
    recorder: Recorder, sites: Sequence[Site], reasons: Mapping[str, str], started: str
) -> CrawlResult:
    """Collate, and say what came of a backfill: also each address that gave nothing.

    `started` is when it began: of older attempts only those at its own addresses are reported.

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
    summary = recorder.archive.summary(recorder.run.id)
    summary["found"] = _found(recorder)
    return CrawlResult(
        summary,
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


def _found(recorder: Recorder) -> list[dict[str, Any]]:
    """A row for each list or query: what it is, and how many of what it holds; equal columns."""
    rows = list(dict.fromkeys(of for of, _ in recorder.found))
    columns = sorted({what for _, what in recorder.found}, key=_rank)
    return [{"of": of, **{what: recorder.found[of, what] for what in columns}} for of in rows]


def _rank(what: str) -> tuple[int, str]:
    """What there is, what of it is wanted, what is here; then why the rest is not asked for."""
    first = ("articles in its lists", "taken", "already here")
    return (first.index(what) if what in first else len(first), what)


def _without_page(recorder: Recorder, sites: Sequence[Site], started: str) -> Iterator[str]:
    """A sentence for each address that was asked for and gave no page."""
    sql = recorder.archive.connection
    for site in sites:
        listed = set(site.start)
        for url, outcome, changed_at, part, asked in sql.execute(_ENDED, (site.name,)).fetchall():
            if outcome in GOOD or not (url in listed or changed_at >= started):
                continue
            if isinstance(site, WalkedSite) and f"{outcome} {asked}" in _NO_LOSS:
                continue
            reason = sql.execute(_REASON, (url, json.dumps(part)[1:-1] if part else "")).fetchone()
            why = f"{outcome} ({reason[0]})" if reason else outcome
            yield f"{url}{f' {part}' if part else ''}: {why}; what came is kept"

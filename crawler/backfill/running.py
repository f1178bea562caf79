"""Runs a backfill: spiders of sites in memory, and a report on each URL."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, Final

from scrapy import Spider

from archive import Fetched, clock
from crawler.frontier import Frontier, FrontierRow
from crawler.known import frontier_of
from crawler.recorder import Recorder, need_contact
from crawler.run import CrawlResult, Progress, registered, run_spiders, wiring_of
from crawler.site_files import Site
from crawler.spiders.walk import WalkedSite

GOOD: Final = frozenset({"ok", "unchanged", "redirect", "no_captures", "without_words"})
"""Outcomes that are not reported as findings.

`no_captures` means that an index lacks the page, `without_words` that no record of a part has the
words that are looked for.
"""

_NO_LOSS: Final = frozenset(
    {"gone GET parse", "gone POST parse_records", "http POST parse_records"}
)
"""Pagers name more pages than a list has, and some list proxies refuse POST."""


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
    """Run the spiders of some in-memory sites as one run of kind `backfill`.

    In addition to a crawl's summary, `found` counts what lists and indexes hold.

    Raises:
        StorageError: the archive can no longer be written; what was stored is kept.
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
        on_capture=lambda: next(ticks, None),
        workers=wiring.getint("DERIVE_WORKERS"),
    )
    frontier = frontier_of(recorder.archive, wiring)
    left.follow(recorder, frontier)
    with registered(db, recorder):
        reasons = run_spiders(wiring, spiders, str(db))
        if isinstance(ticks, Generator):
            ticks.close()  # ends the line of the progress bar
        return _result(recorder, frontier, sites, reasons, started)


def count_only(
    spiders: Mapping[str, type[Spider]],
    sites: Sequence[Site],
    *,
    sites_dirs: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> CrawlResult:
    """Read lists and indexes without fetching pages, into a temporary archive.

    Raises:
        StorageError, UsageError: as `run_sites`.
    """
    with TemporaryDirectory() as folder:
        return run_sites(
            Path(folder) / "counted.db", spiders, sites, arguments={}, sites_dirs=sites_dirs,
            settings=settings,
        )  # fmt: skip


class _Left:
    """Estimates how many captures a run will have made when everything known so far is done."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._recorder: Recorder | None = None
        self._sites = [site.name for site in sites]
        self._asked_at = 0.0
        self._pending = 0

    def follow(self, recorder: Recorder, frontier: Frontier) -> None:
        """Count what this recorder stores and what this frontier has left."""
        self._recorder, self._frontier = recorder, frontier

    def __call__(self) -> tuple[int, int | None]:
        """Return how many captures were made, and of how many."""
        if self._recorder is None:
            return 0, None
        if monotonic() - self._asked_at > 1:
            self._pending = sum(self._frontier.pending(name) for name in self._sites)
            self._asked_at = monotonic()
        made = self._recorder.captured.total()
        return made, made + self._pending


def _result(
    recorder: Recorder,
    frontier: Frontier,
    sites: Sequence[Site],
    reasons: Mapping[str, str],
    started: str,
) -> CrawlResult:
    """Collate, and summarise a backfill, including each URL that gave nothing.

    `started` is when the run began. Older attempts are reported only for its own URLs.

    Raises:
        StorageError: the archive can no longer be written.
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
            *_without_page(recorder, frontier, sites, started),
        ),
        reasons,
        dict(recorder.captured),
        dict(recorder.texts),
        tuple(recorder.unfinished),
        recorder.again_s or 0.0,
    )


def _found(recorder: Recorder) -> list[dict[str, Any]]:
    """Return a row for each list or query, with its counts in equal columns."""
    rows = list(dict.fromkeys(of for of, _ in recorder.found))
    columns = sorted({what for _, what in recorder.found}, key=_rank)
    return [{"of": of, **{what: recorder.found[of, what] for what in columns}} for of in rows]


def _rank(what: str) -> tuple[int, str]:
    """Sort key of the columns: what exists, is wanted, is here, then reasons for the rest."""
    first = ("articles in its lists", "taken", "already here")
    return (first.index(what) if what in first else len(first), what)


def _without_page(
    recorder: Recorder, frontier: Frontier, sites: Sequence[Site], started: str
) -> Iterator[str]:
    """Yield a sentence for each requested URL that gave no page."""
    fetched = Fetched(recorder.archive)
    for site in sites:
        listed = set(site.start)
        for row in frontier.rows(site.name):
            if row.changed_at < started and row.url not in listed:
                continue
            if not _gave_no_page(row, is_walked=isinstance(site, WalkedSite)):
                continue
            part = row.request["headers"].get("Range")
            error = fetched.error(row.url, part)
            why = f"{row.outcome} ({error})" if error else row.outcome
            yield f"{row.url}{f' {part}' if part else ''}: {why}; what came is kept"


def _gave_no_page(row: FrontierRow, *, is_walked: bool) -> bool:
    if row.state not in {"done", "failed"} or row.outcome in GOOD:
        return False
    asked = f"{row.outcome} {row.request['method']} {row.request['callback']}"
    return not (is_walked and asked in _NO_LOSS)

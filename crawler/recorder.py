"""Writes a crawl to the archive: one `Recorder` for each database and process.

All crawlers of a process share it, and with it one connection and one run.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import monotonic
from typing import Any, Self, cast

from scrapy import signals
from scrapy.crawler import Crawler

from archive import Archive, BaogaoError, Capture, Derivation, UsageError
from archive.errors import BrokenLawError
from archive.urls import host_of
from archive.visible import show_all_that_is_logged
from crawler.derive_workers import DeriveWorkers
from crawler.pace import Pace
from crawler.reading import Readers
from crawler.run_log import HostProgress
from crawler.site_files import Site

logger = logging.getLogger(__name__)

_open: dict[Path, Recorder] = {}
_stopping: set[asyncio.Task[None]] = set()


BATCH_WRITES = 100
"""The most writes collected before they are committed together."""

BATCH_BYTES = 8 * 1024 * 1024
"""The most payload bytes collected before a commit."""

BATCH_S = 0.5
"""The most seconds that a write waits for its commit."""

DERIVE_S = 0.1
"""Seconds that a large page keeps a worker busy. The mean of 40 real pages is 0.04."""


@dataclass(slots=True)
class Ticket:
    """A capture on its way into the archive; `id` is set once it has been written."""

    id: int | None = None


class Recorder:
    """Writes captures, texts and frontier rows of one run in batched transactions.

    Writes happen in the order in which they were requested, so that no frontier row is acknowledged
    before its results are stored. `captured` counts (site, outcome) and `texts` counts sites.
    `on_capture` is called after each capture, for a progress bar. `derivers` make the texts, in at
    most `workers` processes; `readers` extract links. `pace` is that of all hosts. `known` is the
    number of articles of each site in the archive after the crawl; `unexpected` is what is not as
    its site file says, and is stored with the run's end; `again_s` is when the next crawl can take
    what is unfinished, in seconds; `found` counts what lists and indexes hold: (which, what).
    After a `BaogaoError` (such as a full disk) nothing more is written: `broken` holds the error,
    and the crawlers that share the recorder are stopped.
    """

    def __init__(
        self,
        db: str | Path,
        sites: Sequence[Site],
        *,
        command: str = "crawl",
        arguments: Mapping[str, Any] | None = None,
        on_capture: Callable[[], object] = lambda: None,
        workers: int = 1,
    ) -> None:
        self.derivers = DeriveWorkers(min(workers, workers_for(sites)))
        self.readers = Readers(min(workers, 1))
        self.pace = Pace()
        self.archive = Archive.open(db, create=True)
        self.run = self.archive.start_run(
            command,
            arguments=dict(arguments or {}),
            sites=[(site.name, site.toml) for site in sites],
        )
        self.captured: Counter[tuple[str, str]] = Counter()
        self.texts: Counter[str] = Counter()
        self.hosts = HostProgress()
        self.known: dict[str, int] = {}
        self.found: Counter[tuple[str, str]] = Counter()
        self.failures: list[str] = []
        self.unfinished: list[str] = []
        self.again_s: float | None = None
        self.unexpected: list[str] = []
        self.broken: BaogaoError | None = None
        self._on_capture = on_capture
        self._crawlers: list[Crawler] = []
        self._writes: list[Callable[[], object]] = []
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._in_hand = 0
        self._moved_at = monotonic()

    def join(self, crawler: Crawler) -> None:
        """Share this recorder with `crawler`, which is stopped if the archive breaks."""
        self._crawlers.append(crawler)

    def capture(self, site: str, capture: Capture) -> Ticket:
        """Queue one attempt for storing.

        Raises:
            BaogaoError: the archive cannot be written; the crawl is being stopped.
        """
        ticket = Ticket()

        def write() -> None:
            ticket.id = self._known(capture)
            if ticket.id is None:
                ticket.id = self.run.capture(capture)

        self.captured[site, capture.outcome] += 1
        self.hosts.count(host_of(capture.url), capture.outcome, len(capture.payload or b""))
        self._on_capture()
        self.write(write, len(capture.payload or b""))
        return ticket

    def text(self, site: str, ticket: Ticket, derivation: Derivation) -> None:
        """Queue the derivation of a capture for storing. Raises as `capture` does."""
        self.texts[site] += 1
        self.write(lambda: self.run.text(_written(ticket), derivation), len(derivation.visible))

    def write(self, operation: Callable[[], object], size: int = 0) -> None:
        """Run `operation`, which writes to the archive, with the next batch; `size` in bytes."""
        if self.broken is not None:
            raise self.broken
        self._writes.append(operation)
        self._bytes += size
        if len(self._writes) >= BATCH_WRITES or self._bytes >= BATCH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BATCH_S, self._flush_in_time)

    def flush(self) -> None:
        """Commit the current batch. Raises as `capture` does."""
        if self.broken is not None:
            raise self.broken
        writes, self._writes, self._bytes = self._writes, [], 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not writes:
            return
        try:
            self._commit(writes)
        except BaogaoError as error:
            self._break(error)
            raise

    def handed(self, change: int) -> None:
        """Count a request handed to Scrapy (1) or finished by it (-1)."""
        self._in_hand += change
        self._moved_at = monotonic()

    def idle_s(self) -> float:
        """Seconds since any crawler of this run last had a request in hand."""
        return 0.0 if self._in_hand else monotonic() - self._moved_at

    def count(self, what: str, times: int = 1) -> None:
        """Add to the run's own counts, which are stored when it ends."""
        self.run.counts[what] += times

    def fail(self, sentence: str) -> None:
        """Note a failure that does not stop the crawl."""
        logger.error("%s", sentence)
        self.failures.append(sentence)

    def leave_unfinished(self, sentence: str, after_s: float = 0.0) -> None:
        """Note what is left for another crawl, why, and in how many seconds that may begin."""
        logger.warning("%s", sentence)
        self.unfinished.append(sentence)
        self.again_s = after_s if self.again_s is None else min(self.again_s, after_s)

    def close(self) -> None:
        """Commit the rest, end the run and close the archive."""
        try:
            self.hosts.tell()
            self.derivers.close()
            self.readers.close()
            if self.broken is None:
                self.flush()
                found = "; ".join((*self.failures, *self.unexpected))
                self.run.end("stopped short" if self.unfinished else "finished", found or None)
        finally:
            self.archive.close()

    def _known(self, capture: Capture) -> int | None:
        """Reuse the capture of an archived page: its time is fixed, however often it is fetched.

        It is fetched again if a run was killed before the answer was acknowledged.
        """
        return None if capture.origin == "live" else self.archive.find_capture(capture)

    def _commit(self, writes: list[Callable[[], object]]) -> None:
        """Commit everything in one transaction.

        If a write breaks a law, commit each alone and report it.
        """
        try:
            with self.run.batch():
                for write in writes:
                    write()
        except BrokenLawError:
            for write in writes:
                try:
                    with self.run.batch():
                        write()
                except BrokenLawError as error:
                    self.fail(str(error))

    def _flush_in_time(self) -> None:
        self._timer = None
        with suppress(BaogaoError):  # reported and handled in _break
            self.flush()

    def give_up(self, error: BaogaoError) -> None:
        """Stop every crawler after a failure of the machine; what was stored is kept."""
        if self.broken is None:
            with suppress(BaogaoError):
                self.flush()
        if self.broken is None:
            self._break(error)

    def _break(self, error: BaogaoError) -> None:
        self.broken = error
        logger.error("%s", error)
        for crawler in self._crawlers:
            _schedule_stop(crawler)


def _written(ticket: Ticket) -> int:
    if ticket.id is None:
        raise BrokenLawError("a text must not be stored before its capture")
    return ticket.id


def _schedule_stop(crawler: Crawler) -> None:
    task = asyncio.get_running_loop().create_task(crawler.stop_async())
    _stopping.add(task)
    task.add_done_callback(_stopping.discard)


def register(db: str | Path, recorder: Recorder) -> None:
    """Let the crawlers of this process that write to `db` share `recorder`."""
    _open[Path(db).resolve()] = recorder


def release(db: str | Path) -> None:
    """Forget the recorder of `db`. The caller that registered it closes it."""
    _open.pop(Path(db).resolve(), None)


class RecorderExtension:
    """Gives each spider its recorder: the shared one, or its own under `scrapy crawl`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._contact = str(crawler.settings["CONTACT"] or "")
        self._own: Recorder | None = None
        # later, because Scrapy may set up its log again until the engine starts
        crawler.signals.connect(show_all_that_is_logged, signals.engine_started)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension, as Scrapy asks for it."""
        return cls(crawler)

    def attach(self, spider: Any) -> Recorder:
        """Return the recorder of the spider.

        Raises:
            SystemExit: `scrapy crawl` without an archive or contact. No other exception makes
                Scrapy's command exit with our code. `crawler.run` checks both beforehand.
        """
        try:
            need_contact([spider.site], self._contact)
            spider.recorder = self._recorder(spider)
        except BaogaoError as error:
            logger.error("%s", error)  # noqa: TRY400  (a sentence, no traceback)
            raise SystemExit(error.exit_code) from error
        spider.recorder.join(self._crawler)
        return cast(Recorder, spider.recorder)

    def spider_closed(self) -> None:
        """Collate and close the recorder if it was opened for this spider alone."""
        if self._own is None:
            return
        if self._own.broken is None and self._crawler.settings.getbool("COLLATE_AFTER_CRAWL"):
            self._own.flush()
            self._own.archive.collate(self._own.run.id)
        self._own.close()

    def _recorder(self, spider: Any) -> Recorder:
        db = getattr(spider, "db", None)
        if not db:
            raise UsageError("name the archive to write: scrapy crawl NAME -a db=reports.db")
        shared = _open.get(Path(db).resolve())
        if shared is None:
            workers = self._crawler.settings.getint("DERIVE_WORKERS")
            shared = self._own = Recorder(db, [spider.site], workers=workers)
        return shared


def workers_for(sites: Sequence[Site]) -> int:
    """Return how many processes derive texts as fast as these sites may be requested.

    A host requested once a second keeps a worker busy for a tenth of the time.
    """
    busy = (min(1.0, DERIVE_S / max(site.delay_s, DERIVE_S)) * len(site.hosts) for site in sites)
    return max(1, ceil(sum(busy)))


def need_contact(sites: Sequence[Site], contact: str) -> None:
    """Check that a crawl that leaves this machine names a contact.

    Raises:
        UsageError: a site is not on this machine and `contact` is empty.
    """
    abroad = [site.name for site in sites if not site.loopback]
    if abroad and not contact.strip():
        raise UsageError(
            f"{abroad[0]}: a contact is required to crawl a real site: --contact YOU@EXAMPLE.ORG"
        )

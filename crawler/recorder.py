"""The one way from a crawl into the archive: one `Recorder` a database and process.

All crawlers of a process share it, and with it one archive connection and one run.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from archive import Archive, BaogaoError, Capture, Derivation, UsageError
from crawler.sites import Site

logger = logging.getLogger(__name__)

_open: dict[Path, Recorder] = {}
_stopping: set[asyncio.Task[None]] = set()


class Recorder:
    """Writes captures and texts of one run, and counts them by site.

    `captured` counts (site, outcome), `texts` counts by site; `told` is called after each
    capture, for a progress bar. After a `BaogaoError` (a full disk, a broken law) nothing more
    is written: `broken` holds the error, and the crawlers that share the recorder are stopped.
    """

    def __init__(
        self,
        db: str | Path,
        sites: Sequence[Site],
        *,
        arguments: Mapping[str, Any] | None = None,
        told: Callable[[], object] = lambda: None,
    ) -> None:
        self.archive = Archive.open(db, create=True)
        self.run = self.archive.start_run(
            "crawl",
            arguments=dict(arguments or {}),
            sites=[(site.name, site.toml) for site in sites],
        )
        self.captured: Counter[tuple[str, str]] = Counter()
        self.texts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.broken: BaogaoError | None = None
        self._told = told
        self._crawlers: list[Crawler] = []

    def join(self, crawler: Crawler) -> None:
        """Let `crawler` share this recorder; it is stopped when the archive breaks."""
        self._crawlers.append(crawler)

    def capture(self, site: str, capture: Capture) -> int:
        """Store one attempt; gives the id of its row.

        Raises:
            BaogaoError: the archive cannot be written; the crawl is being stopped.
        """
        with self._guarded():
            number = self.run.capture(capture)
        self.captured[site, capture.outcome] += 1
        self._told()
        return number

    def text(self, site: str, capture_id: int, derivation: Derivation) -> None:
        """Store what the stages made of a capture.

        Raises:
            BaogaoError: as in `capture`.
        """
        with self._guarded():
            self.run.text(capture_id, derivation)
        self.texts[site] += 1

    def fail(self, sentence: str) -> None:
        """Note something that went wrong and does not stop the crawl."""
        logger.error("%s", sentence)
        self.failures.append(sentence)

    def close(self) -> None:
        """End the run and close the archive."""
        try:
            if self.broken is None:
                self.run.end()
        finally:
            self.archive.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if self.broken is not None:
            raise self.broken
        try:
            yield
        except BaogaoError as error:
            self.broken = error
            logger.error("%s", error)  # noqa: TRY400  (a sentence, no traceback)
            for crawler in self._crawlers:
                _schedule_stop(crawler)
            raise


def _schedule_stop(crawler: Crawler) -> None:
    task = asyncio.get_running_loop().create_task(crawler.stop_async())
    _stopping.add(task)
    task.add_done_callback(_stopping.discard)


def register(db: str | Path, recorder: Recorder) -> None:
    """Let the crawlers of this process that name `db` share `recorder`."""
    _open[Path(db).resolve()] = recorder


def release(db: str | Path) -> None:
    """Forget the recorder of `db`; whoever registered it closes it."""
    _open.pop(Path(db).resolve(), None)


class RecorderExtension:
    """Gives each spider its recorder: the shared one, or one of its own for `scrapy crawl`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._contact = str(crawler.settings["CONTACT"] or "")
        self._own: Recorder | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the extension, as Scrapy asks for it."""
        return cls(crawler)

    def spider_opened(self, spider: Any) -> None:
        """Find or open the recorder; without one, or without a contact, nothing is crawled."""
        try:
            need_contact([spider.site], self._contact)
            spider.recorder = self._recorder(spider)
            spider.recorder.join(self._crawler)
        except BaogaoError as error:
            logger.error("%s", error)  # noqa: TRY400  (a sentence, no traceback)
            raise CloseSpider("refused") from error

    def spider_closed(self, spider: Spider) -> None:  # noqa: ARG002  (the signal's argument)
        """Close the recorder if it was opened for this spider alone."""
        if self._own is not None:
            self._own.close()

    def _recorder(self, spider: Any) -> Recorder:
        db = getattr(spider, "db", None)
        if not db:
            raise UsageError("name the archive to write: scrapy crawl NAME -a db=reports.db")
        shared = _open.get(Path(db).resolve())
        if shared is None:
            shared = self._own = Recorder(db, [spider.site])
        return shared


def need_contact(sites: Sequence[Site], contact: str) -> None:
    """See that somebody can be asked about a crawl that leaves this machine.

    Raises:
        UsageError: a site is not on this machine and `contact` is empty.
    """
    abroad = [site.name for site in sites if not site.loopback]
    if abroad and not contact.strip():
        raise UsageError(
            f"{abroad[0]}: say who crawls before a real site is asked: --contact YOU@EXAMPLE.ORG"
        )

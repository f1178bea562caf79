"""Reads captures whose words are in pictures, by OCR in separate worker processes.

The original capture is unchanged. A second capture of the same bytes gets the claim `ocr`, so that
a text remains a function of bytes, context and knowledge, and can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from archive.derivation import derive, ruleset_digest
from archive.derive_many import WITHOUT_TEXT
from archive.errors import StorageError, WorkFailedError
from archive.known import Knowledge, shipped
from archive.model import Capture, Derivation
from archive.read.ocr import asked, missing, watched, with_ocr
from archive.workers import Workers

if TYPE_CHECKING:
    from archive.store import Archive, Run

TASK: Final = "archive.ocr_queue:seen_here"

PAGE_S: Final = 180.0
"""Processor seconds that one page may take: 9 on an idle machine, more on a busy one."""

MEMORY_BYTES: Final = 6 * 1024**3
"""Address space of a worker; it uses 1 GiB of memory, and the models' libraries reserve more."""

_END: Final = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A capture whose pictures could not be read, and why."""

    capture: Capture
    why: str


Event = int | Failed
"""Progress of the work: 1 for each page read, and failures."""


def ready(knowledge: Knowledge | None = None) -> str | None:
    """Return why pictures cannot be read on this machine, in a sentence, or None."""
    return missing(knowledge or shipped())


def workers(jobs: int) -> Workers:
    """Return the processes that read pictures; each piece of an answer is a page."""
    return Workers(TASK, jobs, deadline_s=PAGE_S, memory_bytes=MEMORY_BYTES)


def seen_here(question: tuple[Capture, Path | None]) -> Iterator[int | Derivation]:
    """Yield 1 for each page read, then the derivation; runs in a worker."""
    capture, folder = question
    knowledge = shipped() if folder is None else Knowledge(folder)
    pages: SimpleQueue[int | None] = SimpleQueue()
    with ThreadPoolExecutor(1) as thread, watched(lambda: pages.put(1)):
        made = thread.submit(derive, capture, knowledge)
        made.add_done_callback(lambda _: pages.put(_END))
        yield from iter(pages.get, _END)
        yield made.result()


def read_waiting(
    archive: Archive,
    run: Run,
    *,
    jobs: int,
    knowledge: Knowledge | None = None,
    run_id: int | None = None,
    sites: Sequence[str] | None = None,
    anew_only: bool = False,
) -> Iterator[Event]:
    """Read the pictures of all captures that wait for OCR, and store the results.

    Args:
        archive: the archive.
        run: the run that writes.
        jobs: the number of worker processes.
        knowledge: knowledge other than the shipped one.
        run_id: only captures of this run.
        sites: only captures of these sites.
        anew_only: only those read by OCR before, under another ruleset.
    """
    known = knowledge or shipped()
    waiting = archive.captures_to_see(
        ruleset_digest(known), run_id=run_id, sites=sites, anew_only=anew_only
    )
    folder = knowledge.folder if knowledge is not None else None
    for capture, event in _read(waiting, jobs, folder):
        if isinstance(event, Derivation):
            _store(run, capture, event)
        else:
            if isinstance(event, Failed):
                run.counts[WITHOUT_TEXT] += 1
            yield event


def _store(run: Run, given: tuple[int, Capture], made: Derivation) -> None:
    capture_id, capture = given
    with run.batch():
        if not asked(capture):
            capture_id = run.capture(with_ocr(capture))
        run.text(capture_id, made)


Given = tuple[int, Capture]
_Event = Event | Derivation


def _read(
    waiting: Iterator[Given], jobs: int, folder: Path | None
) -> Iterator[tuple[Given, _Event]]:
    """Yield the results page by page, reading as many captures at a time as there are workers."""
    pool = workers(jobs)
    with ThreadPoolExecutor(jobs) as threads:
        try:
            asking = _Asking(pool, folder, threads)
            for given in waiting:
                asking.begin(given)
                yield from asking.events(until_busy=jobs - 1)
            yield from asking.events(until_busy=0)
        finally:
            pool.close(at_once=True)


class _Asking:
    """Captures being read, each by a thread that waits for its worker."""

    def __init__(self, pool: Workers, folder: Path | None, threads: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._folder = folder
        self._threads = threads
        self._events: SimpleQueue[tuple[Given, _Event | None]] = SimpleQueue()
        self._busy = 0

    def begin(self, given: Given) -> None:
        """Start reading one more capture."""
        self._busy += 1
        self._threads.submit(self._ask, given)

    def events(self, *, until_busy: int) -> Iterator[tuple[Given, _Event]]:
        """Yield events until at most this many captures are being read."""
        while self._busy > until_busy:
            given, event = self._events.get()
            if event is None:
                self._busy -= 1
            else:
                yield given, event

    def _ask(self, given: Given) -> None:
        try:
            for piece in self._pool.stream((with_ocr(given[1]), self._folder)):
                self._events.put((given, piece))
        except (WorkFailedError, StorageError) as error:
            self._events.put((given, Failed(given[1], str(error))))
        finally:
            self._events.put((given, None))


def read_pictures(archive: Archive, run: Run, sites: Sequence[str], *, jobs: int) -> list[str]:
    """Read the scans that a crawl of these sites has fetched; returns sentences on failures."""
    why = ready()
    if why is not None:
        return [f"{', '.join(sites)}: pictures are passed over: {why}"]
    events = read_waiting(archive, run, jobs=jobs, sites=sites)
    failed = (event for event in events if isinstance(event, Failed))
    return [f"{each.capture.url}: no words were read: {each.why}" for each in failed]

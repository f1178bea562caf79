"""OCR for the commands: an option, a progress bar by pages, a message if unavailable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import click

from archive.console import Console

if TYPE_CHECKING:
    from archive.derive_many import Outcome
    from archive.known import Knowledge
    from archive.model import Capture, Derivation
    from archive.store import Archive, Run
    from archive.workers import Workers

T = TypeVar("T")

ocr_option = click.option(
    "--ocr/--no-ocr", default=None,
    help="Read words in pictures and scans; on by default if baogao[ocr] is installed.",
)  # fmt: skip


def may_read(console: Console, *, wanted: bool | None, knowledge: Knowledge | None = None) -> bool:
    """Whether pictures are to be read; if requested but impossible, prints why."""
    if wanted is False:
        return False
    from archive.ocr_queue import ready

    why = ready(knowledge)
    if why is not None and wanted:
        console.say(f"pictures are passed over: {why}")
    return why is None


def read_waiting(
    archive: Archive,
    run: Run,
    console: Console,
    *,
    jobs: int,
    knowledge: Knowledge | None = None,
    run_id: int | None = None,
    anew_only: bool = False,
) -> None:
    """Read waiting pictures with a progress bar by pages; failures are reported."""
    from archive import ocr_queue

    events = ocr_queue.read_waiting(
        archive, run, jobs=jobs, knowledge=knowledge, run_id=run_id, anew_only=anew_only
    )
    for event in console.progress(events, "pages read"):
        if isinstance(event, ocr_queue.Failed):
            click.echo(f"{event.capture.url}: no words were read: {event.why}", err=True)


def with_pictures(
    made: Iterable[tuple[T, Capture, Outcome]], console: Console, *, wanted: bool | None
) -> Iterator[tuple[T, Capture, Outcome]]:
    """Yield derivations; those of pictures are derived again with the words in them."""
    pool = _Pool()
    try:
        for thing, capture, outcome in made:
            seen = outcome
            if _lacks_words(outcome) and _may(console, wanted):
                seen = pool.see(capture, console) or outcome
            yield thing, capture, seen
    finally:
        pool.close()


def _lacks_words(outcome: Outcome) -> bool:
    from archive.model import Derivation

    if not isinstance(outcome, Derivation) or outcome.medium == "html" or not outcome.flags:
        return False
    from archive.read.ocr import needs_it

    return needs_it(outcome)


@lru_cache(maxsize=1)
def _may(console: Console, wanted: bool | None) -> bool:  # noqa: FBT001
    return may_read(console, wanted=wanted)


class _Pool:
    """One worker that reads pictures, started for the first one."""

    def __init__(self) -> None:
        self._workers: Workers | None = None

    def see(self, capture: Capture, console: Console) -> Derivation | None:
        """Return the text of a capture's pictures; reports failures and returns None."""
        from archive import ocr_queue
        from archive.errors import WorkFailedError
        from archive.model import Derivation
        from archive.read.ocr import with_ocr

        if self._workers is None:
            self._workers = ocr_queue.workers(1)
        pieces = self._workers.stream((with_ocr(capture), None))
        try:
            *_, last = console.progress(pieces, f"pages of {capture.filename or capture.url}")
        except WorkFailedError as error:
            click.echo(f"{capture.filename or capture.url}: no words were read: {error}", err=True)
            return None
        return last if isinstance(last, Derivation) else None

    def close(self) -> None:
        if self._workers is not None:
            self._workers.close(at_once=True)

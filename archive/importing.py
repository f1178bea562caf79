"""Derives texts from captures: imported files, each once, and stored captures without a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from archive.derivation import ruleset_digest
from archive.derive_many import WITHOUT_TEXT, Outcome, derived
from archive.errors import BrokenLawError, WorkFailedError
from archive.known import Knowledge, shipped
from archive.model import Capture, Derivation
from archive.store.progress import Progress

if TYPE_CHECKING:
    from archive.store import Archive, Run

TEXTS_A_BATCH: Final = 20
"""Texts written in one transaction; an interruption repeats at most this many."""

CAPTURES_A_BATCH: Final = 20
"""Captures written in one transaction. Batches of 100 write 2.5x faster than single captures; 20
limit what a killed import has to repeat (docs/provenance.md)."""

BYTES_A_BATCH: Final = 32 * 1024 * 1024
"""Payload bytes from which a batch is written early."""

REASONS_SHOWN: Final = 50
"""The number of captures without text that are reported singly; the archive has all reasons."""

_Made = tuple[None, Capture, Outcome]


class Import:
    """Imports captures into an archive, each once.

    `left` means that `limit` was reached. `run.counts` gets `already there`, `already there without
    text` and `without text`.

    Args:
        jobs: the number of worker processes that derive.
        deadline_s: the CPU seconds that one capture may take.
        tell: called with one sentence for each capture without a text.
        limit: the most new captures to import; no limit if None.
    """

    def __init__(
        self,
        archive: Archive,
        run: Run,
        *,
        jobs: int,
        deadline_s: float,
        tell: Callable[[str], None],
        limit: int | None = None,
    ) -> None:
        self.left = False
        self._say = tell
        self._archive = archive
        self._run = run
        self._jobs = jobs
        self._deadline_s = deadline_s
        self._limit = limit
        self._on_the_way: set[tuple[str, str, str]] = set()
        self._reported = 0

    def take(self, captures: Iterable[Capture]) -> None:
        """Derive and store new captures, in order; an interruption loses one batch."""
        new = ((None, capture) for capture in self._new(captures))
        for batch in _batches(derived(new, self._jobs, deadline_s=self._deadline_s)):
            self._run.pack(capture for _, capture, _ in batch)
            try:
                self._write(batch)
            except BrokenLawError:
                for made in batch:
                    self._write_alone(made)
            self._on_the_way.difference_update(_key(capture) for _, capture, _ in batch)

    def _new(self, captures: Iterable[Capture]) -> Iterator[Capture]:
        taken = 0
        for capture in captures:
            if self._known(capture):
                self._count_known(capture)
                continue
            if taken == self._limit:
                self.left = True
                return
            taken += 1
            self._on_the_way.add(_key(capture))
            yield capture

    def _count_known(self, capture: Capture) -> None:
        self._run.counts["already there"] += 1
        if _key(capture) not in self._on_the_way and not self._archive.has_text(capture):
            self._run.counts["already there without text"] += 1

    def _known(self, capture: Capture) -> bool:
        return _key(capture) in self._on_the_way or self._archive.has(capture)

    def _write(self, batch: list[_Made]) -> None:
        with self._run.batch():
            reasons = [self._write_one(capture, made) for _, capture, made in batch]
        for (_, capture, _), reason in zip(batch, reasons, strict=True):
            if reason is not None:
                kept = "; kept as it is" if capture.payload is not None else ""
                self._report_reason(capture, f"no text: {reason}{kept}")
            elif capture.error is not None:
                self._report_reason(capture, capture.error)

    def _write_alone(self, made: _Made) -> None:
        """Write one capture in its own transaction, without its text if that breaks a law."""
        _, capture, _ = made
        try:
            self._write([made])
        except BrokenLawError as error:
            self._write([(None, capture, WorkFailedError("error", str(error)))])

    def _write_one(self, capture: Capture, made: Outcome) -> str | None:
        """Store a capture and its text. Returns why it has none, or None."""
        if isinstance(made, WorkFailedError):
            capture = replace(capture, outcome=f"derive_{made.how}", error=str(made))
        capture_id = self._run.capture(capture)
        reason = capture.error
        if isinstance(made, Derivation):
            self._run.text(capture_id, made)
            reason = None if made.text.strip() else _why_no_text(made)
        if reason is not None:
            self._run.counts[WITHOUT_TEXT] += 1
        return reason

    def _report_reason(self, capture: Capture, words: str) -> None:
        self._reported += 1
        if self._reported <= REASONS_SHOWN:
            self._say(f"{_where(capture)}: {words}")
        elif self._reported == REASONS_SHOWN + 1:
            self._say("further ones are counted below, their reasons are in the archive")


def _where(capture: Capture) -> str:
    """Return the file, and the member in it, for a person."""
    if capture.member is None:
        return str(capture.filename)
    container = unquote(capture.url.split("!/", 1)[0].rsplit("/", 1)[-1])
    return f"{container} {capture.member}"


def _batches(made: Iterable[_Made]) -> Iterator[list[_Made]]:
    batch: list[_Made] = []
    size = 0
    for each in made:
        batch.append(each)
        size += len(each[1].payload or b"")
        if len(batch) == CAPTURES_A_BATCH or size > BYTES_A_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _key(capture: Capture) -> tuple[str, str, str]:
    return capture.url, capture.payload_sha256 or capture.outcome, capture.context_sha256()


def _why_no_text(derivation: Derivation) -> str:
    evidence = [flag.evidence for flag in derivation.flags]
    return "; ".join(evidence) or f"nothing is left of {len(derivation.visible)} characters"


def derive_waiting(
    archive: Archive,
    run: Run,
    *,
    jobs: int,
    progress: Progress[int],
    tell: Callable[[str], None],
    knowledge: Knowledge | None = None,
) -> None:
    """Derive all captures without a text of the current ruleset, in batches.

    Failures are reported and counted, and tried again next time. `jobs` is the number of worker
    processes, `tell` is called with one sentence for each failure, and `knowledge` replaces the
    shipped rules and lexica.
    """
    ruleset = ruleset_digest(knowledge or shipped())
    waiting = archive.captures_to_derive(ruleset, progress=progress)
    made = derived(waiting, jobs, knowledge=knowledge.folder if knowledge else None)
    while batch := list(islice(made, TEXTS_A_BATCH)):
        with run.batch():
            for capture_id, capture, outcome in batch:
                if isinstance(outcome, Derivation):
                    run.text(capture_id, outcome)
                elif isinstance(outcome, WorkFailedError):
                    run.counts[WITHOUT_TEXT] += 1
                    tell(f"{capture.url}: no text: {outcome}; it stays as it was")

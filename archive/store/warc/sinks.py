"""Where captures out of files go: into an archive, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from archive.model import Capture
from archive.store.warc.originals import FoundCapture, Original, Reference, original_in

if TYPE_CHECKING:
    from archive.store import Archive, Run

Place = Callable[[FoundCapture], Capture | None]


class Sink(Protocol):
    """Where captures go."""

    @property
    def counts(self) -> Counter[str]:
        """`captures` counts the new ones, `already there` those that were known."""

    def keep(
        self, batch: Sequence[FoundCapture], place: Place, has_room: Callable[[], bool]
    ) -> None:
        """Take a batch.

        Args:
            batch: what was found.
            place: gives a capture its payload, or None where it is not to be kept.
            has_room: whether one more new capture may be taken; asked before each.
        """

    def finish(self) -> None:
        """Be done with all batches that were taken."""

    def original(self, reference: Reference, revisit: Capture) -> Original | None:
        """What a revisit repeats, where it came in by another command."""

    def payload(self, sha256: str) -> bytes | None:
        """The payload of this digest, where it is here."""


class ArchiveSink:
    """An archive, written to by a run."""

    def __init__(self, archive: Archive, run: Run) -> None:
        self._archive = archive
        self._run = run
        self._ahead: Callable[[], None] | None = None

    @property
    def counts(self) -> Counter[str]:
        """The counts of the run."""
        return self._run.counts

    def keep(
        self, batch: Sequence[FoundCapture], place: Place, has_room: Callable[[], bool]
    ) -> None:
        """Begin to pack a batch, and store the one before it, which is packed by now."""
        packed = self._run.pack_ahead(found.capture for found in batch)
        self.finish()

        def store() -> None:
            packed()
            self._store(batch, place, has_room)

        self._ahead = store

    def finish(self) -> None:
        """Store the batch that is waiting."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead()

    def _store(
        self, batch: Sequence[FoundCapture], place: Place, has_room: Callable[[], bool]
    ) -> None:
        """Store what is not stored yet, in one transaction."""
        with self._run.batch():
            for found in batch:
                capture = place(found)
                if capture is None:
                    continue
                if self._archive.has_capture(capture):
                    self.counts["already there"] += 1
                elif has_room():
                    self._run.capture(capture)

    def original(self, reference: Reference, revisit: Capture) -> Original | None:
        """What a revisit repeats, among the captures of the archive."""
        return original_in(self._archive, reference, revisit)

    def payload(self, sha256: str) -> bytes | None:
        """The payload of this digest, where it is here."""
        return self._archive.payload(sha256) if self._archive.has_payload(sha256) else None

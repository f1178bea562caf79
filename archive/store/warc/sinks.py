"""Stores captures from files in an archive, batch by batch."""

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
    """The destination of captures."""

    @property
    def counts(self) -> Counter[str]:
        """Counts: `captures` are new ones, `already there` known ones."""

    def keep(
        self, batch: Sequence[FoundCapture], place: Place, has_room: Callable[[], bool]
    ) -> None:
        """Store a batch.

        Args:
            batch: what was found.
            place: returns a capture with its payload, or None if it is not to be stored.
            has_room: whether one more new capture may be taken; called before each.
        """

    def finish(self) -> None:
        """Complete all batches."""

    def original(self, reference: Reference, revisit: Capture) -> Original | None:
        """Return the original of a revisit from another command."""

    def payload(self, sha256: str) -> bytes | None:
        """Return the payload with this digest, if stored."""


class ArchiveSink:
    """An archive, written by a run."""

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
        """Start compressing a batch, and store the previous one, which is compressed by now."""
        packed = self._run.pack_ahead(found.capture for found in batch)
        self.finish()

        def store() -> None:
            packed()
            self._store(batch, place, has_room)

        self._ahead = store

    def finish(self) -> None:
        """Store the waiting batch."""
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
        """Return the original of a revisit among the captures of the archive."""
        return original_in(self._archive, reference, revisit)

    def payload(self, sha256: str) -> bytes | None:
        """Return the payload with this digest, if stored."""
        return self._archive.payload(sha256) if self._archive.has_payload(sha256) else None

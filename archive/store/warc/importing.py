"""Imports WARC files into an archive, or only counts them; known captures are skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.errors import DamagedFileError
from archive.model import Capture
from archive.store.warc.digests import Check
from archive.store.warc.foreign import UNPROVEN, claims
from archive.store.warc.framing import LENGTH_WRONG, Damage
from archive.store.warc.originals import (
    LEFT_OUT,
    FoundCapture,
    Originals,
    Reference,
)
from archive.store.warc.reading import AS_ASKED, Reader
from archive.store.warc.report import FileReport
from archive.store.warc.sinks import Sink
from archive.store.warc.source import WarcFile
from archive.store.warc.sources import sources
from archive.store.warc.wanted import EVERYTHING, Wanted

if TYPE_CHECKING:
    pass

CAPTURES_A_BATCH: Final = 100
"""Captures written in one transaction; an interruption repeats at most this many."""

BYTES_A_BATCH: Final = 1 << 24
PLACES_KEPT: Final = 100
"""Damaged places of one file that are reported and stored; further ones are counted."""

NEVER_FOUND: Final = "repeats a record that is in none of the files and not in the archive"
NO_PAYLOAD: Final = "its payload is not in this file"

Warn = Callable[[str], None]
Meter = Callable[[str, int, int], None]
"""Called with the name of a file, how many of its bytes were read, and its size."""


@dataclass(slots=True)
class Importer:
    """Reads files one after the other into a sink.

    `limit` is the most new captures to take, `warn` is called with a sentence for each damage,
    `left` means that there were more than the limit.
    """

    sink: Sink
    wanted: Wanted = EVERYTHING
    limit: int | None = None
    warn: Warn = lambda _: None
    meter: Meter = lambda *_: None
    reports: list[FileReport] = field(default_factory=list)
    left: bool = False
    _originals: Originals = field(default_factory=Originals)
    _batch: list[FoundCapture] = field(default_factory=list)
    _bytes: int = 0
    _at_end: bool = False

    def run(self, paths: Sequence[Path]) -> list[FileReport]:
        """Read all files, then what could not be resolved before.

        Returns a report for each file.
        """
        with self._originals:
            try:
                for path in paths:
                    self._path(path)
                self._rest()
            except _EnoughError:
                pass
            finally:
                self._flush()
                self.sink.finish()
        return self.reports

    @property
    def damaged(self) -> bool:
        """Whether any file has damage or failed digests."""
        return any(each.damaged_places for each in self.reports) or bool(
            self.sink.counts["digest:differs"]
        )

    def _path(self, path: Path) -> None:
        try:
            with sources(path) as found:
                for source in found:
                    self._source(source)
        except DamagedFileError as error:
            report = FileReport(path.name, path.stat().st_size, ended=True, whole=False)
            self.reports.append(report)
            words = str(error).removeprefix(f"{path}: ")
            self._damage(path, None, report, Damage(0, words))

    def _source(self, source: WarcFile) -> None:
        reader = Reader(source, self._originals, self.wanted)
        report = FileReport(
            source.name, source.size, records=reader.records, passed_over=reader.passed_over
        )
        self.reports.append(report)
        try:
            for each in reader.captures():
                if isinstance(each, Damage):
                    self._damage(source.path, source, report, each)
                else:
                    self._take(each)
                self.meter(source.name, reader.read_bytes, source.size)
            report.ended, report.whole = True, reader.whole
            self.sink.counts["end not known"] += reader.whole is None
        except OSError as error:
            what = f"cannot be read on: {error.strerror}"
            self._damage(source.path, source, report, Damage(reader.read_bytes, what))
        finally:
            self._flush()
            self.sink.finish()
            for reason, count in reader.passed_over.items():
                self.sink.counts[f"passed over: {reason}"] += count

    def _take(self, found: FoundCapture) -> None:
        self._batch.append(found)
        self._bytes += len(found.capture.payload or b"")
        if len(self._batch) >= CAPTURES_A_BATCH or self._bytes > BYTES_A_BATCH:
            self._flush()
        if self.left:
            raise _EnoughError

    def _flush(self) -> None:
        batch, self._batch, self._bytes = self._batch, [], 0
        if batch:
            self.sink.keep(batch, self._placed, self._has_room)

    def _placed(self, found: FoundCapture) -> Capture | None:
        """Return a capture with its payload from any source; None if it must wait."""
        if found.repeats is not None:
            return self._revisit(found, found.repeats)
        capture = found.capture
        if found.digest is not None:
            body = self.sink.payload(found.digest)
            if body is None and not self._at_end:
                self._originals.postpone(found)
                return None
            capture = replace(capture, payload=body)
        return self._judged(capture, found.check, is_missing=found.digest is not None)

    def _revisit(self, found: FoundCapture, reference: Reference) -> Capture | None:
        original = self._originals.find(reference) or self.sink.original(reference, found.capture)
        if original is None and not self._at_end:
            self._originals.postpone(found)
            return None
        if original is None:
            self.sink.counts["revisits never resolved"] += 1
            return replace(found.capture, outcome="revisit", error=NEVER_FOUND)
        if original.sha256 == LEFT_OUT:
            self.sink.counts[f"passed over: {AS_ASKED}"] += 1
            return None
        body = self.sink.payload(original.sha256)
        if body is None and not self._at_end:  # it was read already, and is stored with this batch
            self._originals.postpone(found)
            return None
        self.sink.counts["revisits resolved"] += 1
        capture = replace(found.capture, payload=body)
        if reference.digest and original.check:
            capture = replace(capture, claims=claims(reference.digest, original.check))
        return self._judged(capture, original.check, is_missing=True)

    def _judged(self, capture: Capture, found: Check | None, *, is_missing: bool) -> Capture:
        """Count and report the result for a payload, or that a required one is missing."""
        if capture.payload is None and is_missing:
            return replace(capture, error=capture.error or NO_PAYLOAD)
        if capture.payload is not None:
            self.sink.counts[f"digest:{found or 'none claimed'}"] += 1
        if capture.error is not None and LENGTH_WRONG.match(capture.error):
            self.sink.counts["damaged places"] += 1
            self.warn(f"{capture.url} ({capture.member}): {capture.error}")
        if found == "differs" and self.sink.counts["digest:differs"] <= PLACES_KEPT:
            self.warn(f"{capture.url} ({capture.member}): {UNPROVEN}")
        return capture

    def _rest(self) -> None:
        """Store what waited for a record that came later, or never: then a row says so."""
        if self.left:
            return
        self._at_end = True
        for found in self._originals.postponed():
            self._take(found)

    def _has_room(self) -> bool:
        self.left = self.limit is not None and self.sink.counts["captures"] >= self.limit
        return not self.left

    def _damage(
        self, path: Path, source: WarcFile | None, report: FileReport, damage: Damage
    ) -> None:
        report.damaged_places += 1
        self.sink.counts["damaged places"] += 1
        if report.damaged_places > PLACES_KEPT:
            return
        report.damages.append(damage)
        self.warn(f"{report.name}, {damage}")
        member = "" if source is None else source.name.removeprefix(path.name).strip()
        row = Capture(
            url="/".join(filter(None, (f"{path.absolute().as_uri()}!", member, f"{damage.place}"))),
            outcome="damaged", error=str(damage), origin="warc", member=f"byte {damage.place}",
            container_sha256=None if source is None else source.sha256,
        )  # fmt: skip
        self._take(FoundCapture(row))


class _EnoughError(Exception):
    """The requested number of captures is reached."""

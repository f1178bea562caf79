"""Captures out of WARC files: our own come back as they were, those of others as far as they say.

A record of another tool has no site facts and no redirects of ours; its body is taken out of its
transfer and content coding, and what the server sent is kept as wire digest and size.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive.errors import DamagedFileError
from archive.model import Capture, sha256
from archive.store.progress import Progress, plainly
from archive.store.warc import foreign, ours
from archive.store.warc.framing import Frame, frames
from archive.store.warc.unpacking import is_wacz, unpacked
from archive.store.warc.writing import END_FIELD, MANIFEST

if TYPE_CHECKING:
    from collections import Counter

    from archive.store import Archive, Run

CAPTURES_A_BATCH: Final = 50
"""Captures written in one transaction; a stop repeats at most so many."""

_REVISIT_UNKNOWN: Final = "the record repeats one that is not in this file"


@dataclass(slots=True)
class Reader:
    """Reads one WARC file; `whole` says whether it is known to have its end.

    `whole` is None where the file comes without manifest and closing record: then a cut between
    two records cannot be told from the end.
    """

    path: Path
    whole: bool | None = None
    digest: str = ""
    _bodies: dict[str, str] = field(default_factory=dict)

    def captures(self) -> Iterator[tuple[Capture, str | None]]:
        """Every capture, with the digest of its payload where the payload was in another record.

        Raises:
            DamagedFileError: the file is cut short or altered, or differs from its manifest.
            UsageError: it is no WARC.
        """
        self.digest = _file_digest(self.path)
        self.whole = _fits_manifest(self.path, self.digest)
        waiting: _Waiting | None = None
        for count, frame in enumerate(frames(self.path)):
            if (records := ours.told(frame, END_FIELD)) is not None:
                self._check_end(records, count)
            kind = frame.get("WARC-Type")
            all_known = ours.own(frame) if kind == "metadata" else None
            if all_known is not None:
                yield self._restored(all_known, waiting, frame)
                waiting = None
            elif kind in {"response", "resource", "revisit"}:
                if waiting is not None:
                    yield self._foreign(waiting)
                waiting = _Waiting(frame)
        if waiting is not None:
            yield self._foreign(waiting)

    def _check_end(self, told: str, count: int) -> None:
        if told != str(count):
            raise DamagedFileError(f"{self.path}: has {count} records, but should have {told}")
        self.whole = True

    def _restored(
        self, told: dict[str, Any], waiting: _Waiting | None, frame: Frame
    ) -> tuple[Capture, str | None]:
        """A capture of our own export: all that was known, and the payload from its record."""
        capture = ours.capture_of(told)
        digest = told.get("payload_sha256")
        body = None if waiting is None else waiting.frame.block
        if waiting is not None and waiting.kind != "resource":
            body = foreign.http_body(waiting.frame.block) if waiting.kind == "response" else None
        if body is not None and sha256(body) != digest:
            raise DamagedFileError(f"{self.path}: the payload of {capture.url} was altered")
        return self._placed(replace(capture, payload=body), frame), (
            digest if body is None and isinstance(digest, str) else None
        )

    def _foreign(self, waiting: _Waiting) -> tuple[Capture, str | None]:
        """A capture of another tool, as its record tells it."""
        frame = waiting.frame
        capture = foreign.capture_of(frame)
        payload_digest = frame.get("WARC-Payload-Digest")
        if waiting.kind == "revisit":
            found = self._bodies.get(payload_digest)
            reason = None if found else _REVISIT_UNKNOWN
            outcome = "ok" if found else "revisit"
            return self._placed(replace(capture, outcome=outcome, error=reason), frame), found
        if capture.payload is not None and payload_digest:
            self._bodies[payload_digest] = sha256(capture.payload)
        return self._placed(capture, frame), None

    def _placed(self, capture: Capture, frame: Frame) -> Capture:
        return replace(
            capture, origin="warc", member=frame.get("WARC-Record-ID")[:200] or None,
            container_sha256=self.digest,
        )  # fmt: skip


@dataclass(slots=True)
class _Waiting:
    """A record whose own metadata may come next."""

    frame: Frame

    @property
    def kind(self) -> str:
        return self.frame.get("WARC-Type")


def import_warc(
    archive: Archive, run: Run, path: Path, *, progress: Progress[Any] = plainly
) -> Counter[str]:
    """Store every capture of a WARC or WACZ that the archive does not hold yet; give `run.counts`.

    Counts: `captures`, `already there`, and `end not known` for a file that may have lost its end.

    Raises:
        DamagedFileError: the file is cut short or altered; what came before is stored.
        UsageError: it is no WARC.
    """
    if is_wacz(path):
        with unpacked(path) as files:
            for file in files:
                import_warc(archive, run, file, progress=progress)
        return run.counts
    reader = Reader(path)
    batch: list[tuple[Capture, str | None]] = []
    try:
        for found in progress(reader.captures(), path.name, None):
            batch.append(found)
            if len(batch) >= CAPTURES_A_BATCH:
                _store(archive, run, batch)
                batch = []
    finally:
        _store(archive, run, batch)
    if reader.whole is None:
        run.counts["end not known"] += 1
    return run.counts


def _store(archive: Archive, run: Run, batch: list[tuple[Capture, str | None]]) -> None:
    run.pack(capture for capture, _ in batch)
    with run.batch():
        for capture, digest in batch:
            whole = capture
            if digest is not None and archive.has_payload(digest):
                whole = replace(capture, payload=archive.payload(digest))
            if archive.has_capture(whole):
                run.counts["already there"] += 1
            else:
                run.capture(whole)


# ---- manifest and end


def _fits_manifest(path: Path, digest: str) -> bool | None:
    """True where a manifest beside the file says just this digest; None where there is none."""
    try:
        listed = json.loads((path.parent / MANIFEST).read_text(encoding="utf-8"))["files"]
        named = [file for file in listed if file["file"] == path.name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not named:
        return None
    if named[0].get("sha256") != digest:
        raise DamagedFileError(
            f"{path}: differs from its manifest, it was cut short or altered; get it again"
        )
    return True


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise DamagedFileError(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()

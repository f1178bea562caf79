"""Counts what WARC files contain; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from archive.model import Capture
from archive.store.addresses import page_url
from archive.store.warc.originals import FoundCapture, Original, Reference, original_in
from archive.store.warc.sinks import Place
from archive.urls import host_of

if TYPE_CHECKING:
    from archive.store import Archive

MOST_NAMES: Final = 10_000

FURNITURE: Final = ("image/", "font/", "audio/", "video/", "text/css")
"""Content types without the text of a page; scripts as well."""


class Survey:
    """Counts captures as they would be stored; `archive` already has some of them."""

    def __init__(self, archive: Archive | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self.hosts: Counter[str] = Counter()
        self.payload_bytes = 0
        self._archive = archive

    def keep(
        self,
        batch: Sequence[FoundCapture],
        place: Place,
        has_room: Callable[[], bool],
    ) -> None:
        """Count a batch."""
        for found in batch:
            capture = place(found)
            if capture is None:
                continue
            if self._archive is not None and self._archive.has_capture(capture):
                self.counts["already there"] += 1
            elif has_room():
                self._count(capture)

    def finish(self) -> None:
        """Do nothing: no batch waits."""

    def original(self, reference: Reference, revisit: Capture) -> Original | None:
        """Return the original of a revisit among the captures of the archive."""
        return None if self._archive is None else original_in(self._archive, reference, revisit)

    def payload(self, sha256: str) -> bytes:
        """Return the payload with this digest; b"" for one that is only counted."""
        if self._archive is None or not self._archive.has_payload(sha256):
            return b""
        return self._archive.payload(sha256)

    def as_json(self) -> dict[str, Any]:
        """Return the counts as in `--json`, most frequent first."""
        named = {
            "outcomes": self.outcomes,
            "statuses": self.statuses,
            "types": self.types,
            "hosts": self.hosts,
        }
        return {
            "captures": self.counts["captures"],
            "already_there": self.counts["already there"],
            "payload_bytes": self.payload_bytes,
            **{name: dict(counted.most_common()) for name, counted in named.items()},
        }

    def _count(self, capture: Capture) -> None:
        self.counts["captures"] += 1
        self.payload_bytes += len(capture.payload or b"")
        self.outcomes[capture.outcome] += 1
        if capture.outcome == "damaged":
            return
        self.statuses[str(capture.status or "none")] += 1
        _count(self.types, type_of(capture))
        _count(self.hosts, host_of(page_url(capture.url)) or "none")


def _count(counts: Counter[str], name: str) -> None:
    """Count by name, unless there are too many names."""
    counts[name if name in counts or len(counts) < MOST_NAMES else "others"] += 1


def type_of(capture: Capture) -> str:
    """Return the content type of a capture, without parameters; `none` if it has none."""
    media_type = capture.header("Content-Type") or ""
    return media_type.partition(";")[0].strip().lower()[:80] or "none"


def is_furniture(content_type: str) -> bool:
    """Whether a type is that of a page's pictures, styles and scripts."""
    return content_type.startswith(FURNITURE) or "javascript" in content_type

"""Reads captures from WARC files: our own exactly, those of other tools as far as recorded.

A record of another tool has no site facts. Its body is decoded, and digest and size of what the
server sent are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from archive.model import Capture, sha256
from archive.store.captures import NOT_MODIFIED
from archive.store.warc import foreign, own_records
from archive.store.warc.digests import Check, check
from archive.store.warc.framing import Damage, WarcRecord, frames
from archive.store.warc.http import body_of
from archive.store.warc.originals import LEFT_OUT, FoundCapture, Original, Originals, Reference
from archive.store.warc.source import WarcFile
from archive.store.warc.wanted import EVERYTHING, Wanted
from archive.store.warc.writing import END_FIELD

_HOLDING: Final = frozenset({"response", "resource", "revisit"})
_JUDGED: Final = frozenset({"response", "resource"})
"""Records whose captures carry the result of checking their digests."""

_WITHOUT_CAPTURE: Final = frozenset({"warcinfo", "request", "metadata"})
"""Records about the file, or about the capture next to them."""

AS_ASKED: Final = "records left out as asked"

_KINDS: Final = _HOLDING | _WITHOUT_CAPTURE | {"conversion", "continuation"}
_CRAWLS_OWN: Final = frozenset({"urn", "dns", "metadata", "whois", "screenshot", "thumbnail"})
"""URL schemes of records about a crawl: its log, its look-ups, page screenshots."""

_SCHEMES: Final = ("http:", "https:", "ftp:", "file:")
_SERVER_NOT_MODIFIED: Final = "/server-not-modified"


@dataclass(slots=True)
class Reader:
    """Reads the records of one WARC file.

    `whole` says whether the file is known to be complete: None without manifest and closing record,
    because a cut between two records looks like the end. `records` counts records by type;
    `passed_over` counts, by reason, those that are not captures.
    """

    source: WarcFile
    originals: Originals
    wanted: Wanted = EVERYTHING
    whole: bool | None = None
    read_bytes: int = 0
    records: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    _is_ours: bool = False
    _waiting: WarcRecord | None = None
    _asked: WarcRecord | None = None

    def captures(self) -> Iterator[FoundCapture | Damage]:
        """Yield every capture of the file in order, and every damage where it occurs."""
        for fault in self.source.faults:
            yield Damage(0, fault, 0)
        self.whole = True if self.source.attested else None
        with self.source.open() as file:
            stream = self.source.records(file)
            for each in frames(stream):
                self.read_bytes = stream.read_bytes
                if isinstance(each, Damage):
                    self.whole = False
                    yield each
                else:
                    yield from self._record(each)
        yield from self._flushed()
        yield from self._end()

    def _record(self, frame: WarcRecord) -> Iterator[FoundCapture | Damage]:
        kind = frame.get("WARC-Type").lower()
        self.records[kind if kind in _KINDS else "unknown"] += 1
        if (fault := self._fault(kind, frame)) is not None:
            self.whole = False
            yield Damage(frame.place, fault, frame.place)
        if frame.check == "differs" and kind not in _HOLDING:
            return
        match kind:
            case "warcinfo":
                yield from self._flushed()
                yield from self._info(frame)
            case "request":
                yield from self._request(frame)
            case "metadata" if (fields := own_records.own_fields(frame)) is not None:
                if self._waiting is not None and not _belong_together(frame, self._waiting):
                    yield from self._flushed()
                yield from self._restored(fields, frame)
            case _ if kind in _HOLDING:
                yield from self._flushed()
                self._hold(frame)
            case _ if kind not in _WITHOUT_CAPTURE:
                self.passed_over[f"records of type {kind if kind in _KINDS else 'unknown'}"] += 1

    def _fault(self, kind: str, frame: WarcRecord) -> str | None:
        """Return what is wrong with a record.

        In our own files every record is known and has a digest.
        """
        if frame.check == "differs" and kind not in _JUDGED and not _is_of_nothing(frame):
            return f"a record of type {kind[:20]} does not match its digest"
        if not self._is_ours or kind == "warcinfo":
            return None
        if kind not in _KINDS or frame.check == "not checkable":
            return "a record of ours has lost its type or its digest"
        if kind == "metadata" and own_records.own_fields(frame) is None:
            return "a record of ours does not tell of a capture any more"
        return None

    # ---- the file's own beginning and end

    def _info(self, frame: WarcRecord) -> Iterator[Damage]:
        self._is_ours = self._is_ours or own_records.field_of(frame, "software") == "baogao"
        records = own_records.field_of(frame, END_FIELD)
        if records is None:
            return
        count = sum(self.records.values()) - 1
        if records != str(count):
            self.whole = False
            yield Damage(frame.place, f"{records} records should be before it, and {count} are")
        elif self.whole is None:
            self.whole = True

    def _end(self) -> Iterator[Damage]:
        if self._is_ours and self.whole is None:
            self.whole = False
            yield Damage(self.source.size, "the record that closes the file is missing")
        if not self.records and self.whole is not False:
            self.whole = False
            yield Damage(0, "holds no record")

    # ---- captures

    def _request(self, frame: WarcRecord) -> Iterator[FoundCapture | Damage]:
        """Match a request with its answer, which comes before or after it."""
        if self._waiting is not None and _belong_together(frame, self._waiting):
            self._asked = frame
        else:
            yield from self._flushed()
            self._asked = frame

    def _hold(self, frame: WarcRecord) -> None:
        """Hold a capture until records that may add to it have been read."""
        if self._asked is not None and not _belong_together(self._asked, frame):
            self._asked = None
        self._waiting = frame

    def _flushed(self) -> Iterator[FoundCapture | Damage]:
        frame, asked = self._waiting, self._asked
        if frame is None:
            return
        self._waiting = self._asked = None
        if self._is_ours:
            self.whole = False
            yield Damage(
                frame.place, "the record that tells of this capture is missing", frame.place
            )
        if (found := self._foreign(frame, asked)) is not None:
            yield found

    def _restored(self, fields: dict[str, Any], frame: WarcRecord) -> Iterator[FoundCapture]:
        """Yield a capture of our own export, complete, with the payload from its record."""
        held, self._waiting, self._asked = self._waiting, None, None
        known = own_records.capture_of(fields)
        if not self.wanted.takes_capture(known):
            self.passed_over[AS_ASKED] += 1
            return
        capture = replace(
            known, payload=_body(held), origin="warc",
            container_sha256=self.source.sha256,
            member=frame.get("WARC-Record-ID")[:200] or f"byte {frame.place}",
        )  # fmt: skip
        digest = fields.get("payload_sha256")
        if not isinstance(digest, str):
            yield FoundCapture(replace(capture, payload=None))
        elif capture.payload is None:
            yield FoundCapture(capture, digest, check="match")
        elif capture.payload_sha256 == digest:
            yield FoundCapture(capture, check="match")
        else:
            claims = foreign.claims(f"sha256:{digest}", "differs")
            wrong = replace(capture, claims=claims, error=foreign.UNPROVEN)
            yield FoundCapture(wrong, check="differs")

    def _foreign(self, frame: WarcRecord, asked: WarcRecord | None) -> FoundCapture | None:
        """Return a capture of another tool, as recorded; None if it is not selected."""
        url = foreign.address(frame)
        if not url.lower().startswith(_SCHEMES):
            scheme = url.partition(":")[0].lower()
            named = f" ({scheme}:)" if scheme in _CRAWLS_OWN else ""
            self.passed_over[f"records about the crawl itself{named}"] += 1
            return None
        revisit = frame.get("WARC-Type") == "revisit"
        if not self.wanted.takes(frame, url):
            self.passed_over[AS_ASKED] += 1
            if not revisit:
                self.originals.note(frame, Original(LEFT_OUT))
            return None
        capture = foreign.capture_of(frame, asked, self.source.sha256)
        if revisit:
            return self._revisit(frame, capture)
        found = cast("Check | None", dict(capture.claims).get("digest_check"))
        if capture.payload is not None:
            self.originals.note(frame, Original(_digest(capture, capture.payload), found))
        return FoundCapture(capture, check=found)

    def _revisit(self, frame: WarcRecord, capture: Capture) -> FoundCapture:
        unchanged = frame.get("WARC-Profile").endswith(_SERVER_NOT_MODIFIED)
        if unchanged or capture.status == NOT_MODIFIED:
            return FoundCapture(replace(capture, status=NOT_MODIFIED, outcome="unchanged"))
        return FoundCapture(capture, repeats=Reference.of(frame))


def _is_of_nothing(frame: WarcRecord) -> bool:
    """Whether the digest is that of no bytes at all, which wget writes into revisit records."""
    return check(frame.get("WARC-Block-Digest"), b"") == "match"


def _digest(capture: Capture, payload: bytes) -> str:
    """Return the digest of a payload, which is that of the wire if there was no coding."""
    same = capture.wire_sha256 if capture.content_encoding is None else None
    return same or sha256(payload)


def _body(held: WarcRecord | None) -> bytes | None:
    """Return the payload in the record next to our own metadata record."""
    if held is None or held.get("WARC-Type") == "revisit":
        return None
    return body_of(held.block) if held.get("WARC-Type") == "response" else held.block


def _belong_together(request: WarcRecord, answer: WarcRecord) -> bool:
    """Whether one record says that it was made with the other."""
    return answer.get("WARC-Record-ID") in request.get("WARC-Concurrent-To").split() or (
        request.get("WARC-Record-ID") in answer.get("WARC-Concurrent-To").split()
    )

"""Captures out of WARC files: our own come back as they were, those of others as far as they say.

A record of another tool has no site facts and no redirects of ours; its body is taken out of its
transfer and content coding, and what the server sent is kept as wire digest and size.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from archive.errors import DamagedFileError
from archive.model import Capture, Headers, SiteFacts, SiteKind, sha256
from archive.store.fixity import Progress, plainly
from archive.store.warc.framing import Frame, frames, matches
from archive.store.warc.unpacking import is_wacz, unpacked
from archive.store.warc.writing import CAPTURE_FIELD, END_FIELD, MANIFEST

if TYPE_CHECKING:
    from collections import Counter

    from archive.store import Archive, Run

CAPTURES_A_BATCH: Final = 50
"""Captures written in one transaction; a stop repeats at most so many."""

LARGEST_PAYLOAD_BYTES: Final = 1 << 28
"""A body that unpacks to more is kept as it came over the wire."""

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
            if (told := _told(frame, END_FIELD)) is not None:
                self._check_end(told, count)
            kind = frame.get("WARC-Type")
            ours = _own(frame) if kind == "metadata" else None
            if ours is not None:
                yield self._restored(ours, waiting, frame)
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
        capture = _capture_of(told)
        digest = told.get("payload_sha256")
        body = None if waiting is None else waiting.frame.block
        if waiting is not None and waiting.kind != "resource":
            body = _http_body(waiting.frame.block) if waiting.kind == "response" else None
        if body is not None and sha256(body) != digest:
            raise DamagedFileError(f"{self.path}: the payload of {capture.url} was altered")
        return self._placed(replace(capture, payload=body), frame), (
            digest if body is None and isinstance(digest, str) else None
        )

    def _foreign(self, waiting: _Waiting) -> tuple[Capture, str | None]:
        """A capture of another tool, as its record tells it."""
        frame = waiting.frame
        capture = _plain_capture(frame)
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


# ---- our own records


def _own(frame: Frame) -> dict[str, Any] | None:
    told = _told(frame, CAPTURE_FIELD)
    if told is None:
        return None
    try:
        found = json.loads(told)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _told(frame: Frame, name: str) -> str | None:
    """The field of a record of `application/warc-fields`, or None."""
    if frame.get("Content-Type") != "application/warc-fields":
        return None
    mark = f"{name}: ".encode()
    for line in frame.block.split(b"\r\n"):
        if line.startswith(mark):
            return line[len(mark) :].decode("utf-8", "replace")
    return None


def _capture_of(told: dict[str, Any]) -> Capture:
    """The capture that a metadata record tells; a value of a wrong type is left out."""
    known: dict[str, Any] = {}
    for each in fields(Capture):
        value = told.get(each.name)
        if each.name in {"request_headers", "response_headers", "claims"}:
            known[each.name] = _pairs(value)
        elif each.name == "site":
            known["site"] = _site(value)
        elif each.name in {"status", "elapsed_ms", "wire_bytes"}:
            known[each.name] = value if _is_count(value) else None
        elif isinstance(value, str):
            known[each.name] = value
    known["stored_as"] = "wire" if known.get("stored_as") == "wire" else "decoded"
    return Capture(**{"url": "", **known})


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _pairs(value: object) -> Headers:
    if not isinstance(value, list):
        return ()
    return tuple(
        (pair[0], pair[1])
        for pair in value
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(w, str) for w in pair)  # noqa: PLR2004
    )


def _site(value: object) -> SiteFacts | None:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    code = value.get("place_code")
    containers = value.get("containers")
    return SiteFacts(
        name=value["name"],
        title=str(value.get("title") or ""),
        kind=next((k for k in get_args(SiteKind) if k == value.get("kind")), "unknown"),
        place_code=code if isinstance(code, str) else None,
        containers=tuple(map(str, containers)) if isinstance(containers, list) else (),
    )


# ---- records of others


def _plain_capture(frame: Frame) -> Capture:
    bare = Capture(
        url=frame.get("WARC-Target-URI").strip("<>"),
        captured_at=frame.get("WARC-Date") or None,
        ip=frame.get("WARC-IP-Address") or None,
    )
    if frame.get("WARC-Type") == "resource":
        kind = frame.get("Content-Type")
        own = (("Content-Type", kind),) if kind else ()
        return replace(bare, payload=frame.block, response_headers=own)
    status, headers = _http_head(frame.block)
    if status is None:
        return replace(bare, outcome="error", error="the record holds no HTTP response")
    answered = replace(bare, status=status, response_headers=headers)
    return answered if frame.get("WARC-Type") == "revisit" else _decoded(answered, frame)


def _decoded(capture: Capture, frame: Frame) -> Capture:
    """`capture` with its body out of transfer and content coding; the wire's digest beside it."""
    wire = _http_body(frame.block)
    if "chunked" in (capture.header("Transfer-Encoding") or "").lower():
        wire = _unchunked(wire)
    told = frame.get("WARC-Payload-Digest")
    differs = told and not any(
        matches(told, body) is not False for body in (wire, _http_body(frame.block))
    )
    coding = (capture.header("Content-Encoding") or "").strip().lower()
    body = None if not coding or coding == "identity" else _uncoded(wire, coding)
    failed = (capture.status or 0) >= 400  # noqa: PLR2004
    return replace(
        capture,
        outcome="truncated" if frame.get("WARC-Truncated") else "http" if failed else "ok",
        error="the payload does not match the digest it came with" if differs else None,
        payload=wire if body is None else body,
        stored_as="wire" if coding not in {"", "identity"} and body is None else "decoded",
        content_encoding=coding or None,
        wire_sha256=sha256(wire),
        wire_bytes=len(wire),
    )


def _http_head(block: bytes) -> tuple[int | None, Headers]:
    head = block.split(b"\r\n\r\n", 1)[0].decode("latin-1")
    line, *rest = head.split("\r\n")
    words = line.split(None, 2)
    if not line.startswith("HTTP/") or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004
        return None, ()
    pairs = (row.partition(":") for row in rest)
    return int(words[1]), tuple((n.strip(), v.strip()) for n, colon, v in pairs if colon)


def _http_body(block: bytes) -> bytes:
    return block.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in block else b""


def _unchunked(wire: bytes) -> bytes:
    """The chunks of a body put together; a body that is not in chunks is given as it is."""
    found: list[bytes] = []
    position = 0
    while (stop := wire.find(b"\r\n", position)) >= 0:
        size = wire[position:stop].split(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            return wire
        if length == 0:
            return b"".join(found)
        found.append(wire[stop + 2 : stop + 2 + length])
        position = stop + 2 + length + 2
    return wire


def _uncoded(wire: bytes, coding: str) -> bytes | None:
    """The body out of its content coding, or None where that fails: then the wire is kept."""
    bits = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ())
    for each in bits:
        try:
            unpacker = zlib.decompressobj(wbits=each)
            body = unpacker.decompress(wire, LARGEST_PAYLOAD_BYTES)
        except zlib.error:
            continue
        if unpacker.eof:
            return body
    return _unbrotlied(wire) if coding == "br" else None


def _unbrotlied(wire: bytes) -> bytes | None:
    try:
        import brotli  # noqa: PLC0415  (comes with Scrapy's extras, not with the archive)
    except ImportError:
        return None
    try:
        return bytes(brotli.decompress(wire))
    except brotli.error:
        return None

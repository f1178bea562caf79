"""Reads one record from bytes, such as a range of a WARC file named by an index."""

from __future__ import annotations

from io import BytesIO

from archive.errors import DamagedFileError
from archive.model import Capture, sha256
from archive.store.warc import foreign
from archive.store.warc.framing import Damage, WarcRecord, frames
from archive.store.warc.source import packing
from archive.store.warc.stream import Stream


def open_record(body: bytes) -> Capture:
    """Return the capture in `body`, one response, resource or revisit record, compressed or not.

    Its `member` is the record's id, its `container_sha256` the digest of `body`.

    Raises:
        DamagedFileError: it contains no such record, more than one, or a damaged one.
    """
    found = list(frames(Stream(packing(body[:8], BytesIO(body)), len(body))))
    for each in found:
        if isinstance(each, Damage):
            raise DamagedFileError(f"the record is damaged: {each}")
    held = [each for each in found if isinstance(each, WarcRecord) and each.get("WARC-Target-URI")]
    kinds = {each.get("WARC-Type").lower() for each in held}
    if len(held) != 1 or not kinds <= {"response", "resource", "revisit"}:
        raise DamagedFileError(f"{len(held)} records where one response should be")
    return foreign.capture_of(held[0], container=sha256(body))

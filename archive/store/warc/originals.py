"""Resolves revisit records to their originals, in all files that are read and in the archive.

They are kept in a temporary SQLite file, because there may be more than fit in memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from archive.model import Capture
from archive.store.addresses import page_url
from archive.store.warc import own_records
from archive.store.warc.digests import Check, check, one_form
from archive.store.warc.foreign import address
from archive.store.warc.framing import WarcRecord

if TYPE_CHECKING:
    from archive.store import Archive

LEFT_OUT: Final = ""
"""Placeholder for the digest of a payload that the user did not select."""

_CACHE_KIB: Final = 4096
_LATEST: Final = 20


@dataclass(frozen=True, slots=True)
class Original:
    """A payload by its digest, and the result of checking its claimed digest."""

    sha256: str
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """What a revisit record says of its original; "" if unknown."""

    digest: str
    record: str
    url: str
    date: str

    @classmethod
    def of(cls, frame: WarcRecord) -> Self:
        """Read what the revisit record `frame` says."""
        date = frame.get("WARC-Refers-To-Date")
        named = frame.get("WARC-Refers-To-Target-URI").strip("<> ")
        return cls(
            digest=frame.get("WARC-Payload-Digest"),
            record=frame.get("WARC-Refers-To"),
            url=named or (address(frame) if date else ""),
            date=date,
        )

    def places(self) -> list[bytes]:
        """The keys by which an original is found, most reliable first."""
        words = (
            ("digest", one_form(self.digest) if self.digest else ""),
            ("record", self.record),
            ("page", f"{self.url} {_second(self.date)}" if self.url and self.date else ""),
        )
        return [
            blake2b(f"{kind} {value}".encode("utf-8", "replace"), digest_size=12).digest()
            for kind, value in words
            if value
        ]


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture from a file.

    `digest` is that of its payload, if the payload is in a separate record; `repeats` is what a
    revisit says of its original; `check` is the result for the claimed digest of its payload.
    """

    capture: Capture
    digest: str | None = None
    repeats: Reference | None = None
    check: Check | None = None


class Originals:
    """The payloads read so far, found by what revisit records say of them."""

    @cached_property
    def _db(self) -> sqlite3.Connection:
        opened = sqlite3.connect("", isolation_level=None)
        opened.executescript(
            f"PRAGMA cache_size = -{_CACHE_KIB}; PRAGMA journal_mode = OFF; PRAGMA synchronous = 0;"
            "CREATE TABLE originals (key BLOB PRIMARY KEY, sha256 TEXT, verdict TEXT)"
            " WITHOUT ROWID;"
            "CREATE TABLE waiting (id INTEGER PRIMARY KEY, found TEXT); BEGIN"
        )
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if "_db" in self.__dict__:
            self._db.close()

    def note(self, frame: WarcRecord, original: Original) -> None:
        """Remember the payload of `frame`, a response or resource record; the first one counts."""
        keys = Reference(
            digest=frame.get("WARC-Payload-Digest"),
            record=frame.get("WARC-Record-ID"),
            url=address(frame),
            date=frame.get("WARC-Date"),
        ).places()
        self._db.executemany(
            "INSERT OR IGNORE INTO originals VALUES (?, ?, ?)",
            [(key, original.sha256, original.check) for key in keys],
        )

    def find(self, reference: Reference) -> Original | None:
        """Return the original of a revisit, if it was read already."""
        for key in reference.places():
            found = self._db.execute(
                "SELECT sha256, verdict FROM originals WHERE key = ?", (key,)
            ).fetchone()
            if found is not None:
                return Original(*found)
        return None

    def postpone(self, found: FoundCapture) -> None:
        """Keep a capture without payload until all files were read: the payload may come later."""
        words = json.dumps(asdict(found))
        self._db.execute("INSERT INTO waiting (found) VALUES (?)", (words,))

    def postponed(self) -> Iterator[FoundCapture]:
        """Yield the postponed captures, in order."""
        for (words,) in self._db.execute("SELECT found FROM waiting ORDER BY id"):
            found = json.loads(words)
            repeats = found["repeats"]
            yield FoundCapture(
                own_records.capture_of(found["capture"]),
                found["digest"],
                None if repeats is None else Reference(**repeats),
                found["check"],
            )


def original_in(archive: Archive, reference: Reference, revisit: Capture) -> Original | None:
    """Return the original of a revisit among captures of its page from other commands."""
    rows = archive.connection.execute(
        "SELECT captures.payload_sha256, captured_at, claims_json FROM captures"
        " JOIN pages ON pages.id = captures.page_id WHERE pages.url = ?"
        " AND captures.payload_sha256 IS NOT NULL ORDER BY captures.id DESC LIMIT ?",
        (page_url(reference.url or revisit.url), _LATEST),
    ).fetchall()
    for digest, captured_at, claims in rows:
        claimed = dict(json.loads(claims)) if claims else {}
        if reference.digest and claimed.get("claimed_digest") == reference.digest:
            return Original(digest, claimed.get("digest_check"))
        if reference.date and _second(reference.date) == _second(captured_at or ""):
            return _judged(archive, digest, reference)
    if not reference.digest:
        return None
    found = (_judged(archive, digest, reference) for digest in dict.fromkeys(r[0] for r in rows))
    return next((each for each in found if each is not None and each.check == "match"), None)


def _judged(archive: Archive, digest: str, reference: Reference) -> Original | None:
    if not archive.has_payload(digest):
        return None
    if not reference.digest:
        return Original(digest)
    return Original(digest, check(reference.digest, archive.payload(digest)))


def _second(moment: str) -> str:
    """Return a time to the second, as digits: some tools write fractions, some do not."""
    return "".join(filter(str.isdigit, moment))[:14]

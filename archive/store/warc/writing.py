"""Writes the archive as WARC 1.1: captures in one series of files, clean texts in another.

Conversion records of clean texts are separate, because replay tools index them under the URL of
their page. A payload is stored after content-decoding, so its record has no Content-Encoding. The
server's headers are kept as `X-Archive-Orig-…`, and the complete capture in a metadata record next
to it. Equal archives give equal files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from archive.errors import UsageError
from archive.extras import how_to_install
from archive.model import Capture
from archive.store import ledger
from archive.store.progress import Progress, plainly

if TYPE_CHECKING:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    from archive.store import Archive

FILE_BYTES: Final = 1_000_000_000
"""Bytes after which a new file is begun, the usual size of web archives."""

MANIFEST: Final = "manifest.json"
CAPTURE_FIELD: Final = "baogao-capture"
END_FIELD: Final = "baogao-records"
"""The last record of a file gives the number of records, so that a lost end is detected."""

ORIGINAL: Final = "X-Archive-Orig-"
_CODED: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_VERSION: Final = "WARC/1.1"
_REVISIT: Final = "http://netpreserve.org/warc/1.1/revisit/"

_CAPTURES: Final = """
SELECT captures.id, captures.run_id, captures.recorded_at, captures.revisit_of,
  captures.payload_sha256, pages.url,
  coalesce(payloads.codec, '') IN ('withdrawn', 'left-out') AS withdrawn
FROM captures JOIN pages ON pages.id = captures.page_id
LEFT JOIN payloads ON payloads.sha256 = captures.payload_sha256 ORDER BY captures.id
"""
_TEXTS: Final = """
SELECT texts.id, rulesets.sha256 AS ruleset, texts.created_at,
  min(text_captures.capture_id) AS capture_id, text_captures.url
FROM current_texts AS texts
JOIN rulesets ON rulesets.id = texts.ruleset_id
JOIN text_captures ON text_captures.text_id = texts.id
GROUP BY texts.id ORDER BY texts.id
"""


def export_warc(
    archive: Archive, folder: Path, *, progress: Progress[Any] = plainly
) -> dict[str, Any]:
    """Write `captures-NNNNN.warc.gz`, `texts-NNNNN.warc.gz` and `manifest.json`.

    Returns the latter. An archive of which only facts can be read has no texts.

    Args:
        archive: an archive that may be open read-only.
        folder: an empty folder; the caller makes sure that half a folder is never used.
        progress: yields captures and shows the progress.

    Raises:
        UsageError: the library for WARC is not installed.
        StorageError: a file cannot be written.
    """
    archive.connection.execute("BEGIN")  # one snapshot, even during a crawl
    try:
        series = _Series(archive, folder)
        (count,) = archive.connection.execute("SELECT count(*) FROM captures").fetchone()
        with series.named("captures"):
            for row in progress(_rows(archive, _CAPTURES), "captures", count):
                series.capture(row)
        if not archive.facts_only:
            with series.named("texts"):
                for row in _rows(archive, _TEXTS):
                    series.text(row)
        return series.manifest()
    finally:
        archive.connection.execute("ROLLBACK")


class _Series:
    """Files of one export: one gzip member for each record, a new file after `FILE_BYTES`."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.folder = folder
        self.files: list[dict[str, Any]] = []
        self._name = ""
        self._file: BinaryIO | None = None
        self._records = 0

    @cached_property
    def space(self) -> Any:
        """The namespace of record ids: the archive's own first ledger entry."""
        first = self.archive.connection.execute("SELECT hash FROM ledger WHERE seq = 1").fetchone()
        return uuid5(NAMESPACE_URL, f"urn:baogao:{first[0] if first else ledger.START}")

    def named(self, name: str) -> _Series:
        self._name = name
        return self

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def capture(self, row: Mapping[str, Any]) -> None:
        """Write request, response (or resource, or revisit), and metadata of one capture."""
        self._turn_over()
        capture = self.archive.capture(row["id"])
        answered = capture.status is not None and row["url"].startswith(("http://", "https://"))
        if answered:
            self._request(row, capture)
        if row["withdrawn"]:
            pass  # the metadata record says that it was captured
        elif answered:
            self._response(row, capture)
        elif capture.payload is not None:
            self._resource(row, capture)
        self._metadata(row, capture)

    def text(self, row: Mapping[str, Any]) -> None:
        """Write the clean text as a conversion of the record it was derived from."""
        self._turn_over()
        words = self.archive.clean_text(row["id"]).encode()
        headers = {
            "WARC-Record-ID": self._id("text", row["id"]),
            "WARC-Date": row["created_at"],
            "WARC-Refers-To": self._id("capture", row["capture_id"]),
            "Baogao-Ruleset": row["ruleset"],
        }
        self._write("conversion", row["url"], headers, words, "text/plain; charset=utf-8")

    def manifest(self) -> dict[str, Any]:
        """Return the list of files with bytes, records and sha256, written beside them."""
        made = {
            "format": "baogao-warc/1",
            "ledger_head": self.archive.ledger_head(),
            "files": self.files,
        }
        words = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
        (self.folder / MANIFEST).write_text(words, encoding="utf-8")
        return made

    # ---- records

    def _request(self, row: Mapping[str, Any], capture: Capture) -> None:
        parts = urlsplit(row["url"])
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = [("Host", parts.netloc), *capture.request_headers]
        self._write(
            "request",
            row["url"],
            self._about(row, capture, "request")
            | {"WARC-Concurrent-To": self._id("capture", row["id"])},
            http=_http(f"{_line(capture.method)} {target} HTTP/1.1", headers, status=False),
        )

    def _response(self, row: Mapping[str, Any], capture: Capture) -> None:
        status = capture.status or 0
        line = f"{status} {_reason(status)}".strip()
        headers = self._about(row, capture, "capture")
        if capture.ip:
            headers["WARC-IP-Address"] = _line(capture.ip)
        if row["revisit_of"] is None:
            http = _http(line, _decoded_headers(capture))
            self._write("response", row["url"], headers, capture.payload or b"", http=http)
            return
        http = _http(line, list(capture.response_headers))
        self._write("revisit", row["url"], headers | self._refers(row, capture), http=http)

    def _refers(self, row: Mapping[str, Any], capture: Capture) -> dict[str, str]:
        first = row["revisit_of"]
        original = self.archive.capture(first)
        found = self.archive.connection.execute(
            "SELECT recorded_at FROM captures WHERE id = ?", (first,)
        ).fetchone()
        unchanged = capture.payload is None
        profile = "server-not-modified" if unchanged else "identical-payload-digest"
        return {
            "WARC-Profile": _REVISIT + profile,
            "WARC-Refers-To": self._id("capture", first),
            "WARC-Refers-To-Target-URI": row["url"],
            "WARC-Refers-To-Date": _date(original.captured_at, found[0]),
            "WARC-Payload-Digest": _sha1(original.payload or b""),
        }

    def _resource(self, row: Mapping[str, Any], capture: Capture) -> None:
        kind = _line(capture.header("Content-Type") or "application/octet-stream")
        headers = self._about(row, capture, "capture")
        self._write("resource", row["url"], headers, capture.payload or b"", kind)

    def _metadata(self, row: Mapping[str, Any], capture: Capture) -> None:
        record = asdict(capture)
        del record["payload"]
        record |= {
            "payload_sha256": row["payload_sha256"],
            "recorded_at": row["recorded_at"],
            "run": row["run_id"],
        }
        field = f"{CAPTURE_FIELD}: {json.dumps(record, sort_keys=True)}\r\n"
        headers = self._about(row, capture, "metadata")
        headers["WARC-Concurrent-To"] = self._id("capture", row["id"])
        self._write(
            "metadata", row["url"], headers, field.encode("ascii"), "application/warc-fields"
        )

    def _about(self, row: Mapping[str, Any], capture: Capture, what: str) -> dict[str, str]:
        return {
            "WARC-Record-ID": self._id(what, row["id"]),
            "WARC-Date": _date(capture.captured_at, row["recorded_at"]),
        }

    def _id(self, what: str, number: int) -> str:
        return f"<urn:uuid:{uuid5(self.space, f'{what}/{number}')}>"

    # ---- files

    def _write(
        self,
        kind: str,
        url: str,
        headers: dict[str, str],
        content: bytes = b"",
        content_type: str = "",
        *,
        http: StatusAndHeaders | None = None,
    ) -> None:
        record = self._writer.create_warc_record(
            url, kind, BytesIO(content), len(content), content_type, headers, http_headers=http
        )
        self._writer.write_record(record)
        self._records += 1

    def _turn_over(self) -> None:
        if self._file is not None and self._file.tell() > FILE_BYTES:
            self._close()
            self._open()

    def _open(self) -> None:
        number = 1 + sum(file["file"].startswith(self._name) for file in self.files)
        self._path = self.folder / f"{self._name}-{number:05d}.warc.gz"
        self._file = self._path.open("wb")
        self._writer = _writer(self._file)
        self._records = 0
        self._info("begin", {"software": "baogao", "format": "WARC File Format 1.1"})

    def _close(self) -> None:
        if self._file is None:
            return
        self._info("end", {END_FIELD: str(self._records)})
        self._file.close()
        self._file = None
        self.files.append(_described(self._path, self._records))

    def _info(self, which: str, fields: Mapping[str, str]) -> None:
        """Write a warcinfo record, dated by its content: equal archives give equal files."""
        started = self.archive.connection.execute("SELECT max(recorded_at) FROM captures")
        words = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        headers = {
            "WARC-Record-ID": f"<urn:uuid:{uuid5(self.space, f'{which}/{self._path.name}')}>",
            "WARC-Date": started.fetchone()[0] or "1970-01-01T00:00:00Z",
            "WARC-Filename": self._path.name,
        }
        self._write("warcinfo", "", headers, words, "application/warc-fields")


def _described(path: Path, records: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return {
        "file": path.name,
        "bytes": path.stat().st_size,
        "records": records,
        "sha256": digest.hexdigest(),
    }


def _rows(archive: Archive, select: str) -> Iterator[dict[str, Any]]:
    cursor = archive.connection.execute(select)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _decoded_headers(capture: Capture) -> list[tuple[str, str]]:
    """Return the response's headers, adapted to the payload as stored."""
    if capture.stored_as == "wire":
        return list(capture.response_headers)
    kept = [
        (ORIGINAL + name if name.lower() in _CODED else name, value)
        for name, value in capture.response_headers
    ]
    return [*kept, ("Content-Length", str(len(capture.payload or b"")))]


def _http(line: str, headers: list[tuple[str, str]], *, status: bool = True) -> StatusAndHeaders:
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415  (an extra)

    safe = [(_token(name), _line(value)) for name, value in headers]
    return StatusAndHeaders(line, safe, protocol="HTTP/1.1" if status else "")


def _writer(file: BinaryIO) -> WARCWriter:
    try:
        from warcio.warcwriter import WARCWriter  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UsageError(f"to write WARC files: {how_to_install('warc')}") from error
    return WARCWriter(file, gzip=True, warc_version=_VERSION)


def _sha1(content: bytes) -> str:
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return "sha1:" + base64.b32encode(digest).decode()


def _date(claimed: str | None, recorded: str) -> str:
    return claimed if claimed is not None and _DATE.fullmatch(claimed) else recorded


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _line(words: str) -> str:
    """Return `words` on one line: stored data must not begin a header of its own."""
    return " ".join(words.split("\r")).replace("\n", " ").replace("\x00", "")


def _token(name: str) -> str:
    return re.sub(r"[^!-9;-~]", "_", name)
